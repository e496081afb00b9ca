#!/usr/bin/env python3
"""The lab itself: are its hosts as real as the other tests take them to be, and is nothing left of them?"""

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import compose_plugin  # noqa: E402
import hosts  # noqa: E402
import images  # noqa: E402
from hosts import SOURCE, Failed, Lab, wait_for  # noqa: E402
from loopback import VIGIE  # noqa: E402

KINDS = ("net", "mnt", "pid")

COMPOSE = """
services:
  backend:
    image: standin:1
    restart: unless-stopped
    environment: { STANDIN_PORTS: "8000" }
    ports: ["10.66.66.1:8000:8000", "198.18.0.2:8001:8000"]
  crashing:
    image: standin:1
    restart: unless-stopped
    environment: { STANDIN_EXIT_AFTER: "0", STANDIN_EXIT_CODE: "3" }
"""


def namespaces(host):
    return [os.readlink(f"/proc/{host.pid}/ns/{kind}") for kind in KINDS]


def processes_in(wanted):
    """The processes of this machine that are in one of these namespaces."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(process / "ns" / kind) in wanted for kind in KINDS):
                found.append(process.name)
        except OSError:  # has ended
            pass
    return found


def machine():
    """What of the machine a careless lab would change."""
    def said(*argv):
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    files = {str(path): path.read_bytes() for folder in ("/etc/ufw", "/etc/wireguard", "/etc/docker", "/etc/sysctl.d")
             for path in sorted(Path(folder).rglob("*")) if path.is_file()}
    links = re.findall(r"(?m)^\d+: ([^:@]+)", said("ip", "-o", "link"))
    mounts = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if "vg-" in line]
    rules = said("nft", "--stateless", "list", "ruleset")
    return files, links, mounts, rules, said("ip", "-4", "route"), Path("/proc/sys/net/ipv4/ip_forward").read_text()


def make_tunnel(vps, vm):
    """Two wg0.conf, as a person would write them."""
    key = {host: host.run(["wg", "genkey"]).stdout.strip() for host in (vps, vm)}
    public = {host: host.run(["wg", "pubkey"], input=key[host]).stdout.strip() for host in (vps, vm)}
    vps.path("/etc/wireguard/wg0.conf").write_text(
        f"[Interface]\nAddress = 10.66.66.1/30\nListenPort = 51820\nPrivateKey = {key[vps]}\n"
        f"[Peer]\nPublicKey = {public[vm]}\nAllowedIPs = 10.66.66.2/32\n")
    vm.path("/etc/wireguard/wg0.conf").write_text(
        f"[Interface]\nAddress = 10.66.66.2/30\nPrivateKey = {key[vm]}\n"
        f"[Peer]\nPublicKey = {public[vps]}\nEndpoint = {vps.address}:51820\nAllowedIPs = 10.66.66.1/32\nPersistentKeepalive = 25\n")


def pings(host, address):
    return host.run(["ping", "-c", "1", "-W", "1", address], check=False).returncode == 0


class TwoHosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.before = machine()
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.vps, cls.vm = cls.lab.host("vps"), cls.lab.host("vm")
        make_tunnel(cls.vps, cls.vm)
        for host in (cls.vps, cls.vm):
            host.run(["wg-quick", "up", "wg0"])
            host.start_docker()
        images.make_standin(cls.vps, "standin:1")

    @classmethod
    def compose_up(cls):
        cls.vps.path("/opt/app").mkdir(exist_ok=True)
        cls.vps.path("/opt/app/compose.yaml").write_text(COMPOSE)
        cls.vps.run(["docker", "compose", "up", "-d"], cwd="/opt/app")

    def tearDown(self):
        self.assertEqual(machine(), self.before)

    def test_a_host_reaches_its_neighbour_and_nobody_else(self):
        self.assertTrue(pings(self.vps, self.vm.address))
        with self.vps.network(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anybody:
            with self.assertRaises(OSError) as caught:
                anybody.connect(("192.0.2.1", 53))
        self.assertEqual(caught.exception.errno, errno.ENETUNREACH)

    def test_a_pulled_cable_cuts_off_and_comes_back(self):
        self.vm.unplug()
        self.assertFalse(pings(self.vps, self.vm.address))
        self.vm.plug()
        wait_for("the neighbour again", lambda: pings(self.vps, self.vm.address))

    def test_the_machine_is_read_only(self):
        for command in ("touch /usr/bin/x", "touch /boot/x", "sysctl -w kernel.panic=1"):
            self.assertNotEqual(self.vps.run(["sh", "-c", command], check=False).returncode, 0, command)
        self.vps.run(["sh", "-c", "touch /etc/x /var/x /usr/local/bin/x /tmp/x && sysctl -w net.ipv4.conf.all.forwarding=1"])
        self.assertFalse(self.vps.run(["sh", "-c", "cat /etc/shadow"], check=False).stdout)
        self.assertTrue(self.vps.path("/var/x").exists())
        self.assertFalse(self.vm.path("/var/x").exists())
        self.assertRaises(ValueError, self.vps.path, "/usr/bin/x")

    def test_the_repository_and_the_lab_are_where_they_are_outside(self):
        (self.lab.directory / "note").write_text("here")
        self.vps.run(["cmp", str(Path(__file__).resolve()), str(SOURCE / "tests/lab/hosts_test.py")])
        self.assertEqual(self.vps.run(["cat", str(self.lab.directory / "note")]).stdout, "here")

    def test_a_program_has_the_hosts_name_processes_and_nothing_of_our_environment(self):
        os.environ["VIGIE_CANARY"] = "1"
        self.addCleanup(os.environ.pop, "VIGIE_CANARY")
        said = self.vps.run(["sh", "-c", "hostname; env; pwd"], env={"MORE": "yes"}, cwd="/opt").stdout
        self.assertTrue(said.startswith("vps\n"), said)
        self.assertIn("MORE=yes\n", said)
        self.assertIn("\n/opt\n", said)
        self.assertNotIn("CANARY", said)
        self.assertEqual(self.vps.run(["cat"], input="é\n").stdout, "é\n")
        self.assertNotIn(str(os.getpid()), self.vps.run(["sh", "-c", "ls /proc"]).stdout.split())

    def test_signals_reach_the_program_and_the_deadline_ends_it(self):
        process = self.vps.popen(["sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done"], stdout=subprocess.PIPE)
        with process:
            process.stdout.readline()
            process.terminate()
            self.assertEqual(process.wait(10), 7)
        begin = time.monotonic()
        with self.assertRaisesRegex(Failed, "not done after 1 s\nwaiting"):
            self.vps.run(["sh", "-c", "echo waiting; sleep 97"], timeout=1)
        self.assertLess(time.monotonic() - begin, 5)
        with self.assertRaisesRegex(Failed, "exit 3\nno"):
            self.vps.run(["sh", "-c", "echo no; exit 3"])

    def test_ping_crosses_the_tunnel(self):
        wait_for("a ping through the tunnel", lambda: pings(self.vps, "10.66.66.2"), 10)
        self.assertIn("latest handshake", self.vm.run(["wg", "show", "wg0"]).stdout)

    def test_ufw_keeps_its_rules_on_the_host(self):
        self.vps.run(["ufw", "allow", "51820/udp"])
        self.assertIn("--dport 51820", self.vps.path("/etc/ufw/user.rules").read_text())
        self.assertNotIn("51820", self.vm.path("/etc/ufw/user.rules").read_text())
        self.vps.run(["ufw", "allow", "from", "any", "to", "any"])
        self.vps.run(["ufw", "--force", "enable"])
        self.addCleanup(self.vps.run, ["ufw", "disable"])
        self.assertIn("Status: active", self.vps.run(["ufw", "status"]).stdout)
        self.assertIn("--dport 51820", self.vps.run(["iptables-save"]).stdout)
        self.assertNotIn("51820", self.vm.run(["iptables-save"]).stdout)

    def test_a_published_port_is_reached_through_the_tunnel(self):
        self.compose_up()
        wait_for("the stand-in through the tunnel", lambda: self.vm.http_get("http://10.66.66.1:8000/metrics"))
        status, text = self.vm.http_get("http://10.66.66.1:8000/metrics")
        self.assertEqual(status, 200)
        self.assertIn("standin_requests_total", text)
        self.assertIsNone(self.vm.http_get("http://10.66.66.1:8001/"))

    def test_a_container_that_crashes_again_and_again(self):
        self.compose_up()
        show = ["docker", "inspect", "--format", "{{.RestartCount}} {{.State.ExitCode}}", "app-crashing-1"]
        wait_for("restarts after code 3", lambda: re.fullmatch(r"[2-9] 3\n", self.vps.run(show).stdout))

    def test_what_vigie_renders_runs(self):
        self.compose_up()
        images.make_prometheus(self.vm)
        images.make_alertmanager(self.vm)
        images.make_jaeger(self.vm)
        self.vm.run([VIGIE, "render", "--host", "vm", SOURCE / "examples/moments", "-o", "/root/out"])
        project = self.vm.path("/opt/monitoring")
        shutil.copytree(self.vm.path("/root/out/opt/monitoring"), project)
        for name in ("prom-data", "alertmanager-data"):
            (project / name).mkdir(exist_ok=True)
            os.chown(project / name, 65534, 65534)
        prometheus = project / "prometheus/prometheus.yml"
        prometheus.write_text(prometheus.read_text().replace("15s", "1s"))
        self.vm.run(["docker", "compose", "up", "-d"], cwd="/opt/monitoring")
        self.addCleanup(self.vm.run, ["docker", "compose", "down", "-t", "2"], cwd="/opt/monitoring")
        for url in ("http://10.66.66.2:9090/-/ready", "http://10.66.66.2:9093/-/healthy"):
            wait_for(url, lambda: (self.vm.http_get(url) or [0])[0] == 200)
        self.assertEqual(self.vm.http_get("http://10.66.66.2:4318/v1/traces")[0], 405)
        wait_for("target moments_api up", lambda: self.target_up("moments_api"))
        show = f'{{{{index .Config.Labels "{images.LABEL}"}}}}'
        label = self.vm.run(["docker", "inspect", "--format", show, "prom/prometheus:v3.5.0"])
        self.assertIn("Debian", label.stdout)

    def target_up(self, job):
        answer = self.vm.http_get("http://10.66.66.2:9090/api/v1/targets")
        targets = json.loads(answer[1])["data"]["activeTargets"] if answer else []
        return any(target["labels"]["job"] == job and target["health"] == "up" for target in targets)

    def test_a_power_cut_ends_everything_and_the_disk_is_there_after_the_boot(self):
        self.compose_up()
        self.vps.path("/run/volatile").touch()
        gone = namespaces(self.vps)
        waiting = self.vps.popen(["sleep", "97"])
        self.vps.kill_all()
        self.vps.kill_all()
        self.assertEqual(waiting.returncode, -signal.SIGKILL)
        self.assertEqual(processes_in(gone), [])
        self.assertRaises(Failed, self.vps.run, ["true"])
        self.assertFalse(pings(self.vm, self.vps.address))

        self.vps.start()
        self.assertFalse(self.vps.path("/run/volatile").exists())
        self.assertTrue(pings(self.vm, self.vps.address))
        self.vps.run(["wg-quick", "up", "wg0"])
        self.vps.start_docker()
        for url in ("http://198.18.0.2:8001/", "http://10.66.66.1:8000/"):
            wait_for(f"{url} after the boot", lambda: self.vps.http_get(url))
        # WireGuard notices after 15 s that its peer forgot it; no need to wait for that here.
        self.vm.run(["wg-quick", "down", "wg0"])
        self.vm.run(["wg-quick", "up", "wg0"])
        wait_for("the tunnel after the boot", lambda: self.vm.http_get("http://10.66.66.1:8000/"))

    def test_the_engine_stops_in_good_order(self):
        self.vm.stop_docker()
        self.assertFalse(self.vm.docker_answers())
        self.vm.start_docker()
        self.assertTrue(self.vm.docker_answers())


class NothingIsLeft(unittest.TestCase):
    """`victim` below is a run of the lab in a process of its own; these end it."""

    def setUp(self):
        self.before = machine()

    def start(self, how):
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        process = subprocess.Popen([sys.executable, __file__, "victim", how], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        line = process.stdout.readline()
        self.assertTrue(line, "the victim did not start")
        said = json.loads(line)
        self.assertTrue(processes_in(said["namespaces"]))
        self.assertTrue(list(Path("/sys/fs/cgroup").glob(f"**/{said['run']}*")))
        return process, said

    def assert_gone(self, said):
        self.assertEqual(processes_in(said["namespaces"]), [])
        self.assertFalse(Path(said["directory"]).exists())
        self.assertEqual(hosts._cgroups(said["run"]), [])
        self.assertEqual(machine(), self.before)

    def test_after_signals_and_an_exception(self):
        for signals in ([signal.SIGTERM], [signal.SIGINT, signal.SIGINT], []):
            with self.subTest(signals=signals):
                process, said = self.start("waits" if signals else "fails")
                for number in signals:
                    process.send_signal(number)
                    time.sleep(0.1)
                process.wait(30)
                self.assertNotEqual(process.returncode, 0)
                self.assert_gone(said)

    def test_after_sigkill_processes_end_and_the_next_run_removes_the_rest(self):
        process, said = self.start("waits")
        process.kill()
        process.wait()
        wait_for("no process of the dead run", lambda: not processes_in(said["namespaces"]), 10)
        self.assertTrue(Path(said["directory"]).exists())
        hosts.cleanup_leftovers()
        self.assert_gone(said)

    def test_a_living_run_is_left_alone(self):
        process, said = self.start("waits")
        hosts.cleanup_leftovers()
        self.assertTrue(processes_in(said["namespaces"]))
        self.assertTrue(Path(said["directory"]).exists())
        process.terminate()
        process.wait(30)
        self.assert_gone(said)


class Requirements(unittest.TestCase):
    def require(self, **environment):
        code = "import os, sys, hosts; os.seteuid(65534); hosts.require()"
        return subprocess.run([sys.executable, "-c", code], cwd=SOURCE / "tests/lab", capture_output=True, text=True,
                              env={"PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"], **environment})

    def test_without_root_the_reason_is_told_and_ci_fails(self):
        self.assertEqual(self.require().returncode, 2)
        self.assertIn("not root", self.require().stderr)
        self.assertEqual(self.require(CI="true").returncode, 1)

    def test_the_source_of_the_next_release_is_the_machines_own(self):
        stanzas = ("Types: deb deb-src\nURIs: http://first.example/debian\nSuites: bookworm-security\nComponents: main\n\n"
                   "# ours\nTypes: deb deb-src\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n"
                   "Components: main contrib\nSigned-By: /usr/share/keyrings/some.gpg\n")
        line = "deb [arch=amd64] http://mirror.example/debian bookworm main non-free\n"
        for name, text in {"sources.list.d/debian.sources": stanzas, "sources.list": "# nothing\n" + line}.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as work:
                etc = Path(work)
                (etc / "apt/sources.list.d").mkdir(parents=True)
                (etc / "os-release").write_text('ID=debian\nVERSION_CODENAME=bookworm\n')
                (etc / "apt" / name).write_text(text)
                source = compose_plugin.next_release_source(etc)[1]
                self.assertIn("http://mirror.example/debian", source)
                self.assertIn("trixie", source)
                self.assertNotIn("bookworm", source)
                self.assertNotIn("first.example", source)
                self.assertNotIn("contrib", source)


def victim(how):
    with Lab() as lab:
        host = lab.host("vps")
        make_tunnel(host, host)
        host.run(["wg-quick", "up", "wg0"])
        host.start_docker()
        images.make_standin(host, "standin:1")
        host.run(["docker", "run", "-d", "standin:1"])
        print(json.dumps({"directory": str(lab.directory), "namespaces": namespaces(host), "run": hosts.RUN}), flush=True)
        if how == "fails":
            raise RuntimeError("an exception in a test")
        signal.pause()


if __name__ == "__main__":
    hosts.require()
    if sys.argv[1:2] == ["victim"]:
        victim(sys.argv[2])
    unittest.main(verbosity=2)
