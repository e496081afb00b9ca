#!/usr/bin/env python3
"""vigie-attach and processes in namespaces and control groups of their own, as a container engine makes them.

The programs are a Python interpreter that is called `prometheus`; the control groups, networks, mounts and users are real. Needs root and
control groups that may be made; without them the test is skipped (2), in CI that is a failure.
"""

import array
import http.server
import json
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from patience import patient  # noqa: E402

CLIENT = os.environ.get("VIGIE_ATTACH_CLIENT", str(Path(os.environ["VIGIE_BIN"]).with_name("attach-client")))
HELPER = os.environ.get("VIGIE_ATTACH", str(Path(os.environ["VIGIE_GIT"]).with_name("vigie-attach")))
USER = 65534

# What a container runs: it says that it is up, writes down which signals it gets, and serves or becomes another program, as MODE says.
PROGRAM = r"""
import os, signal, socket, sys, time
log = open(os.environ["LOG"], "a", buffering=1)
for each in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
    signal.signal(each, lambda number, _: print(signal.Signals(number).name, file=log))
def endless(client):
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        client.sendall(b"x" * 65536)
def trickle(client):
    for letter in "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + "x" * 1000000:
        client.sendall(letter.encode())
        time.sleep(0.05)
ANSWERS = {"fine": lambda client: client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
           "garbage": lambda client: client.sendall(b"\0\xff not HTTP \r\n\r\n" * 100),
           "endless": endless, "slow": trickle, "silent": lambda client: time.sleep(3600)}
mode = os.environ["MODE"]
if mode in ANSWERS:
    server = socket.create_server(("127.0.0.1", 9090))
    print("up", file=log)
    while True:
        client = server.accept()[0]
        try:
            client.recv(65536)
            ANSWERS[mode](client)
        except OSError:
            pass
        client.close()
if mode == "becomes":  # the same process, another program
    print("up", file=log)
    while not os.path.exists(os.environ["LOG"] + ".go"):
        time.sleep(0.01)
    os.execv(os.environ["OTHER"], [os.environ["OTHER"], "-c", "import time; time.sleep(3600)"])
"""

# $0 is the control group, $1 the root, $2 the directory that is mounted; the rest is what runs, as another user.
START = r"""
set -eu
echo $$ > "$0/cgroup.procs"
root=$1 mounted=$2 LOG=$3; shift 3
export LOG
exec unshare --net --ipc --mount --propagation private bash -c '
    set -eu
    ip link set lo up
    root=$1 mounted=$2; shift 2
    mount --bind "$root" "$root"
    for each in usr lib lib64 bin; do
        if [ -L "/$each" ]; then [ -L "$root/$each" ] || cp -P "/$each" "$root/$each"
        elif [ -d "/$each" ]; then mkdir -p "$root/$each"; mount --rbind "/$each" "$root/$each"; fi
    done
    mkdir -p "$root/etc/prometheus" "$root/proc" "$root/log" "$root/gen"
    mount --bind "$mounted" "$root/etc/prometheus"
    mount -t tmpfs tmpfs "$root/gen"
    mount --bind "$(dirname "$LOG")" "$root/log"
    LOG=/log/$(basename "$LOG")
    echo x > "$root/gen/p.yml"
    mkdir -p "$root/old"
    cd "$root"
    pivot_root . old
    exec "$PYTHON" -c "$BECOME" "$@"
' bash "$root" "$mounted" "$@"
"""

# The last steps: nothing of the host is left (umount(8) wants /proc, and is not asked), and a user of its own.
BECOME = f"""import ctypes, os, sys
if ctypes.CDLL(None).umount2(b"/old", 2) != 0: sys.exit("umount2")
os.chdir("/etc/prometheus")
os.setgroups([])
os.setgid({USER})
os.setuid({USER})
os.execv(sys.argv[1], sys.argv[1:])
"""


def wait_for(condition, what, seconds=20):
    deadline = time.monotonic() + patient(seconds)
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not seen in time: {what}")
        time.sleep(0.01)
    return value


