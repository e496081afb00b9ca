#!/usr/bin/env python3
"""A state directory that the programs of 0.1 (commit 9c0476a) left in the middle of an apply is opened by today's.

tests/upgrade/state-0.1 holds it as text: the database as SQL, what lay in /opt when the apply was killed (`interrupted`), and what
lay there before it (`applied`). The apply was killed by tests/fault/interpose.c between the second file and its rename."""

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
VIGIE = os.environ["VIGIE_BIN"]
LEFT = SOURCE / "tests/upgrade/state-0.1"
APPLIED = "14726e06c3d6a10c"  # the generation of the document that was applied last
ADOPTED = "opt/monitoring/prometheus/rules/shop.yml"


def files(directory):
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


class StateOf01(unittest.TestCase):
    def setUp(self):
        base = Path(tempfile.mkdtemp(prefix="vigie-upgrade-"))
        self.addCleanup(shutil.rmtree, base, ignore_errors=True)
        self.root = base / "root"
        self.state = self.root / "var/lib/vigie"
        self.state.mkdir(parents=True, mode=0o700)
        for name in ("backups", "generations"):
            shutil.copytree(LEFT / name, self.state / name)
        (self.state / "journal.key").write_bytes(bytes.fromhex((LEFT / "journal.key.hex").read_text()))
        database = sqlite3.connect(self.state / "vigie.db")
        database.executescript((LEFT / "vigie.sql").read_text())
        database.close()
        shutil.copytree(LEFT / "interrupted", self.root / "opt")
        data = self.root / "opt/monitoring/prom-data"  # git keeps no empty directory
        data.mkdir()
        os.chown(data, 65534, 65534)
        for path in (self.state / "journal.key", self.state / "vigie.db"):
            path.chmod(0o600)

    def vigie(self, command, *arguments):
        return subprocess.run([VIGIE, command, "--root", str(self.root), *map(str, arguments)], capture_output=True, text=True, timeout=600)

    def recovered(self):
        result = self.vigie("recover")
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def test_an_open_transaction_is_rolled_back_by_recover(self):
        self.assertNotEqual(files(self.root / "opt"), files(LEFT / "applied"))
        self.assertIn("an apply was interrupted", self.recovered().stderr)
        self.assertEqual(files(self.root / "opt"), files(LEFT / "applied"))

    def test_the_next_apply_recovers_an_open_transaction_first(self):
        result = self.vigie("apply", "--host", "vm", "--yes", LEFT / "generations" / APPLIED)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("an apply was interrupted", result.stderr)
        self.assertEqual((self.root / ADOPTED).read_bytes(), (LEFT / "applied/monitoring/prometheus/rules/shop.yml").read_bytes())

    def test_history_and_generations_are_kept(self):
        self.recovered()
        told = json.loads(self.vigie("history", "-o", "json").stdout)
        self.assertEqual([each["result"] for each in told], ["RolledBack", "Applied", "Applied"])
        result = self.vigie("rollback", "--yes", "1")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(b"up == 0", (self.root / ADOPTED).read_bytes())

    def test_resources_owned_before_are_still_owned(self):
        self.recovered()
        plan = json.loads(self.vigie("plan", "--host", "vm", "-o", "json", LEFT / "generations" / APPLIED).stdout)["hosts"][0]
        actions = {each["id"]: each["action"] for each in plan["changes"]}
        self.assertEqual(set(actions.values()) - {"none", "update", "create"}, set())  # nothing to adopt or refuse
        self.assertEqual(actions[f"file:/{ADOPTED}"], "none")

    def test_uninstall_restores_adopted_files(self):
        self.recovered()
        result = self.vigie("uninstall", "--purge", "--yes")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((self.root / ADOPTED).read_text(), "groups: []\n")
        self.assertFalse((self.root / "opt/monitoring/compose.yaml").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
