"""What breaks around vigie, and that neither the tunnel nor a container suffers from it."""

import re
import shutil
import signal
import time
from pathlib import Path

from observe import Pinger
from scenario import check, same, scenario, Stopwatch, uninterrupted
from world import INTERVAL, PATH, VPN, log_time

import images

RULES = "groups: [{ name: lab, rules: [{ alert: Broken, expr: 'up == == 0' }] }]\n"


def taken_back(world, report, message):
    """Pushes something that does not work on the vm: it is put back, quarantined, and not tried again."""
    before = world.containers(world.vm), world.written(world.vm)
    watch = Stopwatch()
    commit = world.push(message)
    world.wait("the vm is stalled", lambda: world.condition(world.vm, "Stalled").get("reason") == "Quarantined", 120)
    report["push → taken back"] = watch.seconds()
    same(world.status(world.vm)["lastAttemptedRevision"], commit, "the revision that was tried")
    same(world.written(world.vm), before[1], "files")
    attempts = len(world.status(world.vm)["history"])
    world.pause(3 * INTERVAL)
    same(len(world.status(world.vm)["history"]), attempts, "attempts")
    check(set(world.containers(world.vm)) == set(before[0]), "containers")
    check(all(state == "running" for _, state in world.containers(world.vm).values()), "a container does not run")
    return before[0]


@scenario("a configuration that passes the check and fails at load")
def fails_at_load(world, report):
    lenient = world.vm.path("/opt/lenient")
    lenient.mkdir()
    # The checks run in containers.
    (lenient / "docker").write_text('#!/bin/sh\n[ "$1" = run ] || exec /usr/bin/docker "$@"\n')
    (lenient / "docker").chmod(0o755)
    world.stop_controller(world.vm)
    world.start_controller(world.vm, env={"PATH": f"/opt/lenient:{PATH}"})
    with world.changed():
        world.files["rules/alerting-rules.yml"] = RULES
        before = taken_back(world, report, "rules that nobody can load")
        same(world.containers(world.vm), before, "containers")
        check("TargetDown" in world.prometheus.rules(), "the old rules are not loaded")
        check("500" in world.condition(world.vm, "Stalled")["message"], world.condition(world.vm, "Stalled")["message"])
    world.stop_controller(world.vm)
    world.start_controller(world.vm)
    world.wait_ready(world.push("rules as before"))
    shutil.rmtree(lenient)


def broken_image(world, report, name, exit_after):
    images.make_standin(world.vm, name, exit_after=exit_after)
    with world.changed():
        world.spec["jaeger"]["image"] = name
        before = taken_back(world, report, f"an image that ends after {exit_after} s")
        changed = {each for each, value in world.containers(world.vm).items() if value != before.get(each)}
        check(changed <= {"monitoring-jaeger-1"}, f"other containers were touched: {changed}")
    world.wait_ready(world.push("the image as before"))


@scenario("a configuration is checked by the tool of the image, not by the host's")
def image_checks(world, _):
    strict = world.vm.path("/opt/strict")
    strict.mkdir()
    (strict / "promtool").write_text("#!/bin/sh\necho 'too old for this'; exit 1\n")
    (strict / "promtool").chmod(0o755)
    world.stop_controller(world.vm)
    world.start_controller(world.vm, env={"PATH": f"/opt/strict:{PATH}"})
    with world.changed():
        world.files["rules/alerting-rules.yml"] += "# checked in the image\n"
        world.wait_ready(world.push("rules that the host's promtool would refuse"))
        before = world.containers(world.vm), world.written(world.vm)
        world.files["rules/alerting-rules.yml"] = RULES.replace("Broken", "Refused")  # the other one is quarantined
        world.push("rules that nobody can load")
        world.wait("the image's promtool refuses", lambda: "promtool of the image prom/prometheus:" in
                   world.condition(world.vm, "Ready")["message"], 60)
        same((world.containers(world.vm), world.written(world.vm)), before, "the host")
        check(not world.vm.run(["docker", "ps", "--all", "--quiet", "--filter", "label=dev.vigie.check"]).stdout.strip(), "a container is left")
    world.stop_controller(world.vm)
    world.start_controller(world.vm)
    world.wait_ready(world.push("rules as before"))
    shutil.rmtree(strict)


