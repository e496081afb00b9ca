"""Guests of the tunnel: a phone and a tablet with real WireGuard, which reach what they may and nothing else."""

import re
import socket

import images
import yaml
from observe import Pinger
from scenario import check, same, scenario
from world import INTERVAL, World

V6 = {"vps": "fd66::1", "vm": "fd66::2"}
V4 = {"vps": "10.66.66.1", "vm": "10.66.66.2"}
CHAIN = "VIGIE-GUESTS-wg0"
OPEN = (9090,)
# vigie's API, an exporter, a port that the user's compose file publishes everywhere, ssh, and one that somebody listens on.
CLOSED = {"vps": (9469, 9127, 8000, 22, 7777), "vm": (9469, 9093, 16686, 22, 7777)}


def connects(host, address, port, seconds=1.5):
    """Whether somebody on the host gets a connection."""
    with host.network():
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as client:
            client.settimeout(seconds)
            try:
                client.connect((address, port))
                return True
            except OSError:
                return False


def listener(host, port):
    """Somebody listens on all addresses of the host."""
    program = ("import socket, time; s = socket.socket(socket.AF_INET6); s.setsockopt(41, 26, 0); "
               f"s.setsockopt(1, 2, 1); s.bind(('::', {port})); s.listen(); time.sleep(100000)")
    return host.popen(["/usr/bin/python3", "-c", program])


def add_guest(world, name, *options):
    """`vigie guest add`, as a person does it on a machine of his own; what it wrote, and the document as it is then."""
    world.write_document()
    out = world.checkout / f"{name}.conf"
    said = world.vigie(world.vps, "guest", "add", name, world.checkout, "-o", out, *options)
    configuration = out.read_text()
    same(out.stat().st_mode & 0o777, 0o600, "the mode of the guest's configuration")
    out.unlink()
    private = re.search("PrivateKey = (.+)", configuration)[1]
    check(private not in said and private not in (world.checkout / "stack.yaml").read_text(), "the private key is shown")
    world.document = yaml.safe_load((world.checkout / "stack.yaml").read_text())
    return configuration


def switch_on(world, name, configuration):
    """The device, with what it has scanned."""
    device = world.lab.host(name)
    device.path("/etc/wireguard/wg0.conf").write_text(configuration)
    device.run(["wg-quick", "up", "wg0"])
    return device


def address_of(configuration):
    return re.search(r"Address = ([^/]+)/32, ([^/]+)/128", configuration).groups()


def confined(world, phone, what):
    """What the phone reaches, and what not, by both families."""
    for name in ("vps", "vm"):
        for address in (V4[name], V6[name]):
            for port in OPEN:
                world.wait(f"{what}: the phone reaches {address} port {port}", lambda a=address, p=port: connects(phone, a, p), 60)
            for port in CLOSED[name]:
                check(not connects(phone, address, port), f"{what}: the phone reaches {address} port {port}")


def really_open(world):
    """What is closed to guests is open to somebody: else nothing is shown."""
    check(connects(world.vm, V4["vps"], 8000), "the application is closed to the vm, too")
    check(connects(world.vm, V4["vps"], 9127), "the exporter is closed to the vm, too")
    check(connects(world.vps, V4["vm"], 9093), "Alertmanager is closed to the vps, too")
    check(connects(world.vps, V6["vm"], 9090) and connects(world.vm, V6["vps"], 9090), "there is no way by IPv6")


def rules(host, program="iptables"):
    said = host.run([f"{program}-save", "-t", "mangle"]).stdout.splitlines()
    return [line for line in said if CHAIN in line]


def dual_stack(world):
    """A Prometheus on each host, and IPv6 in the tunnel."""
    images.make_prometheus(world.vps)
    world.spec["wireguard"] |= {"network": "10.66.66.0/24", "network6": "fd66::/64"}
    for name, address in V6.items():
        world.host_entry(name)["vpn"]["address6"] = address
    world.spec["projects"].append({"name": "watch", "host": "vps", "directory": "/opt/watch"})
    world.spec["prometheus"]["externalLabels"] = {"replica": "vm"}
    world.spec["prometheus"]["replicas"] = [{"project": "watch", "externalLabels": {"replica": "vps"}}]


def survives(world, phone, before):
    """The rules outlive what others do to theirs."""
    for command in (["ufw", "reload"], ["ufw", "disable"], ["ufw", "--force", "enable"]):
        world.vps.run(command)
        same(rules(world.vps), before, f"the rules after {' '.join(command)}")
    world.vps.stop_docker()
    world.vps.start_docker()
    world.vps.run(["docker", "compose", "up", "-d"], cwd="/opt/watch")
    same(rules(world.vps), before, "the rules after the engine's restart")
    world.wait("the vps is healthy", lambda: world.condition(world.vps, "Healthy")["status"] == "True", 120)
    confined(world, phone, "after restarts")


