#!/usr/bin/env python3
"""Whose bytes are shown to whom: what others have written on a host is shown to nobody but the person at its terminal, and what is shown is
bounded, printable, and stays inside of its frame."""

import contextlib
import json
import os
import pty
import re
import secrets
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "tools"), str(SOURCE / "tests/support")]
import foreign_files  # noqa: E402
from canaries import encodings  # noqa: E402
from loopback import DOCUMENT_HOSTS, VIGIE, Loopback, free_port, wait_for  # noqa: E402

MARK = "cAnArY"


class Canaries:
    """Secrets of which each one knows its place, and what finds them in bytes, also in base64 and hex."""

    def __init__(self):
        self.places = {}
        self.needles = encodings(MARK.encode())

    def plant(self, template, what):
        number = 0

        def secret():
            nonlocal number
            number += 1
            value = f"{MARK}{len(self.places):04d}x{secrets.token_hex(4)}"
            self.places[value] = f"{what}, place {number}"
            return value
        return foreign_files.planted(template, secret)

    def inside(self, data):
        data = data if isinstance(data, bytes) else data.encode()
        found = {self.places.get(each.decode(), each.decode()) for each in re.findall(rb"cAnArY\d{4}x[0-9a-f]{8}", data)}
        return sorted(found | {f"encoded: {needle.decode()}" for needle in self.needles if needle in data})


DOCUMENT = """
apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: { name: taken }
spec:
  hosts:
""" + DOCUMENT_HOSTS + """  wireguard: { network: 127.66.66.0/30 }  # vigie: disable=VG0325
  projects:
    - { name: app, host: vm, directory: /opt/app, composeFiles: [docker-compose.yml], overrideFile: ours.yml }
    - { name: monitoring, host: vm, directory: /opt/monitoring }
  exporters:
    - { name: own, type: custom, project: app, image: "example/own:1", custom: { port: 9200 } }
  jaeger: { project: monitoring }
  grafana: { project: monitoring }
  prometheus: { project: monitoring, selfScrape: false, ruleFiles: [rules.yml] }
  alertmanager:
    project: monitoring
    route: { receiver: all }
    receivers: [ { name: all, webhookConfigs: [ { url: "https://hook.example.org/" } ] } ]
ADOPT"""
RULES = "groups: [ { name: a, rules: [ { alert: A, expr: up == 0 } ] } ]\n"
FOREIGN = {"opt/monitoring/prometheus/prometheus.yml": foreign_files.PROMETHEUS, "opt/monitoring/alertmanager/alertmanager.yml": foreign_files.ALERTMANAGER,
           "opt/monitoring/compose.yaml": foreign_files.COMPOSE, "opt/app/ours.yml": foreign_files.COMPOSE,
           "opt/monitoring/grafana/provisioning/datasources/vigie.yaml": foreign_files.GRAFANA,
           "opt/monitoring/prometheus/rules.yml": foreign_files.ENVIRONMENT, "etc/wireguard/wg0.conf": foreign_files.TUNNEL}


class Lab(Loopback):
    """A host of our own, and a document for it."""

    def __init__(self, document=DOCUMENT, adopt=""):
        example = Path(tempfile.mkdtemp(prefix="vigie-bytes-"))
        (example / "stack.yaml").write_text(document.replace("ADOPT", adopt))
        (example / "rules.yml").write_text(RULES)
        super().__init__(example)
        for path in (example / "stack.yaml", example / "rules.yml"):
            path.unlink()
        example.rmdir()

    def put(self, path, text, mode=0o600):
        file = self.root("vm") / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return file

    def on_host(self, command, *arguments, **options):
        return self.vigie(command, "--root", self.root("vm"), *arguments, check=False, **options)


