#!/usr/bin/env python3
"""manifests/systemd/vigie-attach.socket and vigie-attach@.service in a systemd that was booted for them, in a copy of this machine that
nobody else sees: a container's program is found, asked and signalled through the socket, and inside of the unit's sandbox nothing else can be
done. Needs root; without it the test is skipped (2), in CI that is a failure.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import booted

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
HELPER = Path(os.environ["VIGIE_GIT"]).with_name("vigie-attach")
UNITS = SOURCE / "manifests/systemd"
UNIT = (UNITS / "vigie-attach@.service").read_text().replace("/usr/libexec/vigie/vigie-attach", "/trial/vigie-attach")
MAIN = (UNITS / "vigie.service").read_text()
CONTAINER = "c" * 64
MOST_EXPOSED = 3.0  # of 10, as systemd-analyze counts, and as package_test.py has it for the controller

# What the unit may do, and what not, tried by a program in its place.
ALLOWED = """readlink /proc/$(cat /trial/pid)/exe
readlink /proc/$(cat /trial/pid)/cwd
stat /proc/$(cat /trial/pid)/root/etc
nsenter --net=/proc/$(cat /trial/pid)/ns/net true
kill -0 $(cat /trial/pid)
stat /trial/closed/file"""
FORBIDDEN = """touch /etc/t
touch /run/t
touch /opt/t
touch /tmp/t
touch /var/lib/t
touch /trial/t
mkdir /proc/$(cat /trial/pid)/root/opt/d
rm /proc/$(cat /trial/pid)/root/trial/client.py
mv /proc/$(cat /trial/pid)/root/trial/client.py /proc/$(cat /trial/pid)/root/trial/other.py
ln -s /etc/passwd /proc/$(cat /trial/pid)/root/opt/l
chmod 4755 /proc/$(cat /trial/pid)/root/trial/client.py
truncate -s 0 /proc/$(cat /trial/pid)/root/trial/client.py
mount -t tmpfs tmpfs /mnt
nsenter --mount=/proc/$(cat /trial/pid)/ns/mnt true
nsenter --pid=/proc/$(cat /trial/pid)/ns/pid true
unshare --user true
unshare --mount true
ip link add x type dummy
chown 1:1 /trial/closed/file
chroot / true
cat /etc/vigie/vigie.yaml
cat /var/lib/vigie/secret
cat /root/.ssh/id_ed25519
hostname other
ip route get 203.0.113.7"""


def script(commands, word):
    """Each line is tried, and said."""
    return "".join(f'if out=$({line} 2>&1); then echo "{word} ok: {line}"; else echo "{word} failed: {line}: $out" | head -1; fi\n'
                   for line in commands.splitlines())


def shown(line):
    """The pattern of what `script` says of it: the shell has put the number of the process in."""
    return re.escape(line).replace(re.escape("$(cat /trial/pid)"), "[0-9]+")


# The same sandbox, around something else.
TRIAL = re.sub(r"(?m)^(ExecStart|StandardInput|StandardOutput|StandardError|LogLevelMax|RuntimeMaxSec|TasksMax|LimitFSIZE)=.*\n", "", UNIT) \
    + "[Service]\nType=oneshot\nTasksMax=64\nExecStart=/bin/bash /trial/inside.sh\nStandardOutput=file:/trial/inside\nStandardError=file:/trial/inside\n"

CLIENT = r"""
import array, json, os, socket, sys, time
def ask(request):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect("/run/vigie/attach.sock")
        s.sendall(json.dumps({"version": 1, **request}).encode() + b"\n")
        text, fds = b"", []
        while not text.endswith(b"\n"):
            data, control, _, _ = s.recvmsg(65536, 4096)
            for _, _, content in control:
                fds += array.array("i", content)
            if not data:
                break
            text += data
    return json.loads(text), fds
