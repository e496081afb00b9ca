"""Somebody changes by hand what vigie made: it is repaired, and the log says where, without a line of what they wrote."""

import os

import moments
from scenario import Stopwatch, check, same, scenario
from world import INTERVAL, VPN


def repaired(world, host, break_it, is_whole, in_log, deadline=60):
    """Seconds until it is whole again; the controller must have shown the difference."""
    before = len(world.log(host))
    break_it()
    watch = Stopwatch()
    world.wait("it is repaired", is_whole, deadline)
    seconds = watch.seconds()
    world.wait("the controller says so", lambda: "drift repaired" in world.log(host)[before:])
    said = world.log(host)[before:]
    for text in in_log:
        check(text in said, f"the log does not show {text!r}:\n{said}")
    return seconds


@scenario("every file that vigie wrote, edited")
def files(world, report):
    worst = 0
    for host in world.hosts.values():
        before = world.written(host)
        ids = [each for each in world.status(host)["inventory"] if each.startswith("file:")]
        check(len(ids) > 2, f"too few files in the inventory: {ids}")

        def edit(host=host, ids=ids):
            for each in ids:
                with open(host.path(each[5:]), "a") as file:
                    file.write("# by hand\n")
        worst = max(worst, repaired(world, host, edit, lambda host=host, before=before: world.written(host) == before,
                                    [f"file:{each[5:]}" for each in ids] + ["1 line of the file as it is on the host is not shown"]))
        check("# by hand" not in world.log(host), "the log shows what somebody else wrote")
    report["drift → repaired"] = worst


@scenario("every file that vigie wrote: removed, or with another mode or owner")
def modes(world, report):
    worst = 0
    for host in world.hosts.values():
        before = world.written(host)
        ids = [each[5:] for each in world.status(host)["inventory"] if each.startswith("file:")]

        def change(host=host, ids=ids):
            for i, each in enumerate(ids):
                path = host.path(each)
                (lambda: path.unlink(), lambda: path.chmod(0o666), lambda: os.chown(path, 12345, 12345))[i % 3]()
        worst = max(worst, repaired(world, host, change, lambda host=host, before=before: world.written(host) == before, []))
    report["drift → repaired"] = worst
    world.wait("all targets are up", world.prometheus.up, 60)


@scenario("the data directory of Prometheus with another owner")
def owner(world, report):
    data = world.vm.path("/opt/monitoring/prom-data")
    report["drift → repaired"] = repaired(world, world.vm, lambda: os.chown(data, 0, 0), lambda: data.stat().st_uid == 65534,
                                          ["directory:/opt/monitoring/prom-data"])


@scenario("the live tunnel: a peer, an address, a port, and all of it")
def live_tunnel(world, report):
    vm_key = world.host_entry("vm")["vpn"]["publicKey"]
    breaks = {
        "a peer": ["wg", "set", "wg0", "peer", vm_key, "remove"],
        "a network": ["wg", "set", "wg0", "peer", vm_key, "allowed-ips", "10.66.66.77/32"],
        "an address": ["ip", "address", "add", "10.9.9.9/32", "dev", "wg0"],
        "a port": ["wg", "set", "wg0", "listen-port", "50000"],
        "all of it": ["ip", "link", "delete", "wg0"],
    }
    for argv in breaks.values():
        before = world.tunnel_config(world.vps)
        seconds = repaired(world, world.vps, lambda argv=argv: world.vps.run(argv),
                           lambda before=before: world.tunnel_config(world.vps) == before, ["wireguard:wg0"])
        report["drift → repaired"] = max(report.get("drift → repaired", 0), seconds)
    world.wait("all targets are up", world.prometheus.up, 60)


@scenario("a firewall rule")
def firewall(world, report):
    port = world.spec["wireguard"]["listenPort"]
    rule = f"allow udp {port}"
    report["drift → repaired"] = repaired(
        world, world.vps, lambda: world.vps.run(["ufw", "delete", "allow", f"{port}/udp"]),
        lambda: rule in world.vps.path("/etc/ufw/user.rules").read_text(), [f"firewall:udp/{port}"])


