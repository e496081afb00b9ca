#!/usr/bin/env python3
"""What a git server, a pusher or a program sends is small on the wire and huge when it is unpacked. Whoever reads it stays within a
quarter of a gigabyte, and says what was wrong and what to do. VIGIE_BIN names `vigie`; its helpers are where it finds them."""

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from bombs import MIB, GitServer, Pack, commit_text  # noqa: E402

LIBEXEC = Path(os.environ["VIGIE_BIN"]).resolve().parent.parent / "libexec/vigie"
NIGHT = os.environ.get("VIGIE_BOMBS") == "night"
HUGE = 1024 if NIGHT else 96  # MiB
MOST = 256  # MiB
DEADLINE = 120


def last_resort():
    """Who has no limit of its own must not take this machine's memory."""
    resource.setrlimit(resource.RLIMIT_AS, (2048 * MIB, 2048 * MIB))


def ask(helper, request, env=None):
    """Its answer, and the MiB that it had in memory at most."""
    with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as out:
        question.write(json.dumps(request).encode())
        question.seek(0)
        process = subprocess.Popen([LIBEXEC / helper], stdin=question, stdout=out, env=env, preexec_fn=last_resort)
        timer = threading.Timer(DEADLINE, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    if process.returncode != 0:
        raise AssertionError(f"{helper} ended with {process.returncode}: {text[:200]}, {usage.ru_maxrss >> 10} MiB")
    return json.loads(text), usage.ru_maxrss >> 10


class Limits(unittest.TestCase):
    def setUp(self):
        self.top = Path(tempfile.mkdtemp(prefix="vigie-limits-test."))
        self.addCleanup(shutil.rmtree, self.top)


class Git(Limits):
    def setUp(self):
        super().setUp()
        for name in ("home", "tmp"):
            (self.top / name).mkdir()
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.top / "home"), "TMPDIR": str(self.top / "tmp")}
        self.ours = self.top / "ours.git"

    def git(self, op, **members):
        answer, memory = ask("vigie-git", {"op": op, "repository": str(self.ours), "maxBytes": 512 * MIB, **members}, self.env)
        self.assertLess(memory, MOST, answer)
        return answer

    def fetch(self, tip, pack=None, **options):
        server = GitServer(self.top, tip, pack.bytes() if pack else b"", **options)
        try:
            return self.git("fetch", url=server.url, branch="main", auth={"caFile": str(server.certificate)})
        finally:
            self.sent = server.sent
            server.stop()

    def assertRefused(self, answer, error, hint):
        self.assertRegex(answer.get("error", str(answer)), error)
        self.assertRegex(answer["hint"], hint)

    def good(self, pack, *parents):
        return pack.add("commit", commit_text(pack.add_tree([]), *parents) + b"fine\n")

    def test_a_commit_with_a_huge_message_is_refused(self):
        pack = Pack()
        huge = pack.add_huge("commit", commit_text(pack.add_tree([])), HUGE)
        self.assertLess(len(pack.bytes()), 2 * MIB)
        refusal = (f"the commit {huge} has {HUGE} MiB unpacked", "find out who pushed it")
        self.assertRefused(self.fetch(huge, pack), *refusal)
        # It is not received again as if it were known, and the next commit on a clean history is followed.
        self.assertRefused(self.fetch(huge, pack), *refusal)
        clean = Pack()
        tip = self.good(clean)
        self.assertEqual(self.fetch(tip, clean), {"commit": tip})

    def test_a_commit_with_a_huge_parent_is_refused(self):
        pack = Pack()
        huge = pack.add_huge("commit", commit_text(pack.add_tree([])), 2)
        tip = self.good(pack, huge)
        self.assertRefused(self.fetch(tip, pack), f"the commit {huge} has 2 MiB unpacked", "find out who pushed it")

    def test_a_commit_that_a_delta_makes_huge_is_refused(self):
        pack = Pack()
        huge = pack.add_grown("commit", commit_text(pack.add_tree([])), max(HUGE, 384))
        self.assertLess(len(pack.bytes()), MIB)
        self.assertRefused(self.fetch(huge, pack), r"needs more memory than vigie-git may have \(256 MiB\)", "source.maxRepositorySize")

    def test_a_pack_that_claims_billions_of_objects_is_refused(self):
        pack = Pack(claimed=0xFFFFFFF0)
        tip = self.good(pack)
        self.assertRefused(self.fetch(tip, pack), "needs more memory than vigie-git may have", "large")

    def test_a_huge_document_file_is_refused(self):
        pack = Pack()
        blob = pack.add_huge("blob", b"", 65, b"\n")
        tip = pack.add("commit", commit_text(pack.add_tree([("100644", "stack.yaml", blob)])))
        self.assertEqual(self.fetch(tip, pack), {"commit": tip})
        answer = self.git("export", commit=tip, path=".", out=str(self.top / "out"))
        self.assertRefused(answer, "the file stack.yaml has 65 MiB unpacked, and one of more than 64 MiB is not read", "large files")
        self.assertFalse((self.top / "out").exists())

    def test_a_huge_file_beside_the_document_is_not_read(self):
        pack = Pack()
        blob = pack.add_huge("blob", b"", HUGE, b"\n")
        inside = pack.add_tree([("100644", "stack.yaml", pack.add("blob", b"kind: MonitoringStack\n"))])
        tip = pack.add("commit", commit_text(pack.add_tree([("100644", "dump.sql", blob), ("40000", "spec", inside)])))
        self.assertEqual(self.fetch(tip, pack), {"commit": tip})
        self.assertEqual(self.git("export", commit=tip, path="spec", out=str(self.top / "out"))["files"], 1)

    def test_an_endless_list_of_branches_is_refused(self):
        answer = self.fetch("1" * 40, endless=True)
        self.assertRefused(answer, "lists more than 16 MiB of branches and tags", "delete unused branches and tags")
        self.assertLess(self.sent, 32 * MIB)


