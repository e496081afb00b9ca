"""What lies between hosts: networks, a home router with its NAT, and the namespaces that all of them are made of.

A network is a bridge in a network namespace of its own. Nothing joins that namespace to the machine's: whatever a host sends
stays in the lab. With `way_out` hosts believe otherwise: they have a default route, and what they send along it is counted.
"""

import contextlib
import ctypes
import errno
import itertools
import json
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / "tools"))
import programs  # noqa: E402
from loopback import Failed  # noqa: E402

ENVIRONMENT = {"PATH": programs.search_path("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), "HOME": "/root",
               "USER": "root", "LOGNAME": "root", "LANG": "C.UTF-8"}

# linux/sched.h
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

# First process of a network; ends at the end of its input. A new namespace may have inherited forwarding from the machine, and
# with bridge-nf-call the rules would see what hosts send each other. A bridge without a hardware address of its own takes those
# of its cables in turn, and hosts would go on sending to the former one.
INTERNET_SCRIPT = """
set -eu
gateway=$1 rules=$2
for setting in net/ipv4/ip_forward net/ipv6/conf/all/forwarding net/bridge/bridge-nf-call-iptables \
    net/bridge/bridge-nf-call-ip6tables; do
    [ ! -e "/proc/sys/$setting" ] || echo 0 >"/proc/sys/$setting"
done
ip link add internet address 02:00:c6:12:ff:ff type bridge
if [ "$gateway" ]; then
    echo "$rules" | nft -f -
    ip address add "$gateway/24" dev internet
fi
ip link set internet up
echo ready
exec cat >/dev/null
"""

# The sets remember each destination and count its packets. Were they full, the packet would not be forwarded all the same.
WAY_OUT = """
table inet way_out {{
    set v4 {{ type ipv4_addr; flags dynamic; size 4096; }}
    set v6 {{ type ipv6_addr; flags dynamic; size 4096; }}
    chain packets {{
        type filter hook prerouting priority raw;
        ip daddr {{ {prefix}0/24, 224.0.0.0/4, 255.255.255.255 }} accept
        ip6 daddr {{ fe80::/10, ff00::/8 }} accept
        meta nfproto ipv4 add @v4 {{ ip daddr counter }} drop
        meta nfproto ipv6 add @v6 {{ ip6 daddr counter }} drop
    }}
}}
"""

# What a router for the home does: everybody inside goes out under its one address, and nobody outside comes in. As after a
# reboot of a cheap one, a new mapping has another port than the forgotten one.
NAT = """*nat
-A POSTROUTING -o eth0 -j MASQUERADE --random-fully
COMMIT
*filter
:INPUT DROP
:FORWARD DROP
-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A INPUT ! -i eth0 -j ACCEPT
-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A FORWARD -i eth1 -j ACCEPT
COMMIT
"""

_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(1)


def _checked(result):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@contextlib.contextmanager
def inside(kind, flag, pid):
    """This thread (for "pid": its children) is in the namespace of process `pid` meanwhile; None makes a new one."""
    before = os.open(f"/proc/thread-self/ns/{kind}", os.O_RDONLY)
    try:
        if pid is None:
            _checked(_libc.unshare(flag))
        else:
            with open(f"/proc/{pid}/ns/{kind}", "rb") as there:
                _checked(_libc.setns(there.fileno(), flag))
        yield
    finally:
        _checked(_libc.setns(before, flag))
        os.close(before)


def hold(namespaces, script, *arguments):
    """Starts the first process of new namespaces. It lives until it is killed, or nobody holds its input any more."""
    with inside("pid", CLONE_NEWPID, None):
        holder = subprocess.Popen(["unshare", *namespaces, "--", "sh", "-c", script, "sh", *map(str, arguments)], env=ENVIRONMENT,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    said = []
    for line in holder.stdout:
        if line == b"ready\n":
            return holder
        said.append(line.decode(errors="replace"))
    end(holder)
    raise Failed("namespaces could not be made: " + "".join(said))


def end(holder):
    holder.kill()
    try:
        holder.wait(30)
    except subprocess.TimeoutExpired:
        raise Failed(f"processes below {holder.pid} do not end") from None
    holder.stdin.close()
    holder.stdout.close()


class Internet:
    """What joins hosts: a bridge in a network namespace of its own, a /24 that begins with `prefix`, no route to anywhere else.

    `gateway` is where hosts that are connected later send what is not for the network: None, the way out, or a Router."""

    def __init__(self, prefix="198.18.0.", way_out=False):
        self.prefix = prefix
        self.way_out = way_out
        self.gateway = f"{prefix}1" if way_out else None
        self._holder = None
        self._last = 1

    def start(self):
        if not self._holder:
            rules = WAY_OUT.format(prefix=self.prefix)
            self._holder = hold(["--net"], INTERNET_SCRIPT, self.gateway if self.way_out else "", rules)

    def stop(self):
        if self._holder:
            end(self._holder)
            self._holder = None

    def new_address(self):
        self._last += 1
        return f"{self.prefix}{self._last}"

    def escaped(self):
        """{address: packets} of everything that hosts sent to somewhere else. Nothing arrived there."""
        if not self.way_out:
            raise Failed("this network has no way out that could count")
        found = {}
        for name in ("v4", "v6"):
            listed = json.loads(self._run("nft", "-j", "list", "set", "inet", "way_out", name).stdout)["nftables"]
            elements = next(entry["set"] for entry in listed if "set" in entry).get("elem", [])
            found |= {entry["elem"]["val"]: entry["elem"]["counter"]["packets"] for entry in elements}
        return found

    def forget_escaped(self):
        for name in ("v4", "v6"):
            self._run("nft", "flush", "set", "inet", "way_out", name)

    def _run(self, *argv, check=True):
        result = subprocess.run(["nsenter", f"--net=/proc/{self._holder.pid}/ns/net", *argv], env=ENVIRONMENT,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
        if check and result.returncode != 0:
            raise Failed(f"{' '.join(argv)}: {result.stderr}")
        return result

    def connect(self, cable, pid):
        """Gives the namespace of process `pid` the other end of this cable."""
        self._run("ip", "link", "add", cable.port, "type", "veth",
                  "peer", "name", cable.interface, "address", cable.hardware, "netns", str(pid))
        self._run("ip", "link", "set", cable.port, "master", "internet", "up")

    def disconnect(self, cable):
        # Else the kernel does so when it comes to it, and the name would still be taken at the next start.
        self._run("ip", "link", "del", cable.port, check=False)

    def plug(self, cable):
        self._run("ip", "link", "set", cable.port, "up")

    def unplug(self, cable):
        self._run("ip", "link", "set", cable.port, "down")


class Cable:
    """Joins a network and an interface of a host, which has `address` there. `port` is its name at the network's end."""

    def __init__(self, network, address, interface):
        self.network = network
        self.address = address or network.new_address()
        self.interface = interface
        number = next(_numbers)
        self.port = f"h{number}"
        # After a power cut the neighbours still know the old hardware address: it stays the same, as a real one does.
        self.hardware = f"02:00:c6:12:{number // 256:02x}:{number % 256:02x}"

    def settings(self):
        """The arguments for `ip` that make the interface of a host work."""
        yield ["address", "add", f"{self.address}/24", "dev", self.interface]
        yield ["link", "set", self.interface, "up"]
        if self.network.gateway not in (None, self.address):
            yield ["route", "add", "default", "via", self.network.gateway]


class Router:
    """Makes a host the router between its own network, outside, and `home`: NAT outwards, nothing inwards.

    Hosts at home find the way if they are made later than the router."""

    def __init__(self, host, home):
        self.host = host
        self.home = home
        home.gateway = f"{home.prefix}1"
        host.attach(home, home.gateway, "eth1")
        self.start()

    def start(self):
        """Also after a power cut of the router."""
        self.host.start()
        self.host.run(["iptables-restore"], input=NAT)
        self.host.run(["sysctl", "-q", "-w", "net.ipv4.ip_forward=1"])

    def reboot(self):
        """Off and on again: cables, mappings and rules are made anew."""
        self.host.kill_all()
        self.start()

    def forget(self):
        """Loses every mapping of the NAT: who is inside has another port outside from the next packet on."""
        # linux/netfilter/nfnetlink_conntrack.h: IPCTNL_MSG_CT_DELETE without a tuple deletes all. No package is needed for it.
        netlink_netfilter, delete, request_with_ack = 12, (1 << 8) | 2, 5
        message = struct.pack("=IHHII", 20, delete, request_with_ack, 1, 0) + struct.pack("=BBH", socket.AF_UNSPEC, 0, 0)
        with self.host.network(), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, netlink_netfilter) as kernel:
            kernel.send(message)
            number = -struct.unpack_from("=i", kernel.recv(4096), 16)[0]
        if number:
            raise Failed(f"{self.host.name}: the mappings are still there: {errno.errorcode.get(number, number)}")
