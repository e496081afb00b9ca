#!/usr/bin/env python3
"""A storm of hostile requests from a seeded generator. Afterwards the server answers as before and has grown by nothing.

VIGIE_STORM: how many (default 20,000; 100,000 for the whole storm). VIGIE_STORM_SEED: which ones.
"""

import os
import random
import re
import socket
import struct
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from client import SANITIZED, SECRET, TOKEN, Server, read_all, statuses, wait_for  # noqa: E402
from patience import patient  # noqa: E402

COUNT = int(os.environ.get("VIGIE_STORM", "20000"))
SEED = int(os.environ.get("VIGIE_STORM_SEED", "20240501"))

POST = b"POST /api/v1/echo?a=b HTTP/1.1\r\nHost: 127.0.0.1:9469\r\n"
KNOWN = POST + b"Authorization: Bearer " + TOKEN.encode() + b"\r\n"
SEEDS = [
    b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"HEAD /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\nUser-Agent: x/1.0 (y; z)\r\nAccept: */*\r\n\r\n",
    b"GET http://a/healthz?x=%20%41&y HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    POST + b"Content-Length: 5\r\n\r\nhello",
    KNOWN + b"Content-Length: 5\r\n\r\nhello" + KNOWN + b"Content-Length: 0\r\n\r\n",
    KNOWN + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n10;n=v\r\n0123456789abcdef\r\n0\r\nT: x\r\n\r\n",
    KNOWN + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    POST + b"Authorization: Bearer 0123456789abcdef-wrong\r\nOrigin: http://evil.example\r\nContent-Length: 0\r\n\r\n",
    KNOWN + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    b"POST /hooks/github HTTP/1.1\r\nHost: a\r\nX-Hub-Signature-256: sha256=00\r\nX-GitHub-Delivery: 1\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /hooks/gitlab HTTP/1.1\r\nHost: a\r\nwebhook-signature: v1,AAAA v1,BBBB\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
]
WORDS = [b"\r\n", b"\r", b"\n", b"\r\n\r\n", b"\0", b" ", b"\t", b":", b": ", b"%", b"%00", b"%2e%2e/", b"../", b"//", b"?", b"&", b"#", b"*",
         b"-2\r\n", b"+2", b"0x10", b"ffffffffffffffff\r\n", b"7fffffffffffffff", b"18446744073709551616", b"-1", b"0\r\n\r\n", b"0\r\n\r", b";",
         b"Content-Length: 5\r\n", b"Content-Length: 99999999999\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n",
         b"Transfer-Encoding:\x0bchunked\r\n", b"Host: b\r\n", b"Connection: close\r\n", b"Connection: keep-alive, upgrade\r\n",
         b"Upgrade: h2c\r\n", b"Expect: 100-continue\r\n", b"HTTP/1.1", b"HTTP/9.9", b"HTTP/1.0", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
         b"\x16\x03\x01\x02\x00", b"\xff" * 8, b"\x7f", b"A" * 300, b"A: b\r\n" * 120, b"x" * 17000, b"{" * 200, b"\xc0\xaf", b"[::1]", b"@",
         b"Authorization: Bearer \r\n", b"Sec-Fetch-Site: cross-site\r\n"]


def mutate(dice, data):
    data = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 5, 9))):
        at = dice.randrange(len(data) + 1)
        kind = dice.randrange(8)
        if kind == 0 and data:
            data[at % len(data)] ^= 1 << dice.randrange(8)
        elif kind == 1 and data:
            data[at % len(data)] = dice.randrange(256)
        elif kind == 2:
            data[at:at] = dice.choice(WORDS)
        elif kind == 3:
            data[at:at + len(dice.choice(WORDS))] = dice.choice(WORDS)
        elif kind == 4:
            del data[at:at + dice.randrange(1, 20)]
        elif kind == 5:
            end = at + dice.randrange(1, 60)
            data[at:at] = data[at:end] * dice.choice((1, 1, 2, 20))
        elif kind == 6:
            data[at:] = dice.choice(SEEDS)[dice.randrange(30):]
        else:
            del data[at:]
    return bytes(data)


class Storm(unittest.TestCase):
    def one(self, server, dice):
        data = mutate(dice, dice.choice(SEEDS))
        local = dice.random() < 0.05
        with (server.local() if local else server.connect()) as peer:
            how = dice.random()
            try:
                if how < 0.7:
                    peer.sendall(data)
                else:
                    cut = dice.randrange(len(data) + 1)
                    peer.sendall(data[:cut])
                    if how > 0.8:
                        time.sleep(0)
                    peer.sendall(data[cut:])
                if how > 0.95:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                peer.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # refused before all of it was sent
            answer = read_all(peer)
        self.assertTrue(not answer or re.match(rb"HTTP/1\.1 \d{3} ", answer), (data, answer))
        for status in statuses(answer):
            self.assertIn(status, (100, 200, 204, 400, 401, 403, 404, 405, 413, 414, 417, 431, 501, 505), (data, answer))
            self.seen[status] = self.seen.get(status, 0) + 1
        if not local and TOKEN.encode() not in data:
            self.assertNotIn(b'"mayChange":true', answer, data)
        self.assertNotIn(b'"accepted"', answer, data)
        self.assertNotIn(SECRET.encode(), answer)

    def test_the_server_answers_after_random_hostile_requests_without_leaks(self):
        dice = random.Random(SEED)
        self.seen = {}
        with Server() as holder, Server(secretFile=holder.secret("hooks", SECRET)) as server:
            for _ in range(min(2000, COUNT // 4)):  # what is allocated once has been then
                self.one(server, dice)
            wait_for("quiet", lambda: server.ask()["connections"] == 0)
            descriptors, resident = server.descriptors(), server.resident()
            began = time.monotonic()
            for _ in range(COUNT):
                self.one(server, dice)
            took = time.monotonic() - began
            # Those that are still in the listener's queue are no connections yet.
            wait_for("quiet", lambda: server.ask()["connections"] == 0 and server.descriptors() <= descriptors)
            grown = server.resident() - resident
            print(f"\n{COUNT} hostile requests (seed {SEED}) in {took:.1f} s: {COUNT / took:.0f}/s; answers "
                  f"{dict(sorted(self.seen.items()))}; descriptors {descriptors} → {server.descriptors()}, "
                  f"memory {resident} → {resident + grown} KiB", file=sys.stderr)
            self.assertEqual(server.request()[0], 200)
            self.assertEqual(server.request("GET", "/wakes")[2], b"0\n")
            if not SANITIZED:  # a sanitizer keeps what was freed
                self.assertLess(grown, 2048)
            self.assertEqual(server.log(), "")
            self.assertLess(server.stop(), patient(1.0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
