"""Changes of the document, and that each touches what it is about and nothing else."""

from scenario import Stopwatch, check, same, scenario
from world import STATS_PASSWORD, VPN

import moments


def touched(world, change, message):
    """Makes a change, pushes it and waits; returns the names of the containers that are others than before, and the commit."""
    before = {name: world.containers(host) for name, host in world.hosts.items()}
    change()
    commit = world.push(message)
    world.wait_ready(commit)
    after = {name: world.containers(host) for name, host in world.hosts.items()}
    return {container for host in world.hosts for container in before[host].keys() | after[host].keys()
            if before[host].get(container) != after[host].get(container)}, commit


@scenario("a new target, a new rule and a new receiver are loaded without touching a container")
def additions(world, report):
    def change():
        world.spec["prometheus"]["scrapeConfigs"] = [{"jobName": "alertmanager",
                                                      "staticConfigs": [{"targets": ["alertmanager:9093"]}]}]
        world.files["rules/alerting-rules.yml"] += """
      - alert: ScrapeSlow
        expr: scrape_duration_seconds > 5
        labels: { severity: ticket }
"""
        alertmanager = world.spec["alertmanager"]
        alertmanager["receivers"].append({"name": "tickets", "emailConfigs": [{"to": "tickets@example.org"}]})
        alertmanager["route"]["routes"] = [{"receiver": "tickets", "matchers": ['severity="ticket"']}]
    watch = Stopwatch()
    containers, commit = touched(world, change, "a target, a rule, a receiver")
    world.wait("the new target is up", lambda: world.prometheus.targets().get("alertmanager", ("",))[0] == "up")
    report["push → targets UP"] = watch.seconds()
    report |= world.times(commit)
    same(containers, set(), "touched containers")
    check("ScrapeSlow" in world.prometheus.rules(), "the rule is not loaded")
    check("tickets@example.org" in world.alertmanager_config(), "the receiver is not loaded")


@scenario("a changed scrape interval is a reload")
def interval(world, report):
    def change():
        world.spec["prometheus"]["scrapeInterval"] = "1s"
    containers, commit = touched(world, change, "every second")
    report |= world.times(commit)
    same(containers, set(), "touched containers")
    check("scrape_interval: 1s" in world.prometheus.config(), "the interval is not loaded")


@scenario("a changed password recreates the exporter and nothing else")
def password(world, report):
    new = STATS_PASSWORD + "2"

    def change():
        moments.set_stats_password(world.vps, new)
        world.seal("pgbouncer-stats", new)
    containers, commit = touched(world, change, "another password")
    report |= world.times(commit)
    same(containers, {"moments-pgbouncer-exporter"}, "touched containers")
    world.wait("the exporter reaches PgBouncer", lambda: world.prometheus.query("pgbouncer_up") == [1.0])
    said = world.vps.run(["docker", "inspect", "moments-pgbouncer-exporter"]).stdout
    check(STATS_PASSWORD not in said, "the password can be inspected")


@scenario("a service that the document no longer names goes, after everything else is healthy")
def removal(world, report):
    def change():
        del world.spec["jaeger"]
        world.spec["allowRemoval"] = ["jaeger"]
        del world.spec["applications"][0]["traces"]
    with world.changed():
        containers, commit = touched(world, change, "no traces any more")
    report |= world.times(commit)
    same(containers, {"monitoring-jaeger-1", "moments-backend-1"}, "touched containers")
    check("monitoring-jaeger-1" not in world.containers(world.vm), "the container is still there")
    environment = world.vps.run(["docker", "inspect", "moments-backend-1", "--format", "{{.Config.Env}}"]).stdout
    check("OTEL_ENDPOINT" not in environment, environment)
    world.wait_ready(world.push("traces again"))
    world.wait("all targets are up", world.prometheus.up)


@scenario("a rollout: the second host asks the first over the tunnel, and follows when that one is well")
def rollout(world, report):
    configured = {}
    for host in world.hosts.values():
        path = host.path("/etc/vigie/vigie.yaml")
        configured[path] = path.read_text()
        path.write_text(configured[path] + f"http: {{ listen: [\"{VPN[host.name]}:9469\"] }}\n")
        world.stop_controller(host)
        world.start_controller(host)
    with world.changed():
        world.spec["rollout"] = ["vm", "vps"]
        world.spec["prometheus"]["retention"] = "21d"
        commit = world.push("one host after the other")
        world.wait_ready(commit)
        said = world.log(world.vps)
        check(f"revision {commit[:12]} waits, and its tunnel does not: vm " in said, "the vps did not wait for the vm")
        report |= world.times(commit)
    world.wait_ready(world.push("as before"))
    for path, text in configured.items():
        path.write_text(text)
    for host in world.hosts.values():
        world.stop_controller(host)
        world.start_controller(host)
    world.wait_ready(world.tip)
