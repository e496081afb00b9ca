"""A root file system of Debian's newest suite, for hosts whose engine, tools and libraries are those of today.

Its packages are unpacked and not installed: nothing of them runs on this machine, and the hosts have their own /etc and /var."""

import fcntl
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / "tools"))
from debian_packages import Unavailable, unpack_system  # noqa: E402
from loopback import Failed  # noqa: E402

CACHE = SOURCE / "build/lab-cache"
SUITE = "sid"
PACKAGES = ("base-files", "bash", "ca-certificates", "coreutils", "dash", "docker-cli", "docker-compose", "docker.io", "findutils", "grep",
            "hostname", "iproute2", "iptables", "iputils-ping", "libc-bin", "libstdc++6", "mount", "nftables", "procps", "sed", "tar",
            "util-linux")
# What update-alternatives would choose.
ALTERNATIVES = {f"{family}tables{action}": f"{family}tables-nft{action}" for family in ("ip", "ip6")
                for action in ("", "-save", "-restore")}


def find(cache):
    """The root file system, which is below `cache` or is put there."""
    def fill(work, root):
        unpack_system(SUITE, PACKAGES, work, root)
        for name, target in ALTERNATIVES.items():
            (root / "usr/sbin" / name).symlink_to(target)
        (root / "usr/local").mkdir(exist_ok=True)
    return kept(Path(cache) / "newest", fill)


def kept(directory, fill):
    """`directory`, made by `fill(work, directory)` unless it is there: one run makes it, the others wait. `work` is an empty one."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with open(directory.with_name(f"{directory.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not directory.exists():
            with tempfile.TemporaryDirectory(dir=directory.parent) as work:
                (Path(work) / "work").mkdir()
                try:
                    fill(Path(work) / "work", Path(work) / "new")
                except Unavailable as error:
                    raise Failed(f"{directory.name} cannot be had: {error}") from None
                (Path(work) / "new").rename(directory)
    return directory


if __name__ == "__main__":
    print(f"Debian's newest suite: {find(CACHE)}")
