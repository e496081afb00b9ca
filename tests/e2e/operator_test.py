#!/usr/bin/env python3
"""What an operator types at night: without root, with a damaged state database, and to suspend, roll back or reload."""

import contextlib
import http.server
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tools"))
from loopback import VIGIE, free_port, wait_for  # noqa: E402
from loopback_case import LoopbackCase  # noqa: E402

NOBODY = 65534


class Case(LoopbackCase):
    def setUp(self):
        super().setUp()
        self.root = self.lab.root("vm")
        self.state = self.root / "var/lib/vigie"

    def start(self, **options):
        commit = self.lab.push("a change")
        self.lab.start_controller("vm", **options)
        self.wait_at(commit)
        return commit

    def wait_at(self, commit):
        wait_for(f"vm at {commit}\n{self.lab.log('vm')[-2000:]}", lambda: self.lab.at_revision("vm", commit))

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
                result = subprocess.run([*user, VIGIE, *arguments, "--root", str(self.root)], capture_output=True, text=True, timeout=600)
                self.assertEqual(result.returncode, 2, result.stdout)
                self.assertIn("Permission denied", result.stderr)
                self.assertIn("run as root", result.stderr)
                self.assertIn(str(self.state), result.stderr)
                for untruth in ("nothing was applied", "no controller runs", "start it"):
                    self.assertNotIn(untruth, result.stderr + result.stdout)

    def test_without_root_beside_a_controller_permission_denied_is_reported(self):
        self.start()
        self.demand()

    def test_without_root_and_controller_permission_denied_is_reported(self):
        self.apply()
        self.demand()


class Damaged(Case):
    def damage(self):
        with (self.state / "vigie.db").open("r+b") as file:
            file.write(b"x" * 20_000)

    def test_every_command_reports_a_damaged_database_with_the_command_that_helps(self):
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
                self.assertNotIn("disk is not full", result.stderr)

    def test_forget_state_refuses_an_older_database_with_an_open_transaction(self):
        self.apply()
        with contextlib.closing(sqlite3.connect(self.state / "vigie.db")) as database:
            columns = [row[1:3] for row in database.execute("PRAGMA table_info(journal)")]
            values = {"state": "armed", "id": 1}
            database.execute(f"INSERT INTO journal VALUES ({','.join('?' * len(columns))})",
                             [values.get(name, 1 if kind == "INTEGER" else "") for name, kind in columns])
            database.execute("DROP TABLE journal_endpoint")
            database.execute("PRAGMA user_version = 3")
            database.commit()
        said = self.vigie("recover", "--forget-state", "--yes")
        self.assertEqual(said.returncode, 2, said.stdout)
        self.assertIn("a transaction is open on this host", said.stderr)
        self.assertTrue((self.state / "vigie.db").exists())

    def test_the_documented_steps_repair_a_damaged_database(self):
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

    def test_after_forget_state_a_differing_file_is_refused_until_it_is_adopted(self):
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

    def test_forget_state_refuses_while_a_transaction_is_open(self):
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

    def test_forget_state_without_a_database_is_an_error(self):
        result = self.vigie("recover", "--forget-state", "--yes")
        self.assertEqual(result.returncode, 2)
        self.assertIn("there is no state database", result.stderr)


class Suspends(Case):
    def why(self):
        return self.lab.status("vm").get("suspended", "")

    def test_a_suspension_shows_its_reason_and_end_and_ends_by_itself(self):
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

    def test_resume_ends_a_suspension_before_its_time(self):
        self.start()
        self.assertEqual(self.vigie("suspend", "--for", "1h").returncode, 0)
        wait_for("the suspension", lambda: "until" in self.why())
        self.assertEqual(self.vigie("resume").returncode, 0)
        wait_for("its end", lambda: self.why() == "")

    def test_a_suspension_without_a_controller_lasts_across_its_start(self):
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

    def test_an_invalid_duration_or_reason_is_refused_by_command_and_api(self):
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

    def test_a_rewritten_history_is_accepted_only_for_the_tip_that_is_named(self):
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

    def test_a_name_that_is_no_commit_is_refused(self):
        self.start()
        for name in ("main", "abc", "z" * 12, "0" * 41):
            result = self.vigie("reconcile", "--allow-rewind", name)
            self.assertEqual(result.returncode, 2, name)
            self.assertIn("first 12 digits", result.stderr)

    def test_the_permission_to_rewind_lasts_until_the_tip_is_applied_across_restarts(self):
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