@scenario("an image that does not start")
def does_not_start(world, report):
    broken_image(world, report, "lab/ends-at-once:1", 0)


@scenario("a container that crashes again and again after five seconds")
def crash_loop(world, report):
    broken_image(world, report, "lab/ends-soon:1", 5)


@scenario("an image that cannot be had changes nothing")
def no_image(world, _):
    before = world.containers(world.vm), world.written(world.vm)
    with world.changed():
        world.spec["jaeger"]["image"] = "lab/nowhere:1"
        world.push("an image that is nowhere")
        world.wait("the vm says so", lambda: "lab/nowhere:1" in world.condition(world.vm, "Ready")["message"], 90)
        same((world.containers(world.vm), world.written(world.vm)), before, "the host")
    world.wait_ready(world.push("the image as before"))


@scenario("the Docker engine is down")
def engine(world, report):
    world.vm.stop_docker()
    with Pinger(world.vps, VPN["vm"]) as pinger:
        world.pause(0.5)
        world.vm.path("/opt/monitoring/prometheus/prometheus.yml").write_text("broken: by hand\n")
        whole = "scrape_configs"
        world.wait("files are repaired all the same", lambda: whole in world.vm.path(
            "/opt/monitoring/prometheus/prometheus.yml").read_text(), 60)
        world.wait("vigie says that the engine is down", lambda: "ngine" in world.condition(world.vm, "Healthy")["message"] +
                   world.condition(world.vm, "Ready")["message"], 60)
    uninterrupted(pinger)
    watch = Stopwatch()
    world.vm.start_docker()
    world.wait("everything is healthy",
               lambda: world.condition(world.vm, "Healthy")["status"] == "True" and world.prometheus.up(), 90)
    report["engine up → healthy"] = watch.seconds()


def without(world, what, gone, back, deadline=30):
    """Without something that is needed to pull: it is said, and the host is kept as it is meanwhile."""
    with Pinger(world.vps, VPN["vm"]) as pinger:
        world.pause(0.5)
        gone()
        try:
            world.wait(f"the loss of {what} is said", lambda: all(
                world.condition(host, "Ready").get("reason") == "SourceFailed" for host in world.hosts.values()), deadline)
            tunnel = world.tunnel_config(world.vps)
            world.vps.run(["wg", "set", "wg0", "listen-port", "50000"])
            world.wait("the tunnel is repaired meanwhile", lambda: world.tunnel_config(world.vps) == tunnel, 60)
            world.vps.run(["docker", "rm", "-f", "moments-pgbouncer-exporter"])
            world.wait("drift is repaired meanwhile",
                       lambda: world.containers(world.vps).get("moments-pgbouncer-exporter", ("", ""))[1] == "running", 60)
        finally:
            back()
        world.wait_ready(world.tip)
    check(pinger.outage < 30, f"the tunnel was down for {pinger.outage} s")  # somebody closed it by hand


@scenario("the git server is gone")
def git_gone(world, _):
    without(world, "the git server", world.git.stop, world.git.start)


@scenario("the git server accepts and never answers")
def git_hangs(world, _):
    without(world, "the git server", world.git.hang, world.git.resume, 60)


@scenario("the name server is gone")
def no_names(world, _):
    without(world, "the name server", world.names.stop, world.names.start, 60)


