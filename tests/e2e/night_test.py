#!/usr/bin/env python3
"""A night with ten broken situations: what somebody types who was woken up, and what is said. In each the cause stands once, in full, with
the cure. With `--write FILE` the night is written down, as docs/transcript-night.md is."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("VIGIE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tools"))
from loopback import VIGIE, Loopback, wait_for  # noqa: E402

HEAD = """<!-- Recorded by `make night-transcript`. Do not edit. -->
# A night, as a person sees it

Ten situations in which somebody is woken up: what was typed, and what was said. `tests/e2e/night_test.py` makes them anew with every run of the
tests, and checks that the cause of each stands in the answer once, in full, with its cure. The host is a directory (`--root`), which is left out
here, as `sudo` is."""


class Night:
    """One host that converged, its repository, and what was written down of it."""

    def __init__(self):
        self.lab = Loopback()
        self.root = self.lab.root("vm")
        self.parts = []

    def begin(self):
        self.lab.make_repository()
        self.lab.make_keys()
        self.converge()
        self.lab.start_prometheus()
        self.lab.start_metrics("shop")
        wait_for("health", lambda: self.lab.condition("vm", "Healthy").get("status") == "True", 40)

    def converge(self, message="as it should be"):
        commit = self.lab.push(message)
        if "vm" not in self.lab.processes:
            self.lab.start_controller("vm")
        wait_for(f"vm at {commit}", lambda: self.lab.at_revision("vm", commit) and self.ready())
        return commit

    def ready(self):
        """As the controller says now, which may have been started just now."""
        return "\nReady=True" in self.type("status")

    def edit(self, old, new, path="stack.yaml"):
        file = self.lab.work / path
        text = file.read_text()
        assert old in text, f"{path} has no {old}"
        file.write_text(text.replace(old, new))

    def type(self, *words, prefix=()):
        """What `vigie WORDS` says on this host: both streams, as a terminal shows them."""
        result = subprocess.run([*prefix, VIGIE, *words, "--root", self.root], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, timeout=600, stdin=subprocess.DEVNULL)
        return self.clean(result.stdout)

    def clean(self, text):
        """Without what belongs to this run."""
        text = text.replace(f"{self.root}/", "/").replace(str(self.root), "/").replace(str(self.lab.base), "/srv")
        return re.sub(r"\x1b\[[0-9;]*m", "", text)

    def write(self, title, story, *shown):
        """`shown` are (what was typed, what was said)."""
        blocks = "\n".join(f"```\n$ {typed}\n{said.rstrip()}\n```" for typed, said in shown)
        self.parts.append(f"## {title}\n{story}\n\n{blocks}")


# Each makes a situation on a host that is well, and returns it well again: (title, story, typed, said), what must stand there
# once, and what tells the cure.

def mistake(night):
    night.edit("scrapeInterval: 1s", "scrapeIntervall: 1s")
    night.lab.push("a mistake")
    wait_for("the refusal", lambda: night.lab.condition("vm", "Stalled").get("status") == "True")
    said = night.type("status")
    night.edit("scrapeIntervall: 1s", "scrapeInterval: 1s")
    night.converge()
    return ("A push does nothing", "Somebody mistyped a field.", "vigie status", said), "has no field `scrapeIntervall`", "did you mean `scrapeInterval`?"


def broken_rule(night):
    night.edit("expr: up == 0", "expr: sum(up == 0", "rules/alerts.yml")
    night.lab.push("a rule")
    wait_for("the refusal", lambda: "promtool" in night.lab.condition("vm", "Ready").get("message", ""))
    said = night.type("status")
    night.edit("expr: sum(up == 0", "expr: up == 0", "rules/alerts.yml")
    night.converge()
    return ("A rule that Prometheus would refuse", "Nothing was changed on the host; the old rules go on.", "vigie status", said), \
        "unclosed left parenthesis", "correct"


def dead_controller(night):
    night.lab.stop("vm", signal.SIGKILL)
    said = night.type("status")
    night.lab.start_controller("vm")
    wait_for("it looks again", night.ready)
    return ("The controller is dead", "What it saw before is no state of the host.", "vigie status", said), "not running", "systemctl start vigie"


def hung_prometheus(night):
    process = night.lab.processes["prometheus"].pid
    os.kill(process, signal.SIGSTOP)
    try:
        wait_for("it is noticed", lambda: night.lab.condition("vm", "Healthy").get("reason") == "NotRunning", 40)
        said = night.type("status")
    finally:
        os.kill(process, signal.SIGCONT)
    wait_for("health", lambda: night.lab.condition("vm", "Healthy").get("status") == "True", 40)
    return ("Prometheus hangs", "The host is as the document says, and does not work.", "vigie status", said), "does not answer at", "Ready, but not healthy"


def lost_remote(night):
    away = night.lab.remote.with_name("away.git")
    night.lab.remote.rename(away)
    try:
        wait_for("it is noticed", lambda: night.lab.condition("vm", "Ready").get("reason") == "SourceFailed")
        said = night.type("status")
    finally:
        away.rename(night.lab.remote)
    wait_for("it is back", night.ready, 40)
    return ("The repository is gone", "Drift is repaired meanwhile.", "vigie status", said), "SourceFailed): the controller retries by itself", "check"


def rewound(night):
    night.edit("evaluationInterval: 1s", "evaluationInterval: 2s")
    night.converge("a change")
    night.lab.git("reset", "--hard", "HEAD~1", cwd=night.lab.work)
    night.lab.git("push", "--force", "origin", "HEAD:main", cwd=night.lab.work)
    wait_for("the refusal", lambda: night.lab.condition("vm", "Stalled").get("status") == "True")
    said = night.type("status")
    tip = night.lab.git("rev-parse", "HEAD", cwd=night.lab.work).strip()
    night.type("reconcile", "--allow-rewind", tip, "--wait")
    wait_for("it is allowed", lambda: night.lab.at_revision("vm", tip) and night.ready())
    return ("Somebody pushed by force", "A history that was rewritten is not followed by itself.", "vigie status", said), "the history was rewound", "--allow-rewind"


def foreign_file(night):
    target = night.root / "opt/monitoring/prometheus/rules/extra.yml"
    (night.lab.work / "rules/extra.yml").write_text("groups: []\n")
    target.write_text("groups:\n  - name: somebody's own\n    rules: []\n")
    night.edit("ruleFiles: [rules/alerts.yml]", "ruleFiles: [rules/alerts.yml, rules/extra.yml]")
    night.lab.push("a rule file whose place is taken")
    wait_for("the refusal", lambda: "extra.yml" in night.lab.condition("vm", "Ready").get("message", ""))
    said = night.type("status")
    target.unlink()
    night.type("reconcile", "--wait")
    wait_for("it is well", night.ready, 40)
    return ("Somebody's own file is in the way", "What is not vigie's is not overwritten.", "vigie status", said), "is not ours", "adopt"


def without_root(night):
    os.chmod(night.lab.base, 0o755)
    said = night.type("history", prefix=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
    return ("Without root", "A history that may not be read is not a history that is empty.", "vigie history", said), "ermission denied", "run as root"


def damaged_database(night):
    night.lab.stop("vm")
    database = night.root / "var/lib/vigie/vigie.db"
    for beside in database.parent.glob("vigie.db-*"):
        beside.unlink()
    good = database.read_bytes()
    database.write_bytes(b"\xff" * 20_000 + good[20_000:])
    said = night.type("history")
    recovered = night.type("recover", "--forget-state", "--yes")
    night.lab.start_controller("vm")
    wait_for("it is well", night.ready, 40)
    return ("The state database is damaged", "It is put aside; what is identical on the host is taken over.",
            [("vigie history", said), ("vigie recover --forget-state --yes", recovered)]), "the state database", "vigie recover --forget-state"


def bad_configuration(night):
    path = night.root / "etc/vigie/vigie.yaml"
    good = path.read_text()
    path.write_text(good.replace("interval:", "intervall:"))
    said = subprocess.run([VIGIE, "config", "check", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600).stdout
    night.lab.processes["vm"].send_signal(signal.SIGHUP)
    wait_for("it is refused", lambda: "ConfigurationRefused" in night.type("events"))
    assert night.lab.processes["vm"].poll() is None
    path.write_text(good)
    return ("vigie.yaml was edited", "A reload with mistakes changes nothing, and the controller lives.", "vigie config check", night.clean(said)), \
        "has no field `intervall`", "did you mean `interval`"


SITUATIONS = [mistake, broken_rule, dead_controller, hung_prometheus, lost_remote, rewound, foreign_file, without_root, damaged_database,
              bad_configuration]


def live(night, check):
    night.begin()
    for situation in SITUATIONS:
        (title, story, *rest), cause, cure = situation(night)
        shown = rest[0] if isinstance(rest[0], list) else [tuple(rest)]
        night.write(title, story, *shown)
        check(title, shown[0][1], cause, cure)


@unittest.skipIf(os.geteuid() != 0, "another user is needed, and root to become one")
class TheNight(unittest.TestCase):
    def test_each_failure_is_logged_once_in_full_with_what_to_do(self):
        night = Night()
        self.addCleanup(night.lab.__exit__)

        def check(title, said, cause, cure):
            with self.subTest(title):
                self.assertEqual(said.count(cause), 1, said)
                self.assertIn(cure, said)
                self.assertNotIn("\\x0a", said)

        live(night, check)
        self.assertEqual(len(night.parts), 10)


def main():
    if sys.argv[1:2] != ["--write"]:
        unittest.main(verbosity=2)
    night = Night()
    with contextlib.ExitStack() as stack:
        stack.callback(night.lab.__exit__)
        live(night, lambda *_: None)
        Path(sys.argv[2]).write_text(HEAD + "\n\n" + "\n\n".join(night.parts) + "\n")


if __name__ == "__main__":
    main()
