#!/usr/bin/env python3
"""No secret is where it must not be. Every place of the document that can hold one gets a value which can be recognised; then everything that
vigie can do is done, and whatever was printed, written, logged, answered, put on a command line or into an environment is searched."""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import re
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
from pathlib import Path

import yaml

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "tools"), str(SOURCE / "tests/support")]
from canaries import Aviary, Watch  # noqa: E402
from loopback import DOCUMENT_HOSTS, HOSTS, VIGIE, Failed, Loopback, wait_for  # noqa: E402

# SECRET is replaced by a reference to a secret of its own, PAIR by one to a preshared key; what stands beside `secret` is kept.
DOCUMENT = """
apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: { name: aviary }
spec:
  hosts:
""" + DOCUMENT_HOSTS + """  wireguard:
    network: 127.66.66.0/29  # vigie: disable=VG0325
    presharedKeys: [ { hosts: [vps, vm], from: PAIR } ]
    guests: [ { name: phone, address: 127.66.66.3, publicKey: "P5W1JEZGjjtlsdGhNmn3NlhGDeyBi1ecVdVx9pPyqz8=", presharedKeyFrom: PAIR } ]
  projects:
    - { name: shop, host: vps, directory: /opt/shop, composeFiles: [docker-compose.yml] }
    - { name: monitoring, host: vm, directory: /opt/monitoring }
  applications:
    - name: api
      project: shop
      service: backend
      env:
        - { name: SETTINGS, valueFrom: SECRET }
        - { name: KEY_FILE, fileFrom: SECRET }
        - { name: CERTIFICATE, fileFrom: { secret: SECRET, uid: 1000 } }
  exporters:
    - name: files
      type: pgbouncer
      project: shop
      port: 9127
      pgbouncer:
        service: pgbouncer
        user: stats
        passwordFrom: SECRET
        userlist: { file: /opt/shop/pgbouncer/plain.txt, authType: plain, users: [ { name: plainly, passwordFrom: SECRET } ] }
    - name: arguments
      type: pgbouncer
      project: shop
      port: 9128
      pgbouncer:
        service: pgbouncer
        user: hashed
        passwordIn: command
        passwordFrom: SECRET
        userlist: { file: /opt/shop/pgbouncer/md5.txt, authType: md5, users: [ { name: digested, passwordFrom: SECRET } ] }
    - name: salted
      type: pgbouncer
      project: shop
      port: 9129
      pgbouncer:
        service: pgbouncer
        user: scrammed
        passwordFrom: SECRET
        userlist: { file: /opt/shop/pgbouncer/scram.txt, users: [ { name: challenged, passwordFrom: SECRET } ] }
    - { name: db_exporter, type: postgres, project: shop, postgres: { service: db, user: watcher, passwordFrom: SECRET } }
    - { name: redis_exporter, type: redis, project: shop, redis: { service: cache, user: watcher, passwordFrom: SECRET } }
    - name: probes
      type: blackbox
      project: monitoring
      env: [ { name: PROXY, valueFrom: SECRET }, { name: PROXY_FILE, fileFrom: SECRET } ]
      blackbox:
        probes:
          - { name: login, prober: http, targets: ["https://example.org/"], http: { basicAuth: { username: a, passwordFrom: SECRET } } }
          - { name: bearing, prober: http, targets: ["https://example.org/"], http: { bearerTokenFrom: SECRET } }
    - name: own
      type: custom
      project: shop
      image: example/own:1
      port: 9200
      env: [ { name: SETTINGS, valueFrom: SECRET }, { name: SETTINGS_FILE, fileFrom: { secret: SECRET, uid: 1000 } } ]
      custom: { port: 9200 }
    - { name: theirs, type: node, project: shop, port: 9201, attach: { service: node, web: { username: a, passwordFrom: SECRET } } }
  grafana:
    project: monitoring
    adminPasswordFrom: SECRET
    datasources: [ { name: Logs, type: loki, url: "http://loki:3100", user: a, passwordFrom: SECRET } ]
  registries: [ { server: ghcr.io, username: me, passwordFrom: SECRET } ]
  jaeger: { project: monitoring, image: "ghcr.io/jaeger:2.9.0" }
  prometheus:
    project: monitoring
    image: prom/prometheus:v3.5.0
    scrapeConfigs:
      - { jobName: basic, staticConfigs: &targets [ { targets: ["127.66.66.1:9100"] } ], basicAuth: { username: a, passwordFrom: SECRET } }
      - { jobName: bearer, staticConfigs: *targets, authorization: { credentialsFrom: SECRET }, httpHeaders: [ { name: X-Key, valueFrom: SECRET } ] }
      - jobName: oauth
        staticConfigs: *targets
        oauth2: { clientID: a, clientSecretFrom: SECRET, tokenURL: "https://login.example.org/", tlsConfig: { caFrom: SECRET, certFrom: SECRET, keyFrom: SECRET } }
  alertmanager:
    project: monitoring
    image: prom/alertmanager:v0.28.1
    smtp: { smarthost: "smtp.example.org:587", from: a@example.org, username: a, passwordFrom: SECRET }
    global: { slackAPIURLFrom: SECRET, opsgenieAPIKeyFrom: SECRET, victoropsAPIKeyFrom: SECRET, wechatAPISecretFrom: SECRET, wechatAPICorpID: a }
    route: { receiver: all }
    receivers:
      - name: all
        emailConfigs: [ { to: b@example.org, authUsername: b, authPasswordFrom: SECRET } ]
        webhookConfigs: [ { urlFrom: SECRET, httpConfig: { basicAuth: { username: a, passwordFrom: SECRET }, httpHeaders: [ { name: X-Key, valueFrom: SECRET } ] } } ]
        slackConfigs: [ { apiURLFrom: SECRET, channel: "#a" } ]
        pagerdutyConfigs: [ { routingKeyFrom: SECRET }, { serviceKeyFrom: SECRET } ]
        opsgenieConfigs: [ { apiKeyFrom: SECRET } ]
        victoropsConfigs: [ { routingKey: a, apiKeyFrom: SECRET } ]
        pushoverConfigs: [ { userKeyFrom: SECRET, tokenFrom: SECRET } ]
        telegramConfigs: [ { chatID: 1, botTokenFrom: SECRET } ]
        discordConfigs: [ { webhookURLFrom: SECRET } ]
        msteamsConfigs: [ { webhookURLFrom: SECRET } ]
        msteamsv2Configs: [ { webhookURLFrom: SECRET } ]
        wechatConfigs: [ { corpID: a, toUser: b, apiSecretFrom: SECRET } ]
        snsConfigs: [ { topicARN: "arn:aws:sns:us-east-2:123456789012:a", sigv4: { region: us-east-2, accessKey: A, secretKeyFrom: SECRET } } ]
        rocketchatConfigs: [ { channel: a, apiURL: "https://chat.example.org/", tokenFrom: SECRET, tokenIDFrom: SECRET } ]
"""

