#!/usr/bin/env python3
"""manifests/systemd/vigie.service in a systemd that was booted for it, in a copy of this machine that nobody else sees.

Inside of the unit's own sandbox the tools do what they must, and nothing else can be done; the guard outlives the unit. Needs root; without
it the test is skipped (2), in CI that is a failure.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
UNIT = SOURCE / "manifests/systemd/vigie.service"

# $1 is the place. An overlay over / becomes the root; a systemd of its own is process 1 of a namespace.
BOOT = r"""
set -eu
place=$1 root=$1/root
mount -t tmpfs tmpfs "$place"
mkdir "$place/upper" "$place/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
for name in null zero full random urandom tty; do
    touch "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/shm" "$root/dev/pts"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t sysfs sysfs "$root/sys"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
    mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
    mkdir "$root/sys/fs/cgroup/systemd"
    mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
fi
find "$root/etc/systemd/system" -path '*.wants/*' -delete
mkdir -p "$root/etc/vigie" "$root/opt" "$root/trial"
cp -r "$place.files/." "$root/"
cat > "$root/trial/init" <<X
umount -l /trial/old
exec /lib/systemd/systemd --system --unit=trial.target
X
mkdir "$root/trial/old"
cd "$root"
mount --make-rprivate /
pivot_root . trial/old
cd /
ip link set lo up
env -i container=docker PATH="$PATH" timeout -s KILL 60 \
    unshare --pid --fork --kill-child --mount --mount-proc=/proc bash /trial/init >/dev/null 2>&1 &
for i in $(seq 550); do
    [ -e /trial/done ] && break
    sleep 0.1
done
cat /trial/inside /trial/outside
"""

TARGET = """[Unit]
Requires=dbus.socket trial.service
After=dbus.socket
"""
SERVICE = """[Unit]
DefaultDependencies=no
After=dbus.socket
[Service]
Type=oneshot
ExecStart=/bin/bash /trial/outside.sh
StandardOutput=file:/trial/outside
StandardError=file:/trial/outside
"""
# The unit as it is, but for what it starts.
DROP_IN = """[Unit]
Wants=
[Service]
Type=simple
WatchdogSec=0
Restart=no
ExecStart=
ExecStart=/bin/bash /trial/inside.sh
StandardOutput=file:/trial/inside
StandardError=file:/trial/inside
ReadWritePaths=/trial
"""
ALLOWED = """touch /etc/wireguard/t /etc/sysctl.d/t /etc/ufw/t /opt/t /srv/t /run/t /var/lib/vigie/t
mkdir /var/lib/vigie/docker
touch /var/lib/vigie/docker/config.json
mkdir -p /etc/systemd/system/docker.service.d
touch /etc/systemd/system/docker.service.d/50-vigie.conf
chown 65534:65534 /opt/t
chmod 0400 /opt/t
cat /opt/t
sysctl --quiet --write net.ipv4.ip_forward=1
sysctl --quiet --write net.ipv6.conf.all.forwarding=1
ip address add 10.66.66.1/30 dev lo
ip route replace 10.66.67.0/24 dev lo
wg show
iptables -I INPUT -p udp --dport 51820 -j ACCEPT
ufw allow in on wg0 to any port 9469 proto tcp comment vigie:x
grep -q 9469 /etc/ufw/user.rules
ufw delete allow in on wg0 to any port 9469 proto tcp
docker --version
promtool --version
systemctl daemon-reload
systemctl enable wg-quick@wg0.service
systemctl disable wg-quick@wg0.service"""
FORBIDDEN = """touch /etc/t
touch /etc/passwd
touch /etc/vigie/t
touch /usr/bin/t
touch /boot/t
touch /root/t
touch /home/t
touch /var/lib/t
sysctl --quiet --write kernel.panic=7
sysctl --quiet --write vm.swappiness=7
mount -t tmpfs tmpfs /opt
unshare --net true
unshare --user true
hostname other
chroot / true
chrt --fifo 1 true
install -m 4755 /bin/true /opt/setuid
setpriv --reuid 65534 true"""


def script(commands, word):
    """Each line is tried, and said."""
    return "".join(f'if out=$({line} 2>&1); then echo "{word} ok: {line}"; else echo "{word} failed: {line}: $out" | head -1; fi\n'
                   for line in commands.splitlines())


INSIDE = script(ALLOWED, "allowed") + script(FORBIDDEN, "forbidden") + "systemd-run --quiet --collect --unit=guard-of-$(cat /trial/run) /bin/sleep 1000\ntouch /trial/tried\nsleep 1000 & echo $! > /trial/tool\nwait\n"
OUTSIDE = r"""
say() { echo "$1: vigie $(systemctl is-active vigie), guard $(systemctl is-active "guard-of-$(cat run)")"; }
started() { echo "$1" > run; systemctl start vigie; for i in $(seq 100); do [ -e /trial/tried ] && break; sleep 0.1; done; rm -f /trial/tried; }
cd /trial
# Not every machine that tests lets a namespace have devices of its own.
if ! systemd-run --quiet --wait --collect -p PrivateDevices=yes true; then
    echo "not tried here: PrivateDevices="
    printf '[Service]\nPrivateDevices=no\nDevicePolicy=auto\n' > /etc/systemd/system/vigie.service.d/without-devices.conf