def group_base():
    """A directory in which control groups may be made, in the hierarchy that names this process."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, kind, path = line.split(":", 2)
        for base in (["/sys/fs/cgroup"] if kind == "" else [f"/sys/fs/cgroup/{kind.removeprefix('name=')}"]):
            place = Path(base + path)
            if (place / "cgroup.procs").exists() and os.access(place, os.W_OK):
                return place
    return None


def ask(request, helper=HELPER, raw=None, seconds=90, **more):
    """The helper's answer, and the descriptors that came with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.settimeout(patient(seconds))
    process = subprocess.Popen([helper], stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
    theirs.close()
    try:
        try:
            ours.sendall(raw if raw is not None else json.dumps({"version": 1, **request}).encode() + b"\n")
            if raw is not None:
                ours.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        text, fds = b"", []
        while True:
            try:
                data, control, _, _ = ours.recvmsg(1 << 20, socket.CMSG_SPACE(64))
            except ConnectionResetError:  # it has not read all that was sent
                break
            for level, kind, content in control:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    fds += array.array("i", content[:len(content) // 4 * 4])
            if not data:
                break
            text += data
    finally:
        process.kill() if process.poll() is None and not text else None
        said = process.communicate()[1]
        ours.close()
    if said:
        raise AssertionError(f"vigie-attach said: {said}")
    return (json.loads(text) if text else None), fds


class Container:
    """A process that looks like an engine's."""

    def __init__(self, case, mode="fine", arguments=(), program="prometheus"):
        self.id = (uuid.uuid4().hex + uuid.uuid4().hex)
        self.group = case.groups / self.id
        self.group.mkdir()
        self.place = Path(tempfile.mkdtemp(prefix="container-", dir=case.place))
        self.root, self.mounted, self.logs = self.place / "root", self.place / "project", self.place / "log"
        for each in (self.root, self.mounted, self.logs, self.root / "bin.d"):
            each.mkdir()
        self.place.chmod(0o755)
        os.chown(self.logs, USER, USER)
        self.log = self.logs / "log"
        (self.mounted / "prometheus.yml").write_text("global: {}\n")
        exe = Path(sys.executable).resolve()
        shutil.copy(exe, self.root / "bin.d" / program)
        shutil.copy(exe, self.root / "bin.d" / "other")
        environment = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "BECOME": BECOME, "MODE": mode, "OTHER": "/bin.d/other"}
        self.process = subprocess.Popen(["bash", "-c", START, str(self.group), str(self.root), str(self.mounted), str(self.log),
                                         f"/bin.d/{program}", "-c", PROGRAM, *arguments], env=environment)
        case.addCleanup(self.close)
        wait_for(lambda: self.said() and "up" in self.said() or self.process.poll() is not None, "the program is up")
        if self.process.poll() is not None:
            raise AssertionError("the program has not started")

    def said(self):
        return self.log.read_text().split() if self.log.exists() else []

    @property
    def pid(self):
        return self.process.pid  # all of START is execve

    def found(self, program="prometheus"):
        answer, _ = ask({"op": "find", "process": {"group": self.id}, "program": program})
        return answer["found"]["processes"]

    def named(self):
        return self.found()[0]["id"]

    def close(self):
        for pid in (self.group / "cgroup.procs").read_text().split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        for _ in range(200):
            try:
                self.group.rmdir()
                break
            except OSError:
                time.sleep(0.02)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Path(tempfile.mkdtemp(prefix="vigie-attach-"))
        cls.place.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        cls.groups = group_base() / f"vigie-attach-{os.getpid()}"
        cls.groups.mkdir()
        cls.addClassCleanup(cls.groups.rmdir)

    def failed(self, request, kind, **more):
        answer, fds = ask(request, **more)
        self.assertEqual(answer.get("failure"), kind, answer)
        self.assertEqual(fds, [])
        return answer["error"]


class Find(Case):
    def test_the_program_of_a_container_is_told_in_full_and_others_by_name(self):
        container = Container(self, arguments=["--config.file", "prometheus.yml", "--web.page-title=ü  x"])
        with subprocess.Popen(["bash", "-c", f'echo $$ > {container.group}/cgroup.procs; exec sleep 1000 31337']) as other:
            wait_for(lambda: len(container.found()) == 2, "another process in the container")
            processes = {each["id"]["exe"].rsplit("/", 1)[-1]: each for each in container.found()}
            other.kill()
        program = processes["prometheus"]
        self.assertEqual(program["id"]["pid"], container.pid)
        self.assertEqual(program["id"]["group"], container.id)
        self.assertEqual(program["id"]["exe"], "/bin.d/prometheus")
        self.assertEqual(program["directory"], "/etc/prometheus")
        self.assertEqual(program["arguments"][0], "/bin.d/prometheus")
        self.assertEqual(program["arguments"][3:], ["--config.file", "prometheus.yml", "--web.page-title=ü  x"])
        self.assertEqual((program["user"]["uid"], program["user"]["gid"], program["user"]["capabilities"]), (USER, USER, 0))
        self.assertNotIn("31337", json.dumps(processes))  # of what was not asked for, no arguments

    def test_what_nobody_runs_is_an_empty_list(self):
        self.assertEqual(ask({"op": "find", "process": {"group": "f" * 64}, "program": "prometheus"})[0]["found"]["processes"], [])

    def test_other_names_than_containers_and_units_are_refused(self):
        for group in ("", "/", "abc", "F" * 64, "../../x.service", "x.slice", "f" * 63, "f" * 65):
            self.failed({"op": "find", "process": {"group": group}, "program": "prometheus"}, "refused")


class Stat(Case):
    def look(self, container, inside, host=(), process=None):
        answer, _ = ask({"op": "stat", "process": process or container.named(), "inside": list(inside), "host": list(host)})
        self.assertNotIn("failure", answer, answer)
        return answer["seen"]

    def test_a_mounted_file_is_one_file_for_the_container_and_for_the_host(self):
        container = Container(self)
        host = container.mounted / "prometheus.yml"
        seen = self.look(container, ["/etc/prometheus/prometheus.yml", "/etc/passwd"], [str(host)])
        inside, other = seen["inside"]
        self.assertEqual(inside["type"], "file")
        self.assertEqual((inside["device"], inside["inode"]), (seen["host"][0]["device"], seen["host"][0]["inode"]))
        self.assertEqual(inside["inode"], host.stat().st_ino)
        self.assertEqual(inside["resolved"], "/etc/prometheus/prometheus.yml")
        self.assertEqual(other.get("type", ""), "")  # the host has one, the container has not
        line = next(line for line in seen["mountinfo"].splitlines() if line.split()[0] == str(inside["mount"]))
        self.assertEqual(line.split()[4], "/etc/prometheus")

    def test_links_of_the_container_lead_nowhere_but_below_its_root(self):
        container = Container(self)
        for name, target in {"passwd": "/etc/passwd", "up": "../../../../../../etc/passwd", "proc": f"/proc/{os.getpid()}/root/etc/passwd",
                             "good": "prometheus.yml", "loop": "loop"}.items():
            (container.mounted / name).symlink_to(target)
        inside = [f"/etc/prometheus/{name}" for name in ("passwd", "up", "proc", "good", "loop")]
        passwd, up, proc, good, loop = self.look(container, inside)["inside"]
        for each in (passwd, up, proc, loop):
            self.assertEqual(each.get("type", ""), "", each)
            self.assertTrue(each["target"], each)
        self.assertEqual((good["type"], good["resolved"], good["target"]), ("file", "/etc/prometheus/prometheus.yml", "prometheus.yml"))
        self.assertEqual(good["linkMount"], good["mount"])

    def test_a_file_that_was_replaced_is_another_one_for_the_container(self):
        container = Container(self)
        old = container.mounted
        old.rename(old.with_name("old"))
        old.mkdir()
        (old / "prometheus.yml").write_text("global: {}\n")
        seen = self.look(container, ["/etc/prometheus/prometheus.yml"], [str(old / "prometheus.yml")])
        self.assertNotEqual(seen["inside"][0]["inode"], seen["host"][0]["inode"])

    def test_a_mounted_file_that_was_replaced_keeps_the_name_that_it_has_in_the_container(self):
        container = Container(self)
        for name in ("own", "own (deleted)"):  # a file may also be called so
            outside, inside = container.mounted / f"{name}.yml", f"/etc/prometheus/{name}"
            for each in (outside, container.mounted / name):
                each.write_text("global: {}\n")
            subprocess.run(["nsenter", "--mount", "--root", "--target", str(container.pid), "mount", "--bind",
                            f"/etc/prometheus/{name}.yml", inside], check=True)
            seen = self.look(container, [inside], [str(outside)])
            self.assertEqual((seen["inside"][0]["resolved"], seen["inside"][0]["inode"]), (inside, seen["host"][0]["inode"]))
            (container.mounted / "fresh").write_text("global: {}\n")
            (container.mounted / "fresh").rename(outside)
            seen = self.look(container, [inside], [str(outside)])
            self.assertEqual((seen["inside"][0]["type"], seen["inside"][0]["resolved"]), ("file", inside))
            self.assertNotEqual(seen["inside"][0]["inode"], seen["host"][0]["inode"])

    def test_a_tmpfs_shows_as_one(self):
        container = Container(self)
        seen = self.look(container, ["/gen/p.yml"])
        line = next(line for line in seen["mountinfo"].splitlines() if line.split()[0] == str(seen["inside"][0]["mount"]))
        self.assertIn(" - tmpfs ", line)

    def test_mounts_that_are_swapped_between_two_looks_have_other_numbers(self):
        container = Container(self)
        path = "/etc/prometheus/prometheus.yml"
        before = self.look(container, [path])["inside"][0]
        other = container.root / "other"
        other.mkdir()
        (other / "prometheus.yml").write_text("evil: {}\n")
        subprocess.run(["nsenter", "--mount", "--root", "--target", str(container.pid), "mount", "--bind", "/other",
                        "/etc/prometheus"], check=True)
        after = self.look(container, [path])["inside"][0]
        self.assertNotEqual((before["mount"], before["inode"]), (after["mount"], after["inode"]))

    def test_the_host_alone_is_asked_without_a_process(self):
        answer, _ = ask({"op": "stat", "process": {"pid": 0}, "inside": ["/etc"], "host": ["/etc/passwd", "/nothing"]})
        self.assertEqual(answer["seen"]["host"][0]["inode"], os.stat("/etc/passwd").st_ino)
        self.assertEqual(answer["seen"]["host"][1].get("type", ""), "")
        self.assertEqual(answer["seen"]["inside"], [])

    def test_paths_that_are_none_are_refused(self):
        process = Container(self).named()
        for path in ("etc", "", "/" + "x" * 5000, "/a\0b"):
            self.failed({"op": "stat", "process": process, "inside": [path], "host": []}, "refused")
            self.failed({"op": "stat", "process": process, "inside": [], "host": [path]}, "refused")
        self.failed({"op": "stat", "process": process, "inside": ["/etc"] * 600, "host": []}, "refused")


class Same(Case):
    """All three requests name the process that was found, and nobody else is looked at, asked or signalled."""

    def requests(self, process):
        return [{"op": "stat", "process": process, "inside": ["/etc"], "host": []},
                {"op": "connect", "process": process, "address": "127.0.0.1", "port": 9090, "timeoutMs": 1000},
                {"op": "signal", "process": process, "signal": "HUP"}]

    def test_a_number_that_is_another_process_now_is_refused(self):
        container = Container(self)
        process = container.named()
        for request in self.requests({**process, "startTime": process["startTime"] + 1}):
            self.failed(request, "changed")
        self.assertNotIn("SIGHUP", container.said())

    def test_a_process_of_another_container_is_refused(self):
        container, other = Container(self), Container(self)
        for request in self.requests({**container.named(), "group": other.id}):
            self.failed(request, "changed")
        for request in self.requests({**container.named(), "group": "cron.service"}):
            self.failed(request, "changed")
        self.assertNotIn("SIGHUP", container.said())

    def test_a_process_of_no_container_is_refused(self):
        with subprocess.Popen(["sleep", "1000"]) as process:
            start = int(Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
            name = {"pid": process.pid, "startTime": start, "group": "f" * 64, "exe": os.readlink(f"/proc/{process.pid}/exe")}
            for request in self.requests(name):
                self.failed(request, "changed")
            for request in self.requests({**name, "group": ""}):
                self.failed(request, "refused")
            self.assertIsNone(process.poll())
            process.kill()

    def test_a_process_that_became_another_program_is_refused(self):
        container = Container(self, mode="becomes")
        process = container.named()
        Path(f"{container.log}.go").touch()
        wait_for(lambda: os.readlink(f"/proc/{container.pid}/exe").endswith("other"), "the other program")
        for request in self.requests(process):
            self.failed(request, "changed")
        self.assertEqual(container.found()[0]["id"]["exe"], "/bin.d/other")

    def test_a_process_that_has_ended_is_gone(self):
        container = Container(self)
        process = container.named()
        os.kill(container.pid, signal.SIGKILL)
        wait_for(lambda: Path(f"/proc/{container.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z", "its end")
        for request in self.requests(process):
            self.failed(request, "gone")  # nobody has waited for it yet
        container.process.wait()
        for request in self.requests(process):
            self.failed(request, "gone")

    def test_processes_that_come_and_go_are_told_or_not_but_nothing_fails(self):
        container = Container(self)
        stop = threading.Event()

        def churn():
            while not stop.is_set():
                subprocess.run(["bash", "-c", f"echo $$ > {container.group}/cgroup.procs; exec true"], check=False)
        churning = threading.Thread(target=churn)
        churning.start()
        try:
            for _ in range(30):
                self.assertIn(container.pid, [each["id"]["pid"] for each in container.found()])
        finally:
            stop.set()
            churning.join()

    def test_numbers_that_are_none_are_refused(self):
        for pid in (-1, 1 << 40, 5 << 20):
            self.failed({"op": "signal", "process": {"pid": pid, "group": "f" * 64, "exe": "/x"}, "signal": "HUP"}, "refused")
        self.failed({"op": "signal", "process": {"pid": 0, "group": "f" * 64, "exe": "/x"}, "signal": "HUP"}, "refused")


class Connect(Case):
    def connect(self, container, address="127.0.0.1", port=9090, timeout=2000):
        return ask({"op": "connect", "process": container.named(), "address": address, "port": port, "timeoutMs": timeout})

    def test_a_server_in_a_network_of_its_own_is_reached(self):
        container = Container(self)
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", 9090), timeout=1)
        answer, fds = self.connect(container)
        self.assertNotIn("failure", answer, answer)
        self.assertEqual(len(fds), 1)
        with socket.socket(fileno=fds[0]) as connection:
            connection.setblocking(True)
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 200 OK"))

    def test_where_nobody_listens_is_unreachable(self):
        request = {"op": "connect", "process": Container(self).named(), "address": "127.0.0.1", "port": 9091, "timeoutMs": 1000}
        self.assertIn("Connection refused", self.failed(request, "unreachable"))

    def test_who_has_taken_a_port_in_its_network_is_not_reached(self):
        """Whoever shares the network: the program has ended there, or its command line names another's port."""
        container = Container(self)
        thief = subprocess.Popen(["nsenter", f"--net=/proc/{container.pid}/ns/net", sys.executable, "-c",
                                  "import socket, time; s = socket.create_server(('', 9091)); print('up', flush=True); time.sleep(1000)"],
                                 stdout=subprocess.PIPE)
        self.addCleanup(lambda: (thief.kill(), thief.wait(), thief.stdout.close()))
        self.assertEqual(thief.stdout.readline(), b"up\n")
        request = {"op": "connect", "process": container.named(), "address": "127.0.0.1", "port": 9091, "timeoutMs": 1000}
        self.assertIn("is not the program", self.failed(request, "unreachable"))

    def test_nobody_is_reached_through_a_container(self):
        container = Container(self)
        for address in ("203.0.113.7", "2001:db8::1", "8.8.8.8"):
            self.failed({"op": "connect", "process": container.named(), "address": address, "port": 80, "timeoutMs": 500}, "refused")

    def test_names_and_ports_that_are_none_are_refused(self):
        process = Container(self).named()
        for address, port in (("localhost", 9090), ("", 9090), ("127.0.0.1", 0), ("127.0.0.1\n", 9090), ("::1%lo", 9090)):
            self.failed({"op": "connect", "process": process, "address": address, "port": port, "timeoutMs": 500}, "refused")


class Signal(Case):
    def test_a_signal_gets_to_the_named_process_only(self):
        container, other = Container(self), Container(self)
        for name in ("HUP", "USR1", "USR2"):
            answer, _ = ask({"op": "signal", "process": container.named(), "signal": name})
            self.assertNotIn("failure", answer, answer)
            wait_for(lambda name=name: f"SIG{name}" in container.said(), name)
        self.assertEqual(other.said(), ["up"])
        self.assertIsNone(container.process.poll())

    def test_other_signals_are_refused(self):
        container = Container(self)
        for name in ("KILL", "TERM", "STOP", "", "SIGHUP", "9", "hup"):
            self.failed({"op": "signal", "process": container.named(), "signal": name}, "refused")
        self.assertEqual(container.said(), ["up"])


class Engine:
    """A container engine, of which only the answers are: one container for each name of a service."""

    def __init__(self, case):
        self.path = str(case.place / f"engine-{uuid.uuid4().hex[:8]}")
        self.inspected = {}
        self.before = None  # called before each answer
        engine = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if engine.before:
                    engine.before(self.path)
                path = self.path.split("?")[0]
                if path == "/containers/json":
                    body = [{"Id": each["Id"], "Labels": {"com.docker.compose.project": "p", "com.docker.compose.service": name}}
                            for name, each in engine.inspected.items()]
                else:
                    body = next((each for each in engine.inspected.values() if path == f"/containers/{each['Id']}/json"), None)
                text = json.dumps(body or {}).encode()
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

            def address_string(self):
                return "client"

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        self.server = Server(self.path, Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        case.addCleanup(self.close)

    def add(self, service, container, source=None, arguments=()):
        self.inspected[service] = {
            "Id": container.id, "Path": "/entrypoint.sh", "Args": list(arguments), "State": {"Status": "running", "Pid": container.pid},
            "Config": {"WorkingDir": "/"}, "HostConfig": {"Tmpfs": {"/gen": ""}},
            "Mounts": [{"Type": "bind", "Source": str(source or container.mounted), "Destination": "/etc/prometheus"},
                       {"Type": "bind", "Source": str(container.logs), "Destination": "/log"}]}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Whole(Case):
    """From the engine's answers to the program's: the real client and the real helper."""

    def attach(self, engine, service="prometheus", directory=None, **more):
        request = {"engine": engine.path, "socket": "", "helper": HELPER, "project": "p", "service": service,
                   "directory": str(directory or self.place), **more}
        result = subprocess.run([CLIENT, json.dumps(request)], capture_output=True, text=True, timeout=patient(60))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return json.loads(result.stdout)

    def started(self, mode="fine", arguments=("--config.file=prometheus.yml",)):
        container, engine = Container(self, mode=mode, arguments=arguments), Engine(self)
        engine.add("prometheus", container)
        return container, engine

    def test_a_program_is_found_asked_and_signalled(self):
        container, engine = self.started()
        told = self.attach(engine, get="/-/healthy", signal=True)
        self.assertEqual(told["pin"]["host"], str(container.mounted / "prometheus.yml"), told)
        self.assertEqual((told["pin"]["inside"], told["pin"]["uid"]), ("/etc/prometheus/prometheus.yml", USER))
        self.assertTrue(told["checked"])
        self.assertEqual(told["answer"], {"status": 200, "body": "ok"})
        wait_for(lambda: "SIGHUP" in container.said(), "the signal")

    def test_hostile_servers_get_an_error_within_the_time(self):
        for mode, words in {"garbage": "not HTTP", "endless": "larger than 4096 bytes", "slow": "no answer within", "silent": "no answer within"}.items():
            _, engine = self.started(mode)
            self.assertIn(words, self.attach(engine, get="/")["answer"]["error"], mode)

    def test_a_replaced_directory_is_stale(self):
        container, engine = self.started()
        container.mounted.rename(container.mounted.with_name("old"))
        container.mounted.mkdir()
        self.assertEqual(self.attach(engine)["refused"], "Stale")
        (container.mounted / "prometheus.yml").write_text("global: {}\n")
        told = self.attach(engine)
        self.assertEqual(told["refused"], "Stale")
        inode = (container.mounted / "prometheus.yml").stat().st_ino
        self.assertIn(f", host {inode})", told["sentence"])

    def test_a_generated_file_and_one_of_the_image_are_refused(self):
        for path, reason in {"/gen/p.yml": "Generated", "/bin.d/other": "NoMount", "/gen/none": "Missing"}.items():
            _, engine = self.started(arguments=(f"--config.file={path}",))
            self.assertEqual(self.attach(engine)["refused"], reason)

    def test_links_out_of_the_mount_are_refused(self):
        for target in ("/bin.d/other", "/etc/passwd", "../../gen/p.yml"):
            container, engine = self.started()
            (container.mounted / "prometheus.yml").unlink()
            (container.mounted / "prometheus.yml").symlink_to(target)
            self.assertEqual(self.attach(engine)["refused"], "LinkOut")
        container, engine = self.started()
        (container.mounted / "prometheus.yml").rename(container.mounted / "real.yml")
        (container.mounted / "prometheus.yml").symlink_to("real.yml")
        self.assertEqual(self.attach(engine)["pin"]["host"], str(container.mounted / "real.yml"))

    def test_what_lies_elsewhere_than_in_the_project_is_refused(self):
        container, engine = self.started()
        self.assertEqual(self.attach(engine, directory="/srv/elsewhere")["refused"], "ForeignPlace")
        link = container.place / "link"
        link.symlink_to(container.mounted)
        engine.add("prometheus", container, source=link)
        self.assertEqual(self.attach(engine, directory=link)["pin"]["resolved"], str(container.mounted / "prometheus.yml"))

    def test_a_container_that_mounts_a_place_of_the_system_is_refused(self):
        container, engine = self.started()
        for source in ("/etc", "/", "/usr/bin", "/var/lib/vigie"):
            engine.add("prometheus", container, source=source)
            self.assertEqual(self.attach(engine)["refused"], "ForbiddenPlace", source)
        link = container.place / "innocent"
        link.symlink_to("/etc/cron.d")
        engine.add("prometheus", container, source=link)
        self.assertEqual(self.attach(engine)["refused"], "ForbiddenPlace")

    def test_an_engine_that_names_another_directory_than_is_mounted_is_not_believed(self):
        container, engine = self.started()
        other = container.place / "other"
        shutil.copytree(container.mounted, other)
        engine.add("prometheus", container, source=other)
        self.assertEqual(self.attach(engine)["refused"], "Stale")
        engine.inspected["prometheus"]["Mounts"][0]["Destination"] = "/etc"
        self.assertEqual(self.attach(engine)["refused"], "NoMount")

    def test_a_container_that_lies_about_its_command_line_is_refused(self):
        container, engine = self.started(arguments=("--config.file=/log/log",))
        engine.add("prometheus", container, arguments=["--config.file=/etc/prometheus/prometheus.yml"])
        engine.inspected["prometheus"]["Path"] = "/bin/prometheus"
        self.assertEqual(self.attach(engine)["refused"], "Contradiction")

    def test_files_that_the_programs_user_cannot_read_are_refused(self):
        container, engine = self.started()
        (container.mounted / "prometheus.yml").chmod(0o600)
        self.assertIn("cannot read /etc/prometheus/prometheus.yml (0600 root)", self.attach(engine)["sentence"])
        (container.mounted / "prometheus.yml").chmod(0o644)
        container.mounted.chmod(0o700)
        self.assertIn("cannot read /etc/prometheus (0700 root)", self.attach(engine)["sentence"])

    def test_a_process_that_ends_while_it_is_looked_at_is_no_failure(self):
        container, engine = self.started()
        engine.before = lambda path: os.kill(container.pid, signal.SIGKILL) if path.endswith("/json") and container.id in path else None
        self.assertIn(self.attach(engine).get("refused"), ("RemoteEngine", "NoProgram", "Changed"))

    def test_a_process_on_no_machine_of_ours_is_a_remote_engines(self):
        container, engine = self.started()
        engine.inspected["prometheus"]["Id"] = "f" * 64
        self.assertEqual(self.attach(engine)["refused"], "RemoteEngine")

    def test_a_container_that_swaps_its_mounts_all_the_time_is_found_right_or_refused(self):
        container, engine = self.started()
        other = container.root / "other"
        other.mkdir()
        (other / "prometheus.yml").write_text("evil: {}\n")
        swap = "import ctypes, time; c = ctypes.CDLL(None)\n" \
               "while True:\n" \
               "    if c.mount(b'/other', b'/etc/prometheus', None, 4096, None): raise SystemExit('mount')\n" \
               "    time.sleep(0.004)\n" \
               "    if c.umount2(b'/etc/prometheus', 2): raise SystemExit('umount')\n"
        seen = {"found": 0}
        with subprocess.Popen(["nsenter", "--mount", "--root", "--target", str(container.pid), sys.executable, "-c", swap]) as swapping:
            try:
                for _ in range(40):
                    told = self.attach(engine)
                    seen[told.get("refused", "found")] = seen.get(told.get("refused", "found"), 0) + 1
                    if "refused" not in told:
                        self.assertEqual(told["pin"]["host"], str(container.mounted / "prometheus.yml"))
                self.assertIsNone(swapping.poll())
            finally:
                swapping.kill()
        self.assertLessEqual(set(seen), {"found", "Changed", "Stale", "NoMount", "Missing"})
        print(f"of 40 looks: {seen}")


class Requests(Case):
    def test_garbage_is_refused_and_nothing_crashes(self):
        deep = b'{"process":' * 5000 + b"1" + b"}" * 5000
        for raw in (b"", b"\n", b"\0" * 1000 + b"\n", b"[]\n", b"null\n", b"{}\n", b'{"version":1}\n', b'{"version":2,"op":"find"}\n', deep + b"\n",
                    b'{"version":1,"op":"find","process":7}\n', b'{"version":1,"op":"stat","inside":[{}]}\n',
                    b'{"version":1,"op":"stat","host":"x"}\n', b'{"version":"1"}\n', b'{"version":1,"op":"unlink","process":{"pid":1}}\n',
                    b"[" * 100000 + b"\n", b"x" * 600000 + b"\n", os.urandom(5000) + b"\n"):
            answer, fds = ask({}, raw=raw)
            self.assertEqual(fds, [])
            if answer is not None:  # of too long a request nothing may arrive: its rest was never read
                self.assertEqual(answer["failure"], "refused", raw[:80])
            else:
                self.assertGreater(len(raw), 500000)

    def test_a_caller_who_is_not_root_is_refused(self):
        """Who made the pair of sockets, or opened the connection, counts; not as whom the helper runs."""
        script = f"import os, sys; os.setgroups([]); os.setgid({USER}); os.setuid({USER}); sys.path.insert(0, sys.argv[1]); import attach_test\n" \
                 "print(attach_test.ask({'op': 'find', 'process': {'group': 'f' * 64}, 'program': 'x'})[0]['error'])"
        helper = self.place / "vigie-attach"
        shutil.copy(HELPER, helper)
        shutil.copy(__file__, self.place / "attach_test.py")
        result = subprocess.run([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[2] / 'tools')!r})\n" + script,
                                 str(self.place)], capture_output=True, text=True, env={**os.environ, "VIGIE_ATTACH": str(helper)})
        self.assertEqual(result.stdout.strip(), "vigie-attach serves root only", result.stderr)

    def test_who_connects_to_a_socket_and_is_not_root_is_refused(self):
        path = self.place / "socket"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            path.chmod(0o777)
            server.listen()
            client = f"import os, socket; os.setuid({USER}); s = socket.socket(socket.AF_UNIX); s.connect({str(path)!r}); print(s.recv(10000).decode())"
            with subprocess.Popen([sys.executable, "-c", client], stdout=subprocess.PIPE, text=True) as caller:
                connection, _ = server.accept()
                subprocess.run([HELPER], stdin=connection, check=True)
                connection.close()
                self.assertEqual(json.loads(caller.communicate()[0])["failure"], "refused")

    def test_what_is_no_unix_socket_is_not_served(self):
        read, write = os.pipe()
        os.write(write, b'{"version":1,"op":"find"}\n')
        os.close(write)
        result = subprocess.run([HELPER], stdin=read, capture_output=True)
        os.close(read)
        self.assertEqual((result.returncode, result.stdout), (1, b""))

    def test_a_caller_who_says_nothing_ends_it(self):
        ours, theirs = socket.socketpair()
        process = subprocess.Popen([HELPER], stdin=theirs, stdout=subprocess.DEVNULL)
        theirs.close()
        ours.close()
        self.assertIn(process.wait(patient(20)), (0, 1))

    def test_it_holds_itself_to_limits(self):
        ours, theirs = socket.socketpair()
        process = subprocess.Popen([HELPER], stdin=theirs, stdout=subprocess.DEVNULL)
        try:
            limits = wait_for(lambda: (text := Path(f"/proc/{process.pid}/limits").read_text()) and "Max open files            64" in text and text,
                              "limits")
            for line in ("Max file size             0                    0", "Max open files            64                   64"):
                self.assertIn(line, limits)
        finally:
            process.kill()
            process.wait()
            ours.close()
            theirs.close()


if __name__ == "__main__":
    if os.geteuid() != 0 or group_base() is None:
        print("needs root, and control groups that may be made")
        sys.exit(1 if os.environ.get("CI") else 2)
    unittest.main(verbosity=2)
