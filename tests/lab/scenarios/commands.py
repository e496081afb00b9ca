"""The command line on a host, beside or instead of the controller."""

import signal

from observe import Pinger
from scenario import check, same, scenario
from world import INTERVAL, VPN


def interval(world):
    return f"scrape_interval: {world.spec['prometheus']['scrapeInterval']}"


def apply(world, host, *words):
    return world.vigie(host, "apply", "--yes", *words, "--host", host.name, world.checkout)


@scenario("`apply --confirm-within`: taken back unless somebody confirms it")
def confirm_within(world, _):
    world.stop_controller(world.vm)
    before = interval(world)
    with world.changed():
        world.spec["prometheus"]["scrapeInterval"] = "7s"
        world.write_document()
        check("vigie confirm" in apply(world, world.vm, "--confirm-within", "4s"), "the cure is not named")
        check("scrape_interval: 7s" in world.prometheus.config(), "it was not applied")
        world.wait("it is taken back", lambda: before in world.prometheus.config())
        world.wait("the history says why", lambda: "NotConfirmed" in world.vigie(world.vm, "history"))
        apply(world, world.vm, "--confirm-within", "30s")
        check("the change stays" in world.vigie(world.vm, "confirm"), "not confirmed")
        check("scrape_interval: 7s" in world.prometheus.config(), "it did not stay")
    world.start_controller(world.vm)
    world.wait_ready(world.push("as before"))


@scenario("`rollback` and `resume`, beside the controller")
def rollback(world, _):
    before = interval(world)
    with world.changed():
        world.spec["prometheus"]["scrapeInterval"] = "8s"
        commit = world.push("every eight seconds")
        world.wait_ready(commit)
        check("suspended" in world.vigie(world.vm, "rollback", "--yes"), "it does not say that vigie is suspended")
        check(before in world.prometheus.config(), "it is not as before")
        world.wait("the status says so too", lambda: world.condition(world.vm, "Ready").get("reason") == "Suspended")
        world.pause(2 * INTERVAL)
        check(before in world.prometheus.config(), "it was applied again all the same")
        world.vigie(world.vm, "resume")
        world.wait_ready(commit)
        check("scrape_interval: 8s" in world.prometheus.config(), "it was not applied again")
    world.wait_ready(world.push("as before"))


def unknown_key(world, report, ending, pause=0):
    """The vps gets a key of which its peer has not heard, by an `apply` that is ended by `ending` so many seconds after the change."""
    entry = world.host_entry("vps")["vpn"]
    world.stop_controller(world.vps)
    before = world.tunnel_config(world.vps)
    with world.changed(), Pinger(world.vm, VPN["vps"]) as pinger:
        entry["publicKey"] = world.vigie(world.vps, "keys", "rotate").split('nextPublicKey: "')[1].split('"')[0]
        world.write_document()
        command = world.vps.popen([world.program, "apply", "--yes", "--host", "vps", str(world.checkout)])
        world.wait("the change", lambda: entry["publicKey"] in world.vps.run(["wg", "show", "wg0", "public-key"]).stdout)
        world.pause(pause)
        command.send_signal(ending)
        # One that is stopped is ended by the guard, after its time and some grace.
        same(command.wait(90), -signal.SIGKILL, "how the agent ended")
        world.wait("the tunnel is as it was", lambda: world.tunnel_config(world.vps) == before, 60)
        world.wait("the tunnel works", lambda: pinger.silent < 0.5, 60)
    report["tunnel down"] = pinger.outage
    world.wait("nothing is open", lambda: "no transaction is open" in world.vps.run([world.program, "recover"], check=False).stdout)
    world.vps.path("/etc/wireguard/wg0.next.key").unlink()
    world.start_controller(world.vps)
    world.wait_ready(world.push("as before"))


@scenario("a key that no peer knows, applied by hand and killed: the guard takes it back")
def killed_command(world, report):
    unknown_key(world, report, signal.SIGKILL)


@scenario("the same when that command is stopped: the guard ends it, and takes the change back")
def stopped_command(world, report):
    unknown_key(world, report, signal.SIGSTOP, pause=3)  # it waits for a handshake by then, and the window is short


@scenario("`uninstall`, and back again")
def uninstall(world, _):
    world.stop_controller(world.vps)
    before = world.containers(world.vps)
    world.vigie(world.vps, "uninstall", "--purge", "--yes")
    after = world.containers(world.vps)
    for name in ("moments-pgbouncer-1", "moments-postgres-1"):
        same(after[name], before[name], f"container {name}")
    check("moments-pgbouncer-exporter" not in after, "the exporter is still there")
    check(not world.vps.path("/etc/wireguard/wg0.conf").exists(), "wg0.conf is still there")
    check("allow udp" not in world.vps.path("/etc/ufw/user.rules").read_text(), "the firewall's rule is still there")
    check(world.vps.run(["wg", "show", "wg0"], check=False).returncode != 0, "the tunnel is still there")
    environment = world.vps.run(["docker", "inspect", "moments-backend-1", "--format", "{{.Config.Env}}"]).stdout
    check("OTEL_ENDPOINT" not in environment, environment)
    world.start_controller(world.vps)
    world.wait_ready(world.tip)
    world.wait("all targets are up", world.prometheus.up, 90)
