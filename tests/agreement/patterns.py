"""Patterns of fields, such as `prometheus.**.relabelings[]`: `*` stands for a part of one step, `**.` for any number of steps
before, a `**` at the end for the field itself and all below it."""

import functools
import re


@functools.cache
def _compiled(pattern):
    out, at = "", 0
    for match in re.finditer(r"\*\*\.|\*\*$|\*", pattern):
        out += re.escape(pattern[at:match.start()])
        out += {"**.": r"(?:.*\.)?", "**": r"(?:[.\[{].*)?" if match.start() else ".*", "*": r"[^.\[\]{}]*"}[match.group()]
        at = match.end()
    return re.compile(out + re.escape(pattern[at:]))


def matches(patterns, name):
    """Whether one of the patterns (a text, or a list of texts) is one of the field `name`."""
    return any(_compiled(pattern).fullmatch(name) for pattern in ([patterns] if isinstance(patterns, str) else patterns))


def first(entries, name, wanted, otherwise=None):
    """What the first entry of a table whose `field` fits says under the key `wanted`."""
    return next((entry[wanted] for entry in entries if wanted in entry and matches(entry["field"], name)), otherwise)


def every(entries, name):
    """All entries of a table whose `field` fits."""
    return [entry for entry in entries if matches(entry["field"], name)]
