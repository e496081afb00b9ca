#!/usr/bin/env python3
"""The harness finds what is wrong: each lie of liar.py, and nothing where there is none. And its tables fit the schema."""

import argparse
import contextlib
import io
import os
import sys
import tempfile
import unittest
from pathlib import Path

import agreement
import liar
import namespace
import patterns
import processes
import setup
from report import Report
from vigie import Vigie

FIELD = "prometheus.scrapeConfigs[].targetLimit"


class Lies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="vigie-agreement-selftest-", dir=agreement.scratch())
        cls.addClassCleanup(cls.directory.cleanup)
        cls.program = agreement.program()
        cls.common = setup.make(cls.program, "off", Path(cls.directory.name) / "common")

    def lap(self, lie):
        """(exit code, what was wrong, what was printed) of a lap over one field."""
        directory = Path(self.directory.name) / lie.__name__
        directory.mkdir()
        program = directory / "vigie"
        program.write_text(f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(setup.HERE)!r})\nimport liar\n"
                           f"liar.main({lie.__name__!r}, {str(self.program)!r})\n")
        program.chmod(0o755)
        common = setup.Setup(**{**vars(self.common), "directory": directory, "vigie": Vigie(program, "off")})
        options = argparse.Namespace(field=FIELD, every=1, seed=0, jobs=1, seconds=600)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code, report = agreement.run(options, common, directory / "cases")
        return code, {each.what for each in report.wrong}, said.getvalue()

    def test_each_is_found_as_what_it_is(self):
        processes.DEADLINE = 10.0
        for lie, what in liar.LIES.items():
            with self.subTest(lie=lie.__name__):
                code, wrong, said = self.lap(lie)
                self.assertEqual(wrong, {what} - {None}, said)
                self.assertEqual(code, 1 if what else 0, said)
                if what:
                    self.assertIn(what, said)
                    case = next((Path(self.directory.name) / lie.__name__ / "cases").glob("001-*"))
                    self.assertTrue((case / "stack.yaml").exists())
                    self.assertIn(FIELD, (case / "said.txt").read_text())


class Tables(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spec, cls.fields = setup.schema.load(processes.SOURCE / "crd/monitoringstacks.vigie.dev.yaml")
        cls.names = [field.name for field in cls.fields]

    def test_every_format_has_values(self):
        values = setup.Values(setup.table("values"))
        self.assertEqual([], sorted({field.format for field in self.fields if field.type == "string" and field.format and not values.knows_format(field.format)}))

    def test_every_pattern_is_one_of_a_field(self):
        for name in ("documents", "values", "native", "reasons"):
            for section, entries in setup.table(name).items():
                for entry in entries if isinstance(entries, list) and section != "nasty" else []:
                    for pattern in [entry["field"]] if isinstance(entry["field"], str) else entry["field"]:
                        self.assertTrue(any(patterns.matches(pattern, each) for each in self.names), f"{name}.yaml: {section}: {pattern}")



if __name__ == "__main__":
    if not agreement.can_be_tried():
        sys.exit(1 if os.environ.get("CI") else 2)
    unittest.main(verbosity=2)