class RollsBack(Case):
    def two_generations(self):
        first = self.start()
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        second = self.lab.push("a second")
        self.wait_at(second)
        return first, second

    def on_terminal(self, answer, *arguments):
        master, slave = pty.openpty()
        with os.fdopen(master, "wb", buffering=0) as keys, os.fdopen(slave, "rb", buffering=0) as terminal:
            keys.write(answer)
            return self.vigie(*arguments, stdin=terminal)

    def test_the_api_lists_generations_with_the_applied_one_marked(self):
        first, second = self.two_generations()
        listed = json.loads(self.lab.call("vm", "GET", "/api/v1/generations")[1])["generations"]
        self.assertEqual([(each["revision"], each["applied"]) for each in listed], [(second, True), (first, False)])
        self.assertGreater(listed[0]["number"], listed[1]["number"])

    def test_a_rollback_to_an_unknown_generation_keeps_the_present_suspension(self):
        self.start()
        self.vigie("suspend", "--for", "1h", "--reason", "kernel update")
        request = json.loads(self.lab.call("vm", "POST", "/api/v1/rollback", {"to": "99"})[1])["request"]
        wait_for("the answer", lambda: self.lab.status("vm").get("lastHandledRequest", 0) >= request)
        self.assertIn("kernel update", self.lab.status("vm")["suspended"])

    def test_on_a_terminal_the_generation_and_its_changes_are_shown_before_the_question(self):
        first, second = self.two_generations()
        self.lab.stop("vm")
        before = self.lab.files("vm")
        listed = self.vigie("rollback", "--list").stdout.splitlines()
        self.assertIn("(applied now)", listed[0])
        self.assertNotIn("applied now", listed[1])
        number = listed[1].split()[0]

        asked = self.on_terminal(b"n\n", "rollback", "--activate", "none")
        self.assertEqual(asked.returncode, 1, asked.stderr)
        said = asked.stderr + asked.stdout
        self.assertRegex(said, rf"applied now:   \d+  \S+Z  {second[:12]}")
        self.assertRegex(said, rf"going back to: {number}  \S+Z  {first[:12]}")
        self.assertIn("scrape_interval", said)
        self.assertIn("nothing was changed", said)
        self.assertEqual(self.lab.files("vm"), before)
        # Whoever said no has suspended nothing.
        self.lab.start_controller("vm")
        self.wait_at(second)
        self.assertEqual(self.lab.status("vm")["suspended"], "")
        self.lab.stop("vm")

        agreed = self.on_terminal(b"y\n", "rollback", "--activate", "none")
        self.assertEqual(agreed.returncode, 0, agreed.stderr)
        self.assertIn("vigie resume", agreed.stderr)
        newest = self.vigie("history", "-n", "1").stdout
        self.assertIn("Applied", newest)
        self.assertIn(first[:12], newest)
        self.assertIn(f"rolled back by the operator to generation {number}", newest)

    def test_a_rollback_over_the_api_is_recorded_as_one_in_history(self):
        first, _ = self.two_generations()
        self.assertEqual(self.lab.call("vm", "POST", "/api/v1/rollback", {"to": first})[0], 202)
        wait_for(f"the rollback\n{self.lab.log('vm')[-2000:]}", lambda: self.lab.status("vm").get("lastAppliedRevision") == first)
        newest = json.loads(self.lab.call("vm", "GET", "/api/v1/history")[1])["history"][0]
        self.assertEqual((newest["result"], newest["revision"]), ("Applied", first))
        self.assertRegex(newest["message"], r"^rolled back by the operator to generation \d+$")

    def test_an_apply_without_changes_keeps_the_revision_and_the_generations(self):
        _, second = self.two_generations()
        self.lab.stop("vm")
        before = [self.vigie(*arguments).stdout for arguments in (("history",), ("rollback", "--list"))]
        result = self.vigie("apply", "--host", "vm", "--yes", "--activate", "reload", self.lab.work)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([self.vigie(*arguments).stdout for arguments in (("history",), ("rollback", "--list"))], before)
        # Also what is repaired by hand is a repair at that revision.
        (self.root / "opt/monitoring/compose.yaml").unlink()
        self.assertEqual(self.vigie("apply", "--host", "vm", "--yes", "--activate", "reload", self.lab.work).returncode, 0)
        newest = self.vigie("history", "-n", "1").stdout
        self.assertIn("Repaired", newest)
        self.assertIn(second[:12], newest)
        self.assertEqual(self.vigie("rollback", "--list").stdout, before[1])


