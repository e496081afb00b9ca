"""A root file system of Debian's newest suite, for hosts whose engine, tools and libraries are those of today.

Its packages are unpacked and not installed: nothing of them runs on this machine, and the hosts have their own /etc and /var."""

import contextlib
import fcntl
import shutil
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
    root = Path(cache) / "newest"
    root.parent.mkdir(parents=True, exist_ok=True)
    with _alone(root.with_name("newest.lock")):
        if not (root / "usr/sbin/dockerd").exists():
            with tempfile.TemporaryDirectory(dir=root.parent) as work:
                fresh = Path(work) / "root"
                (Path(work) / "apt").mkdir()
                try:
                    unpack_system(SUITE, PACKAGES, Path(work) / "apt", fresh)
                except Unavailable as error:
                    raise Failed(f"Debian's newest suite cannot be had: {error}") from None
                for name, target in ALTERNATIVES.items():
                    (fresh / "usr/sbin" / name).symlink_to(target)
                (fresh / "usr/local").mkdir(exist_ok=True)
                shutil.rmtree(root, ignore_errors=True)
                fresh.rename(root)
    return root


@contextlib.contextmanager
def _alone(path):
    """One fetches, the others wait for it."""
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    print(f"Debian's newest suite: {find(CACHE)}")
