#!/usr/bin/env python3
"""The controller's HTTP server and clients that mean it no good, over real sockets."""

import hashlib
import hmac
import json
import os
import resource
import socket
import ssl
import stat
import struct
import subprocess
import sys
import threading
import time
import unittest
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from client import (GET, SANITIZED, SECRET, TOKEN, Server, is_closed, parse, read_all, read_response, statuses,  # noqa: E402
                    wait_for)
from patience import patient  # noqa: E402


def echo(headers="", body=b"", token=TOKEN):
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"POST /api/v1/echo HTTP/1.1\r\nHost: 127.0.0.1\r\n{authorization}{headers}\r\n".encode() + body


class Case(unittest.TestCase):
    def serve(self, **settings):
        server = Server(**settings)
        self.addCleanup(server.__exit__)
        return server

    def assert_alive(self, server):
        self.assertEqual(server.request()[0], 200, server.log())


class Answers(Case):
    def test_curl_is_served_and_promtool_accepts_the_metrics(self):
        server = self.serve()
        url = f"http://127.0.0.1:{server.port}"
        curl = ["curl", "--silent", "--show-error", "--fail", "--max-time", "10"]
        self.assertEqual(subprocess.check_output([*curl, f"{url}/healthz"]), b"ok\n")
        self.assertEqual(subprocess.check_output([*curl, "--unix-socket", server.settings["socket"], "http://vigie/healthz"]), b"ok\n")
        large = server.path / "body"
        large.write_bytes(b"x" * 60000)
        for more in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"], ["--http1.0"]):
            out = subprocess.check_output([*curl, *more, "-H", f"Authorization: Bearer {TOKEN}", "--data-binary", f"@{large}",
                                           f"{url}/api/v1/echo?a=b%20c"])
            self.assertEqual(json.loads(out), {"path": "/api/v1/echo", "query": {"a": "b c"}, "size": 60000, "local": False,
                                               "mayChange": True, "sees": False})
        metrics = subprocess.check_output([*curl, f"{url}/metrics"])
        self.assertIn(b'vigie_http_requests_total{code="200",method="POST"} 4', metrics)
        checked = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, b"", b""))

    def test_head_is_answered_like_get_without_a_body_and_options_lists_methods(self):
        server = self.serve()
        status, headers, body = server.request("HEAD", "/healthz")
        self.assertEqual((status, headers["Content-Length"], body), (200, "3", b""))
        status, headers, body = server.request("OPTIONS", "/api/v1/echo")
        self.assertEqual((status, headers["Allow"], body), (204, "OPTIONS, POST", b""))
        self.assertNotIn("Content-Length", headers)
        self.assertEqual(server.request("OPTIONS", "*")[1]["Allow"], "GET, HEAD, OPTIONS, POST")
        status, headers, body = server.request("GET", "/api/v1/echo")
        self.assertEqual((status, headers["Allow"]), (405, "OPTIONS, POST"))
        self.assertIn("error", json.loads(body))
        self.assertEqual(server.request("GET", "/nothing")[0], 404)

    def test_the_security_headers_restrict_the_browser(self):
        headers = self.serve().request("GET", "/")[1]
        self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
        self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertNotIn("Access-Control-Allow-Origin", headers)

    def test_requests_on_one_connection_are_answered_in_order(self):
        server = self.serve()
        with server.connect() as peer:
            for _ in range(5):
                peer.sendall(GET)
                self.assertEqual(statuses(read_response(peer)), [200])
        many = b"".join(f"GET /{'healthz' if i % 2 else 'nothing'} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for i in range(200))
        answer = server.send(many + b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertEqual(statuses(answer), [404, 200] * 100 + [200])
        # Slow answers stay in their order too, and bodies are not taken for requests.
        mixed = (b"GET /later?ms=100 HTTP/1.1\r\nHost: a\r\n\r\n" + echo("Content-Length: 18\r\n", b"GET / HTTP/1.1\r\n\r\n")
                 + b"\r\nGET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = server.send(mixed)
        self.assertEqual(statuses(answer), [200, 200, 200])
        self.assertLess(answer.index(b"later"), answer.index(b"/api/v1/echo"))

    def test_a_connection_is_closed_after_its_maximum_of_requests(self):
        server = self.serve(limits={"requestsPerConnection": 3})
        answer = server.send(GET * 10)
        self.assertEqual(statuses(answer), [200] * 3)
        self.assertEqual(answer.count(b"Connection: close"), 1)

    def test_expect_100_continue_is_answered_with_continue_or_a_refusal(self):
        server = self.serve()
        with server.connect() as peer:
            peer.sendall(echo("Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n"))
            self.assertEqual(peer.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
            peer.sendall(b"ab")
            self.assertEqual(parse(read_all(peer))[0], 200)
        answer = server.send(echo("Content-Length: 2\r\nExpect: 100-continue\r\n", token=None))
        self.assertEqual(statuses(answer), [401])

    def test_a_failing_handler_is_answered_500_without_details(self):
        server = self.serve()
        for path in ("/throws", "/forgets", "/splits"):
            status, headers, body = server.request("GET", path)
            self.assertEqual(status, 500)
            self.assertNotIn("Set-Cookie", headers)
            self.assertNotIn(b"a handler failed", body)
        self.assertIn("a handler failed", server.log())
        self.assert_alive(server)

    def test_a_late_answer_is_a_504_and_a_vanished_client_is_noticed(self):
        server = self.serve(limits={"answer": 500})
        self.assertEqual(server.request("GET", "/later?ms=3000")[0], 504)
        server = self.serve()
        with server.connect() as peer:
            peer.sendall(b"GET /later?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n")
            wait_for("the connection", lambda: server.ask()["connections"] == 1)
        wait_for("its end", lambda: server.ask()["connections"] == 0, 3)


class Addresses(Case):
    def test_several_ipv4_and_ipv6_addresses_are_served(self):
        server = self.serve(listen=["127.0.0.1:0", "127.0.0.2:0", "[::1]:0"])
        self.assertEqual(len(server.listening), 4)
        for name in server.listening[1:]:
            host, port = name.rsplit(":", 1)
            with socket.create_connection((host.strip("[]"), int(port)), timeout=5) as peer:
                self.assertEqual(parse(server.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), connection=peer))[0], 200)

    def test_an_unavailable_address_is_tried_again_and_the_others_are_served(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            taken = holder.getsockname()[1]
            server = self.serve(listen=["127.0.0.1:0", f"127.0.0.1:{taken}", "192.0.2.7:9469"], limits={"bindAgain": 50})
            self.assertEqual(len(server.listening), 2)
            self.assert_alive(server)
            time.sleep(0.3)
        wait_for("the other address", lambda: f"127.0.0.1:{taken}" in server.ask()["listening"])
        with socket.create_connection(("127.0.0.1", taken), timeout=5) as peer:
            peer.sendall(GET)
            self.assertEqual(statuses(read_response(peer)), [200])
        self.assertEqual(server.log().count("warning: "), 2, server.log())  # once for each, however often it was tried
        self.assertIn("192.0.2.7", server.log())

    def test_a_tunnel_address_that_appears_later_is_served(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to add an address to loopback")
        server = self.serve(listen=["127.0.0.1:0", "10.254.254.1:9469"], limits={"bindAgain": 50})
        self.assertEqual(len(server.listening), 2)
        subprocess.run(["ip", "address", "add", "10.254.254.1/32", "dev", "lo"], check=True)
        try:
            wait_for("the address", lambda: "10.254.254.1:9469" in server.ask()["listening"])
        finally:
            subprocess.run(["ip", "address", "del", "10.254.254.1/32", "dev", "lo"], check=True)

    def test_the_unix_socket_is_for_its_owner_only_and_is_removed_at_the_end(self):
        server = self.serve()
        path = Path(server.settings["socket"])
        found = path.stat()
        self.assertTrue(stat.S_ISSOCK(found.st_mode))
        self.assertEqual(stat.S_IMODE(found.st_mode), 0o600)
        status, _, body = server.request("POST", "/api/v1/echo", connection=server.local(), Host="docker")
        self.assertEqual((status, json.loads(body)["local"], json.loads(body)["mayChange"]), (200, True, True))
        self.assertLess(server.stop(), patient(4.0))
        self.assertFalse(path.exists())

    def test_another_user_on_the_unix_socket_is_refused_whatever_its_mode(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to become somebody else")
        server = self.serve()
        path = server.settings["socket"]
        os.chmod(server.path, 0o755)
        os.chmod(path, 0o666)
        script = ("import os,socket,sys\nos.setgid(65534); os.setuid(65534)\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n"
                  "try:\n s.sendall(b'GET /healthz HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n'); print(len(s.recv(100)))\n"
                  "except OSError: print(0)")
        out = subprocess.check_output([sys.executable, "-c", script, path], cwd="/")
        self.assertEqual(out.strip(), b"0")
        os.chmod(path, 0o600)
        refused = subprocess.run([sys.executable, "-c", script, path], cwd="/", capture_output=True, text=True)
        self.assertIn("PermissionError", refused.stderr)
        self.assertEqual(server.request(connection=server.local())[0], 200)

    def test_a_stale_unix_socket_is_replaced_and_a_served_one_is_not(self):
        server = self.serve()
        path = server.settings["socket"]
        with self.assertRaisesRegex(RuntimeError, "served by another process"):
            Server(socket=path)
        self.assertEqual(server.request(connection=server.local())[0], 200)
        server.process.kill()
        server.process.wait()
        self.assertTrue(os.path.exists(path))
        again = self.serve(socket=path)
        self.assertEqual(again.request(connection=again.local())[0], 200)
        file = again.path / "file"
        file.write_text("mine")
        with self.assertRaisesRegex(RuntimeError, "no socket"):
            Server(socket=str(file))
        self.assertEqual(file.read_text(), "mine")


class Trust(Case):
    def test_changes_need_the_token_and_reading_does_not(self):
        server = self.serve()
        self.assert_alive(server)
        self.assertEqual(server.request("POST", "/api/v1/echo", Authorization=f"Bearer {TOKEN}")[0], 200)
        for wrong in (None, "Bearer", "Bearer x", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN):
            headers = {"Authorization": wrong} if wrong else {}
            status, answer, body = server.request("POST", "/api/v1/echo", **headers)
            self.assertEqual((status, answer["WWW-Authenticate"]), (401, 'Bearer realm="vigie"'))
            self.assertNotIn(TOKEN.encode(), body)
            self.assertEqual(server.request("GET", "/healthz", **headers)[0], 200)
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "get", "X"):
            self.assertEqual(server.request(method, "/healthz")[0], 401)
        self.assertNotIn(TOKEN, server.log())

    def test_without_a_token_file_changes_over_tcp_are_refused(self):
        server = self.serve(tokenFile="")
        for authorization in ("Bearer ", "Bearer", f"Bearer {TOKEN}"):
            self.assertEqual(server.request("POST", "/api/v1/echo", Authorization=authorization)[0], 401)
        self.assertEqual(server.request("POST", "/api/v1/echo", connection=server.local())[0], 200)

    def test_a_token_file_readable_by_others_or_too_short_fails_the_start(self):
        for mode, text, why in ((0o644, TOKEN, "read by others"), (0o600, "short", "16 to 4096")):
            with self.subTest(why):
                with self.assertRaisesRegex(RuntimeError, why) as caught:
                    holder = self.serve()
                    Server(tokenFile=holder.secret("other", text, mode))
                self.assertNotIn(text, str(caught.exception).replace("others", ""))

    def test_requests_from_other_origins_or_hosts_are_refused(self):
        server = self.serve()
        token = {"Authorization": f"Bearer {TOKEN}"}
        own = f"127.0.0.1:{server.port}"
        for headers, wanted in (({"Host": own, "Origin": f"http://{own}"}, 200), ({"Host": "localhost"}, 200),
                                ({"Host": "rebound.example"}, 403), ({"Host": own, "Origin": "http://evil.example"}, 403),
                                ({"Host": own, "Origin": "null"}, 403), ({"Host": own, "Sec_Fetch_Site": "cross-site"}, 403)):
            with self.subTest(headers):
                self.assertEqual(server.request("POST", "/api/v1/echo", **token, **headers)[0], wanted)
                self.assertEqual(server.request("GET", "/healthz", **headers)[0], 200)
                read = 403 if headers["Host"] == "rebound.example" else 200
                self.assertEqual(server.request("GET", "/metrics", **headers)[0], read)

    def test_tls_refuses_old_versions_and_its_certificate_can_be_renewed(self):
        def certificate(name, prefix):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                            "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1,DNS:vm.example", "-keyout",
                            f"{prefix}.key", "-out", f"{prefix}.pem"], check=True, capture_output=True)
            os.chmod(f"{prefix}.key", 0o600)

        holder = self.serve()
        prefix = str(holder.path / "tls")
        certificate("first", prefix)
        server = self.serve(cert=f"{prefix}.pem", key=f"{prefix}.key", limits={"handshake": 700})
        context = ssl.create_default_context(cafile=f"{prefix}.pem")

        def encrypted(context=context, name="127.0.0.1"):
            return context.wrap_socket(server.connect(), server_hostname=name)

        status, headers, _ = server.request(connection=encrypted())
        self.assertEqual((status, headers["X-Content-Type-Options"]), (200, "nosniff"))
        # A name that the certificate has proven may be in Host.
        status = server.request("POST", "/api/v1/echo", connection=encrypted(name="vm.example"), Host="vm.example",
                                Authorization=f"Bearer {TOKEN}", Origin="https://vm.example")[0]
        self.assertEqual(status, 200)
        self.assertEqual(parse(server.send(echo("Content-Length: 100000\r\n", b"x" * 100000), connection=encrypted()))[0], 413)
        out = subprocess.check_output(["curl", "--silent", "--cacert", f"{prefix}.pem", f"https://127.0.0.1:{server.port}/large"])
        self.assertEqual(len(out), 12 << 20)
        # Older protocols, plain HTTP and a handshake that never ends.
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaisesRegex(ssl.SSLError, "PROTOCOL_VERSION"):
            encrypted(old)
        self.assertEqual(statuses(server.send(GET)), [])
        with server.connect() as silent:
            self.assertTrue(is_closed(silent, 3))
        # The unix socket stays as it is.
        self.assertEqual(server.request(connection=server.local())[0], 200)
        certificate("second", prefix)
        context = ssl.create_default_context(cafile=f"{prefix}.pem")

        def renewed():
            try:
                return server.request(connection=encrypted(context))[0] == 200
            except (ssl.SSLError, OSError):
                return False

        wait_for("the new certificate", renewed, 30)
        os.chmod(f"{prefix}.key", 0o644)
        with self.assertRaisesRegex(RuntimeError, "read by others"):
            Server(cert=f"{prefix}.pem", key=f"{prefix}.key")

    def test_only_a_webhook_with_a_valid_signature_triggers_a_reconcile(self):
        holder = self.serve()
        server = self.serve(secretFile=holder.secret("hooks", SECRET))
        body = b'{"ref":"refs/heads/main"}'

        def hub(body, secret=SECRET):
            return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

        def post(path, body=body, **headers):
            return server.request("POST", path, body, Host="hooks.example.org", **headers)[0]

        self.assertEqual(post("/hooks/github", X_Hub_Signature_256=hub(body), X_GitHub_Delivery="1"), 202)
        self.assertEqual(post("/hooks/github", X_Hub_Signature_256=hub(body), X_GitHub_Delivery="1"), 200)
        self.assertEqual(post("/hooks/github", X_Hub_Signature_256=hub(body, "other")), 403)
        self.assertEqual(post("/hooks/github", Authorization=f"Bearer {TOKEN}"), 403)
        self.assertEqual(post("/hooks/gitlab", b"{}", X_Gitlab_Token=SECRET), 202)
        now = str(int(time.time()))
        signature = "sha256=" + hmac.new(SECRET.encode(), now.encode() + b"." + body, hashlib.sha256).hexdigest()
        self.assertEqual(post("/hooks/generic", X_Timestamp=now, X_Signature=signature), 202)
        large = b"x" * (1 << 20)
        self.assertEqual(post("/hooks/forgejo", large, X_Forgejo_Signature=hub(large)[7:]), 202)
        self.assertEqual(post("/hooks/forgejo", large + b"x", X_Forgejo_Signature=hub(large + b"x")[7:]), 413)
        self.assertEqual(server.request("GET", "/hooks/github")[0], 405)
        self.assertEqual(server.request("GET", "/wakes")[2], b"4\n")
        self.assertNotIn(SECRET, server.log())


class Limits(Case):
    def test_malformed_requests_are_refused_at_once(self):
        server = self.serve()
        host = "Host: 127.0.0.1\r\n"
        for wanted, bytes_ in (
                (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), (400, b"GET / HTTP/1.1\n\n"), (400, b"\x00" * 20), (505, b"PRI * HTTP/2.0\r\n\r\n"),
                (400, b"GET / HTTP/1.1\r\n\r\n"), (400, f"GET / HTTP/1.1\r\n{host}{host}\r\n".encode()),
                (400, f"GET / HTTP/1.1\r\n{host} folded\r\n\r\n".encode()), (505, f"GET / HTTP/3.0\r\n{host}\r\n".encode()),
                (400, f"GET /%00 HTTP/1.1\r\n{host}\r\n".encode()),
                (400, f"GET /../../etc/passwd HTTP/1.1\r\n{host}\r\n".encode()),
                (431, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + host.encode() + b"\r\n"),
                (431, b"GET / HTTP/1.1\r\nA: " + b"x" * 20000), (414, b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n" + host.encode() + b"\r\n"),
                (400, echo("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n")),
                (400, echo("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n")),
                (400, echo("Content-Length: 5\r\nContent-Length: 6\r\n", b"hello")), (400, echo("Content-Length: -1\r\n")),
                (501, echo("Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n")), (501, echo("Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n")),
                (400, echo("Transfer-Encoding: chunked\r\n", b"-2\r\nab\r\n0\r\n\r\n")),
                (400, echo("Transfer-Encoding: chunked\r\n", b"2\r\nabX0\r\n\r\n")),
                (400, echo("Transfer-Encoding: chunked\r\n", b"ffffffffffffffffff\r\n")),
                (413, echo("Transfer-Encoding: chunked\r\n", b"fffffff\r\n")),
                (413, echo("Content-Length: 65537\r\n")), (413, echo("Content-Length: 999999999999999999\r\n")),
                (400, echo("Content-Length: 9999999999999999999\r\n")), (417, echo("Expect: coffee\r\n"))):
            with self.subTest(bytes_[:80]):
                began = time.monotonic()
                # A request behind it must never be answered.
                with server.connect() as peer:
                    peer.sendall(bytes_ + b"GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n")
                    peer.shutdown(socket.SHUT_WR)
                    self.assertEqual(statuses(read_all(peer)), [wanted])
                self.assertLess(time.monotonic() - began, patient(1.5))
        self.assert_alive(server)

    def test_a_request_with_a_refused_body_still_gets_its_answer(self):
        server = self.serve()
        for body in (70_000, 900_000):
            answer = server.send(echo(f"Content-Length: {body}\r\n", b"x" * body))
            self.assertEqual(statuses(answer), [413])
        self.assertEqual(statuses(server.send(echo("Content-Length: 60000\r\n", b"x" * 60000, token=None))), [401])

    def test_clients_that_send_slowly_are_cut_off(self):
        server = self.serve(limits={"header": 800, "request": 1500, "idle": 800})
        with self.subTest("nothing at all"), server.connect() as peer:
            self.assertTrue(is_closed(peer, 3))
        with self.subTest("a header, byte by byte"):
            began = time.monotonic()
            answer = server.send(*[bytes([b]) for b in GET[:-2] * 2][:60], pause=0.05)
            self.assertEqual(statuses(answer), [408])
            self.assertLess(time.monotonic() - began, patient(6))
        with self.subTest("a body, byte by byte"):
            answer = server.send(echo("Content-Length: 1000\r\n"), *[b"x"] * 50, pause=0.05)
            self.assertEqual(statuses(answer), [408])
        with self.subTest("chunks, byte by byte"):
            answer = server.send(echo("Transfer-Encoding: chunked\r\n"), *[b"1", b"\r", b"\n", b"x", b"\r", b"\n"] * 10, pause=0.05)
            self.assertEqual(statuses(answer), [408])
        with self.subTest("nothing after a request"), server.connect() as peer:
            peer.sendall(GET)
            self.assertEqual(statuses(read_response(peer)), [200])
            self.assertTrue(is_closed(peer, 3))
        self.assert_alive(server)
        wait_for("every connection's end", lambda: server.ask()["connections"] == 0)

    def test_clients_that_read_slowly_are_cut_off(self):
        server = self.serve(limits={"write": 800})
        peers = [server.connect(receive_buffer=4096) for _ in range(5)]
        for peer in peers:
            peer.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.2)
        self.assert_alive(server)
        wait_for("their end", lambda: server.ask()["connections"] == 0, 5)
        for peer in peers:
            peer.close()

    def test_a_thousand_idle_connections_do_not_exclude_other_clients(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
        for descriptors, most in ((4096, 512), (1024, 480), (256, 96)):
            with self.subTest(f"RLIMIT_NOFILE {descriptors}"):
                server = self.serve(descriptors=descriptors)
                peers = []
                for i in range(1000):
                    peer = server.connect()
                    peer.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n" if i % 2 else GET)
                    peers.append(peer)
                wait_for("all to be accepted", lambda: 0 < server.ask()["connections"] <= most)
                for _ in range(50):
                    began = time.monotonic()
                    self.assert_alive(server)
                    self.assertEqual(server.request(connection=server.local())[0], 200)
                    self.assertLess(time.monotonic() - began, patient(4.0))
                self.assertLessEqual(server.descriptors(), descriptors // 2 + 40)
                for peer in peers:
                    peer.close()
                wait_for("their end", lambda s=server: s.ask()["connections"] == 0)

    def test_busy_connections_leave_room_for_the_unix_socket(self):
        server = self.serve(limits={"connections": 16, "connectionsPerListener": 12, "connectionsForSocket": 4})
        busy = [server.connect() for _ in range(12)]
        for peer in busy:
            peer.sendall(b"GET /later?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_for("them", lambda: server.ask()["connections"] == 12)
        time.sleep(0.2)
        status, headers, _ = parse(server.send(b"", connection=server.connect()))
        self.assertEqual((status, headers["Retry-After"]), (503, "1"))
        self.assertEqual(server.request(connection=server.local())[0], 200)
        for peer in busy:
            peer.close()
        wait_for("room again", lambda: server.ask()["connections"] == 0)
        self.assert_alive(server)

    @unittest.skipIf(SANITIZED, "UBSan's look at an object's type opens a pipe itself, and takes a failure for a wrong type")
    def test_without_free_descriptors_the_server_waits_without_using_cpu(self):
        server = self.serve()
        open_now = server.descriptors()
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (open_now + 3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        peers = [server.connect() for _ in range(20)]
        for peer in peers:
            peer.sendall(GET)
        wait_for("the warning", lambda: "no connection can be accepted" in server.log())
        before = server.cpu()
        time.sleep(1)
        self.assertLess(server.cpu() - before, 0.3)
        self.assertEqual(server.log().count("no connection can be accepted"), 1)
        for peer in peers[:10]:
            peer.close()
        for peer in peers[10:]:
            self.assertEqual(statuses(read_response(peer)), [200])
            peer.close()
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        self.assert_alive(server)

    def test_clients_that_reset_or_vanish_leak_no_descriptors(self):
        server = self.serve()
        self.assert_alive(server)
        before = server.descriptors()
        for i in range(200):
            peer = server.connect()
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.sendall((GET, GET[:10], b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n", b"")[i % 4])
            peer.close()
        # Those that are still in the listener's queue are no connections yet.
        wait_for("their end", lambda: server.ask()["connections"] == 0 and server.descriptors() <= before)
        self.assert_alive(server)

    def test_many_simultaneous_requests_are_answered(self):
        server = self.serve()
        wrong = []

        def work():
            with server.connect() as peer:
                for i in range(100):
                    path = b"/later?ms=1" if i % 10 == 0 else b"/healthz"
                    peer.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
                    if statuses(read_response(peer)) != [200]:
                        wrong.append(i)

        threads = [threading.Thread(target=work) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


class Stopping(Case):
    def test_the_server_stops_at_once_despite_open_connections(self):
        server = self.serve()
        peers = [server.connect() for _ in range(50)]
        for i, peer in enumerate(peers):
            peer.sendall((b"", GET, GET[:20], b"GET /later?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n",
                          b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n", echo("Content-Length: 9\r\n"))[i % 6])
        wait_for("them", lambda: server.ask()["connections"] == 50)
        self.assertLess(server.stop(), patient(4.0))
        for peer in peers:
            peer.close()

    def test_a_request_in_progress_is_answered_before_the_server_stops(self):
        server = self.serve()
        with server.connect() as peer:
            peer.sendall(b"GET /later?ms=300 HTTP/1.1\r\nHost: a\r\n\r\n")
            wait_for("the request", lambda: server.ask()["connections"] == 1)
            time.sleep(0.1)
            self.assertLess(server.stop(), patient(4.0))
            status, headers, body = parse(read_all(peer))
            self.assertEqual((status, headers["Connection"], body), (200, "close", b"later\n"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
