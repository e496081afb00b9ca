#!/usr/bin/env python3
"""What vigie writes for exporters and for PgBouncer, read by the real programs: each finds its password in the file and in the form
in which it was written, and measures something."""

import base64
import contextlib
import hashlib
import http.server
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from patience import patient  # noqa: E402

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
VIGIE = os.environ["VIGIE_BIN"]
POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path("/usr/bin"))
PASSWORD = "pa\"ss\\$w%rd'x"  # no space: postgres_exporter takes its DSN apart there
NOBODY = 65534
MOUNT = "/etc/vigie-exporter"

DOCUMENT = """
apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: {{ name: real }}
spec:
  hosts: [{{ name: here, sealingKey: "{key}" }}]
  firewall: {{ provider: none }}
  projects:
    - {{ name: app, host: here, directory: /opt/app, composeFiles: [compose.yaml] }}
    - {{ name: monitoring, host: here, directory: /opt/monitoring }}
  exporters:
    - name: pool
      type: pgbouncer
      project: app
      pgbouncer:
        service: localhost
        user: stats
        passwordFrom: {{ secret: pw }}
        userlist: {{ file: /opt/app/pgbouncer/userlist.txt, authType: {auth}, uid: {uid}, gid: {uid} }}
    - name: db
      type: postgres
      project: app
      postgres: {{ service: localhost, port: {postgres}, user: stats, passwordFrom: {{ secret: pw }} }}
    - name: cache
      type: redis
      project: app
      redis: {{ service: localhost, port: {redis}, user: "mon+itor", passwordFrom: {{ secret: pw }} }}
    - {{ name: node, type: node, project: app, port: {node}, node: {{ enable: [processes], disable: [wifi] }} }}
    - name: outside
      type: blackbox
      project: monitoring
      blackbox:
        probes:
          - name: page
            prober: http
            targets: ["http://127.0.0.1:1/"]
            http:
              validStatusCodes: [418]
              failIfBodyNotMatches: ["short and st.ut"]
              headers: [{{ name: X-Probe, value: "yes" }}]
              basicAuth: {{ username: me, passwordFrom: {{ secret: pw }} }}
          - {{ name: token, prober: http, targets: ["http://127.0.0.1:1/"], http: {{ bearerTokenFrom: {{ secret: pw }} }} }}
          - {{ name: banner, prober: tcp, targets: ["127.0.0.1:1"], tcp: {{ send: "HELLO", expect: "^OK" }} }}
          - {{ name: echo, prober: icmp, targets: [127.0.0.1], icmp: {{ payloadSize: 100, dontFragment: true }} }}
          - {{ name: names, prober: dns, targets: ["127.0.0.1:1"], dns: {{ queryName: example.org, queryType: A, transport: tcp, validRcodes: [NOERROR], failIfAnswerMatches: [w], failIfAnswerNotMatches: [z] }} }}
          - {{ name: own, module: words, targets: ["127.0.0.1:1"] }}
        modules: [{{ name: words, raw: {{ prober: tcp, timeout: 3s, tcp: {{ query_response: [{{ expect: "^220" }}, {{ starttls: true }}] }} }} }}]
  prometheus: {{ project: monitoring }}
  secrets: []
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command, **options):
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=600, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command}: {result.stdout}{result.stderr}")
    return result.stdout


def as_user(user):
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if os.geteuid() == 0 else []


def as_nobody():
    return as_user(NOBODY)


def fetch(url, timeout=20.0):
    """What is answered, as soon as somebody does."""
    end = time.monotonic() + patient(timeout)
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


class Teapot(http.server.BaseHTTPRequestHandler):
    seen = []

    def do_GET(self):
        type(self).seen.append((self.headers.get("Authorization"), self.headers.get("X-Probe")))
        self.send_response(200 if self.path == "/token" else 418)
        self.end_headers()
        self.wfile.write(b"short and stout")

    def log_message(self, *_):
        pass


class Exporters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.base = Path(tempfile.mkdtemp(prefix="vigie-exporters-"))
        cls.stack.callback(shutil.rmtree, cls.base, ignore_errors=True)
        cls.base.chmod(0o755)
        cls.ports = {name: free_port() for name in ("postgres", "redis", "node")}
        cls.root = cls.base / "root"
        cls.work = cls.base / "work"
        cls.work.mkdir()
        # Without a tunnel `keys init` has no document to say so, and makes a key of WireGuard that nothing asks for.
        shown = run(VIGIE, "keys", "init", "--root", cls.root)
        cls.key = shown.split("sealingKey:")[1].split('"')[1]
        cls.auth = "scram-sha-256"
        cls.write("secrets: []")
        sealed = run(VIGIE, "seal", "pw", cls.work, "--host", "here", input=PASSWORD).split('"')[1]
        cls.secrets = f'secrets: [{{ name: pw, sealed: {{ here: "{sealed}" }} }}]'
        cls.apply("scram-sha-256")

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    @classmethod
    def write(cls, secrets):
        uid = NOBODY if os.geteuid() == 0 else os.geteuid()
        text = DOCUMENT.format(key=cls.key, auth=cls.auth, uid=uid, **cls.ports)
        (cls.work / "stack.yaml").write_text(text.replace("secrets: []", secrets))

    @classmethod
    def apply(cls, auth):
        cls.auth = auth
        cls.write(cls.secrets)
        said = run(VIGIE, "apply", "--root", cls.root, "--host", "here", "--yes", cls.work)
        assert PASSWORD not in said
        return (cls.root / "opt/app/pgbouncer/userlist.txt").read_text()

    def service(self, name, project="app"):
        """A service as compose hands it to the engine."""
        file = "docker-compose.monitoring.yml" if project == "app" else "compose.yaml"
        text = (self.root / "opt" / project / file).read_text()
        self.assertNotIn(PASSWORD, text)
        return yaml.safe_load(text.replace("$$", "$"))["services"][name]

    def here(self, text, name, project="app"):
        return text.replace(MOUNT, str(self.root / "opt" / project / name))

    def start(self, *command, **options):
        process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return process

    def exporter(self, program, name):
        """The metrics of the real program as the user of its service, with its variables."""
        port = free_port()
        service = self.service(name)
        environment = {key: self.here(value, name) for key, value in service.get("environment", {}).items()}
        self.start(*as_user(service["user"].split(":")[0]), program, f"--web.listen-address=127.0.0.1:{port}", env={"PATH": os.environ["PATH"], **environment})
        return fetch(f"http://127.0.0.1:{port}/metrics")

    def postgres(self):
        """A cluster, and psql in it as its superuser."""
        data = Path(tempfile.mkdtemp(prefix="pg", dir=self.base))
        if os.geteuid() == 0:
            os.chown(data, NOBODY, NOBODY)
        run(*as_nobody(), POSTGRES / "initdb", "-D", data / "d", "-U", "admin", "-A", "trust", "-E", "UTF8", "--no-locale", "-N", cwd=data)
        (data / "d/pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 md5\n")
        port = self.ports["postgres"]
        self.start(*as_nobody(), POSTGRES / "postgres", "-D", data / "d", "-p", port, "-k", data, "-c", "listen_addresses=127.0.0.1", cwd=data)
        end = time.monotonic() + patient(30)
        while subprocess.run([POSTGRES / "pg_isready", "-q", "-h", data, "-p", str(port)], check=False).returncode != 0:
            self.assertLess(time.monotonic(), end, "PostgreSQL does not start")
            time.sleep(0.05)
        return lambda sql: run("psql", "-h", data, "-p", port, "-U", "admin", "-d", "postgres", "-XAtc", sql).strip()

    @staticmethod
    def login(port, user, database="postgres", password=PASSWORD, sql="SELECT 1"):
        return subprocess.run(["psql", "-h", "127.0.0.1", "-p", str(port), "-U", user, "-d", database, "-XAtc", sql], capture_output=True, text=True,
                              timeout=600, check=False, env={"PATH": os.environ["PATH"], "PGPASSWORD": password})

    def form(self, auth):
        """What stands in the list for the user `stats`."""
        line = self.apply(auth)
        self.assertTrue(line.startswith('"stats" "') and line.endswith('"\n'), line)
        return line[len('"stats" "'):-2].replace('""', '"')

    def test_postgresql_accepts_the_rendered_verifiers_and_its_exporter_logs_in(self):
        sql = self.postgres()
        literal = PASSWORD.replace("'", "''")
        md5 = self.form("md5")
        sql(f"SET password_encryption = 'md5'; CREATE ROLE stats LOGIN PASSWORD '{literal}'")
        self.assertEqual(sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'stats'"), md5)
        scram = self.form("scram-sha-256")
        sql(f"ALTER ROLE stats PASSWORD '{scram}'; GRANT pg_monitor TO stats")
        self.assertEqual(sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'stats'"), scram)
        self.assertEqual(self.login(self.ports["postgres"], "stats").stdout, "1\n")
        self.assertNotEqual(self.login(self.ports["postgres"], "stats", password="another").returncode, 0)
        self.assertIn("\npg_up 1\n", self.exporter("prometheus-postgres-exporter", "db"))

    def test_pgbouncer_accepts_the_stats_user_with_every_auth_type(self):
        for auth in ("plain", "md5", "scram-sha-256"):
            with self.subTest(auth=auth):
                self.apply(auth)
                port = free_port()
                where = Path(tempfile.mkdtemp(prefix="pool", dir=self.base))
                (where / "pgbouncer.ini").write_text(
                    f"[databases]\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\nauth_type={auth}\nstats_users=stats\n"
                    f"auth_file={self.root}/opt/app/pgbouncer/userlist.txt\n")
                where.chmod(0o755)
                self.start(*as_nobody(), "pgbouncer", where / "pgbouncer.ini")
                end = time.monotonic() + patient(30)
                while (result := self.login(port, "stats", "pgbouncer", sql="SHOW VERSION")).returncode != 0:
                    self.assertLess(time.monotonic(), end, result.stderr)
                    time.sleep(0.1)
                self.assertIn("PgBouncer", result.stdout)
                self.assertNotEqual(self.login(port, "stats", "pgbouncer", "another", "SHOW VERSION").returncode, 0)

    def test_pgbouncers_user_list_is_private_and_no_plan_shows_it(self):
        before = self.apply("scram-sha-256")
        self.assertEqual((self.root / "opt/app/pgbouncer/userlist.txt").stat().st_mode & 0o777, 0o400)
        self.assertEqual(self.apply("scram-sha-256"), before)
        (self.work / "stack.yaml").write_text((self.work / "stack.yaml").read_text().replace("authType: scram-sha-256", "authType: md5"))
        said = subprocess.run([VIGIE, "plan", "--root", self.root, "--host", "here", self.work], capture_output=True, text=True, timeout=600, check=False)
        self.assertEqual(said.returncode, 1, said.stderr)
        self.assertIn("userlist.txt", said.stdout)
        for secret in (PASSWORD, before.split('"')[3], "md5" + hashlib.md5((PASSWORD + "stats").encode()).hexdigest()):
            self.assertNotIn(secret, said.stdout + said.stderr)

    def test_redis_exporter_logs_in_with_the_rendered_password_file(self):
        port = self.ports["redis"]
        hashed = hashlib.sha256(PASSWORD.encode()).hexdigest()
        where = Path(tempfile.mkdtemp(prefix="redis", dir=self.base))
        (where / "redis.conf").write_text(f'port {port}\nbind 127.0.0.1\nsave ""\ndir {where}\nuser default off\nuser mon+itor on #{hashed} ~* &* +@all\n')
        self.start("redis-server", where / "redis.conf")
        end = time.monotonic() + patient(30)
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        self.assertIn("\nredis_up 1\n", self.exporter("prometheus-redis-exporter", "cache"))

    def test_the_node_exporter_accepts_its_rendered_options(self):
        command = [each.replace("--path.rootfs=/host", "--path.rootfs=/") for each in self.service("node")["command"]]
        self.assertIn(f"--web.listen-address=127.0.0.1:{self.ports['node']}", command)
        self.start("prometheus-node-exporter", *command)
        metrics = fetch(f"http://127.0.0.1:{self.ports['node']}/metrics")
        self.assertIn('node_scrape_collector_success{collector="processes"}', metrics)
        self.assertNotIn('collector="wifi"', metrics)

    def blackbox(self):
        file = self.root / "opt/monitoring/outside/blackbox.yml"
        out = self.base / "blackbox.yml"
        out.write_text(self.here(file.read_text(), "outside", "monitoring"))
        return out

    def test_the_blackbox_exporter_accepts_every_kind_of_module(self):
        run("prometheus-blackbox-exporter", "--config.check", f"--config.file={self.blackbox()}")
        for golden in (SOURCE / "tests/golden/render").rglob("blackbox.yml"):
            run("prometheus-blackbox-exporter", "--config.check", f"--config.file={golden}")

    def test_blackbox_probes_log_in_and_check_the_answer(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Teapot)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        target = f"http://127.0.0.1:{server.server_port}"
        port = free_port()
        self.start("prometheus-blackbox-exporter", f"--config.file={self.blackbox()}", f"--web.listen-address=127.0.0.1:{port}")
        asked = f"http://127.0.0.1:{port}/probe?target={target}"
        self.assertIn("\nprobe_success 1\n", fetch(f"{asked}/&module=page"))
        basic = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()
        self.assertEqual(Teapot.seen[-1], (basic, "yes"))
        self.assertIn("\nprobe_success 1\n", fetch(f"{asked}/token&module=token"))
        self.assertEqual(Teapot.seen[-1][0], f"Bearer {PASSWORD}")
        self.assertIn("\nprobe_success 0\n", fetch(f"{asked}/&module=token"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
