#!/usr/bin/env python3
"""What an operator types at night: without root, with a damaged state database, and to suspend, roll back or reload."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tools"))
from loopback import VIGIE, Loopback, free_port, wait_for  # noqa: E402

NOBODY = 65534


class Case(unittest.TestCase):
    def setUp(self):
        self.lab = Loopback()
        self.addCleanup(self.lab.__exit__)
        self.lab.make_repository()
        self.lab.make_keys()
        self.root = self.lab.root("vm")
        self.state = self.root / "var/lib/vigie"

    def start(self, **options):
        commit = self.lab.push("a change")
        self.lab.start_controller("vm", **options)
        self.wait_at(commit)
        return commit

    def wait_at(self, commit):
        wait_for(f"vm at {commit}\n{self.lab.log('vm')[-2000:]}", lambda: self.lab.at_revision("vm", commit))

    def edit(self, old, new):
        text = self.lab.document.read_text()
        self.assertIn(old, text)
        self.lab.document.write_text(text.replace(old, new))

    def vigie(self, command, *arguments, **options):
        return self.lab.vigie(command, *arguments, "--root", self.root, check=False, **options)

    def apply(self):
        result = self.vigie("apply", "--host", "vm", "--yes", self.lab.work)
        self.assertEqual(result.returncode, 0, result.stderr)

    def events(self):
        return [each["reason"] for each in json.loads(self.lab.call("vm", "GET", "/api/v1/events")[1])["events"]]


@unittest.skipUnless(os.geteuid() == 0, "becomes another user")
class WithoutRoot(Case):
    COMMANDS = (("history",), ("rollback", "--list"), ("rollback",), ("events",), ("reconcile",), ("plan", "--pending"),
                ("suspend",), ("resume",), ("approve", "0" * 12), ("confirm",), ("recover",), ("recover", "--forget-state", "--yes"))

    def demand(self):
        os.chmod(self.lab.base, 0o755)
        user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        for arguments in self.COMMANDS:
            with self.subTest(arguments):
                result = subprocess.run([*user, VIGIE, *arguments, "--root", str(self.root)], capture_output=True, text=True, timeout=60)
                self.assertEqual(result.returncode, 2, result.stdout)
                self.assertIn("Permission denied", result.stderr)
                self.assertIn("run as root", result.stderr)
                self.assertIn(str(self.state), result.stderr)
                for untruth in ("nothing was applied", "no controller runs", "start it"):
                    self.assertNotIn(untruth, result.stderr + result.stdout)

    def test_permission_denied_is_never_absent_beside_a_controller(self):
        self.start()
        self.demand()

    def test_permission_denied_is_never_absent_without_a_controller(self):
        self.apply()
        self.demand()


class Damaged(Case):
    def damage(self):
        with (self.state / "vigie.db").open("r+b") as file:
            file.write(b"x" * 20_000)

    def test_every_command_says_it_and_names_the_cure(self):
        self.apply()
        self.damage()
        config = self.root / "etc/vigie/vigie.yaml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(f"host: vm\nroot: {self.root}\nsource: {{ url: {self.lab.remote} }}\nhttp: {{ listen: [] }}\n")
        for arguments in (("history", "--root", self.root), ("rollback", "--list", "--root", self.root), ("recover", "--root", self.root),
                          ("plan", "--host", "vm", "--root", self.root, self.lab.work), ("run", "--config", config),
                          ("apply", "--host", "vm", "--yes", "--root", self.root, self.lab.work)):
            with self.subTest(arguments[0]):
                result = self.lab.vigie(*arguments, check=False)
                self.assertEqual(result.returncode, 2, result.stdout)
                self.assertRegex(result.stderr, r"the state database \S+/vigie\.db is damaged")
                self.assertIn("vigie recover --forget-state", result.stderr)
                self.assertNotIn("is the disk full", result.stderr)

    def test_the_steps_of_the_documentation_lead_out_of_it(self):
        section = (SOURCE / "docs/running.md").read_text().split("### The state database is damaged")[1].split("\n### ")[0].split("\n## ")[0]
        steps = re.search(r"```sh\n(.*?)```", section, re.S).group(1).splitlines()
        typed = [line.split("#")[0].strip() for line in steps]
        self.assertEqual([line.split()[:2] for line in typed],
                         [["systemctl", "stop"], ["vigie", "recover"], ["systemctl", "start"], ["vigie", "reconcile"]])

        commit = self.start()
        before = self.lab.files("vm")
        refused = self.vigie("recover", "--forget-state", "--yes")
        self.assertEqual(refused.returncode, 2)
        self.assertIn(f"process {self.lab.processes['vm'].pid}", refused.stderr)
        self.assertIn("systemctl stop vigie", refused.stderr)
        self.lab.stop("vm")
        self.damage()

        asked = self.vigie(*typed[1].split()[1:], stdin=subprocess.DEVNULL)
        self.assertEqual(asked.returncode, 2)
        self.assertIn("add --yes", asked.stderr)
        forgotten = self.vigie(*typed[1].split()[1:], "--yes")
        self.assertEqual(forgotten.returncode, 0, forgotten.stderr)
        aside = re.search(r"is now (\S+/vigie\.db\.\d{8}T\d{6}Z)\n", forgotten.stdout).group(1)
        self.assertTrue(Path(aside).read_bytes().startswith(b"x" * 20_000))
        self.assertFalse((self.state / "vigie.db").exists())
        self.assertIn("vigie apply --adopt", forgotten.stdout)

        self.lab.start_controller("vm")
        wait_for("it serves", lambda: self.vigie("events").returncode == 0)
        done = self.vigie(*typed[3].split()[1:])
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        self.wait_at(commit)
        self.assertEqual(self.lab.files("vm"), before)

    def test_what_differs_after_that_is_shown_until_it_is_adopted(self):
        self.apply()
        self.damage()
        self.assertEqual(self.vigie("recover", "--forget-state", "--yes").returncode, 0)
        compose = self.root / "opt/monitoring/compose.yaml"
        good = compose.read_bytes()
        compose.write_text("services: {}\n")
        result = self.vigie("apply", "--host", "vm", "--yes", self.lab.work)
        self.assertEqual(result.returncode, 2)
        self.assertIn("is not ours", result.stdout + result.stderr)
        self.assertEqual(compose.read_text(), "services: {}\n")
        result = self.vigie("apply", "--host", "vm", "--yes", "--adopt", "file:/opt/monitoring/compose.yaml", self.lab.work)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(compose.read_bytes(), good)

    def test_a_transaction_that_is_open_is_not_forgotten(self):
        self.apply()
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        result = self.vigie("apply", "--host", "vm", "--yes", "--confirm-within", "5m", self.lab.work)
        self.assertEqual(result.returncode, 0, result.stderr)
        refused = self.vigie("recover", "--forget-state", "--yes")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("a transaction is open", refused.stderr)
        confirmed = self.vigie("confirm")
        self.assertEqual(confirmed.returncode, 0, confirmed.stderr)
        self.assertEqual(self.vigie("recover", "--forget-state", "--yes").returncode, 0)

    def test_where_there_is_no_database_nothing_is_forgotten(self):
        result = self.vigie("recover", "--forget-state", "--yes")
        self.assertEqual(result.returncode, 2)
        self.assertIn("there is no state database", result.stderr)


class Suspends(Case):
    def why(self):
        return self.lab.status("vm").get("suspended", "")

    def test_a_suspension_says_why_and_until_when_and_ends_by_itself(self):
        self.start(interval="1h")
        compose = self.root / "opt/monitoring/compose.yaml"
        good = compose.read_bytes()
        said = self.vigie("suspend", "--reason", "the disk is changed", "--for", "3s")
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertRegex(said.stdout, r"until \d{4}-\S+Z or `vigie resume`")
        wait_for("the reason", lambda: self.why().startswith("suspended by the operator: the disk is changed; until 2"))
        compose.write_text("by hand\n")
        time.sleep(0.5)
        self.assertEqual(compose.read_text(), "by hand\n")
        wait_for(f"the repair\n{self.lab.log('vm')[-2000:]}", lambda: compose.read_bytes() == good, 10)
        wait_for("the status", lambda: self.why() == "")
        self.assertIn("Resumed", self.events())
        self.assertIn("the suspension is over", self.lab.log("vm"))

    def test_resume_ends_one_before_its_time_and_nothing_comes_of_it_later(self):
        self.start()
        self.assertEqual(self.vigie("suspend", "--for", "1h").returncode, 0)
        wait_for("the suspension", lambda: "until" in self.why())
        self.assertEqual(self.vigie("resume").returncode, 0)
        wait_for("its end", lambda: self.why() == "")

    def test_without_a_controller_it_is_the_same_and_outlives_its_start(self):
        commit = self.start(interval="1h")
        self.lab.stop("vm")
        compose = self.root / "opt/monitoring/compose.yaml"
        good = compose.read_bytes()
        said = self.vigie("suspend", "--reason", "maintenance", "--for", "4s")
        self.assertEqual(said.returncode, 0, said.stderr)
        compose.write_text("by hand\n")
        self.lab.start_controller("vm", interval="1h")
        wait_for("the reason", lambda: "maintenance" in self.why(), 3)
        self.assertEqual(compose.read_text(), "by hand\n")
        wait_for(f"the repair\n{self.lab.log('vm')[-2000:]}", lambda: compose.read_bytes() == good, 10)
        self.wait_at(commit)

    def test_what_is_no_time_or_no_reason_is_refused_by_the_command_and_by_the_api(self):
        self.start()
        for body in ({"for": "soon"}, {"for": "0s"}, {"reason": "two\nlines"}):
            self.assertEqual(self.lab.call("vm", "POST", "/api/v1/suspend", body)[0], 400, body)
        self.assertEqual(self.why(), "")
        for arguments in (("--for", "soon"), ("--reason", "two\nlines")):
            refused = self.vigie("suspend", *arguments)
            self.assertEqual(refused.returncode, 2, arguments)
        self.assertIn("write `30m`", self.vigie("suspend", "--for", "soon").stderr)


class Rewinds(Case):
    def force(self, value, base="HEAD~1"):
        self.lab.git("reset", "--quiet", "--hard", base)
        text = re.sub(r"scrapeInterval: \d+s", f"scrapeInterval: {value}s", self.lab.document.read_text())
        self.lab.document.write_text(text)
        self.lab.git("commit", "--quiet", "-am", f"another history {value}")
        self.lab.git("push", "--quiet", "--force", "origin", "HEAD:main")
        return self.lab.git("rev-parse", "HEAD").strip()

    def refused(self, tip):
        wait_for(f"{tip} refused\n{self.lab.log('vm')[-2000:]}", lambda: tip[:12] in self.lab.condition("vm", "SourceVerified").get("message", "")
                 and self.lab.condition("vm", "SourceVerified").get("reason") in ("Replaced", "Rewound"))
        return self.lab.condition("vm", "SourceVerified")["message"]

    def start_second(self, **options):
        self.start(**options)
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        commit = self.lab.push("a second")
        self.wait_at(commit)
        return commit

    def test_one_tip_that_the_operator_names_may_replace_the_history_and_no_other(self):
        self.start_second()
        first = self.force(3)
        told = self.refused(first)
        self.assertIn(f"vigie reconcile --allow-rewind {first[:12]}", told)
        self.assertIn("/etc/vigie/vigie.yaml", told)
        self.assertIn("systemctl reload vigie", told)
        # The permission is for the tip that was looked at; the next one is another.
        self.lab.stop("vm")
        self.assertEqual(self.vigie("reconcile", "--allow-rewind", first[:12]).returncode, 2)  # nobody hears it
        self.lab.start_controller("vm")
        self.refused(first)
        second = self.force(4)
        self.assertEqual(self.vigie("reconcile", "--allow-rewind", first[:12]).returncode, 0)
        self.refused(second)
        wait_for("that it is told", lambda: "RewindNotUsed" in self.events())
        self.assertEqual(self.vigie("reconcile", "--wait", "--allow-rewind", second[:12]).returncode, 0, self.lab.log("vm"))
        self.wait_at(second)
        # Used once: back to the one before is refused again.
        third = self.force(5)
        self.refused(third)
        self.assertEqual(self.lab.status("vm")["lastAppliedRevision"], second)

    def test_what_names_no_commit_is_refused(self):
        self.start()
        for name in ("main", "abc", "z" * 12, "0" * 41):
            result = self.vigie("reconcile", "--allow-rewind", name)
            self.assertEqual(result.returncode, 2, name)
            self.assertIn("first 12 digits", result.stderr)

    def test_a_permission_holds_until_the_tip_is_applied_also_across_a_restart(self):
        self.start_second()
        self.lab.stop("vm")
        self.lab.start_controller("vm", mode="manual")
        tip = self.force(3)
        self.refused(tip)
        self.assertEqual(self.vigie("reconcile", "--wait", "--allow-rewind", tip).returncode, 1)
        wait_for("the plan", lambda: self.lab.condition("vm", "Ready").get("reason") == "WaitingForApproval")
        self.lab.stop("vm")
        self.lab.start_controller("vm", mode="auto")
        self.wait_at(tip)


if __name__ == "__main__":
    unittest.main(verbosity=2)
