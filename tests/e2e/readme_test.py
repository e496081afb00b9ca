#!/usr/bin/env python3
"""README and docs, typed by a reader on a bare machine: an empty home, a clone, the built programs, and nothing else prepared.

`console` blocks of README are typed as they stand, in one shell: `$ command`, then its output, in which a line `…` stands for any lines; a
comment `# exit code N` says with what it ends, 0 without one. Every other command that a page prints is typed in `Pages`, with what
is said there to replace (DIR, a name), or stands in NOT_TYPED with the reason.
"""

import contextlib
import os
import pty
import re
import shutil
import subprocess
import tempfile
import tty
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
README = Path(os.environ.get("VIGIE_README", SOURCE / "README.md"))  # to try an older one
BIN = Path(os.environ["VIGIE_BIN"]).parent
PAGES = [README, *sorted((SOURCE / "docs").glob("*.md"))]
GENERATED = {"spec.md", "transcript.md"}  # by spec_reference and `make lab-transcript`


def console_steps(text):
    """(command, expected lines) in order."""
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        command, expected = None, []
        for line in block.splitlines():
            if line.startswith("$ "):
                if command:
                    yield command, expected
                command, expected = line[2:], []
            else:
                expected.append(line)
        yield command, expected


def exit_code(command):
    said = re.search(r"# exit code (\d+)", command)
    return int(said.group(1)) if said else 0


