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
from loopback import Failed  # noqa: E402

MINIMUM = (2, 24, 4)
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
        said = subprocess.run([str(path), "version", "--short"], capture_output=True, text=True, timeout=30).stdout
    except OSError:
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", said)[:3])


def _download(work):
    """Fetches the package with a private apt, so that the machine's own lists and sources stay as they are."""
    for directory in ("sources", "lists/partial", "cache/archives/partial"):
        (work / directory).mkdir(parents=True)
    name, text = next_release_source()
    (work / "sources" / name).write_text(text)
    apt = ["apt-get", "-q", "-o", "Dir::Etc::SourceList=/dev/null", "-o", f"Dir::Etc::SourceParts={work}/sources",
           "-o", f"Dir::State::Lists={work}/lists", "-o", f"Dir::Cache={work}/cache",
           "-o", "APT::Sandbox::User=root", "-o", "APT::Update::Error-Mode=any", "-o", "Acquire::Languages=none",
           "-o", "Acquire::Retries=3"]
    for argv in ([*apt, "update"], [*apt, "download", PACKAGE]):
        _run(argv, work)
    _run(["dpkg", "-x", *map(str, work.glob("*.deb")), "package"], work)
    found = list((work / "package").rglob("cli-plugins/docker-compose"))
    if not found:
        raise Failed(f"the package {PACKAGE} of {SUITE} has no plugin in it")
    return found[0]


def _run(argv, directory):
    result = subprocess.run(argv, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    if result.returncode != 0:
        raise Failed(f"Docker Compose {'.'.join(map(str, MINIMUM))} is not here and cannot be had: {' '.join(argv)}\n"
                     f"{result.stdout}{result.stderr}")


def next_release_source(etc=Path("/etc")):
    """(file name, text) of an apt source: the machine's own for Debian, with the next release in place of its own."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)', (etc / "os-release").read_text(), re.M))
    codename = release.get("VERSION_CODENAME", "")
    if release.get("ID") == "debian":
        for path in sorted((etc / "apt/sources.list.d").glob("*.sources")):
            for stanza in re.split(r"\n\s*\n", path.read_text()):
                if _field(stanza, "Suites").split()[:1] == [codename] and "main" in _field(stanza, "Components").split():
                    stanza = re.sub(r"(?m)^Suites:.*", f"Suites: {SUITE}", stanza)
                    stanza = re.sub(r"(?m)^Types:.*", "Types: deb", stanza)
                    return "next.sources", re.sub(r"(?m)^Components:.*", "Components: main", stanza) + "\n"
        for path in [etc / "apt/sources.list", *sorted((etc / "apt/sources.list.d").glob("*.list"))]:
            text = path.read_text() if path.exists() else ""
            match = re.search(rf"(?m)^\s*(deb\s+(?:\[[^\]]*\]\s+)?\S+)\s+{codename}\s+main\b", text)
            if match:
                return "next.list", f"{match[1]} {SUITE} main\n"
    raise Failed(f"no apt source for {SUITE} can be told from this machine's; install Docker Compose 2.24.4 or newer")


def _field(stanza, name):
    match = re.search(rf"(?m)^{name}:(.*)", stanza)
    return match[1] if match else ""