@scenario("a container: stopped, removed, or made anew with something else")
def containers(world, report):
    name = "moments-pgbouncer-exporter"
    endpoint = f"OTEL_ENDPOINT=http://{VPN['vm']}:4318/v1/traces"

    def running(wanted=name, host=world.vps):
        return world.containers(host).get(wanted, ("", ""))[1] == "running"

    def traced():
        said = world.vps.run(["docker", "inspect", "moments-backend-1", "--format", "{{.Config.Env}}"], check=False).stdout
        return endpoint in said and running("moments-backend-1")

    def without_override():
        world.vps.run([*moments.COMPOSE, "up", "-d", "--force-recreate", "--no-deps", "backend"], cwd=moments.DIRECTORY, timeout=600)
    # A container of the user's that changed less than a minute ago may be his work in hand.
    report["his own → repaired"] = repaired(world, world.vps, without_override, traced,
                                            ["compose:moments/backend", "OTEL_ENDPOINT"], 100)
    exporter = ["compose:moments/pgbouncer-exporter"]
    times = [
        repaired(world, world.vps, lambda: world.vps.run(["docker", "stop", name]), running, exporter),
        repaired(world, world.vps, lambda: world.vps.run(["docker", "rm", "-f", name]), running, exporter),
        repaired(world, world.vm, lambda: world.vm.run(["docker", "rm", "-f", "monitoring-prometheus-1"]),
                 lambda: running("monitoring-prometheus-1", world.vm), ["compose:monitoring/prometheus"]),
    ]
    report["drift → repaired"] = max(times)
    world.wait("all targets are up", world.prometheus.up, 60)


@scenario("a mounted directory that was moved away and copied back: its container sees it again")
def replaced_mount(world, report):
    directory = world.vm.path("/opt/monitoring/prometheus")
    before = world.containers(world.vm)["monitoring-prometheus-1"]

    def sees():
        said = world.vm.run(["docker", "inspect", "--format", "{{.State.Pid}}", "monitoring-prometheus-1"], check=False).stdout.strip()
        mounts = world.vm.run(["cat", f"/proc/{said}/mountinfo"], check=False).stdout
        return " /etc/prometheus " in mounts and "//deleted" not in mounts

    def replace():
        directory.rename(directory.with_name("moved"))
        world.vm.run(["cp", "-a", "/opt/monitoring/moved", "/opt/monitoring/prometheus"])
        world.vm.run(["rm", "-rf", "/opt/monitoring/moved"])
        check(not sees(), "the container sees the new directory all the same")
    report["drift → repaired"] = repaired(world, world.vm, replace, sees, ["compose:monitoring/prometheus", "was replaced on this host"], 90)
    check(world.containers(world.vm)["monitoring-prometheus-1"][0] == before[0], "the container was made anew, and not only started again")
    with world.changed():  # and in the middle of a push
        replace()
        world.files["rules/alerting-rules.yml"] += "# after a move\n"
        world.wait_ready(world.push("a rule, while the directory is another one"), 120)
        check(sees(), "the container sees the old directory")
        check("uarantine" not in world.condition(world.vm, "Ready")["message"], "the commit was blamed")
    world.wait_ready(world.push("rules as before"))
    world.wait("all targets are up", world.prometheus.up, 60)


@scenario("the user's own container, paused: it has its quiet minute")
def paused(world, report):
    name = "moments-backend-1"
    world.vps.run(["docker", "pause", name])
    watch = Stopwatch()
    world.pause(20)
    check(world.containers(world.vps)[name][1] == "paused", "it was started again within its quiet minute")
    world.wait("it runs again", lambda: world.containers(world.vps)[name][1] == "running", 120)
    report["paused → repaired"] = watch.seconds()
    check(watch.seconds() >= 59, f"after {watch.seconds()} s")
    world.wait("all targets are up", world.prometheus.up, 60)


@scenario("a configuration loaded by hand")
def loaded(world, report):
    path = world.vm.path("/opt/monitoring/prometheus/prometheus.yml")

    def load():
        path.write_text("global: { scrape_interval: 7s }\n")
        with world.vm.network():
            world.request(f"{world.prometheus.url}/-/reload", method="POST")
    report["drift → repaired"] = repaired(world, world.vm, load, lambda: "job_name: moments_api" in world.prometheus.config(),
                                          ["file:/opt/monitoring/prometheus/prometheus.yml", "1 line of the file as it is on the host is not shown"])
    world.wait("all targets are up", world.prometheus.up, 60)


@scenario("what the user changes in his own project is left alone")
def not_ours(world, _):
    ids = world.containers(world.vps)
    world.vps.run(["docker", "stop", "moments-postgres-1"])
    note = world.vps.path("/opt/moments/NOTES")
    note.write_text("mine\n")
    world.pause(3 * INTERVAL)
    same(world.containers(world.vps)["moments-postgres-1"], (ids["moments-postgres-1"][0], "exited"), "his container")
    same(note.read_text(), "mine\n", "the user's file")
    world.vps.run(["docker", "start", "moments-postgres-1"])
    note.unlink()