def matches(expected, actual):
    """Whether the lines match, with `…` for any number of lines."""
    if not expected:
        return not actual
    if expected[0] == "…":
        return any(matches(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    return bool(actual) and actual[0] == expected[0] and matches(expected[1:], actual[1:])


class Reader:
    """A clone and an empty home. The programs are where `make demo` leaves them, and the reader says where that is."""

    def __init__(self, place):
        self.clone = Path(place) / "clone"
        self.home = Path(place) / "home"
        self.home.mkdir()
        self.clone.mkdir()
        for name in ("README.md", "docs", "examples", "manifests"):
            source = SOURCE / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, self.clone / name)
        (self.clone / "build/dev").mkdir(parents=True)
        (self.clone / "build/dev/bin").symlink_to(BIN)
        self.environment = {"HOME": str(self.home), "LANG": "C.UTF-8", "NO_COLOR": "1", "PATH": os.environ["PATH"]}

    def type(self, commands):
        """Types all commands into one shell; (exit code, standard output, standard error) of each."""
        script = "".join(f'{command}\ncode=$?; printf "\\036%s\\036" $code; printf "\\036" >&2\n' for command in commands)
        # At a terminal, as the reader is: what others wrote into files is shown nowhere else.
        terminal, theirs = pty.openpty()
        tty.setraw(theirs)
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(["bash", "-c", script], cwd=self.clone, env=self.environment, stdout=theirs, stderr=errors,
                                       stdin=subprocess.DEVNULL)
            os.close(theirs)
            said = b""
            with contextlib.suppress(OSError):  # EIO: nobody has it any more
                while part := os.read(terminal, 65536):
                    said += part
            os.close(terminal)
            process.wait(300)
            errors.seek(0)
            error = errors.read().decode()
        outputs = said.decode().split("\036")
        return [(int(code), out, error) for out, code, error in zip(outputs[0::2], outputs[1::2], error.split("\036"))]


class Typed(unittest.TestCase):
    def setUp(self):
        place = tempfile.mkdtemp(prefix="vigie-reader-")
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        self.reader = Reader(place)


class Readme(Typed):
    def test_every_command_in_the_readme_gives_the_shown_output_and_exit_code(self):
        steps = list(console_steps(README.read_text()))
        self.assertGreater(len(steps), 5)
        results = self.reader.type([command for command, _ in steps])
        self.assertEqual(len(results), len(steps))
        for (command, expected), (code, out, error) in zip(steps, results):
            with self.subTest(command=command):
                self.assertEqual(code, exit_code(command), out + error)
                self.assertTrue(matches(expected, out.splitlines()), out + error)

    def test_the_readmes_commands_leave_no_files_behind(self):
        before = {path.name for path in self.reader.clone.iterdir()}
        self.reader.type([command for command, _ in console_steps(README.read_text())])
        self.assertEqual({path.name for path in self.reader.clone.iterdir()}, before)
        self.assertEqual(list(self.reader.home.iterdir()), [])

    def test_without_its_first_line_the_readmes_program_is_not_found(self):
        """What the reader is told to do is needed: else this test would prepare it."""
        commands = [command for command, _ in console_steps(README.read_text())]
        self.assertIn("export PATH=$PWD/build/dev/bin:$PATH", commands[0])
        self.assertEqual(self.reader.type(["vigie version"])[0][0], 127)


# Why a printed command is not typed here, by how it begins (behind `sudo`).
NOT_TYPED = {
    "make ": "builds or tests",
    "cmake ": "builds",
    "tools/": "builds",
    "(cd build/release && cpack": "builds",
    "apt-get ": "changes the machine",
    "apt-get install ": "changes the machine",
    "systemctl ": "the service of a host",
    "journalctl ": "the service of a host",
    "systemd-analyze ": "e2e/package_test.py",
    "cp /usr/share/doc/vigie": "e2e/package_test.py installs it",
    "nano ": "an editor",
    "git push": "a remote",
    "git config": "the reader's own git",
    "git verify-": "the reader's own git",
    "echo \"alice@": "e2e/trust_test.py",
    "wg ": "another program",
    "wg-quick ": "another program",
    "curl ": "e2e/api_test.py, controller_test.py",
    "body=": "e2e/controller_test.py",
    "mac=": "e2e/controller_test.py",
    "(umask 077; openssl": "e2e/api_test.py",
    "vigie doctor": "not there yet",
    "vigie apply --confirm-within": "a host with a guard: the lab",
    "vigie init": "a git server: e2e/init_test.py",
    "vigie import": "hosts that were set up by hand: e2e/import_test.py",
    "vigie run": "e2e/controller_test.py",
    "vigie config check": "a controller's configuration: e2e/operator_test.py",
    "vigie recover --forget-state": "a damaged database: e2e/operator_test.py",
    "vigie apply --adopt": "e2e/operator_test.py",
    "vigie plan --pending": "a controller: e2e/controller_test.py",
    "vigie status --all-hosts": "controllers: the lab",
    "vigie status -o json": "a controller: e2e/controller_test.py",
    "vigie approve": "a controller: e2e/controller_test.py",
    "vigie reconcile": "a controller: e2e/controller_test.py",
    "vigie validate --tools require": "promtool and amtool of today: e2e/validate_tools_test.py",
    "vigie verify": "signed commits: e2e/trust_test.py",
    "vigie keys rotate": "e2e/seal_test.py and the lab",
    "vigie seal --rotate --for safe": "a host's identity, below",
    "vigie plan --all-hosts --base": "a git repository: e2e/cli_test.py",
    "git -C monitoring": "a git repository",
    "ssh -N": "a host with sshd",
}

ROOT = "--root build/try/host"
STEPS = [
    # What is printed, what is typed, how it ends. DIR is a copy of an example with keys of this host.
    ("mkdir", "mkdir -p build/try/stick && cp -r examples/single-host build/try/dir", 0),
    ("vigie --help", "vigie --help", 0),
    ("vigie new DIR", "vigie new build/try/new --host shop", 0),
    ("vigie validate", "(cd build/try/new && vigie validate)", 0),
    ("vigie validate DIR", "vigie validate build/try/new", 0),
    ("vigie plan --all-hosts DIR", "vigie plan --all-hosts build/try/new", 1),
    ("vigie plan --all-hosts", "(cd build/try/new && vigie plan --all-hosts)", 1),
    ("vigie plan -o json", "(cd build/try/new && vigie plan -o json --all-hosts)", 1),
    ("vigie validate -o json", "(cd build/try/new && vigie validate -o json)", 0),
    ("vigie explain VG0201", "vigie explain VG0201", 0),
    ("vigie explain FIELD", "vigie explain spec.hosts[].vpn", 0),
    ("vigie explain spec.prometheus.web", "vigie explain spec.prometheus.web", 0),
    ("sudo vigie keys init", f"vigie keys init {ROOT}", 0),
    ("vigie keys init", f"vigie keys init {ROOT}", 0),
    ("vigie keys show", f"vigie keys show {ROOT}", 0),
    ("key into the document", "key=$(vigie keys show " + ROOT + " | sed -n 's/.*sealingKey: *\"\\(.*\\)\".*/\\1/p') && [ -n \"$key\" ] && "
     "sed -i \"s|sealingKey: .*|sealingKey: \\\"$key\\\"|\" build/try/dir/stack.yaml", 0),
    ("printf %s 'the password' | vigie seal smtp DIR", "printf %s 'the password' | vigie seal pgbouncer-stats build/try/dir", 0),
    ("printf %s 'another one' | vigie seal smtp --update DIR",
     "printf %s 'another one' | vigie seal pgbouncer-stats --update build/try/dir", 0),
    ("vigie seal NAME --update", "printf %s 'another one' | vigie seal pgbouncer-stats build/try/dir --update", 0),
    ("vigie keys recovery /media/stick/vigie-recovery --name safe", "vigie keys recovery build/try/stick/vigie-recovery --name safe", 0),
    ("its public half into the document", "vigie keys recovery build/try/stick/other --name other > build/try/public && "
     "key=$(sed -n 's/.*sealingKey: *\"\\(.*\\)\".*/\\1/p' build/try/public) && [ -n \"$key\" ] && "
     "printf '  secretsRecovery: [{ name: other, sealingKey: \"%s\" }]\\n' \"$key\" >> build/try/dir/stack.yaml", 0),
    ("sudo vigie seal --rotate --for NEW DIR", f"vigie seal --rotate --for other {ROOT} build/try/dir", 0),
    ("vigie seal --rotate --recovery-identity /media/stick/vigie-recovery --for vm --dry-run DIR",
     "vigie seal --rotate --recovery-identity build/try/stick/other --for shop --dry-run build/try/dir", 0),
    ("vigie seal --rotate --recovery-identity /media/stick/vigie-recovery --for vm DIR",
     "vigie seal --rotate --recovery-identity build/try/stick/other --for shop build/try/dir", 0),
    ("vigie guest add phone --reaches grafana,prometheus monitoring", "cp -r examples/hub-and-spoke build/try/monitoring && "
     "vigie guest add laptop --reaches prometheus -o build/try/stick/laptop.conf build/try/monitoring", 0),
    ("vigie guest remove phone monitoring", "vigie guest remove phone build/try/monitoring", 0),
    ("vigie seal", "vigie seal", 2),
    ("vigie validate", "vigie validate build/try/dir", 0),
    ("vigie plan", f"vigie plan {ROOT} --host shop build/try/dir", 1),
    ("vigie apply", f"vigie apply {ROOT} --host shop --yes build/try/dir", 0),
    ("vigie plan", f"vigie plan {ROOT} --host shop build/try/dir", 0),
    ("vigie history", f"vigie history {ROOT}", 0),
    ("vigie events", f"vigie events {ROOT}", 2),
    ("vigie status", f"vigie status {ROOT}", 2),
    ("vigie facts", f"vigie facts {ROOT} > build/try/shop.json", 0),
    ("sed", "sed -i 's/retention: .*/retention: 9d/; s/prometheus: { project: monitoring }/"
     "prometheus: { project: monitoring, retention: 9d }/' build/try/dir/stack.yaml", 0),
    ("vigie apply", f"vigie apply {ROOT} --host shop --yes build/try/dir", 0),
    ("vigie rollback --list", f"vigie rollback --list {ROOT}", 0),
    ("vigie rollback", f"vigie rollback --yes {ROOT}", 0),
    ("vigie suspend --reason \"the disk is changed\" --for 2h", f"vigie suspend --reason 'the disk is changed' --for 2h {ROOT}", 0),
    ("vigie suspend", f"vigie suspend {ROOT}", 0),
    ("vigie resume", f"vigie resume {ROOT}", 0),
    ("vigie recover", f"vigie recover {ROOT}", 0),
    ("vigie confirm", f"vigie confirm {ROOT}", 2),
    ("vigie uninstall --keep", f"cp -r build/try/host build/try/kept && vigie uninstall --keep --yes --root build/try/kept", 0),
    ("vigie uninstall --purge", f"vigie uninstall --purge --yes {ROOT}", 0),
]


def as_one_writes(command):
    """Without a comment, and with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"\s+# .*", "", command)).strip()


def printed():
    """Every command of the pages, in blocks and in the text."""
    begins = r"(sudo |printf .*\| )?(vigie|make|cmake|cpack|systemctl|journalctl|apt-get|tools/\S+|wg|git) ?"
    out = {}
    for page in PAGES:
        if page.name in GENERATED:
            continue
        text = page.read_text()
        for kind, block in re.findall(r"```(\w*)\n(.*?)```", text, re.S):
            for line in re.sub(r"\\\n\s*", "", block).splitlines():
                if kind == "console" and page != README and line.startswith("$ "):
                    out.setdefault(as_one_writes(line[2:]), page.name)
                elif kind == "sh" and line.strip() and not re.match(r"\s*(#|for )", line):
                    out.setdefault(as_one_writes(line), page.name)
        for code in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S)):
            if re.match(begins, code) and " " in code and not code.startswith(("vigie.", "vigie_")):
                out.setdefault(as_one_writes(code), page.name)
    return out


class Pages(Typed):
    def test_every_command_in_the_pages_is_tested_or_listed_as_not_testable(self):
        typed = {as_one_writes(said) for said, _, _ in STEPS}
        readme = {as_one_writes(command) for command, _ in console_steps(README.read_text())}
        unknown = [f"{page}: {command}" for command, page in printed().items()
                   if command not in typed | readme and
                   not any(re.sub(r"^sudo ", "", command).startswith(reason) for reason in NOT_TYPED)]
        self.assertEqual(unknown, [])

    def test_the_commands_in_the_pages_exit_as_expected(self):
        commands = ["export PATH=$PWD/build/dev/bin:$PATH", *(typed for _, typed, _ in STEPS)]
        results = self.reader.type(commands)[1:]
        self.assertEqual(len(results), len(STEPS))
        for (said, typed, wanted), (code, out, error) in zip(STEPS, results):
            with self.subTest(said=said, typed=typed):
                self.assertEqual(code, wanted, out + error)
        of_ours = [said for said, _, _ in STEPS if "vigie " in said]
        self.assertGreaterEqual(len(set(of_ours)) + len(list(console_steps(README.read_text()))), 28)


if __name__ == "__main__":
    unittest.main(verbosity=2)
