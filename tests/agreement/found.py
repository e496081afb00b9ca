"""What a lap finds: changes, what is wrong with them, and counts."""

from collections import Counter
from dataclasses import dataclass, field

# What must not be, with the words for it.
WRONG = {
    "no document": "no document that has the field is valid",
    "valid but refused": "vigie says valid, the program refuses or dies",
    "refused but accepted": "vigie refuses, the program takes it, and no reason is written",
    "crash": "vigie dies, hangs, or answers what it must not",
    "no hint": "a finding has no hint, or no position",
    "several errors": "one cause, and more than one error",
    "lost": "a value does not arrive, or as another",
    "return": "A, B, A is not where it began, or says or writes too much",
    "harness": "the harness itself failed",
}


@dataclass(frozen=True)
class Change:
    """One value in one field. Of the kind `absent`, the parents without the field."""
    field: object
    kind: str
    value: object


@dataclass
class Wrong:
    """One thing that must not be. `cause` is the same for what has the same cause; `documents` are texts by the directory that they
    are written to."""
    what: str
    change: Change
    words: str
    cause: str
    documents: dict


@dataclass
class Found:
    """Of one field. `counts` has what is only counted."""
    field: object
    wrong: list = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    used_reasons: set = field(default_factory=set)
