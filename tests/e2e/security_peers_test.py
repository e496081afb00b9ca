#!/usr/bin/env python3
"""What programs of the host and clients of the controller may do to it: forge its log, write to a terminal, find its token in memory, push
a webhook's delivery out of what is remembered, ask under somebody else's name. VIGIE_BIN names `vigie`."""

import hashlib
import hmac
import http.client
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools"))
from loopback import VIGIE, wait_for  # noqa: E402
from loopback_case import LoopbackCase  # noqa: E402

LIBEXEC = Path(VIGIE).resolve().parent.parent / "libexec/vigie"
HOSTILE = b"\x1b[31mCANARY bad\r\nforged line\n<2>2026-01-01T00:00:00.000Z error host=vm FORGED\x07\n"


class Refusing(http.server.BaseHTTPRequestHandler):
    """Stands in for Prometheus, and refuses to load anything."""

    def do_POST(self):
        self.send_response(500)
        self.send_header("Content-Length", str(len(HOSTILE)))
        self.end_headers()
        self.wfile.write(HOSTILE)

    def do_GET(self):
        body = b'{"status": "success", "data": {"groups": [], "yaml": ""}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Texts(LoopbackCase):
    def setUp(self):
        super().setUp()
        server = http.server.ThreadingHTTPServer(("127.66.66.2", self.lab.port["prometheus"]), Refusing)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def assertHarmless(self, text):
        self.assertIn("CANARY bad", text)
        self.assertEqual(re.findall(r"[\x00-\x08\x0b-\x1f\x7f]", text), [])
        for line in text.split("\n"):
            self.assertFalse(line.startswith(("forged", "<2>", "2026-01-01T")), text)

    def test_an_error_from_prometheus_cannot_forge_a_log_line(self):
        self.lab.push("one")
        self.lab.start_controller("vm")
        wait_for("the reason in the log", lambda: "FORGED" in self.lab.log("vm"))
        text = (self.lab.base / "vm.log").read_bytes().decode()
        self.assertHarmless(text)
        self.assertRegex(text, r"\\x1b\[31mCANARY bad\\x0d\n +forged line\n +<2>2026-01-01T\S+ error host=vm FORGED\\x07")

    def test_an_error_from_prometheus_cannot_control_the_terminal(self):
        said = subprocess.run([VIGIE, "apply", "--host", "vm", "--root", self.lab.root("vm"), "--activate", "reload", "--yes", self.lab.work],
                              capture_output=True, timeout=600)
        self.assertEqual(said.returncode, 2, said.stderr)
        self.assertHarmless(said.stderr.decode())


class Memory(unittest.TestCase):
    @unittest.skipUnless(os.geteuid() == 0, "as root one can be somebody else")
    def test_the_memory_of_the_helpers_is_closed_to_their_own_user(self):
        """Of a process that may be looked into, the files below /proc/PID belong to its user; of another, to root."""
        for helper in ("vigie-git", "vigie-http"):
            process = subprocess.Popen(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", LIBEXEC / helper],
                                       stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                at = Path(f"/proc/{process.pid}")
                wait_for(f"{helper} to wait", lambda at=at, helper=helper: (at / "comm").read_text().strip() == helper and
                         "State:\tS" in (at / "status").read_text())
                self.assertIn("Uid:\t65534\t", (at / "status").read_text())
                self.assertEqual((at / "maps").stat().st_uid, 0, helper)
            finally:
                process.kill()
                process.communicate()


class Client(LoopbackCase):
    """A controller with a token, a webhook's secret and TLS."""

    TLS = False

    def setUp(self):
        super().setUp()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.secret = self.lab.base / "secret"
        self.secret.touch(mode=0o600)
        self.secret.write_text("a-webhook-secret-of-this-test\n")
        self.lab.push("one")
        extra = f"hooks: {{ secretFile: {self.secret} }}\n"
        self.lab.start_controller("vm", interval="1h", listen=[self.address], extra=extra)
        if self.TLS:
            self.switch_to_tls()
        wait_for("the API", self.is_up)

    def switch_to_tls(self):
        self.lab.stop("vm")
        key, certificate = self.lab.base / "tls.key", self.lab.base / "tls.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=a",
                        "-addext", "subjectAltName=DNS:vps.example.org,DNS:*.mon.example.org", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True, timeout=600)
        key.chmod(0o600)
        config = self.lab.root("vm") / "etc/vigie/vigie.yaml"
        text = config.read_text().replace("tokenFile:", f"names: [also.example.org], tls: {{ cert: {certificate}, key: {key} }}, tokenFile:")
        config.write_text(text)
        self.lab.start("vm", [VIGIE, "run", "--config", str(config)])

    def is_up(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            return True
        except OSError:
            return False


class Plain(Client):
    def test_the_token_is_in_memory_at_most_once(self):
        token = self.lab.token.read_text().strip()
        for _ in range(20):
            for given in (token, token[:-1] + "x"):
                self.lab.call("vm", "POST", "/api/v1/reconcile", {}, self.address, {"Authorization": f"Bearer {given}"})
        self.assertLessEqual(self.times(token.encode()), 1)
        self.assertEqual(self.times(token[:-1].encode()), self.times(token.encode()), "of the wrong one nothing is left")

    def times(self, needle):
        """How often it is in the controller's memory."""
        pid, count = self.lab.processes["vm"].pid, 0
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                begin, end = (int(each, 16) for each in line.split()[0].split("-"))
                if line.split()[1].startswith("rw"):
                    try:
                        memory.seek(begin)
                        count += memory.read(end - begin).count(needle)
                    except OSError:  # what the kernel maps there
                        continue
        return count

    def test_a_replayed_webhook_is_accepted_once_under_any_id(self):
        body = b'{"after": "0123"}'
        mac = hmac.new(self.secret.read_bytes().strip(), body, hashlib.sha256).hexdigest()
        answers = []
        connection = None
        for i in range(4200):
            if i % 900 == 0:  # a connection is good for a thousand
                if connection is not None:
                    connection.close()
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("POST", "/hooks/gitea" if i % 2 else "/hooks/github", body,
                               {"X-Hub-Signature-256": f"sha256={mac}", "X-GitHub-Delivery": str(i)})
            answer = connection.getresponse()
            answer.read()
            answers.append(answer.status)
        connection.close()
        self.assertEqual(answers[0], 202)
        self.assertEqual(set(answers[1:]), {200})


class Tls(Client):
    TLS = True

    def status(self, host):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=context)
        connection.request("GET", "/api/v1/status", headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def test_only_hosts_named_in_the_certificate_are_served(self):
        for host in ("127.0.0.1", self.address, "localhost:1", "[::1]", "vps.example.org", "VPS.example.org:9469", "a.mon.example.org",
                     "also.example.org"):
            self.assertEqual(self.status(host), 200, host)
        for host in ("evil.example", "example.org", "a.b.mon.example.org", "mon.example.org", "vps.example.org.evil.example", "a"):
            self.assertEqual(self.status(host), 403, host)

    def test_tls_offers_only_ciphers_with_forward_secrecy_and_authentication(self):
        def speaks(cipher):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(cipher + "@SECLEVEL=0")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain, context.wrap_socket(plain) as secure:
                    return secure.cipher()[0]
            except ssl.SSLError:
                return None
        for cipher in ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"):
            self.assertEqual(speaks(cipher), cipher)
        for cipher in ("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384", "DHE-RSA-AES128-GCM-SHA256"):
            self.assertIsNone(speaks(cipher), cipher)


if __name__ == "__main__":
    unittest.main(verbosity=2)