out = {}
try:
    begin = time.monotonic()
    found, _ = ask({"op": "find", "process": {"group": "%(container)s"}, "program": sys.argv[1]})
    out["find"] = found
    process = found["found"]["processes"][0]["id"]
    out["stat"] = ask({"op": "stat", "process": process, "inside": ["/etc/hostname"], "host": ["/etc/hostname", "/trial/closed/file"]})[0]
    answer, fds = ask({"op": "connect", "process": process, "address": "127.0.0.1", "port": 9090, "timeoutMs": 5000})
    out["connect"] = answer
    if fds:
        with socket.socket(fileno=fds[0]) as s:
            s.setblocking(True)
            s.sendall(b"GET / HTTP/1.0\r\n\r\n")
            out["heard"] = s.recv(100).decode()
    out["signal"] = ask({"op": "signal", "process": process, "signal": "HUP"})[0]
    out["unit"] = ask({"op": "find", "process": {"group": "trial.service"}, "program": "bash"})[0]
    out["wrong"] = ask({"op": "signal", "process": {**process, "startTime": 1}, "signal": "HUP"})[0]
    out["seconds"] = time.monotonic() - begin
except Exception as error:
    out["error"] = repr(error)
print("said " + json.dumps(out))
""" % {"container": CONTAINER}
PROGRAM = r"""
import http.server, signal
signal.signal(signal.SIGHUP, lambda *_: open("/trial/log/hup", "a").write("HUP\n"))
class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 9090), Quiet)
open("/trial/log/up", "w").close()
server.serve_forever()
"""
OUTSIDE = r"""
cd /trial
mkdir -p log closed /var/lib/vigie
chown 65534 log; chown 1:1 closed; chmod 0700 closed; touch closed/file
echo secret > /var/lib/vigie/secret
if ! systemd-run --quiet --wait --collect -p PrivateDevices=yes true; then
    echo "not tried here: PrivateDevices="
    for unit in vigie-attach@ trial-inside; do
        mkdir -p /etc/systemd/system/$unit.service.d
        printf '[Service]\nPrivateDevices=no\nDevicePolicy=auto\n' > /etc/systemd/system/$unit.service.d/without-devices.conf
    done
