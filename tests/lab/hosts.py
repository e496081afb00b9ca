"""Real hosts on one machine, for end-to-end tests: a host is a set of namespaces with its own processes, network, mounts and name.

A host has its own /etc /opt /root /run /srv /tmp /usr/local /var (plain directories below the lab's directory, so a test can
look at them from outside) and its own /proc and /sys. Everything else is the machine's, read-only. Its network knows the other
hosts of its `Internet` and nothing else: there is no route out, or with `Lab(way_out=True)` one that counts and ends at once.

    with Lab() as lab:
        vps, vm = lab.host("vps"), lab.host("vm")                     # 198.18.0.2 and 198.18.0.3
        vps.path("/etc/wireguard/wg0.conf").write_text(…)
        vps.run(["wg-quick", "up", "wg0"])
        vm.start_docker()
        vm.run(["docker", "compose", "up", "-d"], cwd="/opt/monitoring")
        vm.kill_all()                                                 # a power cut
        vm.start()                                                    # it boots again; its files are still there

    with Lab(way_out=True) as lab:
        vps, home = lab.host("vps"), lab.network("192.168.1.")
        router = lab.router("router", home)
        vm = lab.host("vm", network=home)                             # 192.168.1.2, behind the router's NAT
        assert lab.internet.escaped() == {}

    with Lab() as lab:
        lab.host("vm", system=newest.find(newest.CACHE))              # its /usr is that of another suite: its engine, its tools

Nothing has a name that could collide with another run, and nothing outlives the process that made it: a host hangs on a pipe
from its maker, its end takes all of the host's processes with it, and the last of those takes namespaces and mounts. Only files
and empty cgroups stay after a SIGKILL; `cleanup_leftovers` removes those of runs that are dead.

Needs root on Linux with util-linux 2.38, iproute2; Docker's part needs docker.io.
"""

import atexit
import contextlib
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path, PurePosixPath

SOURCE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / "tools"))
import compose_plugin  # noqa: E402
from internet import CLONE_NEWNET, CLONE_NEWPID, ENVIRONMENT, Cable, Internet, Router, end, hold, inside  # noqa: E402
from loopback import Failed, clean_up_on_signals, wait_for  # noqa: E402

OWN = ("/etc", "/opt", "/root", "/run", "/srv", "/tmp", "/usr/local", "/var")
# What the copy of /etc leaves empty, because a new host has nothing of its own there: the machine's may be in use.
EMPTY = ("/etc/wireguard", "/etc/vigie", "/etc/docker", "/etc/systemd/system", "/etc/sysctl.d")
# And what it leaves out: the machine's secrets are of no use in a host.
SECRETS = ("shadow*", "gshadow*", "ssh/ssh_host_*", "ssl/private/*")
PROGRAMS = ("cp", "ip", "mount", "nsenter", "unshare", "wg", "wireguard-go", "ping", "dockerd", "docker", "iptables", "nft", "ufw",
            "gcc", "prometheus", "prometheus-alertmanager")

# First process of a host; ends at the end of its input. BASE is the lab's directory, OWN below it the host's.
HOST_SCRIPT = """
set -eu
base=$1 own=$2 source=$3 name=$4 system=$5
shift 5
hostname "$name"
mount -t proc proc /proc
[ -z "$system" ] || mount --bind "$system/usr" /usr # /bin, /lib and /sbin are links into it
mount --bind "$base" "$base"
for target in $(cut -d ' ' -f 5 /proc/self/mountinfo); do
    case $target in
    "$base" | /proc* | /sys* | /dev*) ;;
    *) mount -o remount,bind,ro "$target" 2>/dev/null || : ;; # hidden below another
    esac
done
for directory; do
    # The lab's directory and the repository are seen in the host where they are outside, also when they lie below /tmp or /root.
    for kept in "$base" "$source"; do
        case $kept in
        "$directory"/*) mkdir -p "$own$kept" && mount --rbind "$kept" "$own$kept" ;;
        esac
    done
    mount --rbind "$own$directory" "$directory"
done
# /sys tells of the network namespace that mounts it; the engine needs the machine's cgroups in it.
mount -t sysfs sysfs "$own/sys"
mount --rbind /sys/fs/cgroup "$own/sys/fs/cgroup"
mount --move "$own/sys" /sys
# What is not of this host's network is the machine's kernel: `sysctl --system` shall not reach it.
mount --rbind /proc/sys /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,ro /proc/sys
ip link set lo up
trap '' CHLD # orphans need no reaping
echo ready
exec cat >/dev/null
"""