class Case(unittest.TestCase):
    adopt = ""
    document = DOCUMENT

    def setUp(self):
        self.lab = Lab(self.document, self.adopt)
        self.addCleanup(self.lab.__exit__)
        self.canaries = Canaries()
        self.told = []

    def plan(self, *arguments, **options):
        result = self.lab.on_host("plan", "--host", "vm", *arguments, self.lab.work, **options)
        self.told.append(("plan " + " ".join(arguments), result.stdout + result.stderr))
        return result

    def assert_untold(self):
        for what, said in self.told:
            self.assertEqual(self.canaries.inside(said), [], what)

    def configure(self, extra="", mode="auto", log="text", token=True):
        """The controller's configuration, and where it listens."""
        address = f"127.0.0.1:{free_port('127.0.0.1', 19470)}"
        config = self.lab.root("vm") / "etc/vigie/vigie.yaml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(
            f"host: vm\nroot: {self.lab.root('vm')}\nsource: {{ url: \"{self.lab.remote}\", branch: main, interval: 1h, timeout: 10s }}\n"
            f"http: {{ listen: [\"{address}\"]{f', tokenFile: {self.lab.token}' if token else ''}{extra} }}\n"
            f"apply: {{ activate: none, mode: {mode} }}\nlog: {{ format: {log} }}\n")
        return config, address

    def start(self, *arguments, **options):
        config, address = self.configure(*arguments, **options)
        self.lab.start("vm", [VIGIE, "run", "--config", str(config)])
        wait_for("the first look", self.has_plan)
        return address

    def has_plan(self):
        try:
            return self.lab.call("vm", "GET", "/api/v1/plan")[0] == 200
        except OSError:
            return False

    def ask(self, path, address=None, token=False):
        headers = {"Authorization": "Bearer " + self.lab.token.read_text().strip()} if token else {}
        status, body = self.lab.call("vm", "GET", path, address=address, headers=headers)
        self.told.append((f"GET {path} {address or 'on the socket'} {'with' if token else 'without'} the token", body))
        return status, body


class HandMade(Case):
    """A host that somebody has set up by hand, with a secret in every place that its programs know; it is looked at, taken over, and edited."""

    def setUp(self):
        super().setUp()
        self.lab.make_repository()
        self.lab.make_keys()
        for path, template in FOREIGN.items():
            self.lab.put(path, self.canaries.plant(template, path))

    def look(self):
        self.lab.vigie("reconcile", "--wait", "--root", self.lab.root("vm"), check=False)

    def everything(self, address):
        """All that the controller tells, and all that it writes."""
        for path in ("plan", "plan?format=text", "history?limit=100", "status", "events", "topology", "containers", "generations"):
            self.ask(f"/api/v1/{path}")
            self.ask(f"/api/v1/{path}", address)
            self.ask(f"/api/v1/{path}", address, token=True)
        for path in ("/", "/app.js", "/metrics", "/readyz", "/healthz"):
            self.ask(path, address)
        for number in json.loads(self.ask("/api/v1/generations")[1]).get("generations", []):
            self.ask(f"/api/v1/generations/{number['number']}/plan")
        for command in (["history", "--plans"], ["history", "--plans", "-o", "json"], ["events"], ["status"], ["plan", "--pending"]):
            result = self.lab.on_host(*command)
            self.told.append((" ".join(command), result.stdout + result.stderr))
        self.told.append(("the log", self.lab.log("vm")))
        state = self.lab.root("vm") / "var/lib/vigie"
        for path in state.rglob("*"):
            if path.is_file() and "backups" not in path.parts:  # these are what was taken over, for root
                self.told.append((str(path), path.read_bytes()))

    def test_secrets_in_files_of_the_host_reach_no_output_log_or_api(self):
        # Nothing may be adopted: everything is refused.
        for output in ("text", "json", "markdown"):
            self.assertIn("refuse", self.plan("-o", output).stdout)
        self.lab.push("without adopt")
        self.everything(self.start())
        self.lab.stop("vm")
        # It is taken over; programs read this log.
        document = self.lab.document.read_text()
        self.lab.document.write_text(document + "  adopt:\n" + "".join(f"    - file:/{path}\n" for path in FOREIGN))
        for output in ("text", "json", "markdown"):
            self.assertIn("adopt", self.plan("-o", output).stdout)
        commit = self.lab.push("adopt")
        address = self.start(log="json")
        wait_for("it is taken over", lambda: self.lab.status("vm").get("lastAppliedRevision") == commit)
        self.everything(address)
        # Somebody edits what is vigie's now, also what others may read.
        for path, template in FOREIGN.items():
            file = self.lab.root("vm") / path
            file.write_text(file.read_text() + self.canaries.plant(template, f"{path}, edited"))
        for output in ("text", "json", "markdown"):
            self.assertIn("update", self.plan("-o", output).stdout)
        self.look()
        # A file that was edited between its plan and its repair waits for the next look.
        wait_for("it is repaired", lambda: MARK.encode() not in b"".join((self.lab.root("vm") / path).read_bytes() for path in FOREIGN))
        self.everything(address)
        self.lab.stop("vm")
        self.told += [(str(path), path.read_bytes()) for path in (self.lab.root("vm") / "var/lib/vigie").glob("vigie.db*")]
        self.assertGreater(len(self.canaries.places), 400)
        self.assert_untold()

    def test_a_plan_at_a_terminal_shows_replaced_lines_but_masks_passwords(self):
        """But no secret that has the name of one: a screen is looked at, too."""
        leader, follower = pty.openpty()
        seen = bytearray()

        def read():
            with contextlib.suppress(OSError):
                while part := os.read(leader, 65536):
                    seen.extend(part)
        reader = threading.Thread(target=read)
        reader.start()
        subprocess.run([VIGIE, "plan", "--host", "vm", "--root", self.lab.root("vm"), self.lab.work], stdout=follower, timeout=600)
        os.close(follower)
        reader.join()
        os.close(leader)
        places = self.canaries.inside(bytes(seen))
        self.assertGreater(len(places), 100)
        text = bytes(seen).decode()
        self.assertRegex(text, r"-  slack_api_url: https://hooks.slack.com/services/T0/B0/cAnArY")
        self.assertRegex(text, r"-  smtp_auth_password: \*\*\*")
        self.assertNotIn("PrivateKey = cAnArY", text)
        self.assertNotIn("not shown", text)

    def test_a_plan_without_a_terminal_counts_the_lines_it_does_not_show(self):
        said = self.plan().stdout
        self.assertRegex(said, r"# \d+ lines that are not ours are not shown; `vigie plan` at a terminal of the host, as root, shows them")
        self.assertIn("+route:", said)
        self.assert_untold()


