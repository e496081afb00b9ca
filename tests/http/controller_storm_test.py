#!/usr/bin/env python3
"""A storm of hostile requests against a real controller, which goes on with its work: a push is applied while it lasts,
a hand edit is repaired, and afterwards it answers as before and has grown by nothing.

VIGIE_STORM: how many (default 2,000; 100,000 for the whole storm). VIGIE_STORM_SEED: which ones.
"""

import os
import random
import re
import socket
import struct
import sys
import threading
import time
import unittest
from pathlib import Path

os.environ.setdefault("VIGIE_STORM", "2000")
sys.path[:0] = [str(Path(os.environ["VIGIE_SOURCE_DIR"]) / "tools"), str(Path(__file__).parent)]
from client import SANITIZED, read_all, wait_for  # noqa: E402
from loopback import Loopback, free_port  # noqa: E402
from storm_test import COUNT, SEED, SEEDS, mutate  # noqa: E402

PATHS = ("/", "/healthz", "/readyz", "/metrics", "/api/v1/status", "/api/v1/events", "/api/v1/history", "/api/v1/plan", "/api/v1/reconcile",
         "/api/v1/suspend", "/api/v1/rollback", "/api/v1/confirm", "/hooks/github", "/hooks/gitlab")
# Of all that may be asked, what has no secret must change nothing: neither token nor signature is ever right here.
REQUESTS = SEEDS + [f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{{}}".encode()
                    for path in PATHS for method in ("GET", "POST")]


class ControllerStorm(unittest.TestCase):
    def one(self, dice):
        data = mutate(dice, dice.choice(REQUESTS))
        with socket.create_connection(self.address, timeout=600) as peer:
            try:
                peer.sendall(data)
                if dice.random() > 0.95:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                peer.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # refused before all of it was sent
            answer = read_all(peer)
        self.assertTrue(not answer or re.match(rb"HTTP/1\.1 \d{3} ", answer), (data, answer))
        self.assertNotIn(b'"accepted"', answer, data)
        for status in re.findall(rb"(?:^|\n)HTTP/1\.1 (\d{3}) ", answer):
            self.seen[int(status)] = self.seen.get(int(status), 0) + 1
            self.assertNotEqual(int(status), 500, (data, answer))

    def measure(self):
        process = Path(f"/proc/{self.lab.processes['vm'].pid}")
        resident = int(re.search(r"VmRSS:\s+(\d+)", (process / "status").read_text())[1])
        return len(list((process / "fd").iterdir())), resident

    def storm(self, count, dice):
        """So many, and on until the controller has done some work meanwhile."""
        try:
            self.sent = 0
            while self.sent < count or not self.worked.is_set():
                self.one(dice)
                self.sent += 1
        except BaseException as error:  # of a thread, told by the test
            self.failure = error

    def push(self, seconds):
        text = re.sub(r"scrapeInterval: \d+s", f"scrapeInterval: {seconds}s", self.lab.document.read_text())
        self.lab.document.write_text(text)
        return self.lab.push(f"{seconds} s")

    def test_the_controller_keeps_reconciling_under_random_requests(self):
        dice = random.Random(SEED)
        self.seen, self.failure, self.worked = {}, None, threading.Event()
        self.worked.set()
        with Loopback() as self.lab:
            self.lab.make_repository()
            self.lab.make_keys()
            port = free_port("127.0.0.1", 19473)
            self.address = ("127.0.0.1", port)
            secret = self.lab.base / "hooks"
            secret.touch(mode=0o600)
            secret.write_text("the-secret-of-the-webhook\n")
            commit = self.push(2)
            self.lab.start_controller("vm", listen=[f"127.0.0.1:{port}"], extra=f"hooks: {{ secretFile: {secret} }}\n")
            wait_for("the first revision", lambda: self.lab.at_revision("vm", commit))
            self.storm(min(2000, COUNT // 2), dice)  # what is allocated once has been then
            before = self.measure()
            self.worked.clear()
            storm = threading.Thread(target=self.storm, args=(COUNT, dice))
            began = time.monotonic()
            storm.start()
            during = 0
            compose = self.lab.root("vm") / "opt/monitoring/compose.yaml"
            self.addCleanup(self.worked.set)
            while storm.is_alive():
                commit = self.push(3 + during % 50)
                wait_for("the push", lambda c=commit: self.lab.at_revision("vm", c), 20)
                good = compose.read_bytes()
                compose.write_text("by hand\n")
                wait_for("the repair", lambda g=good: compose.read_bytes() == g, 20)
                during += storm.is_alive()
                self.worked.set()
                storm.join(1)
            took = time.monotonic() - began
            if self.failure:
                raise self.failure
            self.assertGreater(during, 0)
            commit = self.push(60)
            wait_for("a push afterwards", lambda: self.lab.at_revision("vm", commit), 20)
            self.assertFalse(self.lab.status("vm").get("suspended"))
            self.assertEqual(self.lab.call("vm", "GET", "/healthz", address=f"127.0.0.1:{port}")[0], 200)
            wait_for("as many descriptors as before", lambda: self.measure()[0] <= before[0] + 2)
            after = self.measure()
            print(f"\n{self.sent} hostile requests (seed {SEED}) in {took:.1f} s, {during} pushes and repairs meanwhile; answers "
                  f"{dict(sorted(self.seen.items()))}; descriptors {before[0]} → {after[0]}, memory {before[1]} → {after[1]} KiB", file=sys.stderr)
            if not SANITIZED:  # a sanitizer keeps what was freed
                self.assertLess(after[1] - before[1], 4096)
            self.assertIsNone(self.lab.processes["vm"].poll())


if __name__ == "__main__":
    unittest.main(verbosity=2)
