#!/usr/bin/env python3
"""manifests/systemd/vigie.service in a systemd that was booted for it, in a copy of this machine that nobody else sees.

Inside of the unit's own sandbox the tools do what they must, and nothing else can be done; the guard outlives the unit. Needs root; without
it the test is skipped (2), in CI that is a failure.
"""

import os
import sys
import unittest
from pathlib import Path

import booted

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
UNIT = SOURCE / "manifests/systemd/vigie.service"

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
mkdir -p /etc/systemd/system/wg-quick@wg0.service.d
touch /etc/systemd/system/wg-quick@wg0.service.d/50-vigie.conf
chown 65534:65534 /opt/t
chmod 0400 /opt/t
cat /opt/t
sysctl --quiet --write net.ipv4.ip_forward=1
sysctl --quiet --write net.ipv6.conf.all.forwarding=1
ip address add 10.66.66.1/30 dev lo
ip route replace 10.66.67.0/24 dev lo
wg show
iptables -I INPUT -p udp --dport 51820 -j ACCEPT
iptables -t mangle -N VIGIE-GUESTS-wg0
iptables -t mangle -A VIGIE-GUESTS-wg0 -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j RETURN
iptables-save -t mangle | iptables-restore --noflush --wait 10
ip6tables-save -t mangle
iptables-save -t mangle | grep -q ctdir
ufw allow in on wg0 to any port 9469 proto tcp comment vigie:x
grep -q 9469 /etc/ufw/user.rules
ufw delete allow in on wg0 to any port 9469 proto tcp
grep -q Port /etc/ssh/sshd_config
python3 -c 'import resource; resource.setrlimit(resource.RLIMIT_DATA, (256 << 20, resource.RLIM_INFINITY))'
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
setpriv --reuid 65534 true
grep -q secret /etc/shadow
grep -q secret /etc/gshadow
grep -q secret /etc/ssh/ssh_host_ed25519_key
grep -q secret /root/.ssh/id_ed25519
python3 -c 'bytearray(1100 << 20)'"""


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
cat first
touch /trial/done
"""


class Booted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # What the administrator alone may read there; the unit sees an empty file in its place, or none.
        secrets = {path: "secret\n" for path in ("etc/shadow", "etc/gshadow", "etc/ssh/ssh_host_ed25519_key", "root/.ssh/id_ed25519")}
        cls.said = booted.boot({**secrets, "etc/ssh/sshd_config": "Port 22\n", "etc/systemd/system/vigie.service": UNIT.read_text(),
                                "etc/systemd/system/vigie.service.d/trial.conf": DROP_IN,
                                "trial/inside.sh": INSIDE, "trial/outside.sh": OUTSIDE})
        print("\n".join(line for line in cls.said.splitlines() if line.startswith("not tried here")))
        if "killed:" not in cls.said:
            raise AssertionError(f"systemd did not get through:\n{cls.said}")

    def test_the_sandbox_allows_the_tools_their_work(self):
        for line in ALLOWED.splitlines():
            self.assertIn(f"allowed ok: {line}\n", self.said)

    def test_the_sandbox_forbids_everything_else(self):
        for line in FORBIDDEN.splitlines():
            self.assertIn(f"forbidden failed: {line}", self.said)

    def test_the_service_does_not_start_without_a_configuration(self):
        self.assertIn("without a configuration: vigie inactive\n", self.said)

    def test_the_guard_outlives_a_stop_and_a_kill_of_the_service(self):
        self.assertIn("started: vigie active, guard active\n", self.said)
        self.assertIn("stopped: vigie inactive, guard active\n", self.said)
        self.assertIn("started again: vigie active, guard active\n", self.said)
        self.assertIn("killed: vigie failed, guard active\n", self.said)
        self.assertNotIn("left behind", self.said)


if __name__ == "__main__":
    if not booted.possible():
        sys.exit(1 if os.environ.get("CI") else 2)
    unittest.main(verbosity=2)