class Places(Case):
    """A document that names what is not its business."""

    def test_protected_files_of_the_system_are_neither_planned_nor_shown(self):
        for directory, name in (("/etc", "shadow"), ("/root/.ssh", "id_ed25519"), ("/etc/vigie", "token"), ("/var/lib/vigie", "identity"), ("/etc/ssh", "ssh_host_ed25519_key")):
            self.lab.put(f"{directory[1:]}/{name}", self.canaries.plant("root:@:19700:0:99999:7:::\n@\n", name))
            for field in ("overrideFile: ours.yml", "composeFiles: [docker-compose.yml]"):
                key = field.split(":")[0]
                changed = DOCUMENT.replace("ADOPT", "").replace("/opt/app", directory).replace(field, f"{key}: {f'[{name}]' if '[' in field else name}")
                self.lab.document.write_text(changed)
                result = self.plan()
                self.assertEqual(result.returncode, 2, f"{directory} {field}")
                self.assertIn("VG0474", result.stderr)
        self.assert_untold()

    def test_a_document_cannot_reach_the_state_directory(self):
        self.lab.put("opt/state/secret", self.canaries.plant("@\n", "a file of the state"))
        for directory, name in (("/opt/state", "ours.yml"), ("/opt", "state/secret")):
            self.lab.document.write_text(DOCUMENT.replace("ADOPT", "").replace("/opt/app", directory).replace("ours.yml", name))
            result = self.plan("--state", "/opt/state")
            self.assertRegex(result.stdout, r"! refuse +file:/opt/state")
            self.assertIn("VG0475", result.stdout)
            applied = self.lab.on_host("apply", "--host", "vm", "--state", "/opt/state", "--yes", self.lab.work)
            self.assertEqual(applied.returncode, 2)
            self.told.append(("apply", applied.stdout + applied.stderr))
        self.assert_untold()


