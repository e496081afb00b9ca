#!/usr/bin/env python3
"""Two controllers, one repository and a real Prometheus on loopback: what happens when things go wrong."""

import contextlib
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["VIGIE_SOURCE_DIR"]) / "tools"))
from loopback import HOSTS, VIGIE, free_port, get_json, wait_for  # noqa: E402
from loopback_case import LoopbackCase  # noqa: E402
from patience import patient  # noqa: E402


class Case(LoopbackCase):
    def converge(self, hosts=HOSTS):
        commit = self.lab.push("a change")
        for host in hosts:
            if host not in self.lab.processes:
                self.lab.start_controller(host)
            wait_for(f"{host} at {commit}\n{self.lab.log(host)[-2000:]}", lambda h=host: self.lab.at_revision(h, commit))
        return commit


class Controller(Case):
    def test_a_symbolic_link_in_the_repository_is_reported_with_its_path_there(self):
        self.converge(["vm"])
        rules = self.lab.work / "rules/alerts.yml"
        stack = self.lab.document
        for path, told in ((rules, "stack.yaml:"), (stack, "stack.yaml: error[VG0006]")):
            moved = path.parent / "elsewhere" / path.name
            moved.parent.mkdir()
            path.rename(moved)
            os.symlink(f"elsewhere/{path.name}", path)
            bad = self.lab.push(f"{path.name} is a link")
            wait_for("vm stalled", lambda bad=bad: self.lab.status("vm").get("lastAttemptedRevision") == bad
                     and self.lab.condition("vm", "Stalled").get("status") == "True")
            message = self.lab.condition("vm", "Ready")["message"]
            self.assertIn(told, message)
            self.assertIn("symbolic link", message)
            self.assertNotIn("source/trees", message)
            path.unlink()
            moved.rename(path)
        self.converge(["vm"])

    def test_an_invalid_document_stalls_the_host_and_drift_is_still_repaired(self):
        good = self.converge()
        self.edit("  jaeger:", "  yaeger:")
        bad = self.lab.push("a misspelt field")
        for host in HOSTS:
            wait_for(f"{host} stalled", lambda h=host: self.lab.condition(h, "Stalled").get("status") == "True")
            self.assertEqual(self.lab.condition(host, "Ready")["status"], "False")
            self.assertEqual(self.lab.condition(host, "Reconciling")["status"], "False")
            self.assertIn("did you mean `jaeger`?", self.lab.condition(host, "Ready")["message"])
            self.assertEqual(self.lab.status(host)["lastAppliedRevision"], good)
            self.assertEqual(self.lab.status(host)["lastAttemptedRevision"], bad)
        compose = self.lab.root("vm") / "opt/monitoring/compose.yaml"
        before = compose.read_bytes()
        compose.write_text("services: {}\n")
        wait_for("the repair at the last good revision", lambda: compose.read_bytes() == before)
        self.edit("  yaeger:", "  jaeger:")
        self.converge()

    def test_a_missing_remote_changes_nothing_and_the_host_is_ready_once_it_is_back(self):
        self.converge(["vm"])
        before = self.lab.files("vm")
        away = self.lab.remote.with_name("away.git")
        self.lab.remote.rename(away)
        wait_for("the failure in the status", lambda: self.lab.condition("vm", "Ready").get("reason") == "SourceFailed")
        self.assertEqual(self.lab.files("vm"), before)
        away.rename(self.lab.remote)
        wait_for("ready again", lambda: self.lab.condition("vm", "Ready").get("status") == "True")

    def test_sigterm_ends_an_idle_controller_or_one_with_a_stalled_remote_within_a_second(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()  # accepts, and never answers
            url = f"https://127.0.0.1:{listener.getsockname()[1]}/stack.git"
            self.lab.start_controller("vm", url=url)
            connection, _ = listener.accept()
            self.assertLess(self.lab.stop("vm"), patient(1))
            connection.close()
        self.converge(["vps"])
        self.assertLess(self.lab.stop("vps"), patient(1))

    def test_after_a_kill_at_any_time_the_next_start_converges(self):
        self.converge(["vm"])
        for round_number in range(6):
            self.edit(f"scrapeInterval: {round_number + 1}s", f"scrapeInterval: {round_number + 2}s")
            commit = self.lab.push(f"round {round_number}")
            time.sleep(0.15 * round_number)
            self.lab.stop("vm", signal.SIGKILL)
            self.lab.start_controller("vm")
            wait_for(f"vm at {commit}\n{self.lab.log('vm')[-2000:]}", lambda c=commit: self.lab.at_revision("vm", c))

    @unittest.skipUnless(os.geteuid() == 0, "mounts a small file system")
    def test_a_full_disk_does_not_end_the_controller_even_at_its_start(self):
        state = self.lab.root("vm") / "var/lib/vigie"
        kept = self.lab.base / "kept"
        state.rename(kept)
        state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs", str(state)], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(state)], check=True)
        subprocess.run(["cp", "-a", f"{kept}/.", str(state)], check=True)
        commit = self.converge(["vm"])
        self.lab.stop("vm")
        filler = state / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        self.lab.start_controller("vm")

        def status():
            said = self.lab.vigie("status", "--root", self.lab.root("vm"), "-o", "json", check=False).stdout
            return {each["type"]: each for each in json.loads(said or "{}").get("conditions", [])}

        wait_for("what it says\n" + self.lab.log("vm")[-2000:], lambda: "vigie.db" in status().get("Ready", {}).get("message", ""))
        self.assertEqual(status()["Ready"]["status"], "False")
        self.assertIsNone(self.lab.processes["vm"].poll())
        filler.unlink()
        wait_for(f"the vm is ready again\n{self.lab.log('vm')[-2000:]}", lambda: self.lab.at_revision("vm", commit)
                 and status()["Ready"]["status"] == "True", 40)

    def test_an_apply_beside_a_running_controller_is_refused(self):
        self.converge(["vm"])
        result = self.lab.vigie("apply", "--root", self.lab.root("vm"), "--host", "vm", "--yes", self.lab.work, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn(f"process {self.lab.processes['vm'].pid}", result.stderr)

    def test_a_second_controller_on_the_same_root_is_refused(self):
        self.converge(["vm"])
        first = self.lab.processes.pop("vm")
        self.lab.start_controller("vm")
        second = self.lab.processes["vm"]
        self.assertEqual(second.wait(10), 2)
        self.lab.processes["vm"] = first
        self.assertIsNone(first.poll())

    def test_an_idle_controller_writes_nothing(self):
        self.converge(["vm"])
        time.sleep(1.5)
        state = self.lab.root("vm") / "var/lib/vigie"

        def times():
            return {path.name: path.stat().st_mtime_ns for path in state.rglob("*") if path.is_file()}

        before = times()
        time.sleep(3)
        self.assertEqual(times(), before)

    def test_mistakes_in_the_configuration_are_shown_all_at_once(self):
        config = self.lab.base / "vigie.yaml"
        config.write_text("hots: vm\nsource: { url: http://git.example.org/x.git, interval: 0s, timeout: 5 }\napply: { mode: sometimes }\n")
        result = self.lab.vigie("run", "--config", config, check=False)
        self.assertEqual(result.returncode, 2)
        for text in ("did you mean `host`?", "use https or ssh", "at least one second", "add the unit", "sometimes"):
            self.assertIn(text, result.stderr)

    def test_a_host_gone_from_the_document_stalls_and_keeps_all_its_files(self):
        self.converge(["vm"])
        before = self.lab.files("vm")
        text = self.lab.document.read_text()
        self.lab.document.write_text(text.replace("name: vm\n", "name: elsewhere\n").replace("host: vm,", "host: elsewhere,"))
        self.lab.push("the vm leaves")
        wait_for("vm stalled", lambda: self.lab.condition("vm", "Stalled").get("status") == "True")
        self.assertIn("nothing is removed", self.lab.condition("vm", "Ready")["message"])
        self.assertEqual(self.lab.files("vm"), before)

    def test_keys_that_are_made_later_are_used_without_a_restart(self):
        identity = self.lab.root("vm") / "var/lib/vigie/identity"
        away = identity.with_name("away")
        identity.rename(away)
        self.converge(["vm"])
        conf = self.lab.root("vm") / "etc/wireguard/wg0.conf"
        self.assertIn("PrivateKey = ***", conf.read_text())
        away.rename(identity)
        wait_for("the real key", lambda: "***" not in conf.read_text())
        other = self.lab.base / "other"
        self.lab.vigie("keys", "init", "--root", other)
        (other / "var/lib/vigie/identity").rename(identity)
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        self.lab.push("meanwhile the host has another identity")
        wait_for("the wrong key in the status", lambda: "is not this host's" in self.lab.condition("vm", "Ready").get("message", ""))
        self.assertEqual(self.lab.condition("vm", "Stalled")["status"], "False")

    def test_report_mode_changes_nothing_and_logs_the_plan(self):
        commit = self.lab.push("a change")
        config = self.lab.root("vm") / "etc/vigie/vigie.yaml"
        self.lab.start_controller("vm")
        self.lab.stop("vm")
        config.write_text(config.read_text().replace("mode: auto", "mode: report"))
        root = self.lab.files("vm")
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        commit = self.lab.push("another")
        self.lab.start("vm", [os.environ["VIGIE_BIN"], "run", "--config", str(config)])
        wait_for("the pending change", lambda: self.lab.condition("vm", "Ready").get("reason") == "ChangePending"
                 and self.lab.status("vm")["lastAttemptedRevision"] == commit)
        root_after = self.lab.files("vm")
        root.pop("etc/vigie/vigie.yaml"), root_after.pop("etc/vigie/vigie.yaml")
        self.assertEqual(root_after, root)
        self.assertIn("scrape_interval", self.lab.log("vm"))


class Triggers(Case):
    """The interval is a minute or an hour: whatever happens sooner was not waited for."""

    def start(self, interval="60s", **options):
        commit = self.lab.push("a change")
        self.lab.start_controller("vm", interval=interval, **options)
        wait_for(f"vm at {commit}\n{self.lab.log('vm')[-2000:]}", lambda: self.lab.at_revision("vm", commit))
        return commit

    def run_vigie(self, *arguments):
        return self.lab.vigie(arguments[0], "--root", self.lab.root("vm"), *arguments[1:], check=False)

    def test_a_hand_edit_is_repaired_within_two_seconds(self):
        self.start()
        root = self.lab.root("vm") / "opt/monitoring"
        for path in (root / "compose.yaml", root / "prometheus/prometheus.yml"):
            good = path.read_bytes()
            for break_it in (lambda p: p.write_text("broken\n"), lambda p: p.unlink(), lambda p: p.chmod(0o777)):
                mode = path.stat().st_mode
                repairs = self.lab.log("vm").count("drift repaired")
                begin = time.monotonic()
                break_it(path)
                wait_for(f"the repair\n{self.lab.log('vm')[-2000:]}", lambda: path.exists() and path.read_bytes() == good
                         and path.stat().st_mode == mode)
                self.assertLess(time.monotonic() - begin, patient(2))
                # The next edit must not come while this transaction looks at what it made.
                wait_for("its end", lambda n=repairs: self.lab.log("vm").count("drift repaired") > n)

    def test_a_directory_moved_away_is_restored(self):
        self.start()
        root = self.lab.root("vm") / "opt/monitoring"
        before = {name for name in self.lab.files("vm") if name.startswith("opt/")}
        root.rename(root.with_name("gone"))
        wait_for("everything again", lambda: before <= set(self.lab.files("vm")), 5)

    def test_the_controllers_own_writes_trigger_no_further_reconciles(self):
        self.start()
        (self.lab.root("vm") / "opt/monitoring/compose.yaml").write_text("broken\n")
        wait_for("the repair", lambda: "drift repaired" in self.lab.log("vm"))
        time.sleep(1)
        process = self.lab.processes["vm"].pid
        switches = lambda: Path(f"/proc/{process}/status").read_text().split("voluntary_ctxt_switches:")[1].split()[0]
        before, log = switches(), self.lab.log("vm")
        time.sleep(3)
        self.assertLess(int(switches()) - int(before), 5)
        self.assertEqual(self.lab.log("vm"), log)

    def test_a_stalled_remote_does_not_delay_a_repair(self):
        self.start()
        self.lab.stop("vm")
        path = self.lab.root("vm") / "opt/monitoring/compose.yaml"
        good = path.read_bytes()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            self.lab.start_controller("vm", interval="60s", url=f"https://127.0.0.1:{listener.getsockname()[1]}/stack.git")
            connection, _ = listener.accept()
            time.sleep(0.5)
            begin = time.monotonic()
            path.write_text("broken\n")
            wait_for(f"the repair\n{self.lab.log('vm')[-2000:]}", lambda: path.read_bytes() == good, 5)
            self.assertLess(time.monotonic() - begin, patient(3))
            connection.close()

    def test_a_signed_webhook_applies_a_push_before_the_interval_ends(self):
        secret = self.lab.base / "hooks"
        secret.touch(mode=0o600)
        secret.write_text("the-secret-of-the-webhook\n")
        first = self.lab.push("a change")
        address = f"127.0.0.1:{free_port('127.0.0.1', 19472)}"
        self.lab.start_controller("vm", interval="1h", listen=[address], extra=f"hooks: {{ secretFile: {secret} }}\n")
        wait_for("vm", lambda: self.lab.at_revision("vm", first))
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        commit = self.lab.push("another")
        body = json.dumps({"ref": "refs/heads/main", "after": commit})

        def deliver(key, delivery):
            signature = hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
            return self.lab.call("vm", "POST", "/hooks/github", body, address, {
                "X-GitHub-Event": "push", "X-GitHub-Delivery": delivery, "X-Hub-Signature-256": f"sha256={signature}",
                "Content-Type": "application/json"})[0]

        self.assertEqual(deliver(b"another-secret-of-somebody", "1"), 403)
        time.sleep(1)
        self.assertEqual(self.lab.status("vm")["lastAppliedRevision"], first)
        begin = time.monotonic()
        self.assertEqual(deliver(b"the-secret-of-the-webhook", "2"), 202)
        wait_for(f"the push\n{self.lab.log('vm')[-2000:]}", lambda: self.lab.at_revision("vm", commit), 10)
        self.assertIn("scrape_interval: \"2s\"", (self.lab.root("vm") / "opt/monitoring/prometheus/prometheus.yml").read_text())
        self.assertLess(time.monotonic() - begin, patient(10))

    @contextlib.contextmanager
    def stalled(self):
        """A controller whose reconcile waits for a remote that says nothing; yields the request that waits with it."""
        self.start()
        self.lab.stop("vm")
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            self.lab.start_controller("vm", interval="1h", url=f"https://127.0.0.1:{listener.getsockname()[1]}/stack.git")
            connection, _ = listener.accept()
            with connection, subprocess.Popen([VIGIE, "reconcile", "--wait", "--root", self.lab.root("vm")],
                                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as waits:
                yield waits
            listener.close()

    def test_confirm_does_not_wait_for_a_reconcile_that_is_under_way(self):
        with self.stalled() as waits:
            begin = time.monotonic()
            nothing = self.run_vigie("confirm")
            self.assertLess(time.monotonic() - begin, patient(2))
            self.assertEqual(nothing.returncode, 2)
            self.assertIn("nothing waits to be confirmed", nothing.stderr)
            self.assertIsNone(waits.poll(), self.lab.log("vm"))
        # What an operator applied beforehand and has not confirmed yet, while the controller looks again and again.
        self.lab.stop("vm")
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        commit = self.lab.push("another")
        applied = self.run_vigie("apply", "--host", "vm", "--yes", "--confirm-within", "1m", self.lab.work)
        self.assertEqual(applied.returncode, 0, applied.stdout + applied.stderr)
        self.lab.start_controller("vm", interval="1s")
        wait_for("that it waits", lambda: "and waits" in self.lab.condition("vm", "Ready").get("message", ""), 8)
        self.assertNotEqual(self.lab.status("vm").get("lastAppliedRevision"), commit)
        self.assertEqual(self.run_vigie("confirm").returncode, 0)
        wait_for(f"that it goes on\n{self.lab.log('vm')[-2000:]}", lambda: self.lab.at_revision("vm", commit), 10)
        self.assertEqual(self.run_vigie("confirm").returncode, 2)
        config = self.lab.root("vm") / "opt/monitoring/prometheus/prometheus.yml"
        self.assertIn("scrape_interval: \"2s\"", config.read_text())

    def test_suspend_prevents_changes_by_a_running_reconcile(self):
        path = self.lab.root("vm") / "opt/monitoring/compose.yaml"
        with self.stalled() as waits:
            begin = time.monotonic()
            self.assertEqual(self.run_vigie("suspend").returncode, 0)
            self.assertLess(time.monotonic() - begin, patient(2))
            self.assertIsNone(waits.poll(), self.lab.log("vm"))
            good = path.read_bytes()
            path.write_text("by hand\n")
        time.sleep(1)
        self.assertEqual(path.read_text(), "by hand\n", self.lab.log("vm"))
        self.assertEqual(self.run_vigie("resume").returncode, 0)
        wait_for(f"the repair\n{self.lab.log('vm')[-2000:]}", lambda: path.read_bytes() == good, 10)

    def test_reconcile_wait_applies_a_push_and_reports_the_result(self):
        self.start("1h")
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        commit = self.lab.push("another")
        result = self.run_vigie("reconcile", "--wait", "-o", "json")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(json.loads(result.stdout)["lastAppliedRevision"], commit)
        self.edit("  jaeger:", "  yaeger:")
        self.lab.push("a mistake")
        result = self.run_vigie("reconcile", "--wait")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("InvalidDocument", result.stdout)

    def test_manual_mode_applies_only_an_approved_plan(self):
        self.lab.push("a change")
        self.lab.start_controller("vm", interval="1h", mode="manual")
        wait_for("the plan", lambda: self.lab.condition("vm", "Ready").get("reason") == "WaitingForApproval")
        self.assertFalse((self.lab.root("vm") / "opt").exists())
        plan = self.run_vigie("plan", "--pending", "-o", "json")
        self.assertEqual(plan.returncode, 1, plan.stderr)
        self.assertTrue(json.loads(plan.stdout)["waitsForApproval"])
        digest = json.loads(plan.stdout)["digest"]
        wrong = self.run_vigie("approve", "0" * 64)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn(digest, wrong.stderr)
        approved = self.run_vigie("approve", digest[:12], "--wait")
        self.assertEqual(approved.returncode, 0, approved.stderr + self.lab.log("vm"))
        self.assertTrue((self.lab.root("vm") / "opt/monitoring/compose.yaml").exists())
        # Another revision is another plan; drift at the approved one is repaired meanwhile.
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        self.lab.push("another")
        self.assertEqual(self.run_vigie("reconcile", "--wait").returncode, 1)
        config = self.lab.root("vm") / "opt/monitoring/prometheus/prometheus.yml"
        before = config.read_bytes()
        config.write_text("broken\n")
        wait_for("the repair", lambda: config.read_bytes() == before, 3)
        self.assertEqual(self.lab.condition("vm", "Ready")["reason"], "WaitingForApproval")
        digest = json.loads(self.run_vigie("plan", "--pending", "-o", "json").stdout)["digest"]
        self.assertEqual(self.run_vigie("approve", digest, "--wait").returncode, 0)
        self.assertNotEqual(config.read_bytes(), before)

    def test_a_suspended_controller_changes_nothing_until_it_is_resumed(self):
        self.start("1h")
        self.assertEqual(self.run_vigie("suspend").returncode, 0)
        path = self.lab.root("vm") / "opt/monitoring/compose.yaml"
        good = path.read_bytes()
        path.write_text("by hand\n")
        self.assertEqual(self.run_vigie("reconcile", "--wait").returncode, 1)
        self.assertEqual(path.read_text(), "by hand\n")
        self.assertIn("1 to update", self.lab.condition("vm", "Ready")["message"])
        self.assertEqual(self.run_vigie("plan", "--pending").returncode, 1)
        self.assertEqual(self.run_vigie("resume").returncode, 0)
        wait_for("the repair", lambda: path.read_bytes() == good, 3)

        def told():
            return {event["reason"] for event in json.loads(self.run_vigie("events", "-o", "json").stdout)["events"]}

        wait_for("the events", lambda: {"Suspended", "Resumed", "Applied", "DriftRepaired"} <= told())

    def test_a_suspending_document_changes_nothing_across_restarts(self):
        self.start("1h")
        compose = self.lab.root("vm") / "opt/monitoring/compose.yaml"
        good = compose.read_bytes()
        self.edit("spec:\n", "spec:\n  suspend: true\n")
        suspended = self.lab.push("suspended")
        self.run_vigie("reconcile", "--wait")  # an edit before it is heard would still be repaired
        compose.write_text("by hand\n")
        self.assertEqual(self.run_vigie("reconcile", "--wait").returncode, 1)
        ready = self.lab.condition("vm", "Ready")
        self.assertEqual(ready["reason"], "Suspended")
        self.assertIn("`spec.suspend: true`", ready["message"])
        self.assertIn("to update", ready["message"])
        self.assertEqual(self.lab.status("vm")["lastAttemptedRevision"], suspended)
        self.assertEqual(self.run_vigie("plan", "--pending").returncode, 1)
        self.run_vigie("resume")  # which is the operator's word, not the document's
        self.assertEqual(self.run_vigie("reconcile", "--wait").returncode, 1)
        self.assertEqual(compose.read_text(), "by hand\n")
        self.edit("  jaeger:", "  yaeger:")  # what cannot be read does not let anybody go on, nor does a restart
        self.lab.push("a mistake")
        self.lab.stop("vm")
        self.lab.start_controller("vm", interval="1h")
        wait_for("stalled", lambda: self.lab.condition("vm", "Stalled").get("status") == "True")
        self.run_vigie("reconcile", "--wait")
        self.assertEqual(compose.read_text(), "by hand\n")
        self.edit("  yaeger:", "  jaeger:")
        self.edit("  suspend: true\n", "")
        self.lab.push("goes on")
        self.assertEqual(self.run_vigie("reconcile", "--wait").returncode, 0)
        self.assertEqual(compose.read_bytes(), good)

    def test_a_rollback_restores_the_previous_revision_and_suspends(self):
        first = self.start("1h")
        config = self.lab.root("vm") / "opt/monitoring/prometheus/prometheus.yml"
        before = config.read_bytes()
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        self.lab.push("another")
        self.assertEqual(self.run_vigie("reconcile", "--wait").returncode, 0)
        self.assertNotEqual(config.read_bytes(), before)
        status, _ = self.lab.call("vm", "POST", "/api/v1/rollback", {"to": first})
        self.assertEqual(status, 202)
        wait_for(f"the old configuration\n{self.lab.log('vm')[-2000:]}", lambda: config.read_bytes() == before)
        wait_for("suspended", lambda: self.lab.condition("vm", "Ready").get("reason") == "Suspended")
        self.assertEqual(self.run_vigie("history", "--plans", "-o", "json").returncode, 0)

    def test_without_a_controller_commands_use_the_store_or_say_that_none_runs(self):
        self.start()
        self.lab.stop("vm")
        self.assertEqual(self.run_vigie("suspend").returncode, 0)
        self.assertEqual(self.run_vigie("resume").returncode, 0)
        self.assertEqual(self.run_vigie("status").returncode, 1)  # what it last saw may not be so any more
        history = json.loads(self.run_vigie("history", "--plans", "-o", "json").stdout)
        self.assertIn("compose.yaml", history[0]["plan"])
        for arguments in (("reconcile",), ("events",), ("approve", "0" * 12), ("plan", "--pending")):
            result = self.run_vigie(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn("no controller runs", result.stderr)


class WithPrometheus(Case):
    def setUp(self):
        super().setUp()
        self.commit = self.converge(["vm"])
        self.lab.start_metrics("shop")
        self.lab.start_prometheus()
        wait_for("Prometheus with our render", lambda: self.lab.loaded_digest() == self.lab.written_digest())

    def test_a_configuration_that_prometheus_does_not_load_is_rolled_back(self):
        good = self.lab.loaded_digest()
        files = {name: data for name, data in self.lab.files("vm").items() if name.startswith("opt/")}
        self.lab.stop("prometheus")
        # The same port, but reloads are refused: every reload fails though the configuration is right.
        directory = self.lab.root("vm") / "opt/monitoring"
        self.lab.start("prometheus", ["prometheus", f"--config.file={directory}/prometheus/prometheus.yml",
                                      f"--storage.tsdb.path={directory}/prom-data",
                                      f"--web.listen-address=127.66.66.2:{self.lab.port['prometheus']}"])
        wait_for("Prometheus without lifecycle", lambda: self.lab.loaded_digest() == good)
        self.edit("scrapeInterval: 1s", "scrapeInterval: 2s")
        bad = self.lab.push("cannot be reloaded")
        wait_for("the failure", lambda: self.lab.condition("vm", "Ready").get("reason") == "ApplyFailed"
                 and self.lab.status("vm")["lastAttemptedRevision"] == bad)
        self.assertIn("--web.enable-lifecycle", self.lab.condition("vm", "Ready")["message"])
        after = {name: data for name, data in self.lab.files("vm").items() if name.startswith("opt/")}
        self.assertEqual(after, files)
        self.assertEqual(self.lab.loaded_digest(), good)
        self.assertEqual(self.lab.status("vm")["lastAppliedRevision"], self.commit)

    def test_an_edited_file_reloaded_by_hand_is_repaired_and_reloaded(self):
        import urllib.request
        path = self.lab.root("vm") / "opt/monitoring/prometheus/rules/alerts.yml"
        self.lab.stop("vm")
        path.write_text("groups: []\n")
        urllib.request.urlopen(urllib.request.Request(f"{self.lab.prometheus_url}/-/reload", method="POST"), timeout=5)
        wait_for("the edited rules", lambda: "TargetDown" not in self.lab.loaded_rules())
        self.lab.start_controller("vm")
        wait_for("our rules again", lambda: "TargetDown" in self.lab.loaded_rules())

    def test_a_stopped_prometheus_is_unhealthy_and_the_applied_revision_stays(self):
        wait_for("healthy", lambda: self.lab.condition("vm", "Healthy").get("status") == "True")
        self.lab.stop("prometheus")
        wait_for("unhealthy", lambda: self.lab.condition("vm", "Healthy").get("status") == "False")
        self.assertEqual(self.lab.status("vm")["lastAppliedRevision"], self.commit)


class Rollout(Case):
    """The vps follows when the vm is healthy at a revision; the tunnel waits for nobody."""

    def setUp(self):
        super().setUp()
        self.port = free_port("127.66.66.2", 19469)
        self.edit("  jaeger:", f"  rollout: [vm, vps]\n  rolloutTimeout: 4s\n  vigie: {{ metrics: {{ port: {self.port} }} }}\n  jaeger:")
        self.first = self.lab.push("in this order")
        self.lab.start_controller("vps", listen=[f"127.66.66.1:{self.port}"])

    def reason(self):
        return self.lab.condition("vps", "Ready").get("reason")

    def start_vm(self):
        self.lab.start_controller("vm", listen=[f"127.66.66.2:{self.port}"])
        wait_for("the files of the vm", lambda: (self.lab.root("vm") / "opt/monitoring/prometheus/prometheus.yml").exists())
        self.lab.start_metrics("shop")
        self.lab.start_prometheus()

    def test_a_host_waits_for_its_predecessor_and_its_tunnel_does_not(self):
        wait_for("the wait", lambda: self.reason() == "WaitingForHosts")
        self.assertIn("vm does not say how far it is", self.lab.condition("vps", "Ready")["message"])
        override = self.lab.root("vps") / "opt/shop/docker-compose.vigie.yml"
        self.assertFalse(override.exists(), sorted(self.lab.files("vps")))
        wait_for("its tunnel", lambda: (self.lab.root("vps") / "etc/wireguard/wg0.conf").exists())
        wait_for("that it says so", lambda: self.reason() == "RolloutTimedOut")
        self.assertEqual(self.lab.condition("vps", "Stalled")["status"], "True")
        self.start_vm()
        wait_for(f"vps at {self.first}\n{self.lab.log('vps')[-2000:]}", lambda: self.lab.at_revision("vps", self.first))

        self.lab.stop("prometheus")
        wait_for("the vm is not healthy", lambda: self.lab.condition("vm", "Healthy").get("status") == "False")
        before = {name: data for name, data in self.lab.files("vps").items() if name.startswith("opt/")}
        self.edit("network: 127.66.66.0/30", "network: 127.66.66.0/30, mtu: 1400")
        self.edit("{ variable: OTEL_ENDPOINT }", "{ variable: OTEL_URL }")
        second = self.lab.push("a tunnel and a variable")
        wait_for("the tunnel", lambda: "MTU = 1400" in (self.lab.root("vps") / "etc/wireguard/wg0.conf").read_text())
        wait_for("the wait", lambda: self.reason() in ("WaitingForHosts", "RolloutTimedOut"))
        self.assertEqual({name: data for name, data in self.lab.files("vps").items() if name.startswith("opt/")}, before)
        self.assertEqual(self.lab.status("vps")["lastAppliedRevision"], self.first)
        # Whatever happens to the remote meanwhile, that tunnel stays: the vm has changed its own as well.
        away = self.lab.remote.with_name("away.git")
        self.lab.remote.rename(away)
        wait_for("the loss of the remote", lambda: self.reason() == "SourceFailed")
        time.sleep(1.5)
        self.assertIn("MTU = 1400", (self.lab.root("vps") / "etc/wireguard/wg0.conf").read_text())
        away.rename(self.lab.remote)
        self.lab.start_prometheus()
        wait_for(f"vps at {second}\n{self.lab.log('vps')[-2000:]}", lambda: self.lab.at_revision("vps", second))

    def test_status_all_hosts_shows_every_host_from_any_host(self):
        self.start_vm()
        wait_for("vps", lambda: self.lab.at_revision("vps", self.first))
        asked = ["status", "--all-hosts", "--root", self.lab.root("vps")]
        wait_for("both ready", lambda: self.lab.vigie(*asked, check=False).returncode == 0)
        shown = self.lab.vigie(*asked).stdout
        self.assertEqual([line.split()[0] for line in shown.splitlines()], ["vps", "vm"])
        self.assertIn(self.first[:12], shown)
        self.lab.stop("vm")
        result = self.lab.vigie(*asked, "-o", "json", check=False)
        self.assertEqual(result.returncode, 1)
        self.assertEqual([(each["host"], each["answered"]) for each in json.loads(result.stdout)], [("vps", True), ("vm", False)])


class WithAlertmanager(Case):
    def setUp(self):
        super().setUp()
        self.port = free_port("127.66.66.2", 19393)
        self.edit("  jaeger:", f"""  alertmanager:
    project: monitoring
    port: {self.port}
    route: {{ receiver: quiet }}
    receivers: [{{ name: quiet }}]
  jaeger:""")
        self.converge(["vm"])
        self.lab.start_alertmanager(self.port)
        wait_for("Alertmanager", lambda: self.effective())

    def effective(self):
        """The configuration that Alertmanager runs, as it says itself."""
        status = get_json(f"http://127.66.66.2:{self.port}/api/v2/status") or {}
        return status.get("config", {}).get("original", "")

    def test_a_new_route_is_loaded_and_proven(self):
        self.edit("receivers: [{ name: quiet }]", "receivers: [{ name: quiet }, { name: loud }]")
        self.edit("receiver: quiet }", "receiver: quiet, routes: [{ receiver: loud, matchers: ['severity=\"page\"'] }] }")
        self.converge(["vm"])
        self.assertIn("receiver: loud", self.effective())
        self.assertIn("reload reload:alertmanager", self.lab.log("vm"))

    def test_a_matcher_that_amtool_refuses_changes_nothing(self):
        before = self.effective()
        self.edit("receiver: quiet }", "receiver: quiet, routes: [{ receiver: quiet, matchers: ['a=~\"\\p{Nope}\"'] }] }")  # no class of Unicode; validate leaves these to amtool
        bad = self.lab.push("a bad matcher")
        wait_for("the refusal", lambda: self.lab.status("vm").get("lastAttemptedRevision") == bad
                 and self.lab.condition("vm", "Ready").get("reason") == "ApplyFailed")
        self.assertIn("amtool refuses the configuration:\n  alertmanager.yml: ", self.lab.condition("vm", "Ready")["message"])
        self.assertEqual(self.lab.condition("vm", "Stalled")["status"], "True")  # only a commit helps
        self.assertEqual(self.lab.condition("vm", "Reconciling")["status"], "False")
        self.assertEqual(self.effective(), before)
        self.edit("\\p{Nope}", "\\p{Greek}")
        self.converge(["vm"])

    def test_a_server_gone_from_the_document_stays_until_allow_removal_names_it(self):
        before = self.lab.files("vm")
        text = self.lab.document.read_text()
        begin, end = text.index("  alertmanager:\n"), text.index("  jaeger:")
        self.lab.document.write_text(text[:begin] + text[end:])
        lost = self.lab.push("a merge that went wrong")
        wait_for("the refusal", lambda: self.lab.status("vm").get("lastAttemptedRevision") == lost
                 and self.lab.condition("vm", "Stalled").get("status") == "True")
        self.assertIn("would remove Alertmanager from this host", self.lab.condition("vm", "Ready")["message"])
        self.assertEqual(self.lab.files("vm"), before)
        self.edit("  jaeger:", "  allowRemoval: [alertmanager]\n  jaeger:")
        self.converge(["vm"])
        self.assertFalse((self.lab.root("vm") / "opt/monitoring/alertmanager/alertmanager.yml").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
