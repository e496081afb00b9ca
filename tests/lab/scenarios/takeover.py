"""A host that was set up by hand, from the files of the runbook, is taken over while it runs."""

import json
import re
import time
import urllib.parse

import moments
import yaml
from observe import Pinger, Requests
from scenario import check, same, scenario, uninterrupted
from world import STATS_PASSWORD, VPN, WINDOW, World

VPS_TUNNEL = """[Interface]
Address = 10.66.66.1/30
ListenPort = 51820
PrivateKey = {private}
SaveConfig = true

[Peer]
PublicKey = {peer}
AllowedIPs = 10.66.66.0/30
"""
VM_TUNNEL = """[Interface]
Address = 10.66.66.2/30
PrivateKey = {private}

[Peer]
PublicKey = {peer}
Endpoint = {vps}:51820
AllowedIPs = 10.66.66.0/30
PersistentKeepalive = 25
"""
MONITORING = """services:
  prometheus:
    image: prom/prometheus:latest
    user: "65534:65534"
    restart: unless-stopped
    command: [--config.file=/etc/prometheus/prometheus.yml, --storage.tsdb.path=/prometheus, --web.enable-lifecycle]
    ports: ["9090:9090"]
    volumes: ["./prometheus:/etc/prometheus:ro", "./prom-data:/prometheus"]
  jaeger:
    image: lab/jaeger-stand-in:latest
    restart: unless-stopped
    ports: ["16686:16686", "4317:4317", "4318:4318"]
  alertmanager:
    image: prom/alertmanager:latest
    command: [--config.file=/etc/alertmanager/alertmanager.yml, --storage.path=/alertmanager]
    ports: ["9093:9093"]
    volumes: ["./alertmanager:/etc/alertmanager:ro"]
"""
PROMETHEUS = """global: { scrape_interval: 1s }
alerting: { alertmanagers: [ { static_configs: [ { targets: ['alertmanager:9093'] } ] } ] }
rule_files: ["/etc/prometheus/alerting-rules.yml", "/etc/prometheus/recording-rules.yml"]
scrape_configs:
  - { job_name: prometheus, static_configs: [ { targets: ['localhost:9090'] } ] }
  - { job_name: moments_api, metrics_path: /metrics, static_configs: [ { targets: ['10.66.66.1:8000'] } ] }
  - { job_name: pgbouncer_exporter, static_configs: [ { targets: ['10.66.66.1:9127'] } ] }
"""
ALERTMANAGER = "route: { receiver: nobody }\nreceivers: [ { name: nobody } ]\n"
OVERRIDE = """services:
  backend: {{ environment: ["OTEL_ENDPOINT=http://10.66.66.2:4318/v1/traces"] }}
  pgbouncer-exporter:
    image: prometheuscommunity/pgbouncer-exporter:latest
    container_name: moments-pgbouncer-exporter
    restart: unless-stopped
    depends_on: [pgbouncer]
    ports: ["9127:9127"]
    command: ['--pgBouncer.connectionString=postgres://stats:{password}@pgbouncer:6432/pgbouncer?sslmode=disable']
"""


class HandMade(World):
    """The two hosts as a person has set them up, before vigie."""

    def before_vigie(self):
        private = {host: host.run(["wg", "genkey"]).stdout.strip() for host in (self.vps, self.vm)}
        public = {host: host.run(["wg", "pubkey"], input=private[host]).stdout.strip() for host in (self.vps, self.vm)}
        for host, peer, text in ((self.vps, self.vm, VPS_TUNNEL), (self.vm, self.vps, VM_TUNNEL)):
            path = host.path("/etc/wireguard/wg0.conf")
            path.write_text(text.format(private=private[host], peer=public[peer], vps=self.vps.address))
            path.chmod(0o600)
        self.vps.run(["ufw", "allow", "51820/udp"])
        for host in (self.vps, self.vm):
            host.run(["wg-quick", "up", "wg0"])
        self._monitoring()
        self._application()

    def _monitoring(self):
        for name, tag in (("prom/prometheus", "v3.5.0"), ("prom/alertmanager", "v0.33.1"), ("lab/jaeger-stand-in", "2.9.0")):
            self.vm.run(["docker", "tag", f"{name}:{tag}", f"{name}:latest"])
        rules = {f"prometheus/{name.removeprefix('rules/')}": text for name, text in self.files.items()}
        directory = self.vm.path("/opt/monitoring")
        for name, text in {"docker-compose.yml": MONITORING, "prometheus/prometheus.yml": PROMETHEUS,
                           "alertmanager/alertmanager.yml": ALERTMANAGER, **rules}.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (directory / "prom-data").mkdir()
        self.vm.run(["chown", "65534:65534", "/opt/monitoring/prom-data"])
        self.vm.run(["docker", "compose", "up", "-d"], cwd="/opt/monitoring", timeout=600)

    def _application(self):
        password = urllib.parse.quote(STATS_PASSWORD, safe="").replace("$", "$$")
        self.vps.path("/opt/moments/docker-compose.monitoring.yml").write_text(OVERRIDE.format(password=password))
        exporter = "prometheuscommunity/pgbouncer-exporter"
        self.vps.run(["docker", "tag", f"{exporter}:v0.12.0", f"{exporter}:latest"])
        for rule in ("8000/tcp", "9127/tcp"):
            self.vps.run(["ufw", "allow", rule])
        self.vps.run(moments.REDEPLOY, cwd=moments.DIRECTORY, timeout=600)

    def there(self):
        """Containers and tunnel files of both hosts."""
        return {name: (self.containers(host), host.path("/etc/wireguard/wg0.conf").read_text()) for name, host in self.hosts.items()}

    def refused(self, host):
        """What a plan on the host refuses to touch without being told."""
        said = host.run([self.program, "plan", "--host", host.name, "-o", "json", self.checkout], check=False)
        return [change["id"] for change in json.loads(said.stdout)["hosts"][0]["changes"] if change["action"] == "refuse"]


