"""The test server as a process, and raw sockets to be rude to it with."""

import json
import os
import re
import resource
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from patience import patient  # noqa: E402

PROGRAM = os.environ["VIGIE_HTTP_SERVER"]
TOKEN = "0123456789abcdef-token"
SECRET = "0123456789abcdef-hooks"
GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
SANITIZED = bool(os.environ.get("VIGIE_SANITIZED"))


class Server:
    """`limits` in the words of controller/server/limits.hpp, times in milliseconds."""

    def __init__(self, descriptors=None, **settings):
        self.directory = tempfile.TemporaryDirectory(prefix="vigie-http-")
        self.path = Path(self.directory.name)
        settings.setdefault("socket", str(self.path / "controller.sock"))
        settings.setdefault("tokenFile", self.secret("token", TOKEN))
        self.settings = settings
        self.log_path = self.path / "log"

        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([PROGRAM, json.dumps(settings)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=log, preexec_fn=limit if descriptors else None)
        line = self.process.stdout.readline()
        if not line:
            log = self.log()
            self.__exit__()
            raise RuntimeError(log)
        self.listening = json.loads(line)
        tcp = [name for name in self.listening if name.startswith("127.")]
        self.port = int(tcp[0].rsplit(":", 1)[1]) if tcp else None

    def secret(self, name, text, mode=0o600):
        path = self.path / name
        path.write_text(text + "\n")
        path.chmod(mode)
        return str(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.directory.cleanup()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def ask(self):
        """What the server says of itself."""
        self.process.stdin.write(b"?\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self):
        """Seconds until it had stopped."""
        began = time.monotonic()
        self.process.stdin.close()
        said = json.loads(self.process.stdout.readline())
        code = self.process.wait(timeout=patient(20))
        took = time.monotonic() - began
        if code != 0:
            raise RuntimeError(f"exit code {code}\n{self.log()}")
        return max(took, said["stopped"])

    def connect(self, receive_buffer=None):
        out = socket.socket()
        out.settimeout(20)
        if receive_buffer:
            out.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        out.connect(("127.0.0.1", self.port))
        return out

    def local(self):
        out = socket.socket(socket.AF_UNIX)
        out.settimeout(20)
        out.connect(self.settings["socket"])
        return out

    def send(self, *pieces, connection=None, pause=0.0):
        """What comes back until the server closes, or nothing more for a moment."""
        with connection or self.connect() as peer:
            for piece in pieces:
                try:
                    peer.sendall(piece)
                except OSError:
                    break
                time.sleep(pause)
            return read_all(peer)

    def request(self, method="GET", path="/healthz", body=b"", connection=None, **headers):
        """One request; status, headers, body."""
        fields = {"Host": "127.0.0.1", "Connection": "close", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if body:
            fields.setdefault("Content-Length", str(len(body)))
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n"
        return parse(self.send(head.encode() + body, connection=connection))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident(self):
        """KiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def cpu(self):
        """Seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_all(peer, quiet=20.0):
    out = b""
    peer.settimeout(quiet)
    try:
        while chunk := peer.recv(65536):
            out += chunk
    except (TimeoutError, ConnectionResetError, ssl.SSLError):
        pass
    return out


def read_response(peer):
    """Exactly one answer with a Content-Length, the connection stays open."""
    out = b""
    while b"\r\n\r\n" not in out:
        chunk = peer.recv(4096)
        if not chunk:
            return out
        out += chunk
    head, rest = out.split(b"\r\n\r\n", 1)
    size = int(re.search(rb"Content-Length: (\d+)", head)[1])
    while len(rest) < size:
        rest += peer.recv(65536)
    return head + b"\r\n\r\n" + rest


def parse(answer):
    if not answer:
        return 0, {}, b""
    head, body = answer.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:]), body


def statuses(answer):
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def is_closed(peer, within):
    """Whether the server closes this connection in time."""
    end = time.monotonic() + patient(within)
    while (left := end - time.monotonic()) > 0:
        if select.select([peer], [], [], left)[0]:
            try:
                if not peer.recv(65536):
                    return True
            except OSError:
                return True
    return False


def wait_for(what, condition, seconds=20):
    seconds = patient(seconds)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError(f"waited {seconds} s for {what}")
