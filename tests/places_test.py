#!/usr/bin/env python3
"""Adding an exporter type, a diagnostic code or a receiver touches few places, and what lists them is made of them."""

import os
import re
import sys
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tools"))

import codes_reference  # noqa: E402
import places  # noqa: E402


class Places(unittest.TestCase):
    def demand_few(self, kind, name):
        found = places.KINDS[kind](SOURCE, name)
        self.assertTrue(found, name)
        self.assertLessEqual(len(found), places.LIMITS[kind], f"{name}: {[str(path) for path in found]}")

    def test_an_exporter_type_is_known_in_three_places(self):
        self.demand_few("exporter", "redis")

    def test_a_receiver_is_known_in_one_place(self):
        self.demand_few("receiver", "discordConfigs")

    def test_a_code_is_known_in_three_places(self):
        self.demand_few("code", "VG0417")

    def test_each_code_has_one_page_and_is_met_in_one_case(self):
        rows = codes_reference.pages(SOURCE / "docs/codes")
        for code, _, _ in rows:
            found = places.code(SOURCE, code)
            self.assertIn(Path(f"docs/codes/{code}.md"), found)
            self.assertLessEqual(sum(1 for path in found if path.parts[:2] == ("tests", "golden")), 1, code)

    def test_the_list_of_codes_is_made_of_the_pages(self):
        folder = SOURCE / "docs/codes"
        self.assertEqual((folder / "README.md").read_text(), codes_reference.reference(folder), "run `make docs`")

    def test_what_the_text_of_the_list_names_has_a_page(self):
        folder = SOURCE / "docs/codes"
        pages = {code for code, _, _ in codes_reference.pages(folder)}
        text = re.sub(r"@codes VG\d+ to VG\d+@", "", (folder / "README.md.in").read_text())
        self.assertEqual(set(re.findall(r"VG\d{4}", text)) - pages, set())


if __name__ == "__main__":
    unittest.main(verbosity=2)