@scenario("hosts that were set up by hand are taken over without an interruption", own_world=True)
def takeover(report):
    with HandMade() as world:
        world.bring_up(application=False)
        world.wait("all targets are up", world.prometheus.up, 60)
        before = world.there()
        began = time.time()
        world.start_controllers()
        with Pinger(world.vm, VPN["vps"]) as pinger, Requests(world.vm, f"http://{VPN['vps']}:8000/health") as requests:
            world.push("the whole stack")
            for host in world.hosts.values():
                world.wait(f"{host.name} refuses to overwrite", lambda host=host: "adopt" in world.condition(host, "Ready")["message"], 60)
            same(world.there(), before, "the hosts, untouched")
            said = world.condition(world.vps, "Ready")["message"]
            check("SaveConfig" in said, f"the trap is not named: {said}")
            tunnel = world.vps.path("/etc/wireguard/wg0.conf")
            tunnel.write_text(tunnel.read_text().replace("SaveConfig = true\n", ""))  # as it was told
            world.spec["adopt"] = sorted(id_ for host in world.hosts.values() for id_ in world.refused(host))
            commit = world.push("take over")
            world.wait_ready(commit, 120)
            world.wait("all targets are up", world.prometheus.up, 60)
            world.pause(2)
        report |= world.times(commit) | {"tunnel down": pinger.outage}
        uninterrupted(pinger)
        same(requests.failed, 0, f"requests to the application that failed, of {requests.answered}")
        check(world.prometheus.query(f"up{{job='prometheus'}} @ {began}"), "what Prometheus had recorded is gone")
        after = {name: world.containers(host) for name, host in world.hosts.items()}
        for name in ("moments-backend-1", "moments-pgbouncer-1", "moments-postgres-1"):
            same(after["vps"][name], before["vps"][0][name], f"container {name}")
        for host in world.hosts.values():
            check("SaveConfig" not in host.path("/etc/wireguard/wg0.conf").read_text(), "SaveConfig is still there")
        said = world.vps.run(["docker", "inspect", "moments-pgbouncer-exporter"]).stdout
        check(urllib.parse.quote(STATS_PASSWORD, safe="") not in said, "the password is still in the command")
        world.check_invariants()


def imported(world):
    """What `vigie import` makes of both hosts becomes the document; returns the ids that its reports want adopted."""
    directory = world.lab.directory / "imported/moments"
    said = ""
    for host in world.hosts.values():
        said = world.vigie(host, "import", "--host", host.name, "-o", directory)
    wanted = set(re.findall(r"^ {6}- (\S+)$", said, re.M))
    check(wanted, f"the report names nothing to be adopted:\n{said}")
    document = yaml.safe_load((directory / "stack.yaml").read_text())
    spec = document["spec"]
    # As the report says: nobody can know which version of these is meant by `latest`.
    check(said.count("names no version (VG0406)") >= 2, f"images without a version are not told:\n{said}")
    for server in ("jaeger", "alertmanager"):
        spec[server]["image"] = world.spec[server]["image"]
    spec["exporters"][0]["image"] = world.spec["exporters"][0]["image"]
    spec["wireguard"]["tunnelWindow"] = WINDOW
    world.document = document
    world.files = {name: (directory / name).read_text() for name in spec["prometheus"]["ruleFiles"]}
    return wanted


@scenario("hosts that were set up by hand are imported, and taken over with the document that comes of it", own_world=True)
def import_and_take_over(report):
    with HandMade() as world:
        world.bring_up(application=False)
        world.wait("all targets are up", world.prometheus.up, 60)
        before = world.there()
        wanted = imported(world)
        same(world.there(), before, "the hosts, only read")
        tunnel = world.vps.path("/etc/wireguard/wg0.conf")
        tunnel.write_text(tunnel.read_text().replace("SaveConfig = true\n", ""))  # as the report says
        world.write_document()
        refused = {id_ for host in world.hosts.values() for id_ in world.refused(host)}
        check(wanted <= refused, f"reported to be adopted, but not refused: {wanted - refused}")
        world.spec["adopt"] = sorted(refused)
        world.start_controllers()
        with Pinger(world.vm, VPN["vps"]) as pinger:
            commit = world.push("what was imported")
            world.wait_ready(commit, 120)
            world.wait("all targets are up", world.prometheus.up, 60)
            world.pause(2)
        report |= world.times(commit) | {"tunnel down": pinger.outage}
        uninterrupted(pinger)
        after = {name: world.containers(host) for name, host in world.hosts.items()}
        for name in ("moments-backend-1", "moments-pgbouncer-1", "moments-postgres-1"):
            same(after["vps"][name], before["vps"][0][name], f"container {name}")
        for host in world.hosts.values():
            world.plan(host)  # exits with 0: nothing is left to do
        said = world.vps.run(["docker", "inspect", "moments-pgbouncer-exporter"]).stdout
        check(urllib.parse.quote(STATS_PASSWORD, safe="") not in said, "the password is still in the command")
        world.check_invariants()
