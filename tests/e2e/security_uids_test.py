#!/usr/bin/env python3
"""Each program that vigie renders runs as a user of its own: as what one of them runs, nothing of another's secrets can be read. And an
installation of 0.1, in which all of them ran as 65534, becomes one of these when it may, with its data."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

VIGIE = os.environ["VIGIE_BIN"]
FORMER = 65534
MIB = 1 << 20

DOCUMENT = """
apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: { name: users }
spec:
  hosts: [{ name: here, sealingKey: "KEY" }]
  firewall: { provider: none }
  projects:
    - { name: app, host: here, directory: /opt/app, composeFiles: [compose.yaml] }
    - { name: monitoring, host: here, directory: /opt/monitoring }
  exporters:
    - { name: pool, type: pgbouncer, project: app, pgbouncer: { service: bouncer, user: stats, passwordFrom: { secret: pool } } }
    - { name: db, type: postgres, project: app, postgres: { service: postgres, user: stats, passwordFrom: { secret: db } } }
    - { name: cache, type: redis, project: app, redis: { service: redis, passwordFrom: { secret: cache } } }
    - { name: web, type: nginx, project: app, nginx: { service: nginx } }
    - { name: node, type: node, project: monitoring }
    - name: outside
      type: blackbox
      project: monitoring
      blackbox: { probes: [{ name: token, prober: http, targets: ["http://192.0.2.1/"], http: { bearerTokenFrom: { secret: outside } } }] }
    - { name: bare, type: custom, project: app, image: "example/own:1", port: 9201, custom: { port: 9201, volumes: [{ source: /opt, target: /opt }] } }
    - name: own
      type: custom
      project: app
      image: example/own:1
      port: 9202
      env: [{ name: TOKEN_FILE, fileFrom: { secret: own } }]
      custom: { port: 9202 }
  grafana: { project: monitoring, adminPasswordFrom: { secret: grafana } }
  prometheus:
    project: monitoring
    scrapeConfigs: [{ jobName: a, staticConfigs: [{ targets: ["127.0.0.1:1"] }], basicAuth: { username: a, passwordFrom: { secret: prometheus } } }]
  alertmanager:
    project: monitoring
    route: { receiver: all }
    receivers: [{ name: all, webhookConfigs: [{ urlFrom: { secret: alertmanager } }] }]
  secrets: []