def _started(pid):
    """When a process started, in ticks since boot; None when there is none. With the pid, it names a process for ever."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None


# How this run's directories and cgroups begin: they can be told from those of any other run, past or present.
RUN = f"vg-{os.getpid()}-{_started(os.getpid())}"
_numbers = itertools.count(1)


def _cgroups(prefix):
    """Every cgroup directory of our own making, innermost first; in all hierarchies."""
    top, roots = Path("/sys/fs/cgroup"), []
    for folder in (top, *top.iterdir()):
        with contextlib.suppress(OSError):  # no directory, or another run's that has just gone
            roots += [path for path in map(folder.joinpath, os.listdir(folder)) if path.name.startswith(prefix) and path.is_dir()]
    return [Path(path) for root in roots for path, _, _ in os.walk(root, topdown=False)]


def _remove_cgroups(prefix):
    def gone():
        for path in _cgroups(prefix):
            with contextlib.suppress(OSError):  # busy for some moments after its last process
                path.rmdir()
        return not _cgroups(prefix)
    wait_for(f"no cgroups {prefix}*", gone)


class Host:
    """One host. `directory` becomes its disk and outlives `stop` and `start`; the folder around it is seen in the host as well.
    `system` is a root file system whose /usr it has in place of the machine's."""

    def __init__(self, name, directory, internet=None, address=None, system=None):
        self.name = name
        self.directory = Path(directory)
        self.system = system
        self.dockerd = None
        self._cgroup = f"{RUN}-h{next(_numbers)}-{name}"
        self._cables = [Cable(internet, address, "eth0")] if internet else []
        self._holder = None
        self._processes = []

    # --- power

    def start(self):
        """Boots the host; its services are started by whoever needs them."""
        if self._holder:
            return
        self._make_disk()
        _empty(self.path("/run"))
        self.path("/run/lock").mkdir()
        self._holder = hold(["--net", "--mount", "--uts", "--ipc"], HOST_SCRIPT, self.directory.parent, self.directory, SOURCE,
                             self.name, self.system or "", *OWN)
        _pid_file(self.directory).write_text(f"{self._holder.pid} {_started(self._holder.pid)}")
        for cable in self._cables:
            self._connect(cable)

    def kill_all(self):
        """A power cut: SIGKILL for every process of the host, at once. `start` boots it again."""
        if not self._holder:
            return
        for cable in self._cables:
            cable.network.disconnect(cable)
        self._holder.kill()
        # The kernel keeps the first process until the others are reaped, and of some we are the parent.
        for process in self._processes:
            process.wait()
        end(self._holder)
        self._holder = self.dockerd = None
        self._processes = []
        _remove_cgroups(self._cgroup)
        _pid_file(self.directory).unlink(missing_ok=True)

    def stop(self):
        """Ends everything of the host. Its disk stays."""
        self.kill_all()

    # --- cables

    @property
    def address(self):
        """Of eth0."""
        return self._cables[0].address

    def plug(self):
        """Puts the cable of eth0 back."""
        self._cables[0].network.plug(self._cables[0])

    def unplug(self):
        """Pulls the cable of eth0; the host itself sees that it is without carrier."""
        self._cables[0].network.unplug(self._cables[0])

    def attach(self, network, address, interface):
        """One more cable, from now on and after every boot."""
        self._cables.append(Cable(network, address, interface))
        if self._holder:
            self._connect(self._cables[-1])

    def move(self, address=None):
        """Gives eth0 another address, as a provider does over night; without `address` a new one. A boot keeps it."""
        cable = self._cables[0]
        before, cable.address = cable.address, address or cable.network.new_address()
        if self._holder:
            self.run(["ip", "address", "del", f"{before}/24", "dev", cable.interface])
            self._set_up(cable)

    def _connect(self, cable):
        cable.network.connect(cable, self.pid)
        self._set_up(cable)

    def _set_up(self, cable):
        for arguments in cable.settings():
            self.run(["ip", *arguments])

    # --- disk

    def _make_disk(self):
        if self.directory.exists():
            return
        self.directory.mkdir(mode=0o755)
        subprocess.run(["cp", "-a", "/etc", str(self.directory)], check=True)
        etc = self.directory / "etc"
        for pattern in SECRETS:
            for path in etc.glob(pattern):
                path.unlink() if not path.is_dir() else shutil.rmtree(path)
        for directory in EMPTY:
            shutil.rmtree(self.directory / directory[1:], ignore_errors=True)
        for directory in (*OWN, *EMPTY, "/sys", "/var/lib", "/var/log", "/var/cache", "/var/tmp", "/usr/local/bin"):
            (self.directory / directory[1:]).mkdir(parents=True, exist_ok=True)
        for directory, mode in {"/etc/wireguard": 0o700, "/root": 0o700, "/tmp": 0o1777, "/var/tmp": 0o1777}.items():
            (self.directory / directory[1:]).chmod(mode)
        (self.directory / "var/run").symlink_to("/run")
        (self.directory / "var/lock").symlink_to("/run/lock")
        self._name_host()
        self._reset_ufw()

    def _name_host(self):
        # No name server: a name that is not in the hosts file is unknown at once, and not after a resolver's timeout.
        texts = {"hostname": f"{self.name}\n", "hosts": f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n", "resolv.conf": ""}
        for name, text in texts.items():
            path = self.directory / "etc" / name
            path.unlink(missing_ok=True)  # resolv.conf may be a link
            path.write_text(text)

    def _reset_ufw(self):
        pristine = Path("/usr/share/ufw/iptables")
        for rules in pristine.glob("user*.rules"):
            shutil.copyfile(rules, self.directory / "etc/ufw" / rules.name)
        conf = self.directory / "etc/ufw/ufw.conf"
        if conf.exists():
            conf.write_text(re.sub(r"(?m)^ENABLED=.*", "ENABLED=no", conf.read_text()))

    # --- from outside

    def path(self, path):
        """Where a file of the host's own is seen from outside, also when the host is down."""
        text = os.path.normpath(path).replace("//", "/")
        text = re.sub(r"^/var/(run|lock)(?=/|$)", lambda match: {"run": "/run", "lock": "/run/lock"}[match[1]], text)
        if not any(PurePosixPath(text).is_relative_to(own) for own in OWN):
            raise ValueError(f"{path} is not the host's own")
        return self.directory / text[1:]

    def http_get(self, url, timeout=5):
        """(status, text) of what a URL answers to somebody on this host; None when nobody answers."""
        # A proxy that the environment names is the machine's.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with self.network():
            try:
                with opener.open(url, timeout=timeout) as answer:
                    return answer.status, answer.read().decode(errors="replace")
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode(errors="replace")
            except OSError:
                return None

    def network(self):
        """A context manager: the sockets that this thread makes meanwhile are the host's."""
        return inside("net", CLONE_NEWNET, self.pid)

    @property
    def pid(self):
        """The host's first process, as seen from outside; Failed when the host is down."""
        if not self._holder:
            raise Failed(f"host {self.name} is down")
        return self._holder.pid

    # --- processes

    def popen(self, argv, *, env=None, cwd="/root", **options):
        """subprocess.Popen on the host. It is the process itself, not something around it: signals reach it."""
        pid = self.pid
        enter = ["nsenter", f"--target={pid}", "--mount", "--net", "--uts", "--ipc", f"--wdns={cwd}", "--"]
        with inside("pid", CLONE_NEWPID, pid):
            process = subprocess.Popen([*enter, *map(str, argv)], env=ENVIRONMENT | (env or {}), start_new_session=True, **options)
        self._processes = [other for other in self._processes if other.poll() is None] + [process]
        return process

    def run(self, argv, *, input=None, timeout=600, env=None, cwd="/root", check=True):
        """Runs a program to its end; its output as text. Raises Failed at the deadline, and with `check` when it fails."""
        # Files, not pipes: wireguard-go goes on in the background with the output of the wg-quick that started it.
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write((input or "").encode())
            given.seek(0)
            process = self.popen(argv, env=env, cwd=cwd, stdin=given, stdout=out, stderr=err)
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise Failed(f"{self._called(argv)}: not done after {timeout} s\n{_text(out)}{_text(err)}") from None
            result = subprocess.CompletedProcess(argv, process.returncode, _text(out), _text(err))
        if check and result.returncode != 0:
            raise Failed(f"{self._called(argv)}: exit {result.returncode}\n{result.stdout}{result.stderr}")
        return result

    def _called(self, argv):
        return f"{self.name}: {' '.join(map(str, argv))}"

    # --- Docker

    def start_docker(self, seconds=60):
        """The Docker engine with everything where it is by default, and Compose v2; returns when it answers."""
        if self.dockerd and self.dockerd.poll() is None:
            return
        self._install_compose()
        log_path = self.path("/var/log/docker.log")
        # Without systemd there is nobody who makes slices; with cgroups of our own naming we know what to remove.
        argv = ["dockerd", f"--cgroup-parent=/{self._cgroup}", "--exec-opt=native.cgroupdriver=cgroupfs",
                f"--storage-driver={self._storage_driver()}"]
        with open(log_path, "ab") as log:
            self.dockerd = self.popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_for(f"Docker engine on {self.name}", lambda: self.docker_answers() or self.dockerd.poll() is not None, seconds)
            if self.dockerd.poll() is not None:
                raise Failed(f"the Docker engine on {self.name} ended")
        except Failed as failure:
            raise Failed(f"{failure}\n{log_path.read_text(errors='replace')[-3000:]}") from None

    def stop_docker(self):
        """Ends the engine in good order, as `systemctl stop docker`: its containers end too."""
        if self.dockerd:
            self.dockerd.terminate()
            self.dockerd.wait(60)
            self.dockerd = None

    def docker_answers(self):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(self.path("/run/docker.sock")))
                client.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                return b" 200 " in client.recv(100)
            except OSError:
                return False

    def _storage_driver(self):
        kind = subprocess.run(["stat", "--file-system", "--format=%T", str(self.directory)], check=True,
                              capture_output=True, text=True)
        return "vfs" if kind.stdout.strip() == "overlayfs" else "overlay2"  # overlayfs does not write onto itself

    def _install_compose(self):
        plugin = self.path("/usr/local/lib/docker/cli-plugins/docker-compose")
        if not plugin.exists() and not self.system:
            plugin.parent.mkdir(parents=True)
            shutil.copy(compose_plugin.find(compose_plugin.CACHE), plugin)


