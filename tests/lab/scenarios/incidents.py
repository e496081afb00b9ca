"""The incidents of the runbook, provoked: each is prevented, refused or reported. Those about mail are in `alerts`, those about
traces and containers in `repair` too."""

import os

import images
import moments
from observe import Pinger
from scenario import check, same, scenario, uninterrupted
from world import INTERVAL, VPN

HEALTHY = "Healthy"


def health(world, host):
    return world.condition(host, HEALTHY)


@scenario("runbook: /metrics answers 404 because the image was not built anew")
def metrics_404(world, _):
    images.make_backend(world.vps, metrics=False)
    world.vps.run([*moments.REDEPLOY, "--force-recreate", "--no-deps", "backend"], cwd=moments.DIRECTORY)
    world.wait("vigie reports the target with its error", lambda: all(
        text in health(world, world.vm)["message"] for text in ("moments_api", "404")), 60)
    others = {name: value for name, value in world.containers(world.vps).items() if name != "moments-backend-1"}
    with world.changed():
        world.spec["applications"][0]["rebuild"] = "metrics"
        world.wait_ready(world.push("build the backend anew"), 180)
        world.wait("all targets are up", world.prometheus.up, 60)
        found = world.containers(world.vps)
        same({name: found.get(name) for name in others}, others, "the other containers")
        images.make_backend(world.vps)
    world.wait_ready(world.push("as before"))


@scenario("runbook: the data directory of Prometheus belongs to somebody else, and it crashes")
def data_directory(world, _):
    data = world.vm.path("/opt/monitoring/prom-data")
    before = len(world.log(world.vm))
    world.vm.run(["docker", "stop", "monitoring-prometheus-1"])
    (data / "queries.active").unlink()
    os.chown(data, 0, 0)
    world.vm.run(["docker", "start", "monitoring-prometheus-1"])
    world.wait("the owner is ours again", lambda: data.stat().st_uid == 65534)
    check("directory:/opt/monitoring/prom-data" in world.log(world.vm)[before:], "the log does not say so")
    world.wait("Prometheus runs again", world.prometheus.up, 90)
    world.wait("vigie is content", lambda: health(world, world.vm)["status"] == "True", 60)


@scenario("runbook: a file and its directory both mounted")
def both_mounted(world, _):
    path = world.vm.path("/opt/monitoring/compose.yaml")
    wanted = path.read_bytes()
    text = path.read_text()
    mount = '"./prometheus:/etc/prometheus:ro"'
    check(mount in text or "./prometheus" in text, text)
    world.stop_controller(world.vm)
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if "volumes:" in line)
    indent = lines[at + 1][:len(lines[at + 1]) - len(lines[at + 1].lstrip())]
    lines.insert(at + 1, f'{indent}- "./rules.yml:/etc/prometheus/rules/more/rules.yml:ro"')
    path.write_text("\n".join(lines) + "\n")
    broken = world.vm.run(["docker", "compose", "up", "-d", "--force-recreate", "prometheus"], cwd="/opt/monitoring", check=False)
    check(broken.returncode != 0, "the incident does not happen")
    world.start_controller(world.vm)
    world.wait("the file is ours again", lambda: path.read_bytes() == wanted, 60)
    world.wait("Prometheus runs again", world.prometheus.up, 60)


@scenario("runbook: the tracing back end behind NAT is reached through the tunnel only")
def behind_nat(world, _):
    for address in (world.vm.address, world.router.host.address):
        same(world.vps.http_get(f"http://{address}:4318/v1/traces", timeout=2), None, f"an answer from {address}")
    world.lab.internet.forget_escaped()  # the attempt at the address at home
    answer = world.vps.http_get(f"http://{VPN['vm']}:4318/v1/traces")
    same(answer and answer[0], 405, "GET of the traces' endpoint through the tunnel")


@scenario("runbook: a password that must be encoded in the exporter's address")
def encoded(world, _):
    with world.changed():
        world.spec["exporters"][0]["pgbouncer"]["passwordIn"] = "command"
        world.wait_ready(world.push("the password in the command"))
        world.wait("the exporter reaches PgBouncer", lambda: world.prometheus.query("pgbouncer_up") == [1.0], 60)
        said = world.vps.run(["docker", "inspect", "moments-pgbouncer-exporter", "--format", "{{.Args}}"]).stdout
        check("p%3FW6%40x%25y%20%24b%2F1" in said and "@pgbouncer:6432/pgbouncer" in said, "the address is another")
    world.wait_ready(world.push("as before"))
    world.wait("the exporter reaches PgBouncer", lambda: world.prometheus.query("pgbouncer_up") == [1.0], 60)


