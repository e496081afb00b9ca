"""Changes that both ends of the tunnel must make. Whoever pulls first, the tunnel is back within its window."""

import signal

from observe import Pinger
from scenario import Stopwatch, check, same, scenario
from world import INTERVAL, VPN, WINDOW

LONGEST = int(WINDOW[:-1]) + 2 * INTERVAL + 5  # the window, two looks, and WireGuard's own retry


def both_follow(world, report, message):
    """Pushes and waits until both hosts are Ready and the tunnel works; reports for how long it did not."""
    with Pinger(world.vm, VPN["vps"]) as pinger:
        world.pause(0.5)
        commit = world.push(message)
        world.wait_ready(commit, 150)
        world.wait("the tunnel works", lambda: pinger.silent < 0.5)
        world.pause(1)
    report["tunnel down"] = pinger.outage
    report |= world.times(commit)
    check(pinger.outage < LONGEST, f"the tunnel was down for {pinger.outage} s, and its window is {WINDOW}")
    return commit


def other_port(world):
    """The document has another port afterwards; (the one before, this one)."""
    wireguard = world.spec["wireguard"]
    before = wireguard["listenPort"]
    wireguard["listenPort"] = 51821 if before == 51820 else 51820
    return before, wireguard["listenPort"]


@scenario("the tunnel's port changes")
def port(world, report):
    before, now = other_port(world)
    both_follow(world, report, "another port")
    rules = world.vps.path("/etc/ufw/user.rules").read_text()
    check(f"allow udp {now}" in rules and f"allow udp {before}" not in rules, "the firewall has another port open")


def rotate(world, report, host):
    entry = world.host_entry(host.name)["vpn"]
    old = entry["publicKey"]
    new = world.vigie(host, "keys", "rotate").split('nextPublicKey: "')[1].split('"')[0]
    entry["nextPublicKey"] = new
    both_follow(world, report, f"{host.name} announces a key")
    announced = report.pop("tunnel down")
    world.wait("the new key is in use", lambda: new in host.run(["wg", "show", "wg0", "public-key"]).stdout)
    del entry["nextPublicKey"]
    entry["publicKey"] = new
    both_follow(world, report, f"{host.name} has a new key")
    report["tunnel down"] = max(announced, report["tunnel down"])
    world.vigie(host, "keys", "rotate", "--finish")
    for each in world.hosts.values():
        check(old not in each.run(["wg", "show"]).stdout, f"{each.name} still knows the old key")
    world.pause(2 * INTERVAL)
    world.wait_ready(world.tip)


@scenario("the vps changes its key")
def key_of_vps(world, report):
    rotate(world, report, world.vps)


@scenario("the vm changes its key")
def key_of_vm(world, report):
    rotate(world, report, world.vm)


@scenario("a key is replaced at once, without being announced")
def abrupt_key(world, report):
    entry = world.host_entry("vm")["vpn"]
    entry["publicKey"] = world.vigie(world.vm, "keys", "rotate").split('nextPublicKey: "')[1].split('"')[0]
    both_follow(world, report, "vm has a new key at once")
    world.vigie(world.vm, "keys", "rotate", "--finish")


@scenario("a third host joins, in a larger network, and leaves again")
def third_host(world, report):
    laptop = world.lab.host("laptop")
    world.prepare(laptop)
    entry = {"name": "laptop", "vpn": {"address": "10.66.66.3"}}
    world.take_keys(entry, laptop)
    world.spec["hosts"].append(entry)
    world.spec["wireguard"]["network"] = "10.66.66.0/24"
    world.hosts["laptop"] = laptop
    world.configure(laptop)
    world.start_controller(laptop)
    both_follow(world, report, "a third host")
    with Pinger(laptop, VPN["vps"]) as pinger:
        world.wait("the laptop reaches the vps", lambda: pinger.silent < 0.5)
    with Pinger(laptop, VPN["vm"]) as pinger:
        world.wait("the laptop reaches the vm through the vps", lambda: pinger.silent < 0.5)
    leave(world, report, laptop)


def leave(world, report, laptop):
    """The third host is no longer in the document: it keeps what it has until somebody uninstalls it there."""
    del world.hosts["laptop"]
    world.spec["hosts"].pop()
    joined = report.pop("tunnel down")
    both_follow(world, report, "two hosts again")
    report["tunnel down"] = max(joined, report["tunnel down"])
    world.wait("the laptop is stalled and keeps what it has", lambda: world.condition(laptop, "Stalled")["status"] == "True")
    check(laptop.path("/etc/wireguard/wg0.conf").exists(), "something was removed")
    world.stop_controller(laptop)
    world.vigie(laptop, "uninstall", "--purge", "--yes")
    check(laptop.run(["wg", "show", "interfaces"]).stdout.strip() == "", "its tunnel is still there")
    laptop.stop()


