"""A systemd that is booted for a test, in a copy of this machine that nobody else sees."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from patience import patient  # noqa: E402

# $1 is the place, $2 how many seconds it may take. An overlay over / becomes the root; a systemd of its own is process 1 of a namespace.
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
mount --make-rshared /  # systemd does it, but not in a container; without, credentials are mounted where no service sees them
exec /lib/systemd/systemd --system --unit=trial.target
X
mkdir "$root/trial/old"
cd "$root"
mount --make-rprivate /
pivot_root . trial/old
cd /
ip link set lo up
env -i container=docker PATH="$PATH" timeout -s KILL "$2" \
    unshare --pid --fork --kill-child --mount --mount-proc=/proc bash /trial/init >/dev/null 2>&1 &
for i in $(seq $(($2 * 10 - 50))); do
    [ -e /trial/done ] && break
    sleep 0.1
done
cat /trial/outside
kill -ALRM $!  # its time is over: systemd and all that it started is killed
wait $! || true
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


def possible():
    """Whether we may; says why not."""
    if os.geteuid() != 0:
        print("systemd is booted as root only")
    return os.geteuid() == 0


def own_cgroup():
    """A new control group below ours. Two systemds in the same one would end each other's units."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, kind, path = line.split(":", 2)
        base = {"": "/sys/fs/cgroup", "name=systemd": "/sys/fs/cgroup/systemd"}.get(kind)
        if base and Path(base + path, "cgroup.procs").exists():
            return Path(tempfile.mkdtemp(prefix="vigie-booted-", dir=base + path))
    return None  # then tests/CMakeLists.txt lets one boot at a time


def remove_cgroup(group):
    for _ in range(50):  # what was killed may take a moment
        subprocess.run(["find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"], stderr=subprocess.DEVNULL)
        if not group.exists():
            return
        time.sleep(0.1)


def boot(files, tree=None, seconds=patient(60)):
    """Boots with `files` (path below / → text) and what is below `tree`, runs /trial/outside.sh, which makes /trial/done at its end, and
    returns what that printed."""
    place = Path(tempfile.mkdtemp(prefix="vigie-booted-"))
    more = Path(f"{place}.files")
    group = own_cgroup()
    join = ["bash", "-c", 'echo $$ > "$0/cgroup.procs"; exec "$@"', group] if group else []
    try:
        if tree:
            shutil.copytree(tree, more, symlinks=True)
        for path, text in {"etc/systemd/system/trial.target": TARGET, "etc/systemd/system/trial.service": SERVICE, **files}.items():
            (more / path).parent.mkdir(parents=True, exist_ok=True)
            (more / path).write_text(text)
        result = subprocess.run([*join, "unshare", "--mount", "--propagation", "private", "--net", "--ipc", "--uts", "--cgroup",
                                 "bash", "-c", BOOT, "boot", place, str(int(seconds))], capture_output=True, text=True, timeout=seconds + 120)
        return result.stdout if result.returncode == 0 else f"{result.stdout}\n{result.stderr}"
    finally:
        if group:
            remove_cgroup(group)
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(more, ignore_errors=True)
