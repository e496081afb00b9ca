"""Why something is as it is on purpose (reasons.yaml)."""

import re

import patterns
import texts

SECTIONS = ("strict", "checkers", "silent", "converted", "unreachable", "several", "return")


class Reasons:
    def __init__(self, table):
        self._table = {section: table[section] for section in SECTIONS}
        self.used = set()

    def why(self, section, change, codes=()):
        """The reason that is written for a change, or None. An entry fits when its `field` is a pattern of the field and, where it
        has them, `kind` names the kind of value, `value` is an expression found in the value, and `code` is the only code said."""
        for number, entry in enumerate(self._table[section]):
            if self._fits(entry, change, codes):
                self.used.add((section, number))
                return entry["reason"]
        return None

    def unused(self, used):
        """The entries that fitted nothing, as lines."""
        return [f"{section}: {entry['field']}: {entry['reason']}" for section in SECTIONS
                for number, entry in enumerate(self._table[section]) if (section, number) not in used]

    @staticmethod
    def _fits(entry, change, codes):
        kinds = entry.get("kind", change.kind)
        wanted = entry.get("code")
        return (patterns.matches(entry["field"], change.field.name)
                and change.kind in ([kinds] if isinstance(kinds, str) else kinds)
                and ("value" not in entry or re.search(entry["value"], _text(change.value)) is not None)
                and (wanted is None or list(codes) == ([wanted] if isinstance(wanted, str) else wanted)))


def _text(value):
    return value if isinstance(value, str) else texts.short(value, 10**6)