def _text(file):
    file.seek(0)
    return file.read().decode(errors="replace")


def _empty(directory):
    for path in directory.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _pid_file(directory):
    return directory.with_name(directory.name + ".pid")


class Lab:
    """An internet and its hosts in a temporary directory. Leaving it ends every process and removes every file.

    With `way_out` hosts have a default route; `lab.internet.escaped()` tells what they sent along it."""

    def __init__(self, way_out=False):
        require()
        cleanup_leftovers()
        self.internet = Internet(way_out=way_out)
        self.networks = [self.internet]
        self.hosts = {}
        self._owner = os.getpid()
        self.directory = Path(tempfile.mkdtemp(prefix=f"{RUN}-"))
        if threading.current_thread() is threading.main_thread():
            clean_up_on_signals()
        atexit.register(self.close)
        self.internet.start()

    def host(self, name, address=None, network=None, system=None):
        """A new host, running; on the internet unless another network is told."""
        host = self.hosts[name] = Host(name, self.directory / name, network or self.internet, address, system)
        host.start()
        return host

    def network(self, prefix="192.168.1."):
        """A new network that nothing joins to the internet but a router."""
        self.networks.append(Internet(prefix))
        self.networks[-1].start()
        return self.networks[-1]

    def router(self, name, home, address=None):
        """A new host that is the router between the internet and the network `home`; comes before the hosts there."""
        return Router(self.host(name, address), home)

    def close(self):
        if os.getpid() != self._owner:  # a forked child is at its end, not we
            return
        with _signals_wait(), contextlib.ExitStack() as steps:  # last first; each is done whatever the others say
            steps.callback(atexit.unregister, self.close)
            steps.callback(_remove, self.directory)
            for network in self.networks:
                steps.callback(network.stop)
            for host in self.hosts.values():
                steps.callback(host.stop)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


