"""A, B, A on a root: it comes back as it was, B is what it is on a fresh root, and nothing is written that did not change."""

import hashlib
import os
import shutil
from dataclasses import dataclass, field

from found import Wrong

STATE = "/var/lib/vigie"
# Directories of the system's, which vigie makes in an empty root and leaves there.
SYSTEM = ("", "/etc", "/etc/sysctl.d", "/etc/systemd", "/etc/systemd/system", "/etc/systemd/system/docker.service.d", "/etc/ufw",
          "/etc/wireguard", "/opt", "/srv", "/var", "/var/lib")


@dataclass(frozen=True)
class Entry:
    """A file or directory: what it is, and which write made it."""
    content: str
    mode: int
    owner: tuple
    written: tuple = field(compare=False)


class Failed(Exception):
    """One of the commands did not do it; says which and why."""


class Transitions:
    """Makes them in a directory of its own. A root on which A is applied is kept for the next transition from A."""

    def __init__(self, vigie, keys, directory):
        self._vigie, self._keys, self._directory = vigie, keys, directory
        self._at_a = None
        self._number = 0
        for name in "AB":
            (directory / name).mkdir(parents=True)
            keys.write_files(directory / name)

    def wrong(self, change, before, after):
        """What is wrong with the way from a Trial to another and back: [Wrong]. None when no host is in both."""
        host = next((host for host in after.hosts if host in before.hosts and _differ(before, after, host[0])),
                    next((host for host in after.hosts if host in before.hosts), None))
        if host is None:
            return None
        for name, trial in (("A", before), ("B", after)):
            (self._directory / name / "stack.yaml").write_text(trial.text, encoding="utf-8")
        try:
            words = self._go(host, before.text)
        except Failed as failed:
            self._at_a = None
            words = [str(failed)]
        return [Wrong("return", change, each, each.partition(":")[0], {"A": before.text, "B": after.text}) for each in words]

    def _go(self, host, text):
        root = self._root_at_a(host, text)
        first = snapshot(root)
        self._apply("B", host, root)
        second = snapshot(root)
        words = []
        trouble = self._vigie.plan(self._directory / "B", host[0], root)
        if trouble:
            words.append(f"the plan after the apply is not empty: {trouble[1]}")
        rewritten = [path for path, entry in second.items() if first.get(path) == entry and first[path].written != entry.written]
        if rewritten:
            words.append(f"written though they are the same: {' '.join(rewritten)}")
        self._apply("A", host, root)
        words += _differences("A, B, A differs from A", first, snapshot(root))
        fresh = self._keys.fresh_root(host[1], self._new_root())
        self._apply("B", host, fresh)
        words += _differences("B on a used root differs from B on a fresh one", snapshot(fresh), second)
        shutil.rmtree(fresh)
        return words

    def _root_at_a(self, host, text):
        if self._at_a is None or self._at_a[:2] != (host, text):
            if self._at_a:
                shutil.rmtree(self._at_a[2])
            root = self._keys.fresh_root(host[1], self._new_root())
            self._at_a = None
            self._apply("A", host, root)
            self._at_a = (host, text, root)
        return self._at_a[2]

    def _new_root(self):
        self._number += 1
        return self._directory / f"root-{self._number}"

    def _apply(self, name, host, root):
        trouble = self._vigie.apply(self._directory / name, host[0], root)
        if trouble:
            raise Failed(f"{name}: {trouble[1]}")


def snapshot(root):
    """{path: Entry} of everything below a root but vigie's own state."""
    out = {}
    for directory, directories, files in os.walk(root):
        inside = directory[len(str(root)):]
        if inside == STATE:
            directories.clear()
            continue
        if inside not in SYSTEM:
            out[inside + "/"] = _entry(directory, "")
        for name in files:
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                out[f"{inside}/{name}"] = _entry(path, hashlib.sha256(file.read()).hexdigest())
    return out


def _entry(path, content):
    info = os.lstat(path)
    # A directory is written whenever something in it is.
    written = (info.st_ino, info.st_mtime_ns) if content else ()
    return Entry(content, info.st_mode, (info.st_uid, info.st_gid), written)


def _differences(what, wanted, seen):
    paths = [f"{path} {'is missing' if path not in seen else 'is too much' if path not in wanted else 'differs'}"
             for path in sorted({**wanted, **seen}) if wanted.get(path) != seen.get(path)]
    return [f"{what}: {', '.join(paths)}"] if paths else []


def _differ(one, other, host):
    def of_host(trial):
        return {name: content for name, content in trial.rendered.files.items() if name.startswith(f"{host}/")}
    return of_host(one) != of_host(other)
