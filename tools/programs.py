#!/usr/bin/python3
"""The programs that the examples name, in the versions that people run today: Prometheus, Alertmanager and exporters.

    programs.py fetch     puts them into build/programs, unless they are there; exit code 1 in CI where they cannot be had
    programs.py versions  prints what tests run

Distributions are behind. These are packages of Debian's newest suite, unpacked and never installed: programs of Go, which
run wherever the C library is 2.34 or newer. Where they cannot be had, tests run with the distribution's."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from debian_packages import Unavailable, unpack

SOURCE = Path(__file__).resolve().parent.parent
DIRECTORY = Path(os.environ.get("VIGIE_PROGRAMS", SOURCE / "build/programs"))
BIN = DIRECTORY / "usr/bin"
SUITE = "sid"
PACKAGES = ("prometheus", "promtool", "prometheus-alertmanager", "prometheus-pgbouncer-exporter", "prometheus-blackbox-exporter",
            "prometheus-node-exporter", "prometheus-postgres-exporter", "prometheus-redis-exporter")
# What tests are written for; src/spec/supported.cpp names the same two of Prometheus and Alertmanager.
MINIMUM = {"prometheus": (3, 5), "promtool": (3, 5), "prometheus-alertmanager": (0, 33), "amtool": (0, 33),
           "prometheus-pgbouncer-exporter": (0, 12), "prometheus-blackbox-exporter": (0, 28)}


def search_path(path=os.environ.get("PATH", "")):
    """`path` with these programs before the distribution's."""
    return f"{BIN}:{path}"


def find(name):
    """The program `name`: today's, or else the distribution's."""
    found = shutil.which(name, path=search_path("/usr/local/bin:/usr/bin:/usr/sbin"))
    if found is None:
        raise Unavailable(f"there is no program {name}; tools/install-packages.sh test installs it")
    return Path(found)


def version(program):
    """(3, 5, 3); () when the program is not there or does not run."""
    try:
        said = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    match = re.search(r"version (\d+)\.(\d+)(?:\.(\d+))?", said.stdout + said.stderr)
    return tuple(int(part) for part in match.groups() if part) if match else ()


def lacking():
    """What is missing in DIRECTORY, or too old: [text]."""
    return [f"{name} {'.'.join(map(str, least))}" for name, least in MINIMUM.items() if version(BIN / name) < least]


def fetch():
    """Puts the programs into DIRECTORY. Throws Unavailable."""
    DIRECTORY.parent.mkdir(parents=True, exist_ok=True)
    with open(DIRECTORY.with_name(DIRECTORY.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not lacking():
            return
        with tempfile.TemporaryDirectory(dir=DIRECTORY.parent) as work:
            fresh = Path(work) / "root"
            (Path(work) / "apt").mkdir()
            unpack(SUITE, PACKAGES, Path(work) / "apt", fresh)
            shutil.rmtree(DIRECTORY, ignore_errors=True)
            fresh.rename(DIRECTORY)
        if missing := lacking():
            raise Unavailable(f"Debian's newest suite has no {', '.join(missing)}")


def main():
    if sys.argv[1:] == ["versions"]:
        for name in MINIMUM:
            print(f"{name} {'.'.join(map(str, version(find(name)))) or 'missing'}")
    elif sys.argv[1:] == ["fetch"]:
        try:
            fetch()
        except Unavailable as error:
            print(f"Today's programs cannot be had: {error}\nTests run with the distribution's, which are older than what the "
                  "examples name.", file=sys.stderr)
            sys.exit(1 if os.environ.get("CI") else 0)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