# The files that are meant to hold secrets, below a host's root, and their mode: one user reads them. Root can write compose files, in which
# the values of variables and arguments stand (VG0487), what wg-quick reads, and logins.
MEANT = {mode: re.compile(pattern, re.X) for mode, pattern in {
    0o400: r"""opt/monitoring/(prometheus|alertmanager|grafana)/secrets/[^/]+ | opt/monitoring/(prometheus/prometheus|alertmanager/alertmanager)\.yml
        | opt/shop/pgbouncer/(plain|md5|scram)\.txt
        | opt/shop/(files|salted)/pgpass | opt/shop/db-exporter/password | opt/shop/redis-exporter/passwords\.json | opt/shop/own/SETTINGS_FILE
        | opt/shop/vigie-secrets/backend/(KEY_FILE|CERTIFICATE) | opt/monitoring/probes/(PROXY_FILE|[^/]+\.secret)""",
    0o600: r"""etc/wireguard/wg0\.conf | opt/shop/docker-compose\.monitoring\.yml | opt/monitoring/compose\.yaml | var/lib/vigie/docker/config\.json""",
}.items()}

# Says what it was given, and what lies beside the configuration that it checks.
TOOL = """#!/bin/sh
{ echo "$0 $*"; env; cat; for last; do :; done; find "$(dirname "$last")" -type f -exec cat {} +; } >> LOG 2>&1
echo "the checker saw $*"; find "$(dirname "$last")" -type f -exec cat {} +
exit STATUS
"""


