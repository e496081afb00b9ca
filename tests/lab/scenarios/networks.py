"""Two hosts that something else joins already: a plain LAN, or an interface that comes up when it likes."""

import copy
import subprocess

import yaml
from scenario import check, same, scenario
from world import INTERVAL, VPN, World

STREAMS = {"moments_api", "pgbouncer_exporter", "prometheus", "vigie"}
ASKED = 90  # other hosts are asked once a minute


class Joined(World):
    """As the situation of the other scenarios, but for the tunnel. `network` is what the document says of the network instead."""

    def bring_up(self, application=True):
        router = self.lab.router
        host = self.lab.host

        def placed(name, network=None, **more):  # the vps is where the other one is
            return host(name, network=self.home if name == "vps" else network, **more)

        def made(name, home):
            self.home = home
            return router(name, home)
        self.lab.router, self.lab.host = made, placed
        super().bring_up(application)

    def _fill_in(self):
        super()._fill_in()
        self.addresses = self.join()
        self.use_network()

    def use_network(self):
        """The document has the network, and no tunnel."""
        spec = self.spec
        spec["network"] = self.network
        spec.pop("wireguard")
        for entry in spec["hosts"]:
            entry["address"] = self.addresses[entry["name"]]
        spec["vigie"] = {"metrics": {"enabled": True}}
        self.prometheus.url = f"http://{self.addresses['vm']}:9090"

    def configure(self, host):
        super().configure(host)
        path = host.path("/etc/vigie/vigie.yaml")
        config = yaml.safe_load(path.read_text())
        config["http"] = {"listen": [f"{self.addresses[host.name]}:9469"]}
        path.write_text(yaml.safe_dump(config))

    def converge(self, report):
        self.start_controllers()
        commit = self.push("the whole stack")
        self.wait_ready(commit, 150)
        self.wait("all targets are up", self.prometheus.up, 90)
        same(set(self.prometheus.targets()), STREAMS, "jobs")
        report |= self.times(commit)
        for host in self.hosts.values():
            self.wait_for_network(host, "True", "PeersAnswer")
            check(not host.run(["wg", "show", "interfaces"]).stdout.strip(), "there is a tunnel")
        return commit

    def wait_for_network(self, host, status, reason, seconds=ASKED):
        def seen():
            condition = self.condition(host, "NetworkReady")
            return (condition["status"], condition["reason"]) == (status, reason)
        self.wait(f"{host.name}: NetworkReady is {status} ({reason})", seen, seconds)


class Lan(Joined):
    network = {"subnet": "192.168.1.0/24"}

    def join(self):
        return {name: host.address for name, host in self.hosts.items()}


class WithTunnel(Lan):
    """The same LAN, and the tunnel of the other scenarios in it."""

    def _fill_in(self):
        World._fill_in(self)
        self.addresses = self.join()

    def use_tunnel(self, wireguard):
        self.spec.pop("network")
        self.spec.pop("vigie")
        self.spec["wireguard"] = wireguard
        self.prometheus.url = f"http://{VPN['vm']}:9090"


class Overlay(Joined):
    """An interface of somebody else's, as a mesh VPN makes it: a cable of its own between the two."""
    network = {"interface": "mesh0"}

    def join(self):
        self.connect()
        return {"vps": "100.64.0.1", "vm": "100.64.0.2"}

    def connect(self):
        """Whoever lost power has lost the interface, and so has the other one."""
        with self.vps.network():
            subprocess.run(["ip", "link", "add", "mesh0", "type", "veth", "peer", "name", "mesh0", "netns", str(self.vm.pid)], check=True,
                           timeout=600)
        for host, address in ((self.vps, "100.64.0.1"), (self.vm, "100.64.0.2")):
            host.run(["ip", "address", "add", f"{address}/24", "dev", "mesh0"])
            host.run(["ip", "link", "set", "mesh0", "up"])


def rules(host):
    return host.run(["ufw", "status"]).stdout


