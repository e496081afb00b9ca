#!/usr/bin/env python3
"""No dead link in the documentation, in the tree and as it is installed; and every example is named where people look."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
BUILD = Path(os.environ["VIGIE_BIN"]).parent.parent
INSTALLED = re.compile(r"/usr(/share/(?:doc/)?vigie/[\w./-]*\w)")


def pages(root):
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def prose(text):
    """Without blocks of code and quoted code, in which brackets are no links."""
    return re.sub(r"`[^`\n]*`", lambda code: "`" + "x" * (len(code.group()) - 2) + "`", re.sub(r"```.*?```", "", text, flags=re.S))


def anchors(page):
    """What Markdown renderers make of its headings."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", page.read_text(), flags=re.S), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(root):
    dead, seen = [], 0
    for page in pages(root):
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text())):
            if re.match(r"[a-z]+:", target):
                continue
            seen += 1
            path, _, anchor = target.partition("#")
            there = page.parent / path if path else page
            if not there.exists() or (anchor and anchor not in anchors(there)):
                dead.append(f"{page.relative_to(root)}: {target}")
    return dead, seen


class Links(unittest.TestCase):
    def test_a_dead_link_is_seen(self):
        with tempfile.TemporaryDirectory() as place:
            root = Path(place)
            (root / "docs").mkdir()
            (root / "docs/a.md").write_text("# A b\n")
            (root / "README.md").write_text("[a](docs/a.md#a-b) [b](docs/b.md) [c](docs/a.md#c) [d](https://example.org) `[e](e)`\n")
            self.assertEqual(dead_links(root), (["README.md: docs/b.md", "README.md: docs/a.md#c"], 3))

    def test_no_link_in_the_tree_is_dead(self):
        dead, seen = dead_links(SOURCE)
        self.assertEqual(dead, [])
        self.assertGreater(seen, 100)

    def test_no_link_in_the_installed_documentation_is_dead(self):
        with tempfile.TemporaryDirectory() as place:
            subprocess.run(["cmake", "--install", BUILD, "--component", "documentation", "--prefix", place], check=True, capture_output=True,
                           timeout=600)
            documentation = Path(place) / "share/doc/vigie"
            dead, seen = dead_links(documentation)
            self.assertEqual(dead, [])
            self.assertGreater(seen, 100)
            # Paths that pages, manual pages and examples name.
            named = {path for page in [*pages(SOURCE), SOURCE / "tools/man_pages.cpp", SOURCE / "manifests/vigie.yaml"]
                     for path in INSTALLED.findall(page.read_text())}
            self.assertGreater(len(named), 2)
            self.assertEqual([path for path in sorted(named) if not (Path(place) / path[1:]).exists()], [])

    def test_every_example_is_listed_in_the_documentation(self):
        text = (SOURCE / "docs/examples.md").read_text()
        for example in sorted((SOURCE / "examples").iterdir()):
            self.assertIn(f"(../examples/{example.name}/stack.yaml)", text)
        self.assertIn("(docs/examples.md)", (SOURCE / "README.md").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
