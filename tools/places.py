#!/usr/bin/env python3
"""Which files must be touched to add something: those that name a member of its kind.

  python3 tools/places.py exporter redis | code VG0417 | receiver discordConfigs

tests/places_test.py holds the numbers. What is made by a tool (docs/spec.md, docs/codes/README.md) and what only mentions a member in passing
(a changelog, a test of something else) is not counted: nobody has to touch it."""

import re
import sys
from pathlib import Path

# How many places a new one takes: the CRD, the list of types and its row; rule, page and case; one row beside the CRD.
LIMITS = {"exporter": 3, "code": 3, "receiver": 1}


def naming(root, pattern, *folders):
    """The files of C++ and of schemas below `folders` in which `pattern` is found."""
    found = re.compile(pattern)
    files = [path for folder in folders for path in (root / folder).rglob("*") if path.suffix in (".cpp", ".hpp", ".yaml")]
    return sorted(path.relative_to(root) for path in files if found.search(path.read_text()))


def exporter(root, name):
    """A type of exporters: C++ and the CRD."""
    return naming(root, f"(?i){re.escape(name)}", "src", "controller", "crd")


def code(root, name):
    """The code of a finding: the rule, its page, and the directory of the document that has it, with its cure."""
    page = [path.relative_to(root) for path in (root / "docs/codes").glob(f"{name}.md")]
    cases = sorted(path.parent.relative_to(root) for path in (root / "tests/golden/broken").glob(f"*/cure-{name}.txt"))
    return naming(root, rf"\bcode::{name}\b", "src", "controller") + page + cases


def receiver(root, name):
    """A way to notify, beside the CRD: C++."""
    return naming(root, re.escape(name), "src", "controller")


KINDS = {"exporter": exporter, "code": code, "receiver": receiver}

if __name__ == "__main__":
    for place in KINDS[sys.argv[1]](Path(__file__).resolve().parent.parent, sys.argv[2]):
        print(place)