class NeverLoads:
    """A Prometheus that takes every reload and never has what it was to load."""

    def __init__(self, port):
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'{"status": "success", "data": {"groups": [], "yaml": ""}}')

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.66.66.2", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Configuration(Case):
    @property
    def file(self):
        return self.root / "etc/vigie/vigie.yaml"

    def check(self, text=None, **options):
        path = self.lab.base / "checked.yaml"
        if text is not None:
            path.write_text(text)
        return subprocess.run([VIGIE, "config", "check", str(path)], capture_output=True, text=True, timeout=600, **options)

    def test_config_check_reports_valid_or_every_mistake(self):
        good = self.check("host: vm\nsource: { url: /srv/x.git, interval: 90s }\n")
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        self.assertIn("valid: host vm follows branch main, asked every 90 s", good.stdout)
        bad = self.check("hots: vm\nsource: { url: http://git.example.org/x.git, interval: 0s }\napply: { mode: sometimes }\n")
        self.assertEqual(bad.returncode, 1)
        for text in ("did you mean `host`?", "use https or ssh", "at least one second", "sometimes", "not valid"):
            self.assertIn(text, bad.stdout)
        missing = subprocess.run([VIGIE, "config", "check", str(self.lab.base / "none.yaml")], capture_output=True, text=True, timeout=600)
        self.assertEqual(missing.returncode, 2)
        self.assertIn("No such file", missing.stderr)

    def test_config_check_warns_of_unusable_files(self):
        token = self.lab.base / "token"
        token.write_text("short\n")
        token.chmod(0o644)
        text = "host: vm\nsource: { url: /srv/x.git }\nauth: { sshKey: %s }\nhttp: { tokenFile: %s }\n"
        result = self.check(text % (self.lab.base / "no-key", token))
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"warning: auth\.sshKey: cannot read \S+/no-key: No such file")
        result = self.check(text % ("credentials:deploy-key", token))
        self.assertEqual(result.returncode, 1)
        self.assertIn("note: `credentials:deploy-key` is not looked at: only the service has it", result.stdout)
        self.assertIn("can be read by others", result.stdout)
        token.write_text("a-token-that-is-long-enough\n")
        token.chmod(0o600)
        self.assertEqual(self.check(text % ("credentials:deploy-key", token)).returncode, 0)
        (self.lab.base / "deploy-key").write_text("a key\n")
        self.assertEqual(self.check(text % ("credentials:deploy-key", token),
                                    env={**os.environ, "CREDENTIALS_DIRECTORY": str(self.lab.base)}).returncode, 0)

    def hang_up(self):
        self.lab.processes["vm"].send_signal(signal.SIGHUP)

    def test_sighup_loads_a_valid_configuration_in_the_same_process(self):
        self.start(interval="1h")
        pid = self.lab.processes["vm"].pid
        self.file.write_text(self.file.read_text().replace("interval: 1h", "interval: 1s"))
        self.hang_up()
        wait_for(f"the event\n{self.lab.log('vm')[-2000:]}", lambda: "was loaded anew" in self.lab.log("vm"))
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        self.wait_at(self.lab.push("what only the new interval sees soon"))
        self.assertIn("ConfigurationReloaded", self.events())
        self.assertIsNone(self.lab.processes["vm"].poll())
        self.assertEqual(self.lab.processes["vm"].pid, pid)
        # It can be told again, and it can be ended.
        self.hang_up()
        wait_for("the second time", lambda: self.lab.log("vm").count("was loaded anew") == 2)
        process = self.lab.processes["vm"]
        self.assertLess(self.lab.stop("vm"), 5.0)
        self.assertEqual(process.returncode, 0, self.lab.log("vm"))

    def test_sighup_with_an_invalid_configuration_changes_nothing_and_is_reported(self):
        self.start()
        good = self.file.read_text()
        missing = self.lab.base / "no-such-token"
        for bad, told in ((good.replace("interval: 1s", "interval: 0s"), "at least one second"), ("host: [", "vigie.yaml:1"),
                          (good.replace("http: {", f"http: {{ tokenFile: {missing}, "), "the token file")):
            with self.subTest(told):
                refused = self.lab.log("vm").count("is not loaded, everything stays as it was")
                self.file.write_text(bad)
                self.hang_up()
                wait_for(f"that it is told\n{self.lab.log('vm')[-2000:]}", lambda n=refused:
                         self.lab.log("vm").count("is not loaded, everything stays as it was") == n + 1)
                self.assertIn(told, self.lab.log("vm"))
                self.assertIn("ConfigurationRefused", self.events())
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        self.wait_at(self.lab.push("it goes on as before"))
        self.assertNotIn("was loaded anew", self.lab.log("vm"))
        self.assertIsNone(self.lab.processes["vm"].poll())

    def transaction_is_open(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.state}/vigie.db?mode=ro", uri=True)) as database:
            return database.execute("SELECT count(*) FROM journal").fetchone()[0] == 1

    def test_an_open_transaction_ends_before_the_configuration_is_reloaded(self):
        self.start()
        self.lab.stop("vm")
        config = self.file.read_text().replace("activate: reload, timeout: 10s", "activate: reload, timeout: 4s")
        self.assertIn("timeout: 4s", config)
        self.file.write_text(config)
        with contextlib.closing(NeverLoads(self.lab.port["prometheus"])):
            self.lab.start("vm", [VIGIE, "run", "--config", str(self.file)])
            wait_for(f"a transaction\n{self.lab.log('vm')[-2000:]}", self.transaction_is_open)
            self.hang_up()
            time.sleep(0.5)
            self.assertTrue(self.transaction_is_open())
            self.assertNotIn("was loaded anew", self.lab.log("vm"), "in the middle of a transaction")
            wait_for(f"its end\n{self.lab.log('vm')[-2000:]}", lambda: "was loaded anew" in self.lab.log("vm"), 40)
        self.assertIn("failed: putting everything back", self.lab.log("vm").split("was loaded anew")[0])

    def test_a_sigterm_during_a_configuration_reload_ends_the_controller(self):
        self.start(interval="1h")
        for pause in (0.0, 0.02, 0.05, 0.1, 0.2):
            process = self.lab.processes["vm"]
            self.hang_up()
            time.sleep(pause)
            self.assertLess(self.lab.stop("vm"), 5.0)
            self.assertEqual(process.returncode, 0, f"after {pause} s\n{self.lab.log('vm')[-2000:]}")
            self.lab.start("vm", [VIGIE, "run", "--config", str(self.file)])
            wait_for("it serves", lambda: self.vigie("events").returncode == 0)

    def test_the_log_shows_the_address_of_the_page(self):
        address = f"127.0.0.1:{free_port('127.0.0.1', 19473)}"
        self.start(listen=[address])
        self.assertIn(f"the page is at http://{address}/", self.lab.log("vm"))
        self.lab.stop("vm")
        self.lab.start_controller("vm")
        wait_for("the line", lambda: re.search(r"there is no page: `http\.listen` of \S+vigie\.yaml is empty", self.lab.log("vm")))


if __name__ == "__main__":
    unittest.main(verbosity=2)