class Reads(Case):
    """Who may read plans and diffs over HTTP."""

    def setUp(self):
        super().setUp()
        self.lab.make_repository()
        self.lab.make_keys()
        self.commit = self.lab.push("first")

    def diffs(self, body):
        return any("\n    +" in each["plan"] for each in json.loads(body)["history"])

    def test_the_plan_needs_the_token_and_other_reads_are_open(self):
        address = self.start()
        status, body = self.ask("/api/v1/plan", address)
        self.assertEqual(status, 401)
        self.assertIn("needs the token", body)
        self.assertNotIn("compose", body)
        self.assertEqual(self.ask("/api/v1/plan?format=text", address)[0], 401)
        self.assertEqual(self.ask("/api/v1/plan", address, token=True)[0], 200)
        self.assertEqual(self.ask("/api/v1/plan")[0], 200)
        for path in ("/api/v1/status", "/api/v1/topology", "/api/v1/events", "/api/v1/generations", "/metrics", "/readyz", "/healthz", "/"):
            self.assertEqual(self.ask(path, address)[0], 200, path)
        status, body = self.ask("/api/v1/history", address)
        self.assertEqual((status, self.diffs(body)), (200, False))
        attempt = json.loads(body)["history"][0]
        self.assertEqual((attempt["result"], attempt["revision"]), ("Applied", self.commit))
        self.assertIn("+ create   file:/opt/monitoring/compose.yaml", attempt["plan"])
        self.assertTrue(self.diffs(self.ask("/api/v1/history", address, token=True)[1]))
        self.assertTrue(self.diffs(self.ask("/api/v1/history")[1]))

    def test_without_a_token_file_the_plan_is_readable_on_the_unix_socket_only(self):
        address = self.start(token=False)
        status, body = self.ask("/api/v1/plan", address)
        self.assertEqual(status, 401)
        self.assertIn("unix socket", body)
        self.assertFalse(self.diffs(self.ask("/api/v1/history", address)[1]))
        self.assertEqual(self.ask("/api/v1/plan")[0], 200)
        self.assertIn("nothing to do", self.lab.on_host("plan", "--pending").stdout)

    def test_open_reads_make_plan_and_diffs_readable_without_the_token(self):
        address = self.start(extra=", reads: open", token=False)
        self.assertEqual(self.ask("/api/v1/plan", address)[0], 200)
        self.assertTrue(self.diffs(self.ask("/api/v1/history", address)[1]))


class OldHistory(Case):
    def test_file_contents_that_0_1_wrote_into_history_are_removed(self):
        """As 0.1 left it: schema 3, with the lines that it had found."""
        applied = self.lab.on_host("apply", "--host", "vm", "--yes", self.lab.work)
        self.assertEqual(applied.returncode, 0, applied.stderr)
        database = self.lab.root("vm") / "var/lib/vigie/vigie.db"
        plan = self.canaries.plant("""host vm, stack taken

= adopt    file:/a
           the purpose: taken over; a backup is kept
    --- /a
    +++ /a
    HUNK
     same
    -url: https://hooks.example.org/@
    --- @
    -        @
    +new
# recreate compose:app/own
           command changed (not reversible)
    -command: --requirepass @
    +command: x

host vm: 1 to adopt
""", "the history").replace("HUNK", "@@ -1,4 +1,2 @@")
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("DROP TABLE IF EXISTS journal_endpoint")
            connection.execute("UPDATE history SET plan = ?", (plan,))
            connection.execute("PRAGMA user_version = 3")
            connection.commit()
        self.assertNotEqual(self.canaries.inside(database.read_bytes()), [])
        self.lab.on_host("recover")
        for output in ("text", "json"):
            result = self.lab.on_host("history", "--plans", "-o", output)
            self.told.append((f"history -o {output}", result.stdout + result.stderr))
            self.assertIn("+command: x", result.stdout)
        self.told += [(path.name, path.read_bytes()) for path in database.parent.glob("vigie.db*")]
        self.assert_untold()


