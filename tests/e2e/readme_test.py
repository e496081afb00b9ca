#!/usr/bin/env python3
"""Runs every `console` block of README.md: `$ command`, then its output; a line `…` stands for any lines."""

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
BIN = str(Path(os.environ["VIGIE_BIN"]).parent)
PLACE = Path("/tmp/vigie-readme")


def steps(text):
    """(command, expected lines) in order."""
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        command, expected = None, []
        for line in block.splitlines():
            if line.startswith("$ "):
                if command:
                    yield command, expected
                command, expected = line[2:], []
            else:
                expected.append(line)
        yield command, expected


def matches(expected, actual):
    """Whether the lines match, with `…` for any number of lines."""
    if not expected:
        return not actual
    if expected[0] == "…":
        return any(matches(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    return bool(actual) and actual[0] == expected[0] and matches(expected[1:], actual[1:])


class Readme(unittest.TestCase):
    def setUp(self):
        shutil.rmtree(PLACE, ignore_errors=True)
        PLACE.mkdir(mode=0o700)
        self.addCleanup(shutil.rmtree, PLACE, ignore_errors=True)

    def test_every_command_prints_what_the_readme_shows(self):
        all_steps = list(steps((SOURCE / "README.md").read_text()))
        self.assertGreater(len(all_steps), 5)
        for command, expected in all_steps:
            with self.subTest(command=command):
                result = subprocess.run(["bash", "-c", command], cwd=SOURCE, capture_output=True, text=True, timeout=60,
                                        env={**os.environ, "PATH": BIN + ":" + os.environ["PATH"]})
                self.assertTrue(matches(expected, result.stdout.splitlines()), result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
