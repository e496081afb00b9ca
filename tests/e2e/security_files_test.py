#!/usr/bin/env python3
"""Root works below directories of others: a local user who owns an application's directory directs nothing elsewhere.

Drives built programs only. VIGIE_RACE is for how many seconds a hostile process swaps links while root applies, fails and recovers."""

import ctypes
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
VIGIE = os.environ["VIGIE_BIN"]
SECONDS = float(os.environ.get("VIGIE_RACE", "3"))
USER = 1000
OVERRIDE = "docker-compose.monitoring.yml"


def swap(one, other):
    """renameat2(2) with RENAME_EXCHANGE."""
    at = -100
    return ctypes.CDLL(None).renameat2(at, os.fsencode(one), at, os.fsencode(other), 2) == 0


@unittest.skipIf(os.geteuid() != 0, "needs root: somebody else is somebody else's uid")
class Case(unittest.TestCase):
    def setUp(self):
        self.base = Path(tempfile.mkdtemp(prefix="vigie-files-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.base.chmod(0o755)
        self.root = self.base / "root"
        self.document = self.base / "moments"
        shutil.copytree(SOURCE / "examples/moments", self.document)
        self.edit(f"overrideFile: {OVERRIDE}", f"overrideFile: deploy/{OVERRIDE}")
        self.project = self.root / "opt/moments"
        self.project.mkdir(parents=True)
        os.chown(self.project, USER, USER)
        self.victim = self.root / "etc/victim"
        self.victim.mkdir(parents=True)
        self.victim.chmod(0o700)
        self.file = self.victim / OVERRIDE
        self.file.write_text("root's own\n")
        self.file.chmod(0o600)

    def edit(self, old, new):
        file = self.document / "stack.yaml"
        text = file.read_text()
        self.assertIn(old, text)
        file.write_text(text.replace(old, new))

    def vigie(self, command, *arguments):
        return subprocess.run([VIGIE, command, "--root", self.root, *map(str, arguments)], capture_output=True, text=True, timeout=600)

    def apply(self):
        return self.vigie("apply", "--host", "vps", "--yes", self.document)

    def link(self, path, target):
        os.symlink(target, path)
        os.lchown(path, USER, USER)

    def assert_untouched(self):
        info = self.file.lstat()
        self.assertEqual((self.file.read_text(), stat.S_IMODE(info.st_mode), info.st_uid), ("root's own\n", 0o600, 0))
        self.assertEqual([path.name for path in self.victim.iterdir()], [OVERRIDE])


class Links(Case):
    def test_a_symbolic_link_in_place_of_a_directory_is_not_followed(self):
        self.link(self.project / "deploy", "../../etc/victim")
        result = self.apply()
        self.assert_untouched()
        self.assertNotEqual(result.returncode, 0, result.stdout)
        self.assertIn("symbolic link", result.stdout + result.stderr)
        self.assertNotIn("root's own", result.stdout + result.stderr)
        (self.project / "deploy").unlink()
        self.assertEqual(self.apply().returncode, 0)

    def test_nothing_is_removed_through_a_symbolic_link(self):
        applied = self.apply()
        self.assertEqual(applied.returncode, 0, applied.stderr)
        (self.project / "deploy").rename(self.project / "aside")
        self.link(self.project / "deploy", "../../etc/victim")
        self.vigie("uninstall", "--purge", "--yes")
        self.assert_untouched()

    def test_a_plan_notes_a_project_directory_that_belongs_to_another_user(self):
        (self.project / "docker-compose.yml").write_text("services: {}\n")
        plan = self.vigie("plan", "--host", "vps", self.document)
        self.assertRegex(plan.stdout, r"project `moments`: \S+/opt/moments belongs to uid 1000")
        os.chown(self.project, 0, 0)
        self.assertNotIn("belongs to uid", self.vigie("plan", "--host", "vps", self.document).stdout)


class Races(Case):
    """The hostile process has the application's directory, and as much time as root needs."""

    def hostile(self, function):
        pid = os.fork()
        if pid == 0:
            try:
                os.setgid(USER)
                os.setuid(USER)
                function()
            finally:
                os._exit(0)

        def end():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

        return end

    def test_a_rollback_writes_nothing_through_a_directory_swapped_for_a_symbolic_link(self):
        """His own bytes, with set-user-id, are what is put back when the apply fails: into his directory, or nowhere."""
        self.apply()
        self.edit("user: stats", "user: statistics")
        directory = self.project / "pgbouncer-exporter"
        cron = self.root / "etc/cron.hourly"
        cron.mkdir()
        (self.project / "link").symlink_to("../../etc/cron.hourly")
        os.lchown(self.project / "link", USER, USER)
        shutil.rmtree(directory)
        directory.mkdir()
        secret = directory / "pgpass"
        secret.write_text("#!/bin/sh\nid > /root/owned\n")
        for path in (directory, secret):
            os.chown(path, USER, USER)
        secret.chmod(0o4755)
        his_own = secret.lstat()

        def attack():
            while directory.lstat().st_uid == USER:
                pass
            swap(directory, self.project / "link")
            time.sleep(60)

        end = self.hostile(attack)
        self.apply()
        end()
        self.assertEqual(list(cron.iterdir()), [])
        for _ in range(2):  # and it stands in nobody's way
            if (self.project / "pgbouncer-exporter").is_symlink():
                (self.project / "pgbouncer-exporter").unlink()
            result = self.apply()
            self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(list(cron.iterdir()), [])
        # When he was quicker, the file that he made himself lies untouched where he moved it.
        self.assertEqual([path for path in self.set_id() if (path.lstat().st_ino, path.lstat().st_ctime_ns) != (his_own.st_ino, his_own.st_ctime_ns)], [])

    def set_id(self):
        return [path for path in self.root.rglob("*") if path.is_file() and not path.is_symlink() and path.lstat().st_mode & 0o6000]

    def test_symbolic_links_swapped_during_applies_redirect_no_write(self):
        """Applies, failures and recoveries for a while; what is root's stays as it was at every moment."""
        self.assertEqual(self.apply().returncode, 0)
        places = [self.project / "deploy", self.project / "pgbouncer-exporter"]
        for place in places:
            os.lchown(place, USER, USER)
            self.link(place.with_name(place.name + "-link"), "../../etc/victim")

        def attack():
            while True:
                for place in places:
                    swap(place, place.with_name(place.name + "-link"))
                time.sleep(random.choice((0, 0, 0.001, 0.01, 0.1)))

        document = (self.document / "stack.yaml").read_text()
        end = self.hostile(attack)
        applied, failed, killed = 0, 0, 0
        until = time.monotonic() + SECONDS
        try:
            turn = 0
            while time.monotonic() < until or not (applied + failed and killed):
                turn += 1
                (self.document / "stack.yaml").write_text(document.replace("user: stats", f"user: stats{turn}"))
                if turn % 3 == 0:
                    process = subprocess.Popen([VIGIE, "apply", "--root", self.root, "--host", "vps", "--yes", self.document], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    time.sleep(0.01 * (turn % 20))
                    process.kill()
                    process.wait()
                    killed += 1
                elif self.apply().returncode == 0:
                    applied += 1
                else:
                    failed += 1
                self.vigie("recover")
                self.assert_untouched()
        finally:
            end()
        print(f"{applied} applied, {failed} failed, {killed} killed", file=sys.stderr)
        for place in places:
            link = place.with_name(place.name + "-link")
            if place.is_symlink():
                self.assertTrue(swap(place, link))
        self.assertEqual(self.vigie("recover").returncode, 0)
        self.assertEqual(self.apply().returncode, 0)
        self.assert_untouched()
        self.assertEqual(self.set_id(), [])


class Owners(Case):
    """Whose the state, the keys and the configuration are is looked at before they are believed."""

    def setUp(self):
        super().setUp()
        result = self.apply()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.state = self.root / "var/lib/vigie"

    def assert_not_believed(self, path):
        for command in (["apply", "--host", "vps", "--yes", self.document], ["recover"], ["plan", "--host", "vps", self.document]):
            result = self.vigie(*command)
            self.assertNotEqual(result.returncode, 0, command)
            self.assertIn(str(path), result.stderr, command)
            self.assertIn("hint: ", result.stderr)

    def test_a_state_directory_of_another_user_is_refused(self):
        os.chown(self.state, USER, USER)
        self.assert_not_believed(self.state)

    def test_a_database_of_another_user_is_refused(self):
        os.chown(self.state / "vigie.db", USER, USER)
        self.assert_not_believed(self.state / "vigie.db")

    def test_a_database_writable_by_everybody_is_refused(self):
        (self.state / "vigie.db").chmod(0o666)
        self.assert_not_believed(self.state / "vigie.db")

    def test_a_state_directory_below_one_of_another_user_is_refused(self):
        os.chown(self.root / "var", USER, USER)
        self.assert_not_believed(self.root / "var")

    def test_a_journal_key_readable_by_others_is_refused(self):
        (self.state / "journal.key").chmod(0o644)
        self.assert_not_believed(self.state / "journal.key")

    def test_a_configuration_of_another_user_is_refused(self):
        config = self.base / "vigie.yaml"
        config.write_text("host: vps\nsource: { url: 'https://127.0.0.1:1/a.git' }\nverify: { mode: 'off' }\nhttp: { listen: [] }\n"
                          f"root: {self.root}\n")
        self.assertEqual(subprocess.run([VIGIE, "config", "check", config], capture_output=True).returncode, 0)
        for how in (lambda: config.chmod(0o666), lambda: (config.chmod(0o644), os.chown(config, USER, USER))):
            how()
            for command in (["run", "--config"], ["config", "check"]):
                result = subprocess.run([VIGIE, *command, config], capture_output=True, text=True, timeout=600)
                self.assertNotEqual(result.returncode, 0)
                self.assertIn("is not trusted", result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