def peak(arguments):
    """What a process took at most, in MiB, and what it said."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(arguments, stdout=out, stderr=subprocess.STDOUT)
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
        out.seek(0)
        return used.ru_maxrss / 1024, out.read()


class Sizes(Case):
    def test_a_large_file_on_the_host_costs_no_more_memory_than_its_size(self):
        plan = [VIGIE, "plan", "--host", "vm", "--root", self.lab.root("vm"), self.lab.work]
        usual, _ = peak(plan)
        path = self.lab.root("vm") / "opt/monitoring/prometheus/rules.yml"
        path.parent.mkdir(parents=True)
        with open(path, "wb") as file:  # not held here: a child's peak begins with ours
            for _ in range(63):
                file.write(b"x\n" * (1 << 19))
        used, said = peak(plan)
        self.assertLess(used - usual, 32)
        self.assertLess(len(said), 1 << 20)
        self.assertIn(b"too large to be compared line by line", said)

    def test_a_long_diff_is_cut_and_says_so(self):
        (self.lab.work / "rules.yml").write_text(RULES + "# x\n" * 400_000)
        for output in ("text", "json"):
            self.assertLess(len(self.plan("-o", output).stdout), 1 << 20)
        (self.lab.work / "rules.yml").write_text(RULES + "# x\n" * 50_000)
        result = self.plan()
        self.assertLess(len(result.stdout), 1 << 20)
        self.assertRegex(result.stdout, r"\\ \d+ more lines not shown")

    def test_clients_that_do_not_read_share_one_answer_in_memory(self):
        for number in range(40):
            (self.lab.work / f"rules{number}.yml").write_text(RULES.replace("name: a", f"name: a{number}") + f"# {'x' * 60}\n" * 3900)
        self.lab.document.write_text(self.lab.document.read_text().replace("rules.yml", ", ".join(f"rules{number}.yml" for number in range(40))))
        self.lab.make_repository()
        self.lab.make_keys()
        self.lab.push("much")
        address = self.start(mode="report")
        size = len(self.ask("/api/v1/plan", address, token=True)[1])
        self.assertGreater(size, 8 << 20)
        pid = self.lab.processes["vm"].pid

        def resident():
            return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024
        before = resident()
        readers = []
        for _ in range(20):
            reader = socket.socket()
            self.addCleanup(reader.close)
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", int(address.split(":")[1])))
            reader.sendall(f"GET /api/v1/plan HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {self.lab.token.read_text().strip()}\r\n\r\n".encode())
            readers.append(reader)
        for reader in readers:
            self.assertEqual(reader.recv(9), b"HTTP/1.1 ")
        self.assertLess(resident() - before, size / (1 << 20) * 3)


def outside_of_fences(markdown):
    """The lines of a Markdown text that are in no fenced block (CommonMark 0.31, section 4.5), and those that are."""
    outside, inside, fence = [], [], ""
    for line in markdown.split("\n"):
        found = re.match(r" {0,3}(`{3,})(.*)$", line)
        if not fence and found and "`" not in found.group(2):
            fence = found.group(1)
        elif fence and found and len(found.group(1)) >= len(fence) and not found.group(2).strip():
            fence = ""
        else:
            (inside if fence else outside).append(line)
    return outside, inside


class Frames(Case):
    def test_a_diff_cannot_leave_its_code_fence_or_control_the_terminal(self):
        (self.lab.work / "rules.yml").write_text(RULES + "# ````\n````\n# a\n``````````\n# <!--\n# b \x1b[31m\n".replace("\x1b", "?"))
        self.lab.put("opt/monitoring/prometheus/rules.yml", "# nothing\n")
        # YAML would not take these as they are; in a comment nobody asks.
        (self.lab.work / "rules.yml").write_text(RULES + "# ````\n# `````````` <!-- \u009b31m \u202e \u2066 \u200b\n# to: eve@evil.example\n")
        self.lab.put("opt/monitoring/prometheus/rules.yml", "````\n <!--\n# to: eve@evil.example\n")
        text = self.plan("-o", "markdown").stdout
        outside, inside = outside_of_fences(text)
        self.assertTrue(any("eve@evil.example" in line for line in inside))
        rest = "\n".join(outside)
        self.assertNotIn("evil", rest)
        self.assertEqual(re.sub(r"</?(details|summary|code)>", "", rest).count("<"), 0, rest)
        for output in ("text", "markdown"):
            said = self.plan("-o", output).stdout
            self.assertIn("eve@evil.example", said)
            for each in "\x1b\u009b\u202e\u2066\u200b":
                self.assertNotIn(each, said, f"{ord(each):#x}")

    def test_text_around_a_diff_contains_no_html_comment(self):
        self.lab.document.write_text(self.lab.document.read_text() + "  suspend: true\n")
        text = self.plan("-o", "markdown").stdout
        self.assertNotIn("<!--", text)
        self.assertIn("### host vm", text)


if __name__ == "__main__":
    unittest.main()
