#!/usr/bin/env python3
"""vigie on two real hosts: WireGuard, ufw, Docker and Compose as they are, Prometheus as it loads and refuses. Every assertion
is about observed state. The tests build on each other and run in the order in which they stand."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import hosts  # noqa: E402
import images  # noqa: E402
from hosts import Lab, wait_for  # noqa: E402
from loopback import VIGIE  # noqa: E402

PASSWORD = "c4nary/p@ss"
COMPOSE = """
services:
  backend:
    image: backend:1
    restart: unless-stopped
    ports: ["8000:8000"]
  pgbouncer:
    image: pgbouncer:1
    restart: unless-stopped
"""
RULES = """groups:
  - name: g
    rules:
      - { alert: Down, expr: "up == 0" }
"""
DOCUMENT = """
apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: {{ name: live }}
spec:
  hosts:
    - name: vps
      endpoint: {vps_address}
      vpn: {{ address: 10.66.66.1, publicKey: "{vps_key}"{vps_next} }}
      sealingKey: "{vps_seal}"
    - name: vm
      vpn: {{ address: 10.66.66.2, publicKey: "{vm_key}" }}
      sealingKey: "{vm_seal}"
  wireguard: {{ network: 10.66.66.0/30, listenPort: {port}, tunnelWindow: {window} }}
  firewall: {{ provider: ufw }}
  projects:
    - name: shop
      host: vps
      directory: /opt/shop
      composeFiles: [docker-compose.yml]
    - {{ name: monitoring, host: vm, directory: /opt/monitoring }}
  applications:
    - name: api
      project: shop
      service: backend
      metrics: {{ port: 8000 }}
      traces: {{ variable: OTEL_ENDPOINT }}
      rebuild: "{rebuild}"
  exporters:
    - name: pgbouncer_exporter
      type: pgbouncer
      project: shop
      image: exporter:1
      port: 9127
      pgbouncer: {{ service: pgbouncer, port: 6432, user: stats, passwordFrom: {{ secret: stats }} }}
  prometheus:
    project: monitoring
    image: prom/prometheus:v3.5.0
    scrapeInterval: {interval}
    retention: {retention}
    ruleFiles: [rules/alerts.yml]
  alertmanager:
    project: monitoring
    image: prom/alertmanager:v0.28.1
    route: {{ receiver: nobody, groupBy: [alertname] }}
    receivers: [ {{ name: nobody }} ]
  jaeger: {{ project: monitoring, image: "{jaeger}" }}
  secrets:
    - name: stats
      sealed: {{ vps: "{sealed}" }}