"""
# The programs, by the files that vigie writes for them; none for those that have no secret.
SECRETS = {"pool": "app/pool/pgpass", "db": "app/db/password", "cache": "app/cache/passwords.json", "own": "app/own/TOKEN_FILE",
           "outside": "monitoring/outside/token.secret", "grafana": "monitoring/grafana/secrets/grafana",
           "prometheus": "monitoring/prometheus/secrets/prometheus", "alertmanager": "monitoring/alertmanager/secrets/alertmanager"}
WITHOUT = {"web", "node", "bare"}
AT_ONCE = {"node", "bare", "own"}
OWN_OF_THE_IMAGE = {"grafana", "prometheus"}
FILES = ("app/docker-compose.monitoring.yml", "monitoring/compose.yaml")


def run(*command, code=0, **options):
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=600, check=False, **options)
    if result.returncode != code:
        raise AssertionError(f"{command}: {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def canary(name):
    return f"http://canary-{name}.example/"  # one of them has to be a URL


@unittest.skipIf(os.geteuid() != 0, "needs root: owners are what it is about")
class Users(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = Path(tempfile.mkdtemp(prefix="vigie-uids-"))
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        cls.base.chmod(0o755)
        root = cls.base / "first"
        key = run(VIGIE, "keys", "init", "--root", root).split("sealingKey:")[1].split('"')[1]
        cls.document = cls.base / "document"
        cls.document.mkdir()
        text = DOCUMENT.replace("KEY", key)
        (cls.document / "stack.yaml").write_text(text)
        sealed = {name: run(VIGIE, "seal", name, cls.document, "--host", "here", input=canary(name)).split('"')[1] for name in SECRETS}
        entries = ", ".join(f'{{ name: {name}, sealed: {{ here: "{value}" }} }}' for name, value in sealed.items())
        (cls.document / "stack.yaml").write_text(text.replace("secrets: []", f"secrets: [{entries}]"))
        cls.apply(root, cls.document)

    def setUp(self):
        """A host of its own, as a new installation leaves it."""
        self.root = self.base / self._testMethodName
        run("cp", "--archive", "--no-target-directory", self.base / "first", self.root)

    @staticmethod
    def apply(root, document, *more, **options):
        return run(VIGIE, "apply", "--root", root, "--host", "here", "--yes", *more, document, **options)

    @property
    def opt(self):
        return self.root / "opt"

    def users(self):
        """The user of each program, as compose hands it to the engine."""
        services = {}
        for file in FILES:
            services |= yaml.safe_load((self.opt / file).read_text())["services"]
        services["grafana"].setdefault("user", "472:0")  # its image's own
        return {name: tuple(map(int, service["user"].split(":"))) for name, service in services.items()}

    def readable(self, uid, gid):
        """The programs whose secrets a process of that user reads."""
        files = [self.opt / file for file in SECRETS.values()]
        script = 'for file; do if cat "$file" >/dev/null 2>&1; then echo "$file"; fi; done'
        said = run("setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "--bounding-set", "-all", "sh", "-c", script, "sh", *files)
        return {name for name, file in SECRETS.items() if str(self.opt / file) in said.splitlines()}

    def changes(self, document=None):
        (plan,) = json.loads(self.plan(document, "-o", "json"))["hosts"]
        return {each["id"]: each for each in plan["changes"] if each["action"] != "none"}, plan["notes"]

    def plan(self, document=None, *more):
        result = subprocess.run([VIGIE, "plan", "--root", str(self.root), "--host", "here", *more, str(document or self.document)], capture_output=True,
                                text=True, timeout=600, check=False)
        self.assertIn(result.returncode, (0, 1), result.stderr)
        return result.stdout

    def copy(self, name, old="", new=""):
        """The document with a change, and with the facts of this host."""
        out = self.base / (self._testMethodName + "-" + name)
        shutil.copytree(self.document, out)
        text = (out / "stack.yaml").read_text()
        self.assertIn(old, text)
        (out / "stack.yaml").write_text(text.replace(old, new, 1))
        return out

    def separate(self):
        return self.copy("separate", "  firewall: {", "  uids: separate\n  firewall: {")

    def facts(self):
        return json.loads(run(VIGIE, "facts", "--root", self.root))

    def rendered(self, users):
        """The directory of what is rendered of the document where the facts say that."""
        document = self.base / (self._testMethodName + "-facts")
        shutil.rmtree(document, ignore_errors=True)
        shutil.copytree(self.document, document)
        (document / "facts").mkdir()
        facts = {"apiVersion": "vigie.dev/v1alpha1", "kind": "HostFacts", "host": "here", "users": users}
        (document / "facts/here.json").write_text(json.dumps(facts))
        run(VIGIE, "render", document, "--host", "here", "--out", document / "out")
        return document / "out/opt"

    def become_former(self):
        """The host as vigie 0.1 left it: everything of all programs belongs to 65534, and so it says in the compose files."""
        kept = self.rendered({f"/opt/{file}": {name: f"{FORMER}:{FORMER}" for name in SECRETS} for file in FILES})
        for file in FILES:
            (self.opt / file).write_text((kept / file).read_text())
        for name in SECRETS:
            path = self.opt / SECRETS[name]
            for each in (path, path.parent):
                if name not in OWN_OF_THE_IMAGE:
                    os.chown(each, FORMER, FORMER)
        os.chown(self.opt / "monitoring/outside/blackbox.yml", FORMER, FORMER)
        data = self.opt / "monitoring/alertmanager-data"
        (data / "silences").write_text("")
        (data / "deep").mkdir()
        (data / "deep/file").write_text("x" * 10)
        (data / "roots").write_text("")
        os.symlink("/etc/passwd", data / "link")
        for each in (data, data / "silences", data / "deep", data / "deep/file"):
            os.chown(each, FORMER, FORMER)
        (data / "deep/file").chmod(0o640)
        return data

    def owners(self, directory):
        return {str(path.relative_to(self.opt)): path.lstat().st_uid for path in (directory, *directory.rglob("*"))}

    def test_a_program_can_read_its_own_secrets_only(self):
        users = self.users()
        self.assertEqual(set(users), {*SECRETS, *WITHOUT})
        self.assertEqual(len(set(users.values())), len(users), users)
        self.assertEqual(users["prometheus"], (FORMER, FORMER))
        for name, (uid, gid) in users.items():
            with self.subTest(name):
                self.assertEqual(self.readable(uid, gid), {name} & {*SECRETS})

    def test_node_and_custom_exporters_own_nothing(self):
        users = self.users()
        for name in ("node", "bare"):
            self.assertEqual([path for path in self.root.rglob("*") if path.lstat().st_uid == users[name][0]], [])

    def test_an_installation_of_0_1_keeps_its_users_but_for_node_and_custom_exporters(self):
        self.become_former()
        new = self.users()
        self.assertEqual(new["alertmanager"], (FORMER, FORMER))
        changes, notes = self.changes()
        at_once = {f"file:/opt/{file}" for file in FILES} | {"directory:/opt/app/own", f"file:/opt/{SECRETS['own']}"}
        self.assertLessEqual(set(changes), at_once)
        self.assertTrue(any("app/cache, app/db" in note and "uids: separate" in note for note in notes), notes)
        self.apply(self.root, self.document)
        users = self.users()
        for name in AT_ONCE:
            self.assertNotEqual(users[name][0], FORMER, name)
        self.assertEqual({name for name, (uid, _) in users.items() if uid == FORMER},
                         {*SECRETS, *WITHOUT} - AT_ONCE - {"grafana", "web"})
        for name in ("node", "bare"):
            self.assertEqual(self.readable(*users[name]), set())
        self.assertEqual(self.readable(*users["own"]), {"own"})
        self.assertEqual(self.changes()[0], {})

    def test_rendering_with_the_facts_users_gives_the_files_of_the_host(self):
        self.assertEqual(self.facts()["users"]["/opt/monitoring/compose.yaml"]["alertmanager"], "65520:65520")
        self.become_former()
        self.apply(self.root, self.document)
        written = self.facts()["users"]
        self.assertEqual(written["/opt/monitoring/compose.yaml"]["alertmanager"], f"{FORMER}:{FORMER}")
        out = self.rendered(written)
        for file in FILES:
            self.assertEqual((out / file).read_text(), (self.opt / file).read_text(), file)

    def test_with_separate_uids_data_change_their_owner_and_a_rollback_restores_it(self):
        data = self.become_former()
        self.apply(self.root, self.document)
        before = self.owners(data)
        document = self.separate()
        changes, notes = self.changes(document)
        self.assertIn("directory:/opt/monitoring/alertmanager-data", changes)
        self.assertIn("5 files and directories", changes["directory:/opt/monitoring/alertmanager-data"]["reason"])
        self.assertEqual(notes, [])
        self.apply(self.root, document)
        owners = self.owners(data)
        moved = {path for path, uid in before.items() if uid == FORMER}
        self.assertEqual({path for path, uid in owners.items() if uid == 65520}, moved)
        self.assertEqual(os.stat("/etc/passwd").st_uid, 0)
        self.assertEqual((data / "deep/file").stat().st_mode & 0o7777, 0o640)
        for name, (uid, gid) in self.users().items():
            self.assertEqual(self.readable(uid, gid), {name} & {*SECRETS}, name)
        self.assertEqual(self.changes(document)[0], {})
        self.assertEqual(self.changes()[0], {})  # nothing goes back when `separate` is taken out

    def test_a_rolled_back_change_of_uids_restores_the_owner_of_all_data(self):
        data = self.become_former()
        self.apply(self.root, self.document)
        before = self.owners(self.opt)
        self.apply(self.root, self.separate(), "--confirm-within", "10m")
        self.assertEqual(data.stat().st_uid, 65520)
        (data / "made-since").write_text("")
        os.chown(data / "made-since", 65520, 65520)
        run(VIGIE, "rollback", "--root", self.root)
        after = self.owners(self.opt)
        self.assertEqual(after.pop("monitoring/alertmanager-data/made-since"), FORMER)
        self.assertEqual(after, before)

    def test_a_plan_changes_the_owner_of_a_tree_over_one_gibibyte_only_with_separate_uids(self):
        data = self.become_former()
        self.apply(self.root, self.document)
        os.truncate(data / "silences", 1100 * MIB)
        os.chown(data, 0, 0)  # somebody's mistake
        os.chown(data / "silences", 0, 0)
        changes, _ = self.changes()
        change = changes["directory:/opt/monitoring/alertmanager-data"]
        self.assertEqual(change["action"], "refuse")
        self.assertIn("1100 MiB", change["reason"])
        self.assertIn("uids: separate", change["reason"])
        changes, _ = self.changes(self.separate())
        change = changes["directory:/opt/monitoring/alertmanager-data"]
        self.assertEqual(change["action"], "update")
        self.assertIn("1100 MiB", change["reason"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