@scenario("two hosts in one LAN, without a tunnel: what another machine of the LAN may reach, and a host that falls silent", own_world=True)
def lan(report):
    with Lan() as world:
        world.bring_up()
        world.spec["firewall"]["allow"] = [{"port": 2222, "hosts": ["vm"], "comment": "ssh of ours"}]
        world.converge(report)
        check("2222/tcp" in rules(world.vm) and "2222/tcp" not in rules(world.vps), rules(world.vm))
        check("192.168.1.0/24" in rules(world.vm), rules(world.vm))
        del world.spec["firewall"]["allow"]
        world.wait_ready(world.push("no rule of ours any more"))
        check("2222/tcp" not in rules(world.vm), rules(world.vm))

        world.stop_controller(world.vm)
        world.wait_for_network(world.vps, "False", "PeersSilent")
        message = world.condition(world.vps, "NetworkReady")["message"]
        check("vm does not answer" in message and world.addresses["vps"] in message, message)
        same(world.condition(world.vps, "Ready")["status"], "True", "Ready of the vps")
        world.start_controller(world.vm)
        world.wait_for_network(world.vps, "True", "PeersAnswer")


@scenario("an interface of somebody else's, which appears 20 s after a boot", own_world=True)
def late_interface(report):
    with Overlay() as world:
        world.bring_up()
        commit = world.converge(report)
        check("on mesh0" in rules(world.vm), rules(world.vm))
        before = copy.deepcopy(world.written(world.vm))
        world.power_cut(world.vm)
        world.pause(1)
        world.vm.start()
        # As systemd-sysctl does at boot; the lab has no systemd.
        world.vm.run(["sysctl", "--quiet", "-p", "/etc/sysctl.d/60-vigie.conf"])
        world.vm.run(["/lib/ufw/ufw-init", "start"])
        world.vm.start_docker()
        world.start_controller(world.vm)
        world.wait_for_network(world.vm, "False", "AddressMissing")
        world.wait("the containers run without the address", lambda: all(
            state == "running" for _, state in world.containers(world.vm).values()))
        world.pause(20 - 5 * INTERVAL)
        world.connect()
        world.wait("all targets are up", world.prometheus.up, 90)
        for host in world.hosts.values():
            world.wait_for_network(host, "True", "PeersAnswer")
        world.wait_ready(commit)
        same(world.written(world.vm), before, "what vigie wrote")
        answered = world.vps.http_get(f"http://{world.addresses['vm']}:9090/-/ready")
        same(answered and answered[0], 200, "Prometheus over the interface")


@scenario("from the tunnel to the LAN and back: what joins the hosts stays until the other works", own_world=True)
def moves(report):
    with WithTunnel() as world:
        world.bring_up()
        world.start_controllers()
        world.wait_ready(world.push("the whole stack"), 150)
        wireguard = copy.deepcopy(world.spec["wireguard"])
        world.use_network()
        wrong = world.host_entry("vm")["address"]
        world.host_entry("vm")["address"] = "192.168.1.99"
        commit = world.push("to the LAN, with an address that nobody has")
        world.wait("the vm waits", lambda: "has no address 192.168.1.99" in world.condition(world.vm, "Ready")["message"], 60)
        check(commit not in (world.status(each).get("lastAppliedRevision") for each in world.hosts.values()), "it was applied")
        for host in world.hosts.values():
            same(host.run(["wg", "show", "interfaces"]).stdout.strip(), "wg0", f"the tunnel of {host.name}")
        world.host_entry("vm")["address"] = wrong
        commit = world.push("to the LAN")
        world.wait_ready(commit, 150)
        world.wait("all targets are up", world.prometheus.up, 90)
        for host in world.hosts.values():
            same(host.run(["wg", "show", "interfaces"]).stdout.strip(), "", f"the tunnel of {host.name}")
            check("wg0" not in rules(host), rules(host))
        report |= world.times(commit)
        world.use_tunnel(wireguard)
        world.wait_ready(world.push("back to the tunnel"), 150)
        world.wait("all targets are up", world.prometheus.up, 90)
        for host in world.hosts.values():
            check("192.168.1.0/24" not in rules(host), rules(host))
            same(world.condition(host, "TunnelReady")["status"], "True", f"TunnelReady of {host.name}")