class Peer:
    """Whatever connects to it is sent the pieces that `answer` yields, until it hears no more. A new answer for each connection."""

    def __init__(self, answer, address="127.0.0.1", port=0):
        self.answer, self.asked, self.sent = answer, [], 0
        self.listener = socket.create_server((address, port))
        self.url = "http://%s:%d/" % self.listener.getsockname()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def talk(self, client):
        with client:
            asked = b""
            while b"\r\n\r\n" not in asked and (more := client.recv(65536)):
                asked += more
            self.asked.append(asked.split(b"\r\n", 1)[0].decode())
            try:
                for piece in self.answer(self.asked[-1]):
                    client.sendall(piece)
                    self.sent += len(piece)
                client.shutdown(socket.SHUT_WR)
                client.recv(65536)
            except OSError:
                pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def plain(body, status="200 OK", more=b""):
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n" % (status.encode(), len(body), more) + body


def for_ever(piece, first=b""):
    yield first
    while True:
        yield piece * (MIB // len(piece))


class Http(Limits):
    def ask_all(self, answers, questions):
        """What one helper answers to `questions`; question N is sent `answers[N]`."""
        peer = Peer(lambda line: answers[int(line.split()[1].strip("/"))])
        self.addCleanup(peer.close)
        common = {"method": "GET", "body": "", "timeoutMs": 20_000, "maxBytes": 8 * MIB}
        said, memory = ask("vigie-http", [{**common, "url": f"{peer.url}{i}", **each} for i, each in enumerate(questions)])
        self.assertLess(memory, MOST, str(said)[:200])
        return said

    def ask(self, answer, **question):
        answers = self.ask_all([answer], [question])
        self.assertEqual(len(answers), 1)
        return answers[0]

    def test_an_http_answer_is_returned_unchanged_up_to_the_limit(self):
        cases = [(body, most) for body in (b"", b"ok", b"x" * 65535, b"x" * 65537, b"x" * 300_000) for most in (len(body), 8 * MIB)]
        said = self.ask_all([[plain(body)] for body, _ in cases], [{"maxBytes": most} for _, most in cases])
        self.assertEqual([each.get("status") for each in said], [200] * len(cases))
        self.assertEqual([each["body"] == body.decode() for each, (body, _) in zip(said, cases)], [True] * len(cases))
        for body in (b"ok", b"x" * 65537):
            self.assertIn(f"larger than {len(body) - 1} bytes", self.ask([plain(body)], maxBytes=len(body) - 1)["error"])

    def test_an_http_answer_of_the_largest_size_is_returned(self):
        said = self.ask_all([[plain(b"\x01" * (8 * MIB))], [plain(b"ok")]], [{}, {}])
        self.assertEqual([len(each["body"]) for each in said], [8 * MIB, 2])

    def test_an_http_redirect_is_not_followed(self):
        other = Peer(lambda _: [plain(b"asked")])
        self.addCleanup(other.close)
        cases = [(status, method) for status in (301, 302, 303, 307, 308) for method in ("GET", "POST")]
        said = self.ask_all([[plain(b"gone", f"{status} Moved", b"Location: %s\r\n" % other.url.encode())] for status, _ in cases],
                            [{"method": method} for _, method in cases])
        self.assertEqual([(each["status"], each["body"]) for each in said], [(status, "gone") for status, _ in cases])
        self.assertEqual(other.asked, [])

    def test_an_endless_http_header_is_refused(self):
        for piece in (b"X-A: b\r\n", b"x"):
            answer = self.ask(for_ever(piece, b"HTTP/1.1 200 OK\r\nX-Begin: "))
            self.assertRegex(answer["error"], "more than 160 MiB of memory: a header without an end")

    def test_an_endless_http_body_is_refused(self):
        for begin in (b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                      b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n"):
            answer = self.ask(for_ever(b"y", begin), maxBytes=65536)
            self.assertRegex(answer["error"], "larger than 65536 bytes|more than 160 MiB of memory")

    def test_json_of_extreme_depth_or_size_from_prometheus_costs_bounded_memory(self):
        """`vigie plan` asks the Prometheus of its host what it has loaded."""
        port = socket.create_server(("127.0.0.1", 0))
        number = port.getsockname()[1]
        port.close()
        (self.top / "stack.yaml").write_text(STACK.replace("19390", str(number)))
        for body in (b"[" * (7 * MIB), b"[" + b"{}," * (2 * MIB) + b"{}]", b'{"data":' + b'{"":' * MIB):
            peer = Peer(lambda _, body=body: [plain(body)], "127.0.0.1", number)
            with tempfile.TemporaryFile() as out:
                process = subprocess.Popen([os.environ["VIGIE_BIN"], "plan", "--host", "vm", "--activate", "reload", "--root", self.top / "root", self.top],
                                           stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, preexec_fn=last_resort)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                out.seek(0)
                said = out.read().decode()
            peer.close()
            self.assertTrue(peer.asked, said)
            self.assertIn(process.returncode, (0, 1), said)
            self.assertLess(usage.ru_maxrss >> 10, 100, "MiB")


STACK = """apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: { name: limits }
spec:
  hosts: [ { name: vm } ]
  projects: [ { name: monitoring, host: vm, directory: /opt/monitoring } ]
  prometheus: { project: monitoring, port: 19390, selfScrape: false }
"""


if __name__ == "__main__":
    unittest.main(verbosity=2)