@contextlib.contextmanager
def _signals_wait():
    """Who presses Ctrl-C a second time while we clean up is heard afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = []
    before = {number: signal.signal(number, lambda number, _: heard.append(number)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in heard[:1]:
            os.kill(os.getpid(), number)


def _remove(directory):
    def gone():
        shutil.rmtree(directory, ignore_errors=True)
        return not directory.exists()
    wait_for(f"{directory} is removed", gone)


def cleanup_leftovers():
    """Removes what runs left that were killed: their processes, should one still live, their cgroups and their directories."""
    for directory in Path(tempfile.gettempdir()).glob("vg-*"):
        match = re.match(r"vg-(\d+)-(\d+)-", directory.name)
        # Anybody may make a directory in /tmp; we kill what is written in ours only.
        if not match or _started(match[1]) == match[2] or directory.lstat().st_uid != os.geteuid():
            continue
        for pid_file in directory.glob("*.pid"):
            pid, started = (pid_file.read_text().split() + ["", ""])[:2]
            if started and _started(pid) == started:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        _remove_cgroups(match[0])
        _remove(directory)


def missing(more=()):
    """Why there can be no lab on this machine, or none with these programs; None when there can."""
    if os.geteuid() != 0:
        return "not root"
    absent = [name for name in (*PROGRAMS, *more) if not shutil.which(name, path=ENVIRONMENT["PATH"])]
    return f"these programs are missing (tools/install-packages.sh test): {' '.join(absent)}" if absent else None


def require(more=()):
    """Ends the program with code 2 when there can be no lab here: tests are skipped. In CI that is a failure: code 1."""
    why = missing(more)
    if why:
        print(f"no real hosts on this machine: {why}", file=sys.stderr)
        sys.exit(1 if os.environ.get("CI") else 2)
