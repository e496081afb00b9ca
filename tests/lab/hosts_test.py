#!/usr/bin/python3
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
import hosts  # noqa: E402
import images  # noqa: E402
import services  # noqa: E402
import debian_packages  # noqa: E402
from hosts import SOURCE, Failed, Lab, wait_for  # noqa: E402
from loopback import VIGIE  # noqa: E402
from patience import patient  # noqa: E402

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


# A program: sends a mail, with a CA file, a user and a password as arguments.
SEND = """import smtplib, ssl, sys
with smtplib.SMTP("smtp.example.org", 587, timeout=10) as server:
    server.starttls(context=ssl.create_default_context(cafile=sys.argv[1]))
    server.login(*sys.argv[2:])
    server.sendmail("vps@example.org", "person@example.org", sys.stdin.read())
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

    def test_a_host_reaches_its_neighbour_and_no_other_address(self):
        self.assertTrue(pings(self.vps, self.vm.address))
        with self.vps.network(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anybody:
            with self.assertRaises(OSError) as caught:
                anybody.connect(("192.0.2.1", 53))
        self.assertEqual(caught.exception.errno, errno.ENETUNREACH)

    def test_an_unplugged_host_is_unreachable_until_it_is_plugged_in(self):
        self.vm.unplug()
        self.assertFalse(pings(self.vps, self.vm.address))
        self.vm.plug()
        wait_for("the neighbour again", lambda: pings(self.vps, self.vm.address))

    def test_the_machines_files_are_read_only_and_a_hosts_own_files_are_not(self):
        for command in ("touch /usr/bin/x", "touch /boot/x", "sysctl -w kernel.panic=1"):
            self.assertNotEqual(self.vps.run(["sh", "-c", command], check=False).returncode, 0, command)
        self.vps.run(["sh", "-c", "touch /etc/x /var/x /usr/local/bin/x /tmp/x && sysctl -w net.ipv4.conf.all.forwarding=1"])
        self.assertFalse(self.vps.run(["sh", "-c", "cat /etc/shadow"], check=False).stdout)
        self.assertTrue(self.vps.path("/var/x").exists())
        self.assertFalse(self.vm.path("/var/x").exists())
        self.assertRaises(ValueError, self.vps.path, "/usr/bin/x")

    def test_the_repository_and_the_lab_directory_have_the_same_paths_in_a_host(self):
        (self.lab.directory / "note").write_text("here")
        self.vps.run(["cmp", str(Path(__file__).resolve()), str(SOURCE / "tests/lab/hosts_test.py")])
        self.assertEqual(self.vps.run(["cat", str(self.lab.directory / "note")]).stdout, "here")

    def test_a_program_sees_the_hosts_name_and_processes_and_a_clean_environment(self):
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
        self.assertLess(time.monotonic() - begin, patient(5))
        with self.assertRaisesRegex(Failed, "exit 3\nno"):
            self.vps.run(["sh", "-c", "echo no; exit 3"])

    def test_ping_crosses_the_tunnel(self):
        wait_for("a ping through the tunnel", lambda: pings(self.vps, "10.66.66.2"), 10)
        self.assertIn("latest handshake", self.vm.run(["wg", "show", "wg0"]).stdout)

    def test_ufw_rules_are_kept_per_host(self):
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

    def test_a_crashing_container_is_restarted_repeatedly(self):
        self.compose_up()
        show = ["docker", "inspect", "--format", "{{.RestartCount}} {{.State.ExitCode}}", "app-crashing-1"]
        wait_for("restarts after code 3", lambda: re.fullmatch(r"[2-9] 3\n", self.vps.run(show).stdout))

    def test_the_rendered_stack_runs_and_its_targets_are_up(self):
        self.compose_up()
        self.vm.run([VIGIE, "render", "--host", "vm", SOURCE / "examples/moments", "-o", "/root/out"])
        project = self.vm.path("/opt/monitoring")
        shutil.copytree(self.vm.path("/root/out/opt/monitoring"), project)
        named = {name: image for image, name in re.findall(r'image: "([^:"]+/([^:"/]+):[^"]+)"', (project / "compose.yaml").read_text())}
        images.make_prometheus(self.vm, named["prometheus"])
        images.make_alertmanager(self.vm, named["alertmanager"])
        images.make_jaeger(self.vm)
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

    def test_a_power_cut_ends_all_processes_and_the_disk_is_kept(self):
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

    def test_the_docker_engine_can_be_stopped_and_started(self):
        self.vm.stop_docker()
        self.assertFalse(self.vm.docker_answers())
        self.vm.start_docker()
        self.assertTrue(self.vm.docker_answers())


class BehindARouter(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(way_out=True)
        cls.addClassCleanup(cls.lab.close)
        cls.vps, home = cls.lab.host("vps"), cls.lab.network("192.168.1.")
        cls.router, cls.vm = cls.lab.router("router", home), cls.lab.host("vm", network=home)

    def test_a_host_behind_the_router_reaches_out_and_is_not_reached(self):
        router = self.router.host
        self.vps.run(["ip", "route", "add", "192.168.1.0/24", "via", router.address])
        self.assertTrue(pings(self.vm, self.vps.address))
        self.assertFalse(pings(self.vps, router.address) or pings(self.vps, self.vm.address))
        router.run(["iptables", "-P", "FORWARD", "ACCEPT"])  # it is the firewall that keeps them out, not a missing way
        self.addCleanup(router.run, ["iptables", "-P", "FORWARD", "DROP"])
        self.assertTrue(pings(self.vps, self.vm.address))

    def socket_of(self, host):
        with host.network():
            return self.enterContext(socket.socket(type=socket.SOCK_DGRAM))

    def test_the_nat_can_forget_mappings_and_the_router_change_its_address(self):
        server, client = (self.socket_of(host) for host in (self.vps, self.vm))
        server.bind((self.vps.address, 0))
        server.settimeout(5)

        def seen():
            client.sendto(b"hello", server.getsockname())
            return server.recvfrom(10)[1]
        first = seen()
        self.assertEqual((first[0], seen()), (self.router.host.address, first))
        for change in (self.router.forget, self.router.reboot):
            change()
            self.assertEqual(seen()[0], first[0])
            self.assertNotEqual(seen(), first)
        self.router.host.move()
        self.assertEqual(seen()[0], self.router.host.address)

    def test_packets_that_leave_the_lab_are_counted_per_address(self):
        self.lab.internet.forget_escaped()
        self.assertTrue(pings(self.vm, self.vps.address))
        self.assertEqual(self.lab.internet.escaped(), {})
        for host, address in ((self.vps, "192.0.2.1"), (self.vm, "192.0.2.2"), (self.vm, "192.0.2.2")):
            self.assertFalse(pings(host, address))
        # Hosts have no way for IPv6; one that makes itself one is seen.
        for does in ("address add 2001:db8:1::2/64 dev eth0 nodad", "route add 2001:db8:2::/64 via 2001:db8:1::1",
                     "neigh add 2001:db8:1::1 lladdr 02:00:c6:12:ff:ff dev eth0"):
            self.vps.run(["ip", *does.split()])
        self.assertFalse(pings(self.vps, "2001:db8:2::2"))
        self.assertEqual(self.lab.internet.escaped(), {"192.0.2.1": 1, "192.0.2.2": 2, "2001:db8:2::2": 1})


class Services(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(way_out=True)
        cls.addClassCleanup(cls.lab.close)
        cls.vps, cls.server = cls.lab.host("vps"), cls.lab.host("server")
        ca = services.make_ca(cls.lab.directory / "ca")
        cls.names = services.NameServer(cls.server, {f"{name}.example.org": cls.server.address for name in ("git", "smtp")})
        cls.git, cls.mail = services.GitServer(cls.server, ca), services.MailServer(cls.server, ca)
        services.use_name_server(cls.vps, cls.server.address)
        cls.git.push({"stack.yaml": "kind: MonitoringStack\n"}, "first")
        cls.vps.path("/root/.gitconfig").write_text(f"[http]\n sslCAInfo = {ca.pem}\n")
        cls.vps.path("/root/.ssh").mkdir()
        cls.vps.path("/root/.ssh/known_hosts").write_text(cls.git.known_hosts)

    def setUp(self):
        self.make_deploy_key()
        self.https_url = self.git.https_url.replace("//", f"//git:{self.git.token}@")

    def tearDown(self):
        self.assertEqual(self.lab.internet.escaped(), {})

    def make_deploy_key(self, write=False):
        path = self.vps.path("/root/.ssh/id_ed25519")
        path.write_text(self.git.make_deploy_key("vps", write))
        path.chmod(0o600)

    def run_git(self, *arguments, check=False, timeout=30):
        result = self.vps.run(["git", *arguments], env={"GIT_TERMINAL_PROMPT": "0"}, check=check, timeout=timeout)
        return result.stdout + result.stderr

    def test_git_over_https_needs_the_right_token(self):
        self.run_git("clone", self.https_url, "/root/by-https", check=True)
        self.assertIn("403", self.run_git("-C", "/root/by-https", "push", "origin", "main:other"))
        self.assertIn("Authentication failed", self.run_git("ls-remote", self.https_url.replace("token", "t0ken")))

    def test_git_over_ssh_works_with_a_read_only_deploy_key(self):
        self.run_git("clone", self.git.ssh_url, "/root/by-ssh", check=True)
        self.assertIn("this key may only read", self.run_git("-C", "/root/by-ssh", "push", "origin", "main:other"))
        self.make_deploy_key(write=True)
        self.run_git("-C", "/root/by-ssh", "push", "origin", "main:other", check=True)
        self.git.remove_deploy_key("vps")
        self.assertIn("Permission denied", self.run_git("ls-remote", self.git.ssh_url))

    def test_a_git_server_can_hang_stop_and_come_back(self):
        self.git.hang()
        for url in (self.git.ssh_url, self.https_url):
            with self.assertRaisesRegex(Failed, "not done after 1 s"):
                self.run_git("ls-remote", url, timeout=1)
        self.git.resume()
        self.assertIn("refs/heads/main", self.run_git("ls-remote", self.git.ssh_url))
        self.git.stop()
        self.assertIn("Connection refused", self.run_git("ls-remote", self.git.ssh_url))
        commit = self.git.push({"stack.yaml": None, "more/stack.yaml": "changed\n"}, "second")
        self.server.kill_all()
        for service in (self.names, self.git, self.mail):
            service.start()
        for url in (self.git.ssh_url, self.https_url):
            self.assertIn(commit, self.run_git("ls-remote", url, "main"))

    def send(self, password, ca=None):
        argv = ["/usr/bin/python3", "-c", SEND, ca or self.mail.ca_file, self.mail.user, password]
        return self.vps.run(argv, input="Subject: =?utf-8?q?St=C3=B6rung?=\n\nis over\n", check=False).stderr

    def test_a_mail_arrives_with_the_right_password_only(self):
        self.mail.clear()
        self.assertEqual(self.send(self.mail.password), "")
        self.assertIn("CERTIFICATE_VERIFY_FAILED", self.send(self.mail.password, "/etc/ssl/certs/ca-certificates.crt"))
        self.assertIn("535", self.send("wrong"))
        self.assertEqual([entry["mechanism"] for entry in self.mail.refusals()], ["PLAIN"])
        self.assertEqual([(mail["subject"], mail["body"]) for mail in self.mail.mails()], [("Störung", "is over\n")])

    def resolves(self, name):
        return self.vps.run(["getent", "ahostsv4", name], check=False).stdout.partition(" ")[0]

    def test_dns_names_can_be_set_changed_and_removed(self):
        self.assertEqual(self.resolves("git.example.org"), self.server.address)
        for address in ("198.18.0.77", "198.18.0.78", None):
            self.names.set("vps.example.org", address)
            self.assertEqual(self.resolves("vps.example.org"), address or "")
        self.addCleanup(self.names.start)
        self.names.stop()
        self.assertEqual(self.resolves("git.example.org"), "")


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
        self.assertTrue(hosts._cgroups(said["run"]))
        return process, said

    def assert_gone(self, said):
        # The kernel kills what is in a namespace whose first process ends, and takes a moment for it.
        wait_for("the end of its processes", lambda: not processes_in(said["namespaces"]))
        self.assertFalse(Path(said["directory"]).exists())
        self.assertEqual(hosts._cgroups(said["run"]), [])
        self.assertEqual(machine(), self.before)

    def test_a_run_ended_by_signals_or_an_exception_leaves_nothing(self):
        for signals in ([signal.SIGTERM], [signal.SIGINT, signal.SIGINT], []):
            with self.subTest(signals=signals):
                process, said = self.start("waits" if signals else "fails")
                for number in signals:
                    process.send_signal(number)
                    time.sleep(0.1)
                process.wait(30)
                self.assertNotEqual(process.returncode, 0)
                self.assert_gone(said)

    def test_after_sigkill_no_process_is_left_and_the_next_run_removes_the_rest(self):
        process, said = self.start("waits")
        process.kill()
        process.wait()
        wait_for("no process of the dead run", lambda: not processes_in(said["namespaces"]), 10)
        self.assertTrue(Path(said["directory"]).exists())
        hosts.cleanup_leftovers()
        self.assert_gone(said)

    def test_a_running_lab_is_not_cleaned_up(self):
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

    def test_without_root_the_tests_are_skipped_with_a_reason_and_fail_in_ci(self):
        self.assertEqual(self.require().returncode, 2)
        self.assertIn("not root", self.require().stderr)
        self.assertEqual(self.require(CI="true").returncode, 1)

    def test_the_package_source_of_another_suite_uses_the_machines_own_mirror(self):
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
                source = debian_packages.source_of("trixie", etc)[1]
                self.assertIn("http://mirror.example/debian", source)
                self.assertIn("trixie", source)
                self.assertNotIn("bookworm", source)
                self.assertNotIn("first.example", source)
                self.assertNotIn("contrib", source)


def victim(how):
    with Lab(way_out=True) as lab:
        router = lab.router("router", lab.network()).host
        host = lab.host("vps", network=lab.networks[1])
        make_tunnel(host, host)
        host.run(["wg-quick", "up", "wg0"])
        host.start_docker()
        images.make_standin(host, "standin:1")
        host.run(["docker", "run", "-d", "standin:1"])
        services.NameServer(router)
        services.GitServer(router, services.make_ca(lab.directory / "ca")).hang()
        both = namespaces(host) + namespaces(router)
        print(json.dumps({"directory": str(lab.directory), "namespaces": both, "run": hosts.RUN}), flush=True)
        if how == "fails":
            raise RuntimeError("an exception in a test")
        signal.pause()


if __name__ == "__main__":
    hosts.require(services.PROGRAMS)
    if sys.argv[1:2] == ["victim"]:
        victim(sys.argv[2])
    unittest.main(verbosity=2)