def repaired(world, phone, before):
    """Drift is named and mended, in both families."""
    attempts = len(world.status(world.vps)["history"])
    world.stop_controller(world.vps)
    world.vps.run(["iptables", "-t", "mangle", "-F", CHAIN])
    world.vps.run(["ip6tables", "-t", "mangle", "-F", "PREROUTING"])
    check(connects(phone, V4["vps"], 8000), "something else than the rules keeps the phone from a port that Docker publishes")
    world.start_controller(world.vps)
    world.wait("the rules are back", lambda: rules(world.vps) == before and len(rules(world.vps, "ip6tables")) == len(before), 30)
    world.wait("the repair is told", lambda: len(world.status(world.vps)["history"]) > attempts)
    check("guests:wg0" in world.log(world.vps), "the log does not name what was repaired")
    confined(world, phone, "after the repair")


def reboots(world, phone, before):
    """Power comes back. The lab has no systemd: the tunnel's unit is played by running its own lines before wg-quick."""
    drop_in = world.vps.path("/etc/systemd/system/wg-quick@wg0.service.d/50-vigie.conf").read_text()
    world.power_cut(world.vps)
    world.vps.start()
    same(rules(world.vps), [], "rules of a kernel that has just booted")
    for line in re.findall("^ExecStartPre=-(.+)$", drop_in, re.M):
        world.vps.run(["/bin/sh", "-c", line])
    for line in re.findall("^ExecStartPre=-(.+)$", drop_in, re.M):  # and `systemctl restart` later
        world.vps.run(["/bin/sh", "-c", line])
    same(rules(world.vps), before, "the rules after a boot, before the tunnel")
    world.vps.run(["/lib/ufw/ufw-init", "start"])
    world.vps.start_docker()
    world.start_controller(world.vps)
    world.wait("the vps is well again", lambda: all(
        world.condition(world.vps, kind)["status"] == "True" for kind in ("Ready", "Healthy", "TunnelReady")), 120)
    same(rules(world.vps), before, "the rules after a boot")
    world.vps_listener = listener(world.vps, 7777)
    confined(world, phone, "after a boot")


@scenario("a phone reaches what it may and nothing else, and its sleep means nothing", own_world=True)
def guest(report):
    with World() as world:
        world.bring_up()
        dual_stack(world)
        configuration = add_guest(world, "phone", "--reaches", "prometheus", "--psk")
        other = add_guest(world, "tablet")
        check("PresharedKey" in configuration and "PresharedKey" not in other, "who has a preshared key")
        world.start_controllers()
        commit = world.push("the whole stack, with guests")
        world.wait_ready(commit, 180)
        listeners = [listener(host, 7777) for host in world.hosts.values()]
        world.wait("all are healthy", lambda: all(world.condition(host, kind)["status"] == "True" for host in world.hosts.values()
                                                  for kind in ("Ready", "Healthy", "TunnelReady")), 120)
        # Neither of them has ever been on: a guest that sleeps for as long as it likes.
        check("phone" not in str(world.status(world.vps)["conditions"]), "a condition speaks of a guest")
        really_open(world)
        phone, tablet = switch_on(world, "phone", configuration), switch_on(world, "tablet", other)
        confined(world, phone, "at first")
        for address in (*V4.values(), *V6.values()):
            check(not connects(tablet, address, 9090), f"the tablet reaches {address}")
        theirs = [listener(device, 7777) for device in (phone, tablet)]
        world.wait("somebody listens on the tablet", lambda: connects(tablet, "127.0.0.1", 7777))
        for address in address_of(other):
            check(not connects(phone, address, 7777), f"the phone reaches the tablet at {address}")
        # What hosts begin is answered.
        for host in world.hosts.values():
            with Pinger(host, address_of(configuration)[0]) as pinger:
                world.wait(f"the phone answers {host.name}", lambda pinger=pinger: pinger.silent < 0.5)
        before = rules(world.vps)
        check(len(before) > 5 and rules(world.vm) == [], f"rules: {before}")
        survives(world, phone, before)
        repaired(world, phone, before)
        reboots(world, phone, before)
        phone.run(["wg-quick", "down", "wg0"])
        leaves(world, tablet)
        for process in [*listeners, *theirs]:
            if process.poll() is None:
                process.kill()
        world.check_invariants()


def leaves(world, tablet):
    """Guests leave the document: peers and rules are gone, and nothing else."""
    for name in ("phone", "tablet"):
        world.write_document()
        world.vigie(world.vps, "guest", "remove", name, world.checkout)
        world.document = yaml.safe_load((world.checkout / "stack.yaml").read_text())
    check("guests" not in world.spec["wireguard"] and "guest-phone-psk" not in str(world.spec["secrets"]), "what is left of guests")
    world.wait_ready(world.push("no guests"), 120)
    world.pause(2 * INTERVAL)
    same(rules(world.vps), [], "rules for guests that are gone")
    same(rules(world.vps, "ip6tables"), [], "rules for guests that are gone")
    check(not connects(tablet, V4["vps"], 9090), "the tablet is still a peer")
    same(len(world.vps.run(["wg", "show", "wg0", "peers"]).stdout.split()), 1, "peers of the vps")