@scenario("the vm's address in the tunnel changes")
def address(world, report):
    if world.spec["wireguard"]["network"] != "10.66.66.0/24":
        world.spec["wireguard"]["network"] = "10.66.66.0/24"
        world.wait_ready(world.push("a larger network"))
    world.host_entry("vm")["vpn"]["address"] = "10.66.66.20"
    world.prometheus.url = "http://10.66.66.20:9090"
    both_follow(world, report, "the vm moves")
    world.wait("all targets are up", world.prometheus.up, 60)
    world.host_entry("vm")["vpn"]["address"] = VPN["vm"]
    world.prometheus.url = f"http://{VPN['vm']}:9090"
    both_follow(world, {}, "the vm moves back")
    world.wait("all targets are up", world.prometheus.up, 60)


@scenario("the vps gets another public address")
def endpoint(world, report):
    with Pinger(world.vm, VPN["vps"]) as pinger:
        world.pause(0.5)
        world.vps.move()
        world.host_entry("vps")["endpoint"] = world.vps.address
        commit = world.push("the vps has moved")
        world.wait_ready(commit, 120)
        world.wait("the tunnel works", lambda: pinger.silent < 0.5, 60)
    report["tunnel down"] = pinger.outage
    report |= world.times(commit)


@scenario("the name of the vps gets another address, and no commit says so")
def dynamic_name(world, report):
    """A peer counts as silent after 180 s; what its name means then is asked at the next look."""
    name = "vps.dynamic.example.org"
    entry = world.host_entry("vps")
    world.names.set(name, world.vps.address)
    entry["endpoint"] = name
    world.wait_ready(world.push("the vps has a name"))
    with Pinger(world.vm, VPN["vps"]) as pinger:
        world.pause(1)
        world.vps.move()
        world.names.set(name, world.vps.address)
        watch = Stopwatch()
        world.wait("the tunnel is down", lambda: pinger.silent > 2)
        world.wait("the tunnel works", lambda: pinger.silent < 0.5, 300)
        report["name → tunnel"] = watch.seconds()
    check(report["name → tunnel"] < 240, f"it took {report['name → tunnel']} s")
    entry["endpoint"] = world.vps.address
    world.wait_ready(world.push("the vps has an address"))
    world.wait("all targets are up", world.prometheus.up, 60)


@scenario("the router at home forgets its connections")
def nat(world, report):
    with Pinger(world.vps, VPN["vm"]) as pinger:
        world.pause(1)
        world.router.forget()
        world.pause(1)
        world.wait("the tunnel works", lambda: pinger.silent < 0.5, 60)
    report["tunnel down"] = pinger.outage


def went_back(world, host, commit):
    return any(entry["revision"] == commit and entry["result"] in ("WaitingForPeer", "RolledBack")
               for entry in world.status(host).get("history", []))


def cut_off(world, report, kill):
    """The document has a key for the vps that the vps does not have. It refuses; the vm follows, hears nothing any more, and goes
    back by itself."""
    def has_followed():
        return nobodys in world.vm.run(["wg", "show", "wg0", "peers"]).stdout
    with world.changed(), Pinger(world.vps, VPN["vm"]) as pinger:
        nobodys = world.vm.run(["sh", "-c", "wg genkey | wg pubkey"]).stdout.strip()
        world.host_entry("vps")["vpn"]["publicKey"] = nobodys
        world.pause(0.5)
        commit = world.push("a key that nobody has")
        world.wait("the vm has followed", has_followed)
        watch = Stopwatch()
        if kill:
            world.stop_controller(world.vm, signal.SIGKILL)
        world.wait("the change is taken back", lambda: not has_followed(), 90)
        report["changed → taken back"] = watch.seconds()
        world.wait("the tunnel works", lambda: pinger.silent < 0.5, 60)
    report["tunnel down"] = pinger.outage
    if kill:
        world.start_controller(world.vm)
    world.wait("the history says so", lambda: went_back(world, world.vm, commit))
    world.wait_ready(world.push("the key that the vps has"))


@scenario("a change that cuts a host off is taken back")
def cut_off_is_taken_back(world, report):
    cut_off(world, report, kill=False)


@scenario("the same when the agent is killed right after the change")
def cut_off_and_killed(world, report):
    cut_off(world, report, kill=True)


@scenario("hosts that pull far apart meet again")
def apart(world, report):
    """The vps sees the new key of the vm a whole window later."""
    world.stop_controller(world.vps)
    entry = world.host_entry("vm")["vpn"]
    entry["publicKey"] = world.vigie(world.vm, "keys", "rotate").split('nextPublicKey: "')[1].split('"')[0]
    with Pinger(world.vm, VPN["vps"]) as pinger:
        commit = world.push("another key of the vm")
        world.wait("the vm tries", lambda: world.condition(world.vm, "Ready").get("reason") == "WaitingForConfirmation")
        world.wait("the vm goes back", lambda: went_back(world, world.vm, commit), 60)
        world.wait("the tunnel works as before", lambda: pinger.silent < 0.5, 60)
        world.start_controller(world.vps)
        watch = Stopwatch()
        world.wait_ready(commit, 240)
        world.wait("the tunnel works", lambda: pinger.silent < 0.5, 60)
    report["both there → both Ready"] = watch.seconds()
    report["tunnel down"] = pinger.outage
    world.vigie(world.vm, "keys", "rotate", "--finish")
    world.pause(2 * INTERVAL)
    same([world.condition(host, "TunnelReady")["status"] for host in world.hosts.values()], ["True", "True"], "TunnelReady")