@scenario("runbook: keys crossed in the document")
def crossed_keys(world, _):
    before = {name: world.tunnel_config(host) for name, host in world.hosts.items()}
    with world.changed(), Pinger(world.vps, VPN["vm"]) as pinger:
        vps, vm = (world.host_entry(name)["vpn"] for name in ("vps", "vm"))
        vps["publicKey"], vm["publicKey"] = vm["publicKey"], vps["publicKey"]
        world.push("crossed keys")
        for host in world.hosts.values():
            world.wait(f"{host.name} refuses", lambda host=host: world.condition(host, "Ready")["status"] == "False" and
                       "key" in world.condition(host, "Ready")["message"])
        world.pause(INTERVAL)
    uninterrupted(pinger)
    same({name: world.tunnel_config(host) for name, host in world.hosts.items()}, before, "the tunnel")
    world.wait_ready(world.push("keys as before"))


@scenario("runbook: no handshake, for want of a keepalive, a peer or an open port")
def no_handshake(world, report):
    vps_key = world.host_entry("vps")["vpn"]["publicKey"]
    port = world.spec["wireguard"]["listenPort"]
    with Pinger(world.vm, VPN["vps"]) as pinger:
        for host, argv in ((world.vm, ["wg", "set", "wg0", "peer", vps_key, "persistent-keepalive", "0"]),
                           (world.vm, ["wg", "set", "wg0", "peer", vps_key, "remove"]),
                           (world.vps, ["ufw", "delete", "allow", f"{port}/udp"])):
            before = world.tunnel_config(host)
            host.run(argv)
            world.wait("the tunnel is as it was", lambda host=host, before=before: world.tunnel_config(host) == before and
                       f"allow udp {port}" in world.vps.path("/etc/ufw/user.rules").read_text(), 60)
        world.wait("the tunnel works", lambda: pinger.silent < 0.5, 60)
    report["tunnel down"] = pinger.outage


@scenario("runbook: a firewall that lets nothing in does not stop what crosses the tunnel")
def strict_firewall(world, _):
    for host in world.hosts.values():
        check("deny (incoming)" in host.run(["ufw", "status", "verbose"]).stdout, f"the firewall of {host.name} is open")
    world.wait("all targets are up", world.prometheus.up)


@scenario("runbook: traces are missing because nobody takes them")
def no_traces(world, _):
    world.vm.run(["docker", "kill", "monitoring-jaeger-1"])
    world.wait("somebody takes them again", lambda: (world.vps.http_get(f"http://{VPN['vm']}:4318/v1/traces") or [0])[0] == 405, 60)


@scenario("runbook: a target is down, and its last error is told")
def target_down(world, _):
    with world.changed():
        nobody = f"{VPN['vps']}:9"
        world.spec["prometheus"].setdefault("scrapeConfigs", []).append({"jobName": "nobody", "staticConfigs": [{"targets": [nobody]}]})
        world.wait_ready(world.push("a target where nobody listens"))
        world.wait("vigie reports it", lambda: health(world, world.vm).get("reason") == "TargetsDown" and
                   f"nobody at {nobody} is down: Get" in health(world, world.vm)["message"], 60)
    world.wait_ready(world.push("as before"))
    world.wait("vigie is content", lambda: health(world, world.vm)["status"] == "True", 60)


@scenario("a document with mistakes changes nothing, and says where they are")
def mistakes(world, _):
    before = {name: (world.containers(host), world.written(host), world.tunnel_config(host)) for name, host in world.hosts.items()}
    with world.changed():
        world.spec["wireguard"]["listenPort"] = 70000
        world.spec["prometheus"]["scrapeIntervall"] = "15s"
        world.push("two mistakes")
        for host in world.hosts.values():
            world.wait(f"{host.name} is stalled", lambda host=host: world.condition(host, "Stalled")["status"] == "True")
            said = world.condition(host, "Stalled")["message"]
            check("stack.yaml:" in said and "listenPort" in said and "scrapeInterval" in said, said)
    same({name: (world.containers(host), world.written(host), world.tunnel_config(host)) for name, host in world.hosts.items()}, before,
         "the hosts")
    world.wait_ready(world.push("without mistakes"))