def schema():
    crd = yaml.safe_load((SOURCE / "crd/monitoringstacks.vigie.dev.yaml").read_text())
    return crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]


def is_reference(node):
    return "secret" in node.get("properties", {})


def places(node, path="spec"):
    """(mapping of the schema, field) → the path where it was met first. Mappings that stand in several places of the document are one in the
    schema, by an anchor."""
    found = {}
    for name, below in node.get("properties", {}).items():
        if is_reference(below):
            found[id(node["properties"]), name] = f"{path}.{name}"
        else:
            found = places(below, f"{path}.{name}") | found
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            found = places(node[key], path + "[]") | found
    return found


def planted(node, value, secret, path="spec"):
    """Calls `secret(place, path)` for each reference of a document, and puts what it returns there."""
    if isinstance(value, list):
        for at, each in enumerate(value):
            planted(node.get("items", {}), each, secret, f"{path}[{at}]")
    elif isinstance(value, dict):
        for name, each in value.items():
            below = node.get("properties", {}).get(name, node.get("additionalProperties") or {})
            if isinstance(below, dict) and is_reference(below):
                word, beside = (each["secret"], each) if isinstance(each, dict) else (each, {})
                value[name] = beside | secret((id(node["properties"]), name), f"{path}.{name}", word)
            elif isinstance(below, dict):
                planted(below, each, secret, f"{path}.{name}")