@scenario("the disk is full")
def disk_full(world, _):
    """Where the state is, and then where the files are. The disk is a small one that comes and goes in the host's own namespace."""
    world.stop_controller(world.vps)
    for place in ("/var/lib/vigie", "/opt/moments"):
        world.vps.run(["sh", "-ec", f"""
            mkdir -p /run/aside && cp -a {place}/. /run/aside/
            mount -t tmpfs -o size=$(($(du -sk /run/aside | cut -f1) + 4096))k tmpfs {place}
            cp -a /run/aside/. {place}/"""])
        world.start_controller(world.vps)
        world.wait_ready(world.tip, hosts=[world.vps])
        before = world.written(world.vps)
        world.vps.run(["sh", "-c", f"cat /dev/zero >{place}/filler 2>/dev/null"], check=False)
        with world.changed():
            world.spec["exporters"][0]["pgbouncer"]["user"] = "moments"  # changes a file and a container
            world.seal("pgbouncer-stats", "x" * 9000)
            before_log = len(world.log(world.vps))
            commit = world.push("a change that needs some room")
            world.wait(f"the vps says that {place} is full", lambda: re.search(
                "No space left|disk is full", world.log(world.vps)[before_log:]), 60)
            check(world.status(world.vps)["lastAppliedRevision"] != commit, "it was applied")
            same(world.written(world.vps), before, "files")
        world.push("as before")
        world.vps.run(["rm", f"{place}/filler"])
        world.wait_ready(world.tip)
        same(world.written(world.vps), before, "files")
        world.stop_controller(world.vps)
        world.vps.run(["sh", "-ec", f"""
            rm -rf /run/aside/* && cp -a {place}/. /run/aside/
            umount -l {place}
            find {place} -mindepth 1 -delete && cp -a /run/aside/. {place}/ && rm -rf /run/aside"""])
    world.start_controller(world.vps)
    world.wait_ready(world.tip)


@scenario("the clock jumps a day forward and two days back")
def clock(world, report):
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    offset = world.vm.path("/opt/offset")
    world.stop_controller(world.vm)
    offset.write_text("+0")
    world.start_controller(world.vm, env={"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": "/opt/offset",
                                          "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"})
    world.wait_ready(world.tip)
    with Pinger(world.vps, VPN["vm"]) as pinger:
        for jump in ("+86400", "-86400"):
            offset.write_text(jump)
            with world.changed():
                world.spec["prometheus"]["scrapeInterval"] = "3s"
                watch = Stopwatch()
                world.wait_ready(world.push(f"after a jump of {jump} s"))
                report["push → Ready"] = watch.seconds()
                told = log_time(world.log(world.vm).splitlines()[-1])
                check(abs(told - time.time() - int(jump)) < 3600, f"the controller's clock has not jumped: {told}")
                check("scrape_interval: 3s" in world.prometheus.config(), "not loaded")
            world.wait_ready(world.push("as before"))
    uninterrupted(pinger)
    world.stop_controller(world.vm)
    world.start_controller(world.vm)
    offset.unlink()


def reboot(world, report, host):
    world.power_cut(host)
    world.pause(1)
    watch = Stopwatch()
    world.boot(host)
    other = world.vm if host is world.vps else world.vps
    with Pinger(other, VPN[host.name]) as pinger:
        world.wait("the tunnel is back", lambda: pinger.silent < 0.5, 90)
        report["boot → tunnel"] = watch.seconds()
    world.wait("all targets are up", world.prometheus.up, 120)
    report["boot → targets UP"] = watch.seconds()
    world.wait_ready(world.tip)


@scenario("the vps loses power")
def reboot_vps(world, report):
    reboot(world, report, world.vps)


@scenario("the vm loses power")
def reboot_vm(world, report):
    before = len(world.log(world.vm))
    reboot(world, report, world.vm)
    news = world.log(world.vm)[before:]
    check("not heard of within three minutes: vps" not in news or "every peer of the tunnel is heard of again" in news, "the tunnel's return is told")


@scenario("the agent is killed in the middle of an apply")
def killed(world, _):
    for i, seconds in enumerate((0.1, 0.4, 1.2)):
        with world.changed():
            world.spec["prometheus"]["retention"] = f"{20 + i}d"
            commit = world.push("another retention")
            world.wait("the plan", lambda: f"at revision {commit[:12]}" in world.log(world.vm))
            world.pause(seconds)
            world.stop_controller(world.vm, signal.SIGKILL)
            world.start_controller(world.vm)
            world.wait_ready(commit)
            check(f"retention.time={20 + i}d" in world.vm.run(["docker", "inspect", "monitoring-prometheus-1"]).stdout, "retention")
    world.wait_ready(world.push("as before"))


@scenario("SIGTERM ends an idle controller within a second")
def sigterm(world, report):
    watch = Stopwatch()
    same(world.stop_controller(world.vm), 0, "its exit code")
    report["SIGTERM → ended"] = watch.seconds()
    check(report["SIGTERM → ended"] < 5, f"it took {report}")
    world.start_controller(world.vm)
    world.wait_ready(world.tip)
