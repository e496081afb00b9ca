#!/usr/bin/env python3
"""What a person sees of a host: `vigie status` while all is well, while something is applied, and when nothing is."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(os.environ["VIGIE_SOURCE_DIR"]) / "tools"))
from loopback import VIGIE, wait_for  # noqa: E402
from loopback_case import LoopbackCase  # noqa: E402


class Status(LoopbackCase):
    def converge(self):
        commit = self.lab.push("a change")
        if "vm" not in self.lab.processes:
            self.lab.start_controller("vm")
        wait_for(f"vm at {commit}", lambda: self.lab.at_revision("vm", commit))
        return commit

    def vigie(self, *arguments):
        return subprocess.run([VIGIE, *arguments, "--root", str(self.lab.root("vm"))], capture_output=True, text=True, timeout=600)

    def status(self):
        said = self.vigie("status", "-o", "json")
        return json.loads(said.stdout) if said.stdout else {}

    def condition(self, kind):
        return next((each for each in self.status().get("conditions", []) if each["type"] == kind), {})

    def test_a_mistake_in_the_document_is_shown_once_with_all_its_lines(self):
        self.converge()
        self.edit("scrapeInterval: 1s", "scrapeIntervall: 1s")
        self.lab.push("a mistake")
        wait_for("vm stalled", lambda: self.condition("Stalled").get("status") == "True")
        for command in (["status"], ["history", "-n", "1"], ["events"]):
            said = self.vigie(*command).stdout
            self.assertEqual(said.count("did you mean `scrapeInterval`?"), 1, said)
            self.assertRegex(said, r"\n +stack\.yaml:\d+:5: error\[VG0101\]: `prometheus` has no field `scrapeIntervall`\n")
            self.assertNotIn("\\x0a", said)
        self.assertIn("\nStalled (InvalidDocument): it needs a commit or an operator\n", self.vigie("status").stdout)
        pending = self.vigie("plan", "--pending").stdout
        self.assertIn("NOTE: this is not the plan of the tip", pending)
        self.assertIn("(InvalidDocument)", pending)

    def test_a_host_with_a_killed_controller_is_not_shown_as_ready(self):
        commit = self.converge()
        self.assertEqual(self.vigie("status").returncode, 0)
        running = self.status()["controller"]
        self.assertTrue(running["running"])
        self.assertRegex(running["since"], r"^\d{4}-\d\d-\d\dT")
        self.lab.stop("vm", signal.SIGKILL)
        said = self.vigie("status")
        self.assertEqual(said.returncode, 1)
        self.assertRegex(said.stdout, r"controller: not running; its last report was at \S+Z, \d+ s ago\n")
        self.assertIn("systemctl start vigie", said.stdout)
        self.assertIn(f"applied:    {commit[:12]}\n", said.stdout)
        self.assertNotIn("=True", said.stdout)
        status = self.status()
        self.assertEqual({each["status"] for each in status["conditions"]}, {"Unknown"})
        self.assertEqual(status["controller"], {"running": False, "process": None, "since": None})

    def test_a_stopped_controller_is_shown_with_the_time_of_its_stop(self):
        self.converge()
        self.lab.stop("vm")
        self.assertRegex(self.vigie("status").stdout, r"controller: not running, since \S+Z: stopped\n")
        self.assertIn("stoppedAt", self.status())

    def test_a_host_before_the_first_reconcile_is_not_shown_as_ready(self):
        commit = self.converge()
        self.lab.stop("vm")
        written = (self.lab.root("vm") / "var/lib/vigie/status.json").read_bytes()
        with socket.create_server(("127.66.66.1", 0)) as silent:  # takes connections, and never answers
            self.lab.start_controller("vm", url=f"https://127.66.66.1:{silent.getsockname()[1]}/a.git")
            wait_for("its answer", lambda: self.condition("Ready").get("reason") == "Starting")
            said = self.vigie("status")
            self.assertEqual(said.returncode, 1)
            self.assertNotIn("Ready=True", said.stdout)
            self.assertIn(f"applied:    {commit[:12]}\n", said.stdout)
            self.lab.stop("vm")
        # What the one before had seen is not overwritten by one that saw nothing.
        after = json.loads((self.lab.root("vm") / "var/lib/vigie/status.json").read_text())
        self.assertEqual({**after, "stoppedAt": ""}, {**json.loads(written), "stoppedAt": ""})
        self.assertIn(f"applied:    {commit[:12]}\n", self.vigie("status").stdout)

    def test_a_requested_reconcile_ends_despite_a_reload_of_the_configuration(self):
        self.converge()
        for _ in range(4):
            self.lab.processes["vm"].send_signal(signal.SIGHUP)
            said = self.vigie("reconcile", "--wait")
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    def test_a_running_apply_is_shown_step_by_step(self):
        slow = self.lab.base / "slow"
        (self.lab.base / "bin").mkdir()
        wrapper = self.lab.base / "bin/promtool"
        wrapper.write_text(f'#!/bin/sh\nwhile [ -e {slow} ]; do sleep 0.1; done\nexec {shutil.which("promtool")} "$@"\n')
        wrapper.chmod(0o755)
        with mock.patch.dict(os.environ, PATH=f"{wrapper.parent}:{os.environ['PATH']}"):
            first = self.converge()
        slow.touch()
        try:
            self.edit("evaluationInterval: 1s", "evaluationInterval: 2s")
            commit = self.lab.push("while promtool thinks")
            wait_for("the apply", lambda: self.status().get("applying", {}).get("step") == "check with promtool")
            status = self.status()
            self.assertEqual(status["applying"]["revision"], commit)
            self.assertFalse(status["applying"]["repair"])
            self.assertEqual(status["lastAppliedRevision"], first)
            conditions = {each["type"]: each for each in status["conditions"]}
            self.assertEqual(conditions["Reconciling"]["status"], "True")
            self.assertEqual(conditions["Reconciling"]["reason"], "Applying")
            self.assertEqual(conditions["Ready"]["status"], "Unknown")
            self.assertIn(f"revision {commit[:12]}: check with promtool", conditions["Ready"]["message"])
            self.assertRegex(self.vigie("status").stdout, r"\nApplying, for \d+ s\n  revision ")
            self.assertEqual(self.lab.call("vm", "GET", "/readyz")[0], 503)
        finally:
            slow.unlink()
        wait_for("its end", lambda: self.lab.at_revision("vm", commit) and self.condition("Ready").get("status") == "True")
        self.assertNotIn("applying", self.status())

    def test_health_is_known_although_the_tip_cannot_be_applied(self):
        self.converge()
        self.lab.start_prometheus()
        wait_for("that it runs", lambda: self.condition("Healthy").get("reason") not in ("NotRunning", "NotObserved"))
        before = self.condition("Healthy")
        rules = self.lab.work / "rules/alerts.yml"
        rules.write_text(rules.read_text().replace("expr: ", "expr: sum(", 1))
        self.lab.push("a rule that promtool refuses")
        wait_for("the refusal", lambda: self.condition("Ready").get("status") == "False")
        healthy = self.condition("Healthy")
        self.assertNotEqual(healthy["status"], "Unknown")
        self.assertEqual(healthy["reason"], before["reason"])

    def test_status_watch_runs_until_it_is_interrupted(self):
        commit = self.converge()
        with subprocess.Popen([VIGIE, "status", "--watch", "--root", str(self.lab.root("vm"))], stdout=subprocess.PIPE, text=True) as watching:
            lines = []
            try:
                while f"applied:    {commit[:12]}\n" not in lines:
                    lines.append(watching.stdout.readline())
                self.edit("evaluationInterval: 1s", "evaluationInterval: 3s")
                commit = self.lab.push("another")
                while f"applied:    {commit[:12]}\n" not in lines:
                    lines.append(watching.stdout.readline())
                watching.send_signal(signal.SIGINT)
                self.assertIn(watching.wait(10), (0, 1))
            finally:
                with contextlib.suppress(ProcessLookupError):
                    watching.kill()


if __name__ == "__main__":
    unittest.main(verbosity=2)
