#!/usr/bin/env python3
"""Documents that are meant to do harm: large ones that nobody can read, names and texts that mean something to another program, and
files of allowed signers in which git and vigie would believe different people."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["VIGIE_SOURCE_DIR"]) / "tools"))
from loopback import VIGIE, wait_for  # noqa: E402
from loopback_case import LoopbackCase  # noqa: E402
from patience import patient  # noqa: E402

HEAD = "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n"
SMALL = HEAD + "  hosts: [{ name: vm }]\n  projects: [{ name: app, host: vm, directory: /opt/app, composeFiles: [compose.yaml] }]\n"
KEY = "TM4FhErY2PaLI3g8GVJVc2rDNn+4jSgVb0Aj0Dw68g8="
PGBOUNCER = """  exporters:
    - name: pgbouncer-exporter
      type: pgbouncer
      project: app
      image: prometheuscommunity/pgbouncer-exporter:v0.10.2
      pgbouncer: {{ service: pool, port: 6432, user: {user}, passwordFrom: {{ secret: a }}{more} }}
"""


def unknown_keys(number):
    return SMALL + "".join(f"  nobodyKnows{at}: 1\n" for at in range(number))


def hosts(number):
    """As many hosts with an end of the tunnel; the first can be dialled."""
    lines = [HEAD, "  hosts:\n"]
    for at in range(number):
        key = (at + 1).to_bytes(4, "big").hex().rjust(42, "A")  # 32 bytes in base64
        endpoint = "endpoint: 203.0.113.10, " if at == 0 else ""
        lines.append(f"    - {{ name: h{at}, {endpoint}vpn: {{ address: 10.{at // 62500 + 1}.{at // 250 % 250}.{at % 250 + 1}, "
                     f"publicKey: \"{key}A=\" }} }}\n")
    return "".join([*lines, "  wireguard: { network: 10.0.0.0/8 }\n"])


def validate(text, seconds=patient(20)):
    with tempfile.TemporaryDirectory(prefix="vigie-documents-") as directory:
        (Path(directory) / "stack.yaml").write_text(text)
        return subprocess.run([VIGIE, "validate", "--tools", "off", directory], capture_output=True, text=True, timeout=seconds)


class Sizes(unittest.TestCase):
    def test_a_hundred_thousand_mistakes_are_counted_and_the_first_are_shown(self):
        said = validate(unknown_keys(100_000))
        self.assertEqual(said.returncode, 1, said.stderr)
        self.assertEqual(said.stdout.count("error[VG0101]"), 200)
        self.assertIn("\n99800 more findings are not shown: correct these first\n", said.stdout)
        self.assertIn(": 100000 errors, 0 warnings\n", said.stdout)

    def test_thirty_five_thousand_hosts_are_read(self):
        said = validate(hosts(35_000))
        self.assertEqual(said.returncode, 0, said.stdout[-2000:] + said.stderr)
        self.assertIn("35000 hosts", said.stdout)

    def test_a_too_large_document_is_refused(self):
        for text in (unknown_keys(450_000), "a: b # " + "x" * (9 << 20) + "\n"):
            said = validate(SMALL + text[len(SMALL):] if text.startswith(SMALL) else text)
            self.assertEqual(said.returncode, 1, said.stderr)
            self.assertIn("error[VG0004]", said.stdout)


class Controller(LoopbackCase):
    """While a document is read the host is looked after."""

    def start(self):
        self.commit = self.lab.push("first")
        self.lab.start_controller("vm")
        wait_for("vm converged", lambda: self.lab.at_revision("vm", self.commit))
        self.rules = self.lab.root("vm") / "opt/monitoring/prometheus/rules/alerts.yml"
        self.good = self.rules.read_bytes()

    def push_many_mistakes(self):
        with open(self.lab.document, "a") as file:
            file.writelines(f"  nobodyKnows{at}: 1\n" for at in range(120_000))
        return self.lab.push("many mistakes")

    def readers(self):
        """Processes that read a document for the controller of vm."""
        out = []
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if process.name.isdigit() and f"--read\0{self.lab.root('vm')}".encode() in (process / "cmdline").read_bytes():
                    out.append(int(process.name))
        return out

    def assert_alive(self):
        self.assertEqual(self.lab.call("vm", "GET", "/healthz")[0], 200)

    def test_a_hundred_thousand_mistakes_do_not_stop_drift_repair(self):
        self.start()
        self.push_many_mistakes()
        wait_for("told", lambda: self.lab.condition("vm", "Ready").get("reason") == "InvalidDocument", 15)
        message = self.lab.condition("vm", "Ready")["message"]
        self.assertIn("119800 more findings are not shown", message)
        self.assert_alive()
        self.rules.write_text("changed by hand\n")
        wait_for("drift repaired", lambda: self.rules.read_bytes() == self.good, 10)
        self.assertLess(self.lab.stop("vm"), patient(5))

    def test_a_stop_does_not_wait_for_a_slow_document(self):
        self.start()
        self.push_many_mistakes()
        reader = wait_for("somebody reads", self.readers, 10)[0]
        os.kill(reader, signal.SIGSTOP)  # as slow as a document can be
        time.sleep(0.3)
        self.assert_alive()
        self.assertLess(self.lab.stop("vm"), patient(5))
        self.assertEqual(self.readers(), [])


class Night(Controller):
    """What takes longer than the gate has."""

    def test_reading_a_document_has_a_deadline_and_drift_is_repaired_after_it(self):
        self.start()
        self.push_many_mistakes()
        reader = wait_for("somebody reads", self.readers, 10)[0]
        os.kill(reader, signal.SIGSTOP)
        self.rules.write_text("changed by hand\n")
        wait_for("drift repaired", lambda: self.rules.read_bytes() == self.good, 30)
        self.assert_alive()
        self.assertIn("reading the document takes longer than", self.lab.log("vm"))
        wait_for("the document is read after all", lambda: self.lab.condition("vm", "Ready").get("reason") == "InvalidDocument", 60)


class Names(unittest.TestCase):
    def test_an_interface_name_with_another_meaning_for_a_program_is_refused(self):
        tunnel = (HEAD + f"  hosts: [{{ name: vm, endpoint: 203.0.113.1, vpn: {{ address: 10.66.66.1, publicKey: \"{KEY}\" }} }}]\n"
                  "  wireguard: { network: 10.66.66.0/24, interface: \"NAME\" }\n")
        for name in ("-h", "all", "lo", "eth0", "interfaces", "..a", "default", "help", "0"):
            with self.subTest(name):
                said = validate(tunnel.replace("NAME", name))
                self.assertEqual(said.returncode, 1)
                self.assertRegex(said.stdout, r"stack\.yaml:6:\d+: error\[VG0(106|327)\]: .*\n(.*\n)*?   hint: ")
        for name in ("wg0", "wg-home", "Tunnel_1"):
            self.assertNotIn("error", validate(tunnel.replace("NAME", name)).stdout.replace("0 errors", ""))

    def test_two_resources_with_one_path_are_refused(self):
        said = validate(SMALL.replace("composeFiles", "overrideFile: pgbouncer-exporter/pgpass, composeFiles") +
                        PGBOUNCER.format(user="stats", more="") +
                        "  secrets: [{ name: a, sealed: { vm: \"" + "A" * 88 + "\" } }]\n")
        self.assertEqual(said.returncode, 1)
        self.assertIn("error[VG0473]", said.stdout)
        self.assertIn("`file:/opt/app/pgbouncer-exporter/pgpass`", said.stdout)

    def test_a_text_with_a_line_feed_is_refused_where_it_becomes_a_line(self):
        evil = '"stats\\nother:6432:*:root:evil"'
        users = ", userlist: { file: /opt/app/userlist.txt, users: [{ name: " + evil + ", passwordFrom: { secret: a } }] }"
        for text in (PGBOUNCER.format(user=evil, more=""), PGBOUNCER.format(user="stats", more=users)):
            said = validate(SMALL + text)
            self.assertEqual(said.returncode, 1)
            self.assertRegex(said.stdout, r"error\[VG0106\]: `(user|name)`: .* contains a line feed or another control character")


class Signers(unittest.TestCase):
    """Real git and real ssh-keygen judge the same commit by the same file."""

    LINES = (b"alice", b"!alice", b"!alice,!bob", b"!alice,bob", b"alice,!alice", b"*,!alice", b"!*,alice", b"alice*,!alice*", b"alice,,bob",
             b",alice", b"!", b"!,alice", b'"!a b"', b'"a b"', b"a\0b", b"\0", b"a\1b", b"!!alice", b"a" * 1022, b"a" * 1023, b"-h")

    def test_no_signer_is_accepted_that_git_does_not_accept(self):
        with tempfile.TemporaryDirectory(prefix="vigie-signers-") as top:
            environment = {"PATH": os.environ["PATH"], "HOME": top, "GIT_CONFIG_NOSYSTEM": "1"}

            def run(*argv):
                return subprocess.run(argv, cwd=top, env=environment, capture_output=True, timeout=600)
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "key")
            key = b" ".join((Path(top) / "key.pub").read_bytes().split()[:2])
            run("git", "init", "-q", ".")
            run("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "gpg.format=ssh", "-c", f"user.signingKey={top}/key.pub", "commit",
                "--allow-empty", "-S", "-m", "x")
            signers = Path(top) / "signers"
            accepted = []
            for principals in self.LINES:
                signers.write_bytes(principals + b" " + key + b"\n")
                signers.chmod(0o644)
                git = run("git", "-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit", "HEAD").returncode == 0
                said = run(VIGIE, "verify", top, "HEAD", "--allowed-signers", str(signers))
                with self.subTest(principals[:20]):
                    self.assertFalse(said.returncode == 0 and not git, said.stdout + said.stderr)
                    if said.returncode != 0:
                        self.assertIn(b"line 1: ", said.stderr)
                accepted += [principals] if said.returncode == 0 else []
            self.assertIn(b"alice", accepted)
            self.assertIn(b"!alice,bob", accepted)
            self.assertIn(b"*,!alice", accepted)


if __name__ == "__main__":
    unittest.main()
