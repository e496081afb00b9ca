"""Docker Compose as a plugin of the docker command, at least 2.24.4 (the first that knows `!override`)."""

import contextlib
import fcntl
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools"))
from debian_packages import Unavailable, unpack  # noqa: E402
from loopback import Failed  # noqa: E402

MINIMUM = (2, 24, 4)
CACHE = Path(__file__).resolve().parent.parent.parent / "build/lab-cache"
# Where the docker command looks.
PLUGINS = ("~/.docker/cli-plugins", "/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins",
           "/usr/lib/docker/cli-plugins", "/usr/libexec/docker/cli-plugins")
# Debian 12 has no Compose v2; the program in Debian 13's package runs there as it is.
SUITE = "trixie"
PACKAGE = "docker-compose"


def find(cache):
    """The plugin's program: the machine's own, or one that is below `cache`, or else Debian's, which is put there."""
    kept = Path(cache) / "docker-compose"
    for path in (Path(folder).expanduser() / "docker-compose" for folder in PLUGINS):
        if version(path) >= MINIMUM:
            return path
    kept.parent.mkdir(parents=True, exist_ok=True)
    with _alone(kept.with_name("lock")):
        if version(kept) < MINIMUM:
            with tempfile.TemporaryDirectory() as work:
                unpacked = _download(Path(work))
                if version(unpacked) < MINIMUM:
                    raise Failed(f"Docker Compose of {SUITE} does not run here; install 2.24.4 or newer")
                half = kept.with_name("docker-compose.half")
                shutil.copy(unpacked, half)
                half.replace(kept)
    return kept


@contextlib.contextmanager
def _alone(path):
    """Hosts are prepared beside each other, by threads and by other runs: one fetches, the others wait for it."""
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def version(path):
    """(2, 26, 1); () when the program is not there or does not run."""
    try:
        said = subprocess.run([str(path), "version", "--short"], capture_output=True, text=True, timeout=600).stdout
    except OSError:
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", said)[:3])


def _download(work):
    try:
        (work / "apt").mkdir()
        unpack(SUITE, [PACKAGE], work / "apt", work / "package")
    except Unavailable as error:
        raise Failed(f"Docker Compose {'.'.join(map(str, MINIMUM))} is not here and cannot be had: {error}") from None
    found = list((work / "package").rglob("cli-plugins/docker-compose"))
    if not found:
        raise Failed(f"the package {PACKAGE} of {SUITE} has no plugin in it")
    return found[0]


if __name__ == "__main__":  # most tests have a network of their own, in which nothing can be fetched
    print(f"Docker Compose: {find(CACHE)}")