fi
systemctl daemon-reload
systemctl start vigie; echo "without a configuration: vigie $(systemctl is-active vigie)"
echo "host: vm" > /etc/vigie/vigie.yaml
started one; cp inside first; say started
systemctl stop vigie; say stopped; [ -e /proc/$(cat tool) ] && echo "a tool was left behind"
started two; say "started again"
systemctl kill -s KILL vigie; for i in $(seq 100); do systemctl is-active --quiet vigie || break; sleep 0.1; done; say killed
cp first inside
touch /trial/done
"""


class Booted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = Path(tempfile.mkdtemp(prefix="vigie-unit-"))
        files = Path(f"{place}.files")
        cls.addClassCleanup(subprocess.run, ["rm", "-rf", place, files])
        for path, text in (("etc/systemd/system/trial.target", TARGET), ("etc/systemd/system/trial.service", SERVICE),
                           ("etc/systemd/system/vigie.service", UNIT.read_text()), ("etc/systemd/system/vigie.service.d/trial.conf", DROP_IN),
                           ("trial/inside.sh", INSIDE), ("trial/outside.sh", OUTSIDE)):
            (files / path).parent.mkdir(parents=True, exist_ok=True)
            (files / path).write_text(text)
        result = subprocess.run(["unshare", "--mount", "--propagation", "private", "--net", "--ipc", "--uts", "--cgroup",
                                 "bash", "-c", BOOT, "boot", place], capture_output=True, text=True, timeout=180)
        cls.said = result.stdout
        print("\n".join(line for line in cls.said.splitlines() if line.startswith("not tried here")))
        if "killed:" not in cls.said:
            raise AssertionError(f"systemd did not get through:\n{result.stdout}\n{result.stderr}")

    def test_the_tools_can_do_their_work(self):
        for line in ALLOWED.splitlines():
            self.assertIn(f"allowed ok: {line}\n", self.said)

    def test_nothing_else_can_be_done(self):
        for line in FORBIDDEN.splitlines():
            self.assertIn(f"forbidden failed: {line}", self.said)

    def test_without_a_configuration_it_does_not_start(self):
        self.assertIn("without a configuration: vigie inactive\n", self.said)

    def test_the_guard_outlives_a_stop_and_a_kill(self):
        self.assertIn("started: vigie active, guard active\n", self.said)
        self.assertIn("stopped: vigie inactive, guard active\n", self.said)
        self.assertIn("started again: vigie active, guard active\n", self.said)
        self.assertIn("killed: vigie failed, guard active\n", self.said)
        self.assertNotIn("left behind", self.said)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("systemd is booted as root only")
        sys.exit(1 if os.environ.get("CI") else 2)
    unittest.main(verbosity=2)