fi
base=/sys/fs/cgroup; [ -e $base/cgroup.controllers ] || base=$base/systemd
mkdir -p $base/docker/$CONTAINER
bash -c "echo \$\$ > $base/docker/$CONTAINER/cgroup.procs; exec unshare --net sh -c 'ip link set lo up; exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all python3 /trial/program.py'" &
for i in $(seq 600); do [ -e log/up ] && break; sleep 0.1; done
cat $base/docker/$CONTAINER/cgroup.procs > pid
systemctl daemon-reload
systemctl start vigie-attach.socket; echo "socket $(systemctl is-active vigie-attach.socket) $(stat -c '%a %U' /run/vigie/attach.sock)"
python3 client.py "$(basename "$(readlink /proc/$(cat pid)/exe)")"
for i in $(seq 100); do [ -e log/hup ] && break; sleep 0.1; done
echo "signals: $(cat log/hup | tr '\n' ' ')"
setpriv --reuid 65534 --clear-groups python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("/run/vigie/attach.sock")' 2>&1 | tail -1
for i in $(seq 100); do systemctl list-units --no-legend 'vigie-attach@*' | grep -q . || break; sleep 0.1; done
echo "left: $(systemctl list-units --all --no-legend 'vigie-attach@*' | wc -l)"
systemctl start trial-inside
cat inside
touch /trial/done
""".replace("$CONTAINER", CONTAINER)


class Booted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = {"etc/systemd/system/vigie-attach.socket": (UNITS / "vigie-attach.socket").read_text(),
                "etc/systemd/system/vigie-attach@.service": UNIT, "etc/systemd/system/trial-inside.service": TRIAL,
                "etc/vigie/vigie.yaml": "host: vm\n", "root/.ssh/id_ed25519": "secret\n", "trial/client.py": CLIENT, "trial/program.py": PROGRAM,
                "trial/inside.sh": script(ALLOWED, "allowed") + script(FORBIDDEN, "forbidden"),
                "trial/outside.sh": OUTSIDE}
        with tempfile.TemporaryDirectory(prefix="vigie-attach-") as tree:  # a checkout below /tmp is not seen inside
            (Path(tree) / "trial").mkdir()
            shutil.copy2(HELPER, Path(tree) / "trial/vigie-attach")
            cls.said = booted.boot(text, tree)
        print("\n".join(line for line in cls.said.splitlines() if line.startswith("not tried here")))
        line = next((line for line in cls.said.splitlines() if line.startswith("said ")), None)
        if line is None or "allowed" not in cls.said:
            raise AssertionError(f"systemd did not get through:\n{cls.said}")
        cls.answers = json.loads(line.removeprefix("said "))

    def test_the_socket_is_roots_alone(self):
        self.assertIn("socket active 600 root\n", self.said)
        self.assertIn("PermissionError: [Errno 13] Permission denied\n", self.said)

    def test_a_program_in_a_container_is_found_looked_at_asked_and_signalled(self):
        self.assertNotIn("error", self.answers, self.said)
        for name in ("find", "stat", "connect", "signal"):
            self.assertNotIn("failure", self.answers[name], self.answers)
        self.assertEqual(self.answers["find"]["found"]["processes"][0]["user"]["uid"], 65534)
        seen = self.answers["stat"]["seen"]
        self.assertEqual([each["type"] for each in seen["inside"] + seen["host"]], ["file"] * 3)
        self.assertEqual((seen["inside"][0]["device"], seen["inside"][0]["inode"]), (seen["host"][0]["device"], seen["host"][0]["inode"]))
        self.assertTrue(self.answers["heard"].startswith("HTTP/1.0 200"))
        self.assertEqual(self.answers["wrong"]["failure"], "changed")
        self.assertIn("signals: HUP \n", self.said)
        print(f"seven requests through systemd took {self.answers['seconds']:.3f} s")

    def test_the_processes_of_a_unit_are_found(self):
        arguments = [each.get("arguments") for each in self.answers["unit"]["found"]["processes"]]
        self.assertIn(["/bin/bash", "/trial/outside.sh"], arguments)

    def test_nothing_is_left_of_an_answered_request(self):
        self.assertIn("left: 0\n", self.said)

    def test_the_sandbox_allows_what_the_helper_does(self):
        for line in ALLOWED.splitlines():
            self.assertRegex(self.said, "(?m)^allowed ok: " + shown(line) + "$")

    def test_the_sandbox_forbids_everything_else(self):
        for line in FORBIDDEN.splitlines():
            self.assertRegex(self.said, "(?m)^forbidden failed: " + shown(line) + ":")


class Files(unittest.TestCase):
    def test_the_controller_has_none_of_the_helpers_rights(self):
        bounding = re.search(r"(?m)^CapabilityBoundingSet=(.*)$", MAIN)[1].split()
        helpers = re.search(r"(?m)^CapabilityBoundingSet=(.*)$", UNIT)[1].split()
        self.assertEqual(set(bounding) & set(helpers), set())
        self.assertEqual(sorted(helpers), ["CAP_DAC_READ_SEARCH", "CAP_KILL", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"])
        self.assertIn("\nRestrictNamespaces=yes\n", MAIN)
        self.assertIn("\nRestrictNamespaces=net\n", UNIT)
        self.assertNotIn("ReadWritePaths", UNIT)
        self.assertIn("\nWants=vigie-attach.socket\n", MAIN)

    def test_the_exposure_is_below_the_limit(self):
        told = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNITS / "vigie-attach@.service")],
                              capture_output=True, text=True)
        self.assertLess(float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", told.stdout)[1]), MOST_EXPOSED)


if __name__ == "__main__":
    if not booted.possible():
        sys.exit(1 if os.environ.get("CI") else 2)
    unittest.main(verbosity=2)
