"""Two hosts on one machine, without root or Docker: two roots in a temporary directory, two controllers, one bare
repository, real Prometheus. Shared by the demonstration and the end-to-end tests.

Everything listens on 127.66.66.0/30 and 127.0.0.1; every process that is started here is ended by its own id.
"""

import contextlib
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from patience import patient

SOURCE = Path(__file__).resolve().parent.parent
VIGIE = os.environ.get("VIGIE_BIN", str(SOURCE / "build/dev/bin/vigie"))
HOSTS = ("vps", "vm")
# The same in a document; `make_keys` replaces the keys.
DOCUMENT_HOSTS = """    - name: vps
      endpoint: vps.example.org
      vpn: { address: 127.66.66.1, publicKey: "Trm4wmoRc8vGtI1Bd8yvoBtCSnpTXVHtFP8ypuJQzXQ=" }
      sealingKey: "XB6aKsi/XoBkN6fhfEFhy9NLOdvg6/29bPGVNBQ+/VM="
    - name: vm
      vpn: { address: 127.66.66.2, publicKey: "+B46glYu08Yjf9IZX2mhSm+tTDJgLAwSRQ5VHJV3mmA=" }
      sealingKey: "nF0o/vkoaekH5yaKCM+wJ0g2IdZgK8JsLRlZ6DI9ozI="
"""


class Failed(Exception):
    """Something that had to be observed was not."""


def wait_for(what, condition, seconds=20.0):
    """Polls until `condition()` is true and returns its value; raises Failed with `what` at the deadline, of an idle machine's seconds."""
    seconds = patient(seconds)
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"not observed within {seconds:.0f} s: {what}")
        time.sleep(0.05)


def get_json(url):
    """The JSON behind a URL, or None when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


class Metrics:
    """A small real /metrics."""

    def __init__(self, address, port, name):
        class Handler(http.server.BaseHTTPRequestHandler):
            requests = 0

            def do_GET(self):
                Handler.requests += 1
                body = f"# TYPE {name}_requests_total counter\n{name}_requests_total {Handler.requests}\n".encode()
                self.send_response(200 if self.path == "/metrics" else 404)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def free_port(address, wanted):
    """`wanted` if nobody listens there, else another."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind((address, port))
                return probe.getsockname()[1]
            except OSError:
                continue
    raise Failed(f"no free port on {address}")


