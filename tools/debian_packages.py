"""Packages of another suite of Debian than the machine's: fetched with a private apt, unpacked, never installed.

The machine's own lists and sources stay as they are. Signatures are checked with the keys that its own source names; only the
date until which an index is valid is not, because a mirror may lag."""

import re
import subprocess
from pathlib import Path


class Unavailable(Exception):
    """The packages cannot be had here; says why."""


def unpack(suite, packages, work, into):
    """Fetches `packages` of `suite` and unpacks them into the directory `into`. `work` is an empty directory for the way there."""
    apt = _private_apt(suite, work)
    _run([*apt, "download", *packages], work)
    _unpack_all(work, into)


def unpack_system(suite, packages, work, into):
    """As `unpack`, with all that the packages depend on: programs that run with `into` as their root. No script of a package has
    been run there, so what those would make (alternatives, caches, users) is missing."""
    apt = _private_apt(suite, work)
    (work / "status").touch()  # on a machine on which nothing is installed yet
    _run([*apt, "-o", f"Dir::State::Status={work}/status", "--yes", "--no-install-recommends", "--download-only", "install", *packages],
         work)
    _unpack_all(work / "cache/archives", into)


def _private_apt(suite, work):
    """A command line of apt that knows nothing but `suite`, with fresh lists."""
    for directory in ("sources", "lists/partial", "cache/archives/partial"):
        (work / directory).mkdir(parents=True)
    name, text = source_of(suite)
    (work / "sources" / name).write_text(text)
    apt = ["apt-get", "-q", "-o", "Dir::Etc::SourceList=/dev/null", "-o", f"Dir::Etc::SourceParts={work}/sources",
           "-o", f"Dir::State::Lists={work}/lists", "-o", f"Dir::Cache={work}/cache", "-o", "APT::Sandbox::User=root",
           "-o", "APT::Update::Error-Mode=any", "-o", "Acquire::Languages=none", "-o", "Acquire::Retries=3",
           "-o", "Acquire::Check-Valid-Until=false"]
    _run([*apt, "update"], work)
    return apt


def _unpack_all(directory, into):
    for package in sorted(directory.glob("*.deb")):
        _run(["dpkg", "-x", str(package), str(into)], directory)


def _run(argv, directory):
    try:
        result = subprocess.run(argv, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{argv[0]}: {error}") from None
    if result.returncode != 0:
        raise Unavailable(f"{' '.join(argv)}\n{result.stdout}{result.stderr}")


def source_of(suite, etc=Path("/etc")):
    """(file name, text) of an apt source: the machine's own for Debian, with another suite in place of its own."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)', (etc / "os-release").read_text(), re.M))
    codename = release.get("VERSION_CODENAME", "")
    if release.get("ID") == "debian":
        for path in sorted((etc / "apt/sources.list.d").glob("*.sources")):
            for stanza in re.split(r"\n\s*\n", path.read_text()):
                if _field(stanza, "Suites").split()[:1] == [codename] and "main" in _field(stanza, "Components").split():
                    stanza = re.sub(r"(?m)^Suites:.*", f"Suites: {suite}", stanza)
                    stanza = re.sub(r"(?m)^Types:.*", "Types: deb", stanza)
                    return "other.sources", re.sub(r"(?m)^Components:.*", "Components: main", stanza) + "\n"
        for path in [etc / "apt/sources.list", *sorted((etc / "apt/sources.list.d").glob("*.list"))]:
            text = path.read_text() if path.exists() else ""
            match = re.search(rf"(?m)^\s*(deb\s+(?:\[[^\]]*\]\s+)?\S+)\s+{codename}\s+main\b", text)
            if match:
                return "other.list", f"{match[1]} {suite} main\n"
    raise Unavailable(f"no apt source for {suite} can be told from this machine's")


def _field(stanza, name):
    match = re.search(rf"(?m)^{name}:(.*)", stanza)
    return match[1] if match else ""
