#!/usr/bin/env python3
"""What is rendered for a version of Prometheus or Alertmanager is accepted by the real checker of that very version: the goldens
of the oldest and of the newest supported one. For the versions between them there is no program here."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / "tools"))
import programs  # noqa: E402

GOLDENS = SOURCE / "tests/golden/versions"
CHECK = {"prometheus": ("promtool", "check", "config", "--syntax-only"), "alertmanager": ("amtool", "check-config")}


def checkers(program):
    """{(3, 5): path} of the checkers of this machine: today's and the distribution's."""
    name = CHECK[program][0]
    found = {programs.version(path)[:2]: path for path in (Path("/usr/bin") / name, programs.BIN / name)}
    found.pop((), None)
    return found


def goldens(program):
    return {tuple(map(int, path.name.rpartition("-")[2].split("."))): path for path in GOLDENS.glob(f"{program}-*")}


class Versions(unittest.TestCase):
    def check(self, program):
        held, here = goldens(program), checkers(program)
        judged = [version for version in held if version in here]
        for version in judged:
            with self.subTest(program=program, version=version), tempfile.TemporaryDirectory() as work:
                config = Path(work) / f"{program}.yml"
                text = (held[version] / config.name).read_text()
                # A secret that this version knows in its text only is masked, and some have to look like an address.
                config.write_text(text.replace('url: "***"', 'url: "https://example.org/masked"'))
                name, *arguments = CHECK[program]
                said = subprocess.run([here[version], *arguments, config], capture_output=True, text=True, timeout=600)
                self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        if os.environ.get("CI"):
            self.assertGreaterEqual(len(judged), 2, "the oldest and the newest version have to be here")

    def test_promtool_accepts_the_golden_prometheus_settings_of_its_version(self):
        self.check("prometheus")

    def test_amtool_accepts_the_golden_alertmanager_settings_of_its_version(self):
        self.check("alertmanager")


if __name__ == "__main__":
    unittest.main(verbosity=2)