class Canaries(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.aviary = Aviary()
        self.said = []
        self.lab = Loopback()
        self.addCleanup(self.lab.__exit__)
        self.base = self.lab.base
        self.outside = Path(tempfile.mkdtemp(prefix="vigie-canary-"))  # what the test itself keeps
        self.addCleanup(shutil.rmtree, self.outside, ignore_errors=True)
        shutil.rmtree(self.lab.work)
        self.lab.work.mkdir()
        self.tools = self.base / "tools"
        self.tools.mkdir()
        self.checkers(0)
        self.environment = dict(os.environ, PATH=f"{self.tools}:{os.environ['PATH']}")

    def checkers(self, status):
        for name in ("promtool", "amtool"):
            (self.tools / name).write_text(TOOL.replace("LOG", str(self.base / "tools.log")).replace("STATUS", str(status)))
            (self.tools / name).chmod(0o755)

    def vigie(self, *arguments, codes=(0, 1), **options):
        result = subprocess.run([VIGIE, *map(str, arguments)], capture_output=True, timeout=600, env=self.environment, **options)
        self.said.append((" ".join(map(str, arguments)), result.stdout + result.stderr))
        self.assertIn(result.returncode, codes, f"{arguments}: {(result.stdout + result.stderr).decode()[-3000:]}")
        return result.stdout.decode()

    # --- the document

    def plant(self):
        """Writes the document with a secret of its own in every place, and seals them. Fails when the schema has a place without one."""
        document = yaml.safe_load(DOCUMENT)
        self.values = {}
        self.logins = set()
        used = {}

        def secret(place, path, word):
            name = f"s{len(self.values)}"
            key = subprocess.run(["wg", "genpsk"], capture_output=True, check=True, text=True).stdout.strip() if word == "PAIR" else None
            if path.endswith(".attach.web.passwordFrom"):
                self.logins |= {path, f"another {name}"}
            self.values[name] = self.aviary.add(path, key, blanks="postgres" not in path)  # whose exporter takes no blank
            used[place] = path
            return {"secret": name}

        top = schema()
        planted(top, document["spec"], secret)
        missing = {path for place, path in places(top).items() if place not in used}
        self.assertEqual(missing, set(), "the document of this test plants no secret there: add one")
        for host in document["spec"]["hosts"]:
            shown = self.vigie("keys", "init", "--root", self.lab.root(host["name"]))
            host["vpn"]["publicKey"] = re.search(r'publicKey: "([^"]+)"', shown).group(1)
            host["sealingKey"] = re.search(r'sealingKey: "([^"]+)"', shown).group(1)
        document["spec"]["secrets"] = [{"name": name, "sealed": {}} for name in self.values]
        self.write(document)
        self.seal()

    def write(self, document):
        self.lab.document.write_text(yaml.safe_dump(document, sort_keys=False, default_flow_style=False))

    def users(self):
        """What PgBouncer's files of users say: user → (password, form, what the file has of it)."""
        found = {}
        for exporter in yaml.safe_load(self.lab.document.read_text())["spec"]["exporters"]:
            if "userlist" in exporter.get("pgbouncer", {}):
                userlist = exporter["pgbouncer"]["userlist"]
                file = self.lab.root("vps") / userlist["file"].lstrip("/")
                there = dict(re.findall(r'^"([^"]*)" "(.*)"$', file.read_text(), re.M))
                named = [{"name": exporter["pgbouncer"]["user"], "passwordFrom": exporter["pgbouncer"]["passwordFrom"]}, *userlist["users"]]
                self.assertEqual(set(there), {user["name"] for user in named})
                found |= {user["name"]: (self.values[user["passwordFrom"]["secret"]], userlist.get("authType", "scram-sha-256"), there[user["name"]])
                          for user in named}
        return found

    def derived(self):
        """What is made of passwords is as good as they are, for who tries or passes it on: it is looked for as well. The passwords of which a
        host has nothing but that."""
        passwords = set()
        for user, (password, form, there) in self.users().items():
            if form == "md5":
                self.assertEqual(there, "md5" + hashlib.md5((password + user).encode()).hexdigest())
                parts = [there[3:]]
            elif form == "scram-sha-256":
                salt, *parts = re.fullmatch(r"SCRAM-SHA-256\$4096:([^$]+)\$([^:]+):([^:]+)", there).groups()
                salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), 4096)
                client = hmac.digest(salted, b"Client Key", "sha256")
                keys = hashlib.sha256(client).digest(), hmac.digest(salted, b"Server Key", "sha256")
                self.assertEqual(parts, [base64.b64encode(key).decode() for key in keys])
                parts += [key.hex() for key in keys]
            else:
                self.assertEqual(there, password)
                continue
            passwords.add(password)
            for part in parts:
                if part not in (canary.value for canary in self.aviary.canaries):
                    self.aviary.add(f"the {form} form of {user}'s password", part)
        return passwords

    def seal(self):
        for name, value in self.values.items():
            self.vigie("seal", name, "--update", self.lab.work, input=value.encode())

    def new_values(self):
        """The same secrets with other values."""
        for name in self.values:
            if not re.fullmatch(r"[A-Za-z0-9+/]{43}=", self.values[name]):
                self.values[name] = self.aviary.add(f"another {name}", blanks=" " in self.values[name])
        self.seal()

    # --- what is done

    def commands(self):
        work = self.lab.work
        self.vigie("validate", work)
        self.vigie("validate", work, "-o", "json")
        for output in ("text", "json", "markdown"):
            self.vigie("plan", "--all-hosts", work, "-o", output)
        for host in HOSTS:
            root = ("--root", self.lab.root(host))
            self.vigie("render", "--host", host, work)
            self.vigie("render", "--host", host, work, "-o", self.base / "rendered" / host)
            for output in ("text", "json", "markdown"):
                self.vigie("plan", "--host", host, work, "-o", output, *root)
            self.vigie("apply", "--host", host, work, "--yes", *root)
        self.assert_where_meant()
        for host in HOSTS:
            root = ("--root", self.lab.root(host))
            self.vigie("apply", "--host", host, work, "--yes", *root)
            self.vigie("keys", "show", *root)
            self.vigie("facts", *root)
            self.vigie("history", "--plans", *root)
            self.vigie("history", "-o", "json", *root)
            self.vigie("import", "--host", host, "-o", self.base / "imported", *root, codes=(0, 1, 2))
        self.vigie("explain", "VG0403")
        self.vigie("keys", "recovery", self.base / "safe")

    def changes(self):
        """Other values: the plan, a refused apply, the transaction with the old ones in its journal, and back again."""
        work = self.lab.work
        self.vigie("seal", "--rotate", work, "--only", "s1", "--dry-run", "--root", self.lab.root("vps"))
        self.vigie("seal", "--rotate", work, "--only", "s1", "--root", self.lab.root("vps"))
        self.new_values()
        self.checkers(1)
        self.vigie("apply", "--host", "vm", work, "--yes", "--root", self.lab.root("vm"), codes=(2,))
        self.checkers(0)
        for host in HOSTS:
            root = ("--root", self.lab.root(host))
            for output in ("text", "json"):
                self.vigie("plan", "--host", host, work, "-o", output, *root)
            self.vigie("apply", "--host", host, work, "--yes", *root)
        self.assert_where_meant()
        self.cured()
        # By hand: the plan shows what stands there.
        for path in ("opt/monitoring/alertmanager/alertmanager.yml", "opt/monitoring/prometheus/prometheus.yml"):
            with open(self.lab.root("vm") / path, "a") as file:
                file.write(f"# password: {self.values['s5']}\n")
        self.vigie("plan", "--host", "vm", work, "--root", self.lab.root("vm"))
        self.vigie("apply", "--host", "vm", work, "--yes", "--root", self.lab.root("vm"))
        self.vigie("rollback", "--list", "--root", self.lab.root("vm"))
        self.vigie("rollback", "--yes", "--host", "vm", "--root", self.lab.root("vm"))
        self.vigie("resume", "--root", self.lab.root("vm"))
        self.vigie("recover", "--root", self.lab.root("vm"))

    def cured(self):
        """Secrets that stood in files leave them (VG0487): what is on the host still has them, and what it shall become knows of none."""
        before = self.lab.document.read_text()
        document = yaml.safe_load(before)
        for program in document["spec"]["applications"] + document["spec"]["exporters"]:
            for variable in program.get("env", []):
                if "valueFrom" in variable:
                    variable["fileFrom"] = variable.pop("valueFrom")
            program.get("pgbouncer", {}).pop("passwordIn", None)
        self.write(document)
        for host in HOSTS:
            for output in ("text", "json", "markdown"):
                said = self.vigie("plan", "--host", host, self.lab.work, "-o", output, "--root", self.lab.root(host))
                self.assertIn("monitoring/compose.yaml" if host == "vm" else "docker-compose.monitoring.yml", said)
            self.vigie("apply", "--host", host, self.lab.work, "--yes", "--root", self.lab.root(host))
        for path in (self.lab.root("vps") / "opt/shop/docker-compose.monitoring.yml", self.lab.root("vm") / "opt/monitoring/compose.yaml"):
            self.assertEqual(self.aviary.inside(path.read_bytes()), [])
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o644)
        self.lab.document.write_text(before)
        for host in HOSTS:
            self.vigie("apply", "--host", host, self.lab.work, "--yes", "--root", self.lab.root(host))
        self.assert_where_meant()

    def controllers(self):
        token, hook = (self.aviary.add(what, secrets.token_hex(24)) for what in ("the token of the API", "the secret of the webhooks"))
        for name, value in (("token", token), ("hook", hook)):
            (self.outside / name).touch(mode=0o600)
            (self.outside / name).write_text(value + "\n")
        self.lab.make_repository()
        commit = self.lab.push("everything")
        address = f"127.0.0.1:{self.lab_port()}"
        for host in HOSTS:
            config = self.lab.root(host) / "etc/vigie/vigie.yaml"
            config.parent.mkdir(parents=True, exist_ok=True)
            listen = [address] if host == "vm" else []
            hooks = f"hooks: {{ secretFile: {self.outside / 'hook'} }}\n"
            config.write_text(
                f"host: {host}\nroot: {self.lab.root(host)}\nsource: {{ url: \"{self.lab.remote}\", branch: main, interval: 1s, timeout: 10s }}\n"
                f"http: {{ listen: {json.dumps(listen)}, tokenFile: {self.outside / 'token'} }}\n{hooks if listen else ''}"
                f"apply: {{ activate: none }}\nlog: {{ format: {'json' if host == 'vm' else 'text'} }}\n")
            with open(self.base / f"{host}.log", "ab") as log:
                self.lab.processes[host] = subprocess.Popen([VIGIE, "run", "--config", str(config)], stdout=log, stderr=log,
                                                            start_new_session=True, env=self.environment)
        self.wait_applied(commit)
        self.new_values()
        self.wait_applied(self.lab.push("other values"))
        self.asked(address, token)
        for host in HOSTS:
            for command in ("status", "history", "events"):
                self.vigie(command, "--root", self.lab.root(host))
                self.vigie(command, "-o", "json", "--root", self.lab.root(host))
            self.vigie("reconcile", "--wait", "--root", self.lab.root(host))
            self.lab.stop(host)
        self.assert_where_meant()

    def wait_applied(self, commit):
        try:
            wait_for(f"both hosts at {commit}", lambda: all(self.lab.status(host).get("lastAppliedRevision") == commit for host in HOSTS), 30)
        except Failed:
            self.fail("".join(f"{host}: {self.lab.log(host)[-3000:]}\n" for host in HOSTS))

    @staticmethod
    def lab_port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def asked(self, address, token):
        """Everything that the API has, the page, and requests that are refused."""
        paths = yaml.safe_load((SOURCE / "docs/openapi.yaml").read_text())["paths"]
        knowing = {"Authorization": f"Bearer {token}"}
        requests = [("GET", path, None, headers) for path in [*(path for path in paths if "get" in paths[path]), "/", "/metrics", "/nowhere"]
                    for headers in ({}, knowing)]
        requests += [("POST", path, "{}", {"Authorization": f"Bearer {wrong}", "Content-Type": "application/json"}) for path in paths
                     if "post" in paths[path] for wrong in ("wrong-but-long-enough-for-a-token",)]
        requests += [("POST", f"/hooks/{kind}", '{"ref":"refs/heads/main"}', {
            "X-Hub-Signature-256": "sha256=" + "0" * 64, "X-Gitlab-Token": "wrong", "X-Gitea-Signature": "0" * 64}) for kind in ("github", "gitlab", "gitea")]
        requests += [("POST", "/api/v1/reconcile", "{}", {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})]
        statuses = []
        for method, path, body, headers in requests:
            connection = http.client.HTTPConnection(address, timeout=10)
            with contextlib.closing(connection):
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                self.said.append((f"{method} {path}", answer.read() + str(answer.headers).encode()))
                statuses.append(answer.status)
        self.assertEqual(statuses.count(200) >= 8, True, statuses)

    # --- what is asserted

    def assert_where_meant(self):
        """Each secret that stands in the document is on some host, in files which only one user can read, and in no other file at all."""
        held = set()
        derived = self.derived()
        for path, places_ in self.aviary.files(self.base).items():
            below = path.relative_to(self.base)
            inside = str(Path(*below.parts[1:]))
            self.assertIn(below.parts[0], HOSTS, f"{places_} in {below}")
            modes = [mode for mode, pattern in MEANT.items() if pattern.fullmatch(inside)]
            self.assertTrue(modes, f"{places_} in {below}")
            self.assertEqual([stat.S_IMODE(path.stat().st_mode)], modes, f"{below} can be read or written by others than meant")
            held |= set(places_)
        now = {canary.place for canary in self.aviary.canaries if canary.value in self.values.values() and canary.value not in derived}
        asked = now & self.logins  # vigie itself asks with these: they are in no file
        self.assertEqual(now - held - asked, set(), "nobody got these: the test would not see them anywhere")
        self.assertEqual(held & asked, set(), "with these only vigie asks")

    def assert_untold(self):
        for what, said in self.said:
            self.assertEqual(self.aviary.inside(said), [], what)

    def test_secrets_appear_in_no_file_output_or_process_they_are_not_meant_for(self):
        state = [self.lab.root(host) / "var/lib/vigie" / name for host in HOSTS for name in ("vigie.db", "vigie.db-wal", "vigie.db-journal")]
        with Watch(self.aviary, *state, self.base / "tools.log") as watch:
            self.plant()
            self.commands()
            self.changes()
            self.controllers()
            for host in HOSTS:
                self.vigie("uninstall", "--purge", "--yes", "--root", self.lab.root(host))
        self.assertEqual(watch.leaks, set())
        self.assertGreater(watch.looks, 100)
        self.assertTrue({os.path.basename(VIGIE), "vigie-controller"} <= watch.seen, watch.seen)
        self.assert_untold()
        self.assertIn("the checker saw", (b"".join(said for _, said in self.said)).decode(errors="replace"))
        left = {str(path.relative_to(self.base)): places_ for path, places_ in self.aviary.files(self.base).items()}
        self.assertEqual(left, {})

    def test_a_leaked_secret_is_found_in_every_encoding_and_place(self):
        """The same eyes, on leaks that the test makes."""
        value = self.aviary.add("here")
        for text in (value, json.dumps(value), value.encode().hex(), urllib.parse.quote(value, safe=""),
                     *(base64.b64encode(f"{'x' * shift}{value}".encode()).decode() for shift in range(3))):
            self.assertEqual(self.aviary.inside(text), ["here"], text)
        self.assertEqual(self.aviary.inside(value[:20]), [])
        log = self.base / "leak.log"
        log.write_text(f"password={value}")
        self.assertEqual(self.aviary.files(self.base), {log: ["here"]})
        with self.assertRaises(AssertionError):
            self.values = {}
            self.write({"spec": {"exporters": []}})
            self.assert_where_meant()
        with Watch(self.aviary, log) as watch:
            for arguments, environment in ((["sh", "-c", "sleep 0.5; :", value], {}), (["sh", "-c", "sleep 0.5; :"], {"PASSWORD": value})):
                subprocess.run(arguments, env=environment | {"PATH": os.environ["PATH"]}, check=True)
        self.assertEqual(watch.leaks, {("cmdline of sh", "here"), ("environ of sh", "here"), ("environ of sleep", "here"), (str(log), "here")})

    def test_a_new_secret_field_in_the_schema_is_found(self):
        top = schema()
        top["properties"]["prometheus"]["properties"]["new"] = {"type": "object", "properties": {
            "tokenFrom": {"type": "object", "properties": {"secret": {"type": "string"}}}}}
        self.assertIn("spec.prometheus.new.tokenFrom", set(places(top).values()))
        self.assertGreater(len(places(top)), 30)


if __name__ == "__main__":
    unittest.main()