class Loopback:
    """The two hosts. Use as a context manager: leaving it ends every process and removes every file."""

    def __init__(self, example=SOURCE / "examples/loopback", interval="1s"):
        self.base = Path(tempfile.mkdtemp(prefix="vigie-loopback-"))
        self.remote = self.base / "remote.git"
        self.work = self.base / "work"
        self.interval = interval
        self.processes = {}
        self.servers = []
        shutil.copytree(example, self.work)
        self.port = self._choose_ports()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for name in list(self.processes):
            self.stop(name)
        for server in self.servers:
            server.close()
        shutil.rmtree(self.base, ignore_errors=True)

    def _choose_ports(self):
        ports = {"shop": ("127.66.66.1", 18080), "cart": ("127.66.66.1", 18081), "prometheus": ("127.66.66.2", 19390)}
        chosen = {name: free_port(*wanted) for name, wanted in ports.items()}
        text = self.document.read_text()
        for name, (_, wanted) in ports.items():
            text = text.replace(str(wanted), str(chosen[name]))
        self.document.write_text(text)
        return chosen

    @property
    def document(self):
        return self.work / "stack.yaml"

    @property
    def prometheus_url(self):
        return f"http://127.66.66.2:{self.port['prometheus']}"

    def root(self, host):
        return self.base / host

    # --- the command line

    def vigie(self, *arguments, check=True, **options):
        result = subprocess.run([VIGIE, *map(str, arguments)], capture_output=True, text=True, timeout=600, **options)
        if check and result.returncode == 2:
            raise Failed(f"vigie {' '.join(map(str, arguments))}: {result.stderr}")
        return result

    def make_keys(self):
        """`vigie keys init` on both hosts; their public keys go into the document, as a person would paste them."""
        text = self.document.read_text()
        for host in HOSTS:
            shown = self.vigie("keys", "init", "--root", self.root(host)).stdout
            for field in ("publicKey", "sealingKey"):
                key = re.search(rf'{field}: "([^"]+)"', shown).group(1)
                text = re.sub(rf'(name: {host}\n(?:(?!name:).)*?{field}: )"[^"]+"', rf'\1"{key}"', text, count=1, flags=re.S)
        self.document.write_text(text)

    # --- git

    def git(self, *arguments, cwd=None):
        settings = ["-c", "user.name=demo", "-c", "user.email=demo@example.org", "-c", "commit.gpgsign=false",
                    "-c", "init.defaultBranch=main"]
        return subprocess.run(["git", *settings, *arguments], cwd=cwd or self.work, check=True, capture_output=True, text=True).stdout

    def make_repository(self):
        self.git("init", "--quiet", "--bare", str(self.remote), cwd=self.base)
        self.git("init", "--quiet", "-b", "main")
        self.git("remote", "add", "origin", str(self.remote))

    def push(self, message):
        """Commits everything and pushes it; returns the commit."""
        self.git("add", "-A")
        self.git("commit", "--quiet", "-m", message)
        self.git("push", "--quiet", "origin", "HEAD:main")
        return self.git("rev-parse", "HEAD").strip()

    # --- processes

    def start(self, name, argv):
        log = open(self.base / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        log.close()

    def stop(self, name, how=signal.SIGTERM):
        """Ends a process that was started here; returns the seconds that it took."""
        process = self.processes.pop(name)
        begin = time.monotonic()
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return time.monotonic() - begin

    def log(self, name):
        path = self.base / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start_controller(self, host, url=None, extra="", mode="auto", interval=None, listen=()):
        config = self.root(host) / "etc/vigie/vigie.yaml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(
            f"host: {host}\nroot: {self.root(host)}\n"
            f"source: {{ url: \"{url or self.remote}\", branch: main, interval: {interval or self.interval}, timeout: 10s }}\n"
            f"http: {{ listen: {json.dumps(list(listen))}{', tokenFile: ' + str(self.token) if listen else ''} }}\n"
            f"apply: {{ activate: reload, timeout: 10s, mode: {mode} }}\n{extra}")
        self.start(host, [VIGIE, "run", "--config", str(config)])

    @property
    def token(self):
        """A file with the token for changes over TCP."""
        path = self.base / "token"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text("a-token-that-is-only-for-this-test\n")
        return path

    def start_metrics(self, name):
        self.servers.append(Metrics("127.66.66.1", self.port[name], name))

    def start_prometheus(self):
        directory = self.root("vm") / "opt/monitoring"
        program = shutil.which("prometheus") or "/usr/bin/prometheus"
        self.start("prometheus", [program, f"--config.file={directory}/prometheus/prometheus.yml",
                                  f"--storage.tsdb.path={directory}/prom-data", "--web.enable-lifecycle",
                                  f"--web.listen-address=127.66.66.2:{self.port['prometheus']}"])

    def start_alertmanager(self, port):
        directory = self.root("vm") / "opt/monitoring"
        program = shutil.which("prometheus-alertmanager") or "/usr/bin/prometheus-alertmanager"
        self.start("alertmanager", [program, f"--config.file={directory}/alertmanager/alertmanager.yml",
                                    f"--storage.path={directory}/alertmanager-data", "--cluster.listen-address=",
                                    f"--web.listen-address=127.66.66.2:{port}"])

    def call(self, host, method, path, body=None, address=None, headers=None):
        """A request to a controller, through its unix socket or to `address`; returns the status and the body."""
        if address:
            connection = http.client.HTTPConnection(address, timeout=10)
        else:
            connection = http.client.HTTPConnection("localhost", timeout=10)
            connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.sock.settimeout(10)
            connection.sock.connect(str(self.root(host) / "var/lib/vigie/controller.sock"))
        with contextlib.closing(connection):
            data = None if body is None else body if isinstance(body, (bytes, str)) else json.dumps(body)
            connection.request(method, path, data, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    # --- what is observed

    def status(self, host):
        path = self.root(host) / "var/lib/vigie/status.json"
        try:
            return json.loads(path.read_text())
        except (OSError, ValueError):
            return {}

    def condition(self, host, kind):
        for condition in self.status(host).get("conditions", []):
            if condition["type"] == kind:
                return condition
        return {}

    def at_revision(self, host, commit):
        return self.status(host).get("lastAppliedRevision") == commit and self.condition(host, "Ready").get("status") == "True"

    def wait_converged(self, commit, seconds=20.0):
        for host in HOSTS:
            try:
                wait_for(f"host {host} at revision {commit[:12]}", lambda h=host: self.at_revision(h, commit), seconds)
            except Failed as failure:
                raise Failed(f"{failure}\n{self.log(host)[-3000:]}") from None

    def target_up(self, job):
        answer = get_json(f"{self.prometheus_url}/api/v1/targets") or {}
        return any(target["labels"].get("job") == job and target["health"] == "up"
                   for target in answer.get("data", {}).get("activeTargets", []))

    def loaded_digest(self):
        answer = get_json(f"{self.prometheus_url}/api/v1/rules") or {}
        for group in answer.get("data", {}).get("groups", []):
            for rule in group["rules"]:
                if rule["name"] == "vigie_render_info":
                    return rule["labels"]["digest"]
        return None

    def loaded_rules(self):
        answer = get_json(f"{self.prometheus_url}/api/v1/rules") or {}
        return {rule["name"] for group in answer.get("data", {}).get("groups", []) for rule in group["rules"]}

    def written_digest(self):
        text = (self.root("vm") / "opt/monitoring/prometheus/vigie-render-info.yml").read_text()
        return re.search(r'digest: "([0-9a-f]{64})"', text).group(1)

    def files(self, host):
        """Every file of a host but vigie's own state, as bytes. Files may come and go meanwhile."""
        root = self.root(host)
        skip = {root / "var/lib/vigie", root / "opt/monitoring/prom-data", root / "opt/monitoring/alertmanager-data"}
        out = {}
        for directory, names, files in os.walk(root):
            names[:] = [name for name in names if Path(directory, name) not in skip]
            for path in (Path(directory, name) for name in files):
                with contextlib.suppress(FileNotFoundError):
                    if path.is_file():
                        out[str(path.relative_to(root))] = path.read_bytes()
        return out


def clean_up_on_signals():
    """SIGTERM cleans up as Ctrl-C does, and Ctrl-C also where a shell started us with it ignored."""
    def handler(*_):
        raise KeyboardInterrupt
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)


def die(message):
    print(f"\nFAILED: {message}", file=sys.stderr)
    sys.exit(1)
