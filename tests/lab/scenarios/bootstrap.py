"""The first push, and what must hold of everything that follows it."""

import json

from scenario import Stopwatch, check, same, scenario
from world import INTERVAL, VPN


@scenario("two new hosts become Ready by one push")
def bootstrap(world, report):
    world.start_controllers()
    world.wait("the controllers say that the branch is missing", lambda: all(
        world.condition(host, "Ready")["status"] == "False" for host in world.hosts.values()))
    watch = Stopwatch()
    commit = world.push("the whole stack")
    world.wait_ready(commit)
    world.wait("all targets are up", world.prometheus.up, 60)
    report["push → targets UP"] = watch.seconds()
    report |= world.times(commit)
    same(set(world.prometheus.targets()), {"moments_api", "pgbouncer_exporter", "prometheus"}, "jobs")
    same(world.prometheus.query("pgbouncer_up"), [1.0], "pgbouncer_up")
    for host in world.hosts.values():
        world.wait(f"{host.name} says that it is healthy", lambda host=host: all(
            world.condition(host, kind)["status"] == "True" for kind in ("Ready", "Healthy", "TunnelReady")), 30)


@scenario("a request to the application becomes a trace in the tracing back end")
def trace(world, report):
    watch = Stopwatch()
    with world.vps.network():
        found = world.request(f"http://{VPN['vps']}:8000/")
    check(found and found.status == 200, f"the application answered {found}")
    wanted = found.headers["X-Trace-Id"]

    def arrived():
        answer = world.vm.http_get(f"http://{VPN['vm']}:16686/api/traces/{wanted}")
        return answer and answer[0] == 200 and json.loads(answer[1])["data"]
    world.wait("the trace arrives", arrived)
    report["request → trace"] = watch.seconds()


@scenario("a host that is as it should be is left alone")
def nothing_to_do(world, _):
    before = {name: (world.containers(host), world.tunnel_config(host), world.written(host)) for name, host in world.hosts.items()}
    attempts = {name: len(world.status(host)["history"]) for name, host in world.hosts.items()}
    world.pause(3 * INTERVAL)
    for name, host in world.hosts.items():
        same((world.containers(host), world.tunnel_config(host), world.written(host)), before[name], f"{name} after some looks")
        same(len(world.status(host)["history"]), attempts[name], f"{name}'s history")
        check("nothing to do" in world.plan(host), world.plan(host))
