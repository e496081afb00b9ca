"""Secrets that can be recognised wherever they turn up, and what looks for them: in bytes, below directories, and in every process."""

import base64
import os
import secrets
import threading
import urllib.parse
from pathlib import Path


def encodings(core):
    """How these bytes stand in hexadecimal and in base64, at whichever of the three places they begin there."""
    out = [core.hex().encode()]
    for shift in range(3):  # the first and last characters depend on what stands around it
        encoded = base64.b64encode(b"x" * shift + core)
        out.append(encoded[4 if shift else 0:-4 if (shift + len(core)) % 3 else None])
    return out


class Canary:
    """A value of every sort that has to be escaped somewhere. Its core is unique and has letters and digits only, so that quoting and
    URL-encoding leave it alone; base64 does not, in one of three ways."""

    def __init__(self, place, value=None, blanks=True):
        self.place = place
        core = f"cAnArY{secrets.token_hex(12)}"
        self.value = value or f"p?W/6@{core}%y{' ' if blanks else ''}$b#'"
        core = (value or core).encode()
        self.needles = [core, urllib.parse.quote(core).encode(), *encodings(core)]

    def inside(self, data):
        return any(needle in data for needle in self.needles)


class Aviary:
    """All canaries of a test."""

    def __init__(self):
        self.canaries = []

    def add(self, place, value=None, blanks=True):
        self.canaries.append(Canary(place, value, blanks))
        return self.canaries[-1].value

    def inside(self, data):
        """The places whose secret is in these bytes."""
        data = data if isinstance(data, bytes) else data.encode()
        return sorted(canary.place for canary in self.canaries if canary.inside(data))

    def files(self, *tops):
        """path → places, for every file below directories that holds a secret."""
        found = {}
        for top in tops:
            for path in Path(top).rglob("*"):
                if path.is_file() and not path.is_symlink():
                    places = self.inside(path.read_bytes())
                    if places:
                        found[path] = places
        return found


class Watch:
    """Looks at the arguments and the environment of every process of this machine, and at files that change, as long as it is open. `leaks`
    says what was seen where, `looks` how often; `seen` holds the programs that ran meanwhile."""

    def __init__(self, aviary, *changing):
        self.aviary, self.changing = aviary, changing
        self.leaks, self.seen, self.looks = set(), set(), 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _watch(self):
        known = {}
        while not self._end.is_set():
            self.looks += 1
            for name in filter(str.isdigit, os.listdir("/proc")):
                self._process(name, known)
            if self.looks % 20 == 0:
                for path in self.changing:
                    self._bytes(path, path)
            self._end.wait(0.002)

    def _process(self, pid, known):
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
            if known.get(pid) == arguments:  # neither changes without an exec
                return
            known[pid] = arguments
            program = arguments.split(b"\0")[0].decode(errors="replace")
            self.seen.add(os.path.basename(program))
            for what in ("cmdline", "environ"):
                self._bytes(f"/proc/{pid}/{what}", f"{what} of {program}")
        except OSError:
            pass  # it is gone, or not ours to read

    def _bytes(self, path, name):
        try:
            for place in self.aviary.inside(Path(path).read_bytes()):
                self.leaks.add((str(name), place))
        except OSError:
            pass
