#!/usr/bin/env python3
"""Writes docs/codes/README.md: README.md.in with the table of each range of codes, made of the first lines of the pages."""

import re
import sys
from pathlib import Path

PAGE = re.compile(r"# (VG\d{4}): (.+)\n\nSeverity: ((?:error|warning|info|refused by a plan)(?:, (?:warning|info))?)\n\n## What\n")


def pages(folder):
    """Code, severity and title of each page, in the order of the codes."""
    out = []
    for path in sorted(folder.glob("VG*.md")):
        found = PAGE.match(path.read_text())
        if not found or found[1] != path.stem:
            raise ValueError(f"{path}: begin with `# {path.stem}: TITLE`, `Severity: error` and `## What`, an empty line after each of the first two")
        out.append((found[1], found[3], found[2]))
    return out


def reference(folder):
    """The text of README.md. A page that no range takes is a mistake."""
    rows, taken = pages(folder), set()

    def table(found):
        inside = [row for row in rows if found[1] <= row[0] <= found[2]]
        taken.update(inside)
        lines = ["| code | severity | meaning |", "|---|---|---|"]
        return "\n".join(lines + [f"| [{code}]({code}.md) | {severity} | {title} |" for code, severity, title in inside])

    text = re.sub(r"@codes (VG\d{4}) to (VG\d{4})@", table, (folder / "README.md.in").read_text())
    if len(taken) != len(rows):
        raise ValueError(f"README.md.in has no range for {sorted(set(rows) - taken)}")
    return text


if __name__ == "__main__":
    codes = Path(sys.argv[1])
    (codes / "README.md").write_text(reference(codes))