"""


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.vps, cls.vm = cls.lab.host("vps"), cls.lab.host("vm")
        for host in (cls.vps, cls.vm):
            host.start_docker()
        images.make_standin(cls.vps, "backend:1", ports=(8000,))
        images.make_standin(cls.vps, "pgbouncer:1", ports=(6432,))
        images.make_standin(cls.vps, "exporter:1", ports=(9127,))
        images.make_prometheus(cls.vm)
        images.make_alertmanager(cls.vm)
        images.make_jaeger(cls.vm)
        images.make_standin(cls.vm, "jaegertracing/jaeger:2.10.0", exit_after=1)
        cls.values = {"vps_address": cls.vps.address, "vps_next": "", "port": 51820, "window": "15s", "interval": "1s",
                      "retention": "15d", "jaeger": "jaegertracing/jaeger:2.9.0", "sealed": "", "rebuild": ""}
        for name, host in (("vps", cls.vps), ("vm", cls.vm)):
            said = host.run([VIGIE, "keys", "init"]).stdout
            cls.values[f"{name}_key"], cls.values[f"{name}_seal"] = said.split('"')[1], said.split('"')[3]
        cls.directory = Path(cls.lab.directory) / "document"
        (cls.directory / "rules").mkdir(parents=True)
        (cls.directory / "rules/alerts.yml").write_text(RULES)
        cls.write()
        # A person seals the secret on his own machine.
        said = cls.vps.run([VIGIE, "seal", "stats", str(cls.directory)], input=PASSWORD).stdout
        cls.values["sealed"] = said.split('"')[1]
        cls.write()
        cls.vps.path("/opt/shop").mkdir()
        cls.vps.path("/opt/shop/docker-compose.yml").write_text(COMPOSE)
        cls.vps.run(["docker", "compose", "up", "-d"], cwd="/opt/shop")

    @classmethod
    def write(cls, **changed):
        cls.values |= changed
        (cls.directory / "stack.yaml").write_text(DOCUMENT.format(**cls.values))

    def vigie(self, host, command, *words, code=0, env=None, timeout=120):
        name = "vps" if host is self.vps else "vm"
        argv = [VIGIE, command, *words]
        if command in ("apply", "plan"):
            argv += ["--host", name, str(self.directory)]
        result = host.run(argv, check=False, env=env, timeout=timeout)
        self.assertEqual(result.returncode, code, f"{argv}\n{result.stdout}\n{result.stderr}")
        self.assertNotIn(PASSWORD, result.stdout + result.stderr)
        return result.stdout + result.stderr

    def apply(self, host, *words, **options):
        return self.vigie(host, "apply", "--yes", *words, **options)

    def actions(self, host):
        """What the plan would do, by resource."""
        name = "vps" if host is self.vps else "vm"
        result = host.run([VIGIE, "plan", "--host", name, "-o", "json", str(self.directory)], check=False)
        self.assertIn(result.returncode, (0, 1), result.stderr)
        return {change["id"]: change["action"] for change in json.loads(result.stdout)["hosts"][0]["changes"]
                if change["action"] != "none"}

    def containers(self, host):
        said = host.run(["docker", "ps", "--all", "--no-trunc", "--format", "{{.Names}} {{.ID}} {{.State}}"]).stdout
        return {line.split()[0]: tuple(line.split()[1:]) for line in said.splitlines()}

    def changed(self, before, after):
        return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}

    def tunnel_works(self):
        return all(host.run(["ping", "-c", "1", "-W", "1", address], check=False).returncode == 0
                   for host, address in ((self.vps, "10.66.66.2"), (self.vm, "10.66.66.1")))

    def prometheus(self, path):
        answer = self.vm.http_get(f"http://10.66.66.2:9090{path}")
        return json.loads(answer[1])["data"] if answer and answer[0] == 200 else None

    def tunnel(self, host):
        return host.run(["wg", "show", "wg0"]).stdout

    def wg_state(self, host):
        """Everything of the live tunnel that does not move by itself."""
        lines = host.run(["wg", "showconf", "wg0"]).stdout.splitlines()
        return [line for line in lines if not line.startswith("Endpoint")]

    def journal_is_closed(self, host):
        return "no transaction is open" in self.vigie(host, "recover")

    def test_01_from_nothing_to_both_hosts(self):
        self.assertIn("host vps: applied", self.apply(self.vps))
        self.assertIn("reload:prometheus proven", self.apply(self.vm))
        wait_for("the tunnel", self.tunnel_works)
        wait_for("a target that is up", lambda: any(
            target["health"] == "up" and target["labels"]["job"] == "api"
            for target in (self.prometheus("/api/v1/targets") or {"activeTargets": []})["activeTargets"]), 30)
        environment = self.vps.run(["docker", "inspect", "shop-backend-1", "--format", "{{.Config.Env}}"]).stdout
        self.assertIn("OTEL_ENDPOINT=http://10.66.66.2:4318/v1/traces", environment)
        self.assertIn("### tuple ### allow udp 51820", self.vps.path("/etc/ufw/user.rules").read_text())
        self.assertNotIn(PASSWORD, self.vps.run(["docker", "inspect", "shop-pgbouncer-exporter"]).stdout)

    def test_02_then_there_is_nothing_to_do_and_nothing_is_touched(self):
        for host in (self.vps, self.vm):
            before, tunnel = self.containers(host), self.wg_state(host)
            self.assertEqual(self.actions(host), {})
            self.assertIn("nothing to do", self.apply(host))
            self.assertEqual(self.containers(host), before)
            self.assertEqual(self.wg_state(host), tunnel)

    def test_03_a_changed_interval_is_reloaded_and_no_container_is_touched(self):
        before = self.containers(self.vm)
        self.write(interval="2s")
        self.assertIn("reload:prometheus", self.actions(self.vm))
        self.apply(self.vm)
        self.assertIn("scrape_interval: 2s", self.prometheus("/api/v1/status/config")["yaml"])
        self.assertEqual(self.containers(self.vm), before)

    def test_04_a_changed_command_recreates_that_container_only(self):
        before = self.containers(self.vm)
        self.write(retention="20d")
        said = self.apply(self.vm)
        self.assertIn("recreate compose:monitoring/prometheus", said)
        self.assertIn("command changed", said)
        self.assertEqual(self.changed(before, self.containers(self.vm)), {"monitoring-prometheus-1"})

    def test_05_hand_edits_of_every_managed_thing_are_repaired(self):
        theirs = self.containers(self.vps)["shop-pgbouncer-1"]
        self.vps.run(["ufw", "delete", "allow", "51820/udp"])
        self.vps.run(["ip", "address", "add", "10.9.9.9/32", "dev", "wg0"])
        self.vps.run(["wg", "set", "wg0", "peer", self.values["vm_key"], "allowed-ips", "10.66.66.77/32"])
        self.vps.run(["docker", "stop", "shop-pgbouncer-exporter"])
        self.vps.path("/opt/shop/docker-compose.override.yml").write_text("services: {}\n")
        found = self.actions(self.vps)
        self.assertEqual(found, {"firewall:udp/51820": "create", "wireguard:wg0": "update",
                                 "compose:shop/pgbouncer-exporter": "restart"})
        self.apply(self.vps)
        self.assertEqual(self.actions(self.vps), {})
        wait_for("the tunnel", self.tunnel_works)
        self.assertEqual(self.containers(self.vps)["shop-pgbouncer-1"], theirs)
        self.vm.run(["ip", "link", "delete", "wg0"])
        self.assertEqual(self.actions(self.vm)["wireguard:wg0"], "create")
        self.apply(self.vm)
        wait_for("the tunnel", self.tunnel_works)
        self.assertEqual(self.actions(self.vm), {})

    def test_06_a_container_that_does_not_stay_up_is_rolled_back_and_quarantined(self):
        before = self.containers(self.vm)
        self.write(jaeger="jaegertracing/jaeger:2.10.0")
        said = self.apply(self.vm, code=2)
        self.assertIn("compose:monitoring/jaeger", said)
        self.assertIn("does not stay up", said)
        self.assertIn("quarantine", said)
        after = self.containers(self.vm)
        self.assertEqual(self.changed(before, after), {"monitoring-jaeger-1"})
        image = self.vm.run(["docker", "inspect", "monitoring-jaeger-1", "--format", "{{.Config.Image}} {{.State.Status}}"])
        self.assertEqual(image.stdout.strip(), "jaegertracing/jaeger:2.9.0 running")
        self.write(jaeger="jaegertracing/jaeger:2.9.0")
        self.assertEqual(self.actions(self.vm), {})

    def test_07_rules_that_the_checker_accepts_and_the_server_refuses(self):
        digest = [rule for group in self.prometheus("/api/v1/rules")["groups"] for rule in group["rules"]
                  if rule["name"] == "vigie_render_info"][0]["labels"]["digest"]
        lenient = self.vm.path("/opt/lenient")
        lenient.mkdir()
        (lenient / "promtool").write_text("#!/bin/sh\nexit 0\n")
        (lenient / "promtool").chmod(0o755)
        (self.directory / "rules/alerts.yml").write_text(RULES.replace("up == 0", "up == == 0"))
        said = self.apply(self.vm, code=2, env={"PATH": f"/opt/lenient:{os.environ['PATH']}"})
        self.assertIn("answered 500", said)
        self.assertIn("quarantine", said)
        rules = self.prometheus("/api/v1/rules")["groups"]
        self.assertIn("Down", [rule["name"] for group in rules for rule in group["rules"]])
        self.assertIn(digest, json.dumps(rules))
        self.assertIn("RolledBack", self.vigie(self.vm, "history"))
        (self.directory / "rules/alerts.yml").write_text(RULES)
        self.assertEqual(self.actions(self.vm), {})

    def test_08_a_new_key_that_the_other_side_does_not_know_is_taken_back(self):
        before, rules = self.wg_state(self.vps), self.vps.path("/etc/ufw/user.rules").read_text()
        new = self.vigie(self.vps, "keys", "rotate").split('nextPublicKey: "')[1].split('"')[0]
        old = self.values["vps_key"]
        self.write(vps_key=new, port=51999)
        said = self.apply(self.vps, code=1)
        self.assertIn("no peer came through the changed tunnel in time", said)
        self.assertEqual(self.wg_state(self.vps), before)
        self.assertEqual(self.vps.path("/etc/ufw/user.rules").read_text(), rules)
        self.assertIn("WaitingForPeer", self.vigie(self.vps, "history"))
        wait_for("the tunnel", self.tunnel_works, 30)
        self.write(vps_key=old, port=51820)
        self.assertEqual(self.actions(self.vps), {})

    def test_09_the_key_is_changed_without_losing_the_tunnel(self):
        old = self.values["vps_key"]
        new = self.vigie(self.vps, "keys", "rotate").split('nextPublicKey: "')[1].split('"')[0]
        self.write(vps_next=f', nextPublicKey: "{new}"')
        self.apply(self.vm)  # knows both keys from now on
        self.assertTrue(self.tunnel_works())
        self.apply(self.vps)
        self.assertIn(new, self.tunnel(self.vps))
        wait_for("a handshake with the new key", lambda: self.vm.run(["wg", "show", "wg0", "latest-handshakes"]).stdout
                 .split(f"{new}\t")[1].split()[0] != "0", 30)
        self.apply(self.vm)  # the addresses move to the new key
        wait_for("the tunnel", self.tunnel_works, 10)
        self.write(vps_key=new, vps_next="")
        for host in (self.vm, self.vps):
            self.apply(host)
            self.assertTrue(self.tunnel_works())
        self.vigie(self.vps, "keys", "rotate", "--finish")
        self.assertEqual(self.actions(self.vps), {})
        self.assertNotIn(old, self.tunnel(self.vm))

    def test_10_a_killed_agent_cuts_nobody_off(self):
        before = self.wg_state(self.vps)
        new = self.vigie(self.vps, "keys", "rotate").split('nextPublicKey: "')[1].split('"')[0]
        old = self.values["vps_key"]
        self.write(vps_key=new)
        agent = self.vps.popen([VIGIE, "apply", "--yes", "--host", "vps", str(self.directory)], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        wait_for("the change", lambda: new in self.tunnel(self.vps))
        agent.send_signal(signal.SIGKILL)
        agent.wait()
        # Armed or not: the guard is another process, and takes it back.
        wait_for("the old tunnel", lambda: self.wg_state(self.vps) == before, 60)
        wait_for("the tunnel", self.tunnel_works, 30)
        self.write(vps_key=old)
        wait_for("the journal", lambda: self.journal_is_closed(self.vps))
        self.assertEqual(self.actions(self.vps), {})

    def test_11_nobody_confirms(self):
        self.write(interval="3s")
        said = self.apply(self.vm, "--confirm-within", "4s")
        self.assertIn("vigie confirm", said)
        self.assertIn("scrape_interval: 3s", self.prometheus("/api/v1/status/config")["yaml"])
        wait_for("the old configuration", lambda: "scrape_interval: 2s" in self.prometheus("/api/v1/status/config")["yaml"], 30)
        wait_for("the journal", lambda: "NotConfirmed" in self.vigie(self.vm, "history"))

    def test_12_somebody_confirms(self):
        self.apply(self.vm, "--confirm-within", "30s")
        self.assertIn("the change stays", self.vigie(self.vm, "confirm"))
        self.assertEqual(self.actions(self.vm), {})
        self.assertIn("scrape_interval: 3s", self.prometheus("/api/v1/status/config")["yaml"])

    def test_13_back_to_what_was_before(self):
        self.assertIn("suspended", self.vigie(self.vm, "rollback", "--yes"))
        self.assertIn("scrape_interval: 2s", self.prometheus("/api/v1/status/config")["yaml"])
        self.vigie(self.vm, "resume")
        self.apply(self.vm)
        self.assertEqual(self.actions(self.vm), {})

    def test_14_killed_in_the_middle_of_everything(self):
        for milliseconds in (40, 150, 400, 900, 2500):
            old = self.values["retention"]
            self.write(retention=f"{21 + milliseconds}d")
            pending = self.actions(self.vm)
            agent = self.vm.popen([VIGIE, "apply", "--yes", "--host", "vm", str(self.directory)],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(milliseconds / 1000)
            agent.send_signal(signal.SIGKILL)
            agent.wait()
            self.assertTrue(self.journal_is_closed(self.vm))
            with self.subTest(milliseconds=milliseconds):
                self.assertEqual(self.actions(self.vm), pending)
                command = self.vm.run(["docker", "inspect", "monitoring-prometheus-1", "--format", "{{.Args}}"]).stdout
                self.assertIn(f"retention.time={old}", command)
            self.write(retention=old)

    def test_15_a_dead_engine_is_said_and_keeps_nothing_else_from_being_repaired(self):
        self.vm.stop_docker()
        self.vm.run(["ip", "link", "delete", "wg0"])
        said = self.apply(self.vm)
        self.assertIn("is the Docker engine running?", said)
        wait_for("the tunnel", self.tunnel_works, 30)
        self.write(retention="30d")
        self.assertIn("is the Docker engine running?", self.apply(self.vm, code=2))
        self.vm.start_docker()
        self.apply(self.vm)
        self.assertEqual(self.actions(self.vm), {})

    def test_16_an_image_is_built_anew_once_for_each_token(self):
        shop = self.vps.path("/opt/shop")
        subprocess.run(["gcc", "-O1", "-static", "-o", str(shop / "standin"), str(Path(__file__).with_name("standin.c"))], check=True)
        (shop / "Dockerfile").write_text('FROM scratch\nCOPY standin /standin\nENV STANDIN_PORTS=8000\nENTRYPOINT ["/standin"]\n')
        (shop / "docker-compose.yml").write_text(COMPOSE.replace("image: backend:1", "image: backend:1\n    build: ."))
        before = self.containers(self.vps)
        self.write(rebuild="1")
        self.assertEqual(self.actions(self.vps), {"rebuild:shop/backend": "recreate"})
        self.apply(self.vps)
        after = self.containers(self.vps)
        self.assertEqual(self.changed(before, after), {"shop-backend-1"})
        self.apply(self.vps)
        self.assertEqual(self.containers(self.vps), after)
        self.write(rebuild="2")
        self.apply(self.vps)
        self.assertEqual(self.changed(after, self.containers(self.vps)), {"shop-backend-1"})
        self.assertEqual(self.actions(self.vps), {})

    def test_17_uninstalled_without_a_trace(self):
        theirs = self.containers(self.vps)["shop-pgbouncer-1"]
        self.vigie(self.vps, "uninstall", "--purge", "--yes")
        self.assertEqual(self.containers(self.vps)["shop-pgbouncer-1"], theirs)
        self.assertNotIn("shop-pgbouncer-exporter", self.containers(self.vps))
        self.assertFalse(self.vps.path("/etc/wireguard/wg0.conf").exists())
        self.assertNotIn("udp 51820", self.vps.path("/etc/ufw/user.rules").read_text())
        self.assertNotEqual(self.vps.run(["wg", "show", "wg0"], check=False).returncode, 0)
        environment = self.vps.run(["docker", "inspect", "shop-backend-1", "--format", "{{.Config.Env}}"]).stdout
        self.assertNotIn("OTEL_ENDPOINT", environment)


if __name__ == "__main__":
    hosts.require()
    unittest.main(verbosity=2)
