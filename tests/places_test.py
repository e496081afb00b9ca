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


# Codes that more than one file gives. None is to be added: words that several rules share are in src/lint/findings.cpp.
# Reading: YAML, the schema and what reads like them; native configuration, which is read as the document is. Then rules of the same mistake in two groups.
SEVERAL = {"VG0001", "VG0002", "VG0003", "VG0004", "VG0103", "VG0104", "VG0105", "VG0106", "VG0107",
           "VG0007", "VG0201", "VG0203", "VG0204", "VG0401", "VG0473", "VG0522",
           "VG0313", "VG0405", "VG0408", "VG0421", "VG0446", "VG0456", "VG0457", "VG0474", "VG0490"}


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

    def test_each_code_is_met_in_one_case_and_comes_from_one_file(self):
        cases = [path.stem.removeprefix("cure-") for path in (SOURCE / "tests/golden/broken").glob("*/cure-*.txt")]
        self.assertEqual(len(cases), len(set(cases)))
        files = {}
        for path in [path for folder in ("src", "controller") for path in (SOURCE / folder).rglob("*.cpp")]:
            for code in set(re.findall(r"\bcode::(VG\d{4})\b", path.read_text())):
                files.setdefault(code, set()).add(str(path.relative_to(SOURCE)))
        self.assertEqual({code for code, found in files.items() if len(found) > 1}, SEVERAL)

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
