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
import lap
import liar
import patterns
import processes
import setup
import texts
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

    def test_each_simulated_disagreement_is_found_and_classified(self):
        processes.DEADLINE = 10.0
        for lie, what in liar.LIES.items():
            with self.subTest(lie=lie.__name__):
                code, wrong, said = self.lap(lie)
                self.assertEqual(wrong, {what} - {None}, said)
                self.assertEqual(code, 1 if what else 0, said)
                if what:
                    self.assertIn(what, said)
                    case = next((Path(self.directory.name) / lie.__name__ / "cases").glob("001-*"))
                    self.assertTrue(list(case.rglob("stack.yaml")), said)
                    self.assertIn(FIELD, (case / "said.txt").read_text())


class Tables(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        spec, cls.fields = setup.schema.load(processes.SOURCE / "crd/monitoringstacks.vigie.dev.yaml")
        cls.names = [field.name for field in cls.fields]
        cls.values = setup.Values(setup.table("values"))
        cls.works = lap.plan(cls.fields, setup.Stacks(spec, setup.table("documents"), cls.values.typical), cls.values, seed=0)

    def test_every_format_in_the_schema_has_test_values(self):
        formats = {field.format for field in self.fields if field.type == "string" and field.format}
        self.assertEqual([], sorted(each for each in formats if not self.values.knows_format(each)))

    def test_a_full_run_tries_every_field_and_every_value(self):
        self.assertEqual(self.names, [work.field.name for work in self.works])
        tried = {(kind, texts.short(value)) for work in self.works for kind, value in work.changes}
        wanted = {(kind, texts.short(value)) for work in self.works
                  for kind, values in self.values.of(work.field, work.place.typical()).items() for value in values}
        self.assertEqual(wanted, tried)

    def test_a_sample_has_all_references_numbers_and_durations(self):
        sample = {work.field.name for work in lap.sample(self.works, self.values, 1000)}
        named = ("secret", "project", "receiver", "hub")
        wanted = [field.name for field in self.fields
                  if field.type == "integer" or (field.format or "").endswith("duration") or field.steps[-1] in named]
        self.assertGreater(len(wanted), 300)
        self.assertEqual([], [name for name in wanted if name not in sample])

    def test_every_pattern_in_the_tables_matches_a_field(self):
        for name in ("documents", "values", "native", "reasons"):
            for section, entries in setup.table(name).items():
                for entry in entries if isinstance(entries, list) and section != "nasty" else []:
                    for pattern in [entry["field"]] if isinstance(entry["field"], str) else entry["field"]:
                        self.assertTrue(any(patterns.matches(pattern, each) for each in self.names), f"{name}.yaml: {section}: {pattern}")



if __name__ == "__main__":
    if not agreement.can_be_tried():
        sys.exit(1 if os.environ.get("CI") else 2)
    unittest.main(verbosity=2)
