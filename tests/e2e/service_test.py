#!/usr/bin/env python3
"""The installed controller as systemd's service, with the unit that is installed: it starts, works in its sandbox, is watched, comes back and
ends. What is done inside stands in service_inside.py. Needs root; without it the test is skipped (2), in CI that is a failure.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import booted
from booted import patient

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
BUILD = Path(os.environ["VIGIE_BIN"]).parent.parent
HERE = Path(__file__).resolve().parent


class Service(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="vigie-service-") as tree:
            subprocess.run(["cmake", "--install", BUILD, "--prefix", "/usr", "--strip"], check=True, stdout=subprocess.DEVNULL,
                           env={**os.environ, "DESTDIR": tree}, timeout=600)
            example = SOURCE / "examples/loopback"
            files = {f"trial/stack/{path.relative_to(example)}": path.read_text() for path in example.rglob("*") if path.is_file()}
            files["trial/inside.py"] = (HERE / "service_inside.py").read_text()
            files["trial/outside.sh"] = "python3 /trial/inside.py 2>&1\ntouch /trial/done\n"
            told = booted.boot(files, tree, seconds=patient(60))
        try:
            cls.saw = json.loads(told)
        except ValueError:
            raise AssertionError(f"systemd did not get through:\n{told}") from None
        if "through" not in cls.saw:
            raise AssertionError(f"{cls.saw['broke']}\n{cls.saw['log']}\nseen: {json.dumps(cls.saw, indent=1)}")
        print("log:", "the journal" if cls.saw["journal"] else "a file (no journal here)")
        for each in cls.saw.get("not tried", []):
            print("not tried here:", each)

    def test_the_service_is_ready_within_seconds_and_shows_a_status(self):
        self.assertLess(self.saw["started in"], patient(5))
        started = self.saw["started"]
        self.assertEqual((started["Type"], started["ActiveState"], started["SubState"]), ("notify", "active", "running"))
        self.assertNotEqual(started["StatusText"], "")
        self.assertRegex(self.saw["shown"], r'Status: "\w+: .+"')

    def test_git_http_files_and_sockets_work_in_its_sandbox(self):
        self.assertEqual(self.saw["asked through the socket"], 0)
        self.assertEqual(self.saw["socket"], "0o600")
        self.assertTrue(self.saw["loaded"], "Prometheus was told to reload")
        self.assertLess(self.saw["repaired in"], patient(10))

    def test_the_token_is_read_from_a_systemd_credential(self):
        self.assertEqual((self.saw["with the token"], self.saw["with another"]), (202, 401))

    def test_the_watchdog_spares_an_idle_or_waiting_controller(self):
        self.assertEqual(self.saw["idle"]["WatchdogUSec"], "2s")
        self.assertEqual((self.saw["idle"]["MainPID"], self.saw["idle"]["NRestarts"]), (self.saw["started"]["MainPID"], "0"))
        begin, end = self.saw["patient"]
        self.assertEqual((end["MainPID"], end["ActiveState"]), (begin["MainPID"], "active"))
        self.assertEqual(end["NRestarts"], begin["NRestarts"])

    def test_a_reload_takes_a_good_configuration_in_the_same_process_and_refuses_another(self):
        before, after, token = self.saw["reloaded"]
        code, pid, told = self.saw["reload of a mistake"]
        self.assertEqual((code, pid, told), (1, before["MainPID"], True))
        self.assertEqual(self.saw["reload"], 0, self.saw["reload said"])
        self.assertEqual((after["MainPID"], after["NRestarts"], after["ActiveState"]), (before["MainPID"], before["NRestarts"], "active"))
        self.assertEqual(token, 202)

    def test_a_hung_and_a_crashed_service_are_restarted(self):
        for name in ("crash", "hang"):
            before, after = self.saw[name]["before"], self.saw[name]["after"]
            self.assertNotEqual(after["MainPID"], before["MainPID"], name)
            self.assertEqual(int(after["NRestarts"]), int(before["NRestarts"]) + 1, name)
        self.assertLess(self.saw["crash"]["seconds"], patient(5))
        self.assertLess(self.saw["hang"]["seconds"], patient(12))

    def test_the_service_writes_no_core_dump(self):
        self.assertRegex(self.saw["limits"], r"Max core file size +0 +0 ")
        self.assertEqual(self.saw["cores"], [])

    def test_the_service_stops_within_two_seconds_even_with_a_stalled_remote(self):
        self.assertLess(self.saw["stopped in"], patient(2))
        self.assertLess(self.saw["patient stop"], patient(2))
        self.assertEqual((self.saw["stopped"]["ActiveState"], self.saw["stopped"]["Result"]), ("inactive", "success"))
        self.assertTrue(self.saw["last line"].endswith("info host=vm stopped"), self.saw["last line"])

    def test_an_invalid_configuration_fails_the_start_and_is_logged(self):
        self.assertEqual(self.saw["mistake"]["ActiveState"], "failed")
        self.assertTrue(self.saw["mistake"]["log"])

    def test_errors_are_logged_with_the_priority_of_errors(self):
        if not self.saw["journal"]:
            self.skipTest("no journal here; tests/unit/controller/log_line_test.cpp has the prefixes")
        self.assertEqual({priority for priority, _ in self.saw["mistake"]["log"]}, {"3"})
        lines = self.saw["failure"]
        self.assertEqual({priority for priority, line in lines if line.startswith("error ")}, {"3"})
        self.assertEqual({priority for priority, line in lines if line.startswith("info ")}, {"6"})


if __name__ == "__main__":
    if not booted.possible():
        sys.exit(1 if os.environ.get("CI") else 2)
    unittest.main(verbosity=2)
