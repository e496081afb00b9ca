#!/usr/bin/env python3
"""Kill at every step, fail at every step. The built program runs with a library preloaded that counts its steps (see
interpose.c); it is killed before each, each is made to fail, and afterwards the host must be wholly what it was before or
wholly what it was to become, with no trace left.

VIGIE_FAULTS=long tries every step of every transaction with every kind of failure, short (in the gate) some of each sort.
"""

import atexit
import collections
import concurrent.futures
import itertools
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tools"))
from loopback import clean_up_on_signals  # noqa: E402

VIGIE = os.environ["VIGIE_BIN"]
PRELOAD = os.environ["VIGIE_INTERPOSE"]  # under a sanitizer its runtime comes first
SUMMARY = Path(os.environ.get("VIGIE_FAULT_SUMMARY", os.devnull))
MODE = os.environ.get("VIGIE_FAULTS") or "normal"
STATE = "var/lib/vigie"
DEADLINE = 120

TRANSACTIONS = ("change", "removal", "first apply", "taking over", "rollback", "uninstall")
ERRORS = ("ENOSPC", "EIO", "EACCES", "EROFS")
WRITES = ("short", "torn")  # kinds that only a write can have
REASON = re.compile("No space left on device|Input/output error|Permission denied|Read-only file system|"
                    "disk is full|disk I/O error|unable to open database file|readonly database")  # SQLite's words
SAMPLE = {  # every so many steps: of the first transaction, and of the others
    "normal": {"kill": (1, 3), "fail": (6, 30), "recover": (4, 20), "watch": (5, 5)},
    "short": {"kill": (8, 40), "fail": (40, 160), "recover": (20, 100), "watch": (30, 30)},
    "long": {"kill": (1, 1), "fail": (1, 1), "recover": (1, 1), "watch": (1, 1)}}[MODE]
ROUNDS = {"normal": 4, "short": 1, "long": 20}[MODE]

# What opening the state makes: the lock with our number, and the shared memory of SQLite, which is no content.
NO_CHANGE = {f"/{STATE}/lock": ("open", "ftruncate", "write"), f"/{STATE}/vigie.db": ("open",),
             f"/{STATE}/vigie.db-wal": ("open", "chown", "unlink"),
             f"/{STATE}/vigie.db-shm": ("open", "chown", "ftruncate", "write", "unlink")}
SMTP, ROTATED = "fault-CANARY-one", "fault-CANARY-two"
ALLOWED = ["--allow-removal", "alertmanager"]  # what document c has no more
TAKE_OVER = ["apply", "--host", "vm", "--yes", "--adopt", "file:/etc/wireguard/wg0.conf", "--adopt",
             "file:/opt/monitoring/prometheus/prometheus.yml"]


class World:
    """What all tests share: a directory with documents, roots and stand-ins for the checkers."""

    base = None
    canaries = []
    transactions = {}
    hanging = None
    points = 0
    began = time.monotonic()


def stride(what, name):
    return SAMPLE[what][name != TRANSACTIONS[0]]


def tell(line, began):
    line = f"{line} ({time.monotonic() - began:.1f} s)"
    print(line, flush=True)
    with SUMMARY.open("a") as file:
        file.write(line + "\n")


def counts(outcomes):
    return ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items(), key=str))


# --- programs


def environment(tools=None, fault=None):
    out = {"PATH": f"{tools or World.base / 'tools'}:{os.environ['PATH']}"}
    if fault is not None:
        out |= {"LD_PRELOAD": PRELOAD, **{f"VIGIE_FAULT_{name}": str(value) for name, value in fault.items()}}
    return out


def vigie(*arguments, tools=None, fault=None, **options):
    """Runs vigie with stand-ins for the checkers. `fault`: the variables of interpose.c."""
    result = subprocess.run([VIGIE, *map(str, arguments)], capture_output=True, text=True, errors="replace", timeout=DEADLINE,
                            env=environment(tools, fault), **options)
    assert "Sanitizer" not in result.stderr and "runtime error" not in result.stderr, result.stderr
    for canary in World.canaries:
        assert canary not in result.stdout + result.stderr, f"a secret was said: {result}"
    return result


def must(*arguments, **options):
    result = vigie(*arguments, **options)
    assert result.returncode == 0, f"vigie {' '.join(map(str, arguments))}: {result.returncode}\n{result.stdout}{result.stderr}"
    return result


def tool(directory, name, script):
    directory.mkdir(exist_ok=True)
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


# --- roots


def clone(root, name):
    target = World.base / "work" / name
    subprocess.run(["cp", "-a", str(root), str(target)], check=True)
    return target


def walk(directory, prefix=""):
    with os.scandir(directory) as entries:
        for entry in entries:
            yield prefix + entry.name, entry
            if entry.is_dir(follow_symlinks=False):
                yield from walk(entry.path, prefix + entry.name + "/")


class Root:
    """What is on a host: the kind, mode, owner and bytes of everything but vigie's own state; and the names there."""

    def __init__(self, root):
        self.host, self.state = {}, {}
        for path, entry in walk(root):
            info = entry.stat(follow_symlinks=False)
            content = Path(entry.path).read_bytes() if stat.S_ISREG(info.st_mode) else None
            if path.startswith(STATE + "/"):
                self.state[path[len(STATE) + 1:]] = content
            elif not (STATE + "/").startswith(path + "/"):
                self.host[path] = (info.st_mode, info.st_uid, info.st_gid, content)

    def differs(self, host):
        return sorted(path for path in self.host.keys() | host.keys() if self.host.get(path) != host.get(path))

    def check_secrets(self):
        """What vigie keeps of a secret is the host's identity and copies of what was there before it."""
        for path, content in self.state.items():
            if content is not None and path != "identity" and not path.startswith("backups/"):
                for canary in World.canaries:
                    assert canary.encode() not in content, f"a secret is in {path}"

    def check_traces(self):
        left = [path for path in itertools.chain(self.host, self.state) if Path(path).name.startswith(".vigie-")]
        left += [path for path in self.state if path.startswith("staging") or path.endswith(("-wal", "-journal"))]
        assert not left, f"left behind: {left}"

    def generations(self):
        return sorted(path.split("/")[1] for path in self.state if re.fullmatch("generations/[^/]+", path))


def database(root):
    """How many rows a transaction left that is not over, and the documents that can be gone back to."""
    connection = sqlite3.connect(f"file:{root / STATE / 'vigie.db'}?mode=ro&immutable=1", uri=True)  # makes no file beside it
    try:
        rows = sum(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                   for table in ("journal", "journal_image", "journal_inventory"))
        return rows, sorted(row[0] for row in connection.execute("SELECT directory FROM generation"))
    finally:
        connection.close()


class Transaction:
    """A command that changes a root, and what the root is before and after."""

    def __init__(self, name, root, command, document=None):
        self.name, self.start, self.command, self.document = name, root, command, document
        self.again = ["apply", "--host", "vm", "--yes", *ALLOWED, document] if document else command
        self.before = Root(root).host
        self.plan_before = self.plan(root)
        done = clone(root, f"{name} done")
        result, self.steps = self.steps_of(done)
        assert result.returncode == 0, result.stderr
        self.after = Root(done).host
        self.plan_after = self.plan(done)
        assert self.before != self.after
        shutil.rmtree(done)

    def arguments(self, root, command=None):
        first, *rest = command or self.command
        return [first, "--root", root, *rest]

    def run(self, root, command=None, fault=None, **options):
        return vigie(*self.arguments(root, command), fault={"ROOT": root, **fault} if fault is not None else None, **options)

    def steps_of(self, root, command=None):
        """The result of a run without a fault, and its steps: pairs of what is done and the path on the host."""
        log = root.with_suffix(".steps")
        result = self.run(root, command, fault={"LOG": log})
        steps = [tuple(line.split(" ", 1)) for line in log.read_text().splitlines()]
        log.unlink()
        return result, [(name, path.replace(str(root), "", 1) or "/") for name, path in steps]

    def plan(self, root):
        if self.document is None:
            return None
        result = vigie("plan", "--root", root, "--host", "vm", "-o", "json", *ALLOWED, self.document)
        assert result.returncode in (0, 1), result.stderr
        return json.loads(result.stdout)["hosts"][0]["changes"]

    def on_host(self):
        """The numbers of the steps that change the host, not only vigie's own state."""
        return [number for number, (_, path) in enumerate(self.steps, 1) if path.startswith(("/etc", "/opt"))]

    # --- what must hold

    def state(self, now):
        if now.host == self.after:
            return "after"
        if now.host == self.before:
            return "before"
        raise AssertionError(f"half: not as before in {now.differs(self.before)}, not as after in {now.differs(self.after)}")

    def check_whole(self, root):
        """After `recover`: as before or as after, no trace of a transaction, and a plan that says so."""
        now = Root(root)
        state = self.state(now)
        now.check_traces()
        now.check_secrets()
        rows, generations = database(root)
        assert rows == 0, f"{rows} rows of a journal"
        assert now.generations() == generations, f"documents are kept as {now.generations()}, recorded as {generations}"
        plan = self.plan(root)
        assert plan == (self.plan_before if state == "before" else self.plan_after), f"{state}, but another plan: {plan}"
        return state

    def recovered(self, root):
        result = vigie("recover", "--root", root)
        assert result.returncode == 0, f"recover: {result.stderr}"
        return self.check_whole(root)

    def check_converges(self, root):
        """The next apply succeeds, and the one after it writes nothing but its number into the lock."""
        result = self.run(root, self.again)
        assert result.returncode == 0, f"the next apply: {result.stderr}"
        assert self.check_whole(root) == "after", "the next apply did not converge"
        result, steps = self.steps_of(root, self.again)
        assert result.returncode == 0, f"the second apply: {result.stderr}"
        strange = [step for step in steps if step[0] not in NO_CHANGE.get(step[1], ())]
        assert not strange, f"a second apply makes {strange}"


def every(points, function):
    """Calls `function(point, name)` for all of them on all processors; fails with the first few that failed."""
    failures, outcomes = [], collections.Counter()
    numbers = itertools.count()

    def one(point):
        name = f"point {next(numbers)}"
        try:
            return function(point, name), None
        except Exception as error:
            return None, f"{point}: {type(error).__name__}: {error}"
        finally:
            shutil.rmtree(World.base / "work" / name, ignore_errors=True)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for outcome, failure in pool.map(one, points):
            outcomes[outcome] += 1
            failures += [failure] if failure else []
    World.points += len(points)
    assert not failures, f"{len(failures)} of {len(points)} points:\n" + "\n".join(failures[:8])
    return outcomes


def sample(steps, every_so_many):
    """Numbers of steps, from 1: every so many, and, unless it must be short, the first of each sort."""
    seen, out = set(), []
    for number, (name, path) in enumerate(steps, 1):
        own = path.startswith("/" + STATE)
        sort = (name, own, Path(path).name if own else "")
        if number % every_so_many == 0 or (sort not in seen and MODE != "short"):
            out.append(number)
        seen.add(sort)
    return out


def failing(steps, every_so_many):
    """Pairs of a step and a kind of failure; each kind gets steps of its own until all have all."""
    out = []
    for index, kind in enumerate(ERRORS):
        out += [(number, kind) for number in range(1, len(steps) + 1) if (number + index) % every_so_many == 0]
    writes = [number for number, (name, _) in enumerate(steps, 1) if name == "write"]
    return out + [(number, kind) for kind in WRITES for number in writes[::max(1, every_so_many // 6)]]


# --- what is tried


def edit(document, *changes):
    text = document.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    document.write_text(text)


def seal(directory, value):
    sealed = must("seal", "smtp", directory, input=value).stdout.split('"')[1]
    document = directory / "stack.yaml"
    document.write_text(re.sub(r'(name: smtp\n\s+sealed:\n\s+vm: )"[^"]+"', rf'\1"{sealed}"', document.read_text()))


def make_documents(base):
    """a: the example with this host's keys; b: something created, changed, removed and rotated; c: a component less."""
    a, b, c = base / "a", base / "b", base / "c"
    shutil.copytree(SOURCE / "examples/moments", a)
    shown = must("keys", "init", "--root", base / "keys").stdout
    text = (a / "stack.yaml").read_text()
    for field in ("publicKey", "sealingKey"):
        key = re.search(rf'{field}: "([^"]+)"', shown).group(1)
        text = re.sub(rf'(name: vm\n(?:(?!name:).)*?{field}: )"[^"]+"', rf'\1"{key}"', text, count=1, flags=re.S)
    (a / "stack.yaml").write_text(text)
    seal(a, SMTP)
    shutil.copytree(a, b)
    seal(b, ROTATED)
    edit(b / "stack.yaml", ("scrapeInterval: 15s", "scrapeInterval: 30s"), ("prometheus:v3.5.0", "prometheus:v3.6.0"),
         ("persistentKeepalive: 25", "persistentKeepalive: 20"), ("rules/recording-rules.yml", "rules/more-rules.yml"))
    edit(b / "rules/alerting-rules.yml", ("for: 2m", "for: 5m"))
    (b / "rules/recording-rules.yml").rename(b / "rules/more-rules.yml")
    shutil.copytree(a, c)
    text = re.sub(r"  alertmanager:\n.*?(?=  jaeger:)", "", (c / "stack.yaml").read_text(), flags=re.S)
    (c / "stack.yaml").write_text(re.sub(r"    - name: smtp\n\s+sealed:\n\s+vm: .*\n", "", text))
    World.canaries = [SMTP, ROTATED, (base / "keys/etc/wireguard/wg0.key").read_text().strip()]


def make_roots(base):
    def root(name, beginning):
        subprocess.run(["cp", "-a", str(base / beginning), str(base / name)], check=True)
        return base / name

    (base / "nothing").mkdir()
    # What a person and programs did there: drift, and things that are not ours and must never change.
    applied = root("applied", "keys")
    must("apply", "--root", applied, "--host", "vm", "--yes", base / "a")
    monitoring = applied / "opt/monitoring"
    (monitoring / "prometheus/rules/mine.yml").write_text("groups: []\n")
    (monitoring / "prometheus/rules/mine.yml").chmod(0o604)
    (monitoring / "alertmanager-data/silences").write_text("by a program")
    (applied / "opt/by-hand").mkdir(mode=0o711)
    (applied / "opt/by-hand/notes").write_text("mine")
    (monitoring / "compose.yaml").write_text("# by hand\n")
    (monitoring / "alertmanager/alertmanager.yml").chmod(0o640)
    (monitoring / "prom-data").chmod(0o700)
    # Two documents one after the other, to go back from.
    must("apply", "--root", root("twice", "applied"), "--host", "vm", "--yes", base / "b")
    # A host made by hand, and the same taken over.
    hand = root("hand", "keys")
    (hand / "etc/wireguard/wg0.conf").write_text("[Interface]\nPostUp = true\n")
    (hand / "opt/monitoring/prometheus").mkdir(parents=True, mode=0o750)
    (hand / "opt/monitoring/prometheus/prometheus.yml").write_text("# by hand\n")
    (hand / "opt/monitoring/prometheus/prometheus.yml").chmod(0o600)
    must(TAKE_OVER[0], "--root", root("taken", "hand"), *TAKE_OVER[1:], base / "a")


def setUpModule():
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    base = World.base = Path(tempfile.mkdtemp(prefix="vigie-fault-", dir=memory))
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    clean_up_on_signals()
    (base / "work").mkdir()
    if SUMMARY.is_file():
        SUMMARY.unlink()
    for name in ("promtool", "amtool"):
        tool(base / "tools", name, "exit 0")
    make_documents(base)
    make_roots(base)
    apply = ["apply", "--host", "vm", "--yes"]
    example = SOURCE / "examples/moments"
    commands = {"change": ("applied", [*apply, base / "b"], base / "b"), "removal": ("applied", [*apply, *ALLOWED, base / "c"], base / "c"),
                "first apply": ("nothing", [*apply, example], example), "taking over": ("hand", [*TAKE_OVER, base / "a"]),
                "rollback": ("twice", ["rollback", "--yes"], base / "a"), "uninstall": ("taken", ["uninstall", "--purge", "--yes"])}
    for name in TRANSACTIONS:
        root, *rest = commands[name]
        World.transactions[name] = Transaction(name, base / root, *rest)
    # The deadline of a checker is half a minute: it passes while everything else is tried.
    World.hanging = threading.Thread(target=Tools.hang)
    World.hanging.start()


def tearDownModule():
    World.hanging.join()
    tell(f"faults: {World.points} points in all", World.began)


class Scenario(unittest.TestCase):
    def of_each_transaction(self, function):
        for name in TRANSACTIONS:
            with self.subTest(name):
                function(World.transactions[name])


class Killed(Scenario):
    def test_an_apply_killed_at_any_step_is_recovered(self):
        self.of_each_transaction(self.kill)

    def kill(self, transaction):
        began = time.monotonic()
        last = len(transaction.steps) + 1

        def point(number, name):
            root = clone(transaction.start, name)
            result = transaction.run(root, fault={"AT": number, "KIND": "kill"})
            assert result.returncode == (0 if number == last else -signal.SIGKILL), result
            Root(root).check_secrets()
            state = transaction.recovered(root)
            assert state == "after" or number != last
            transaction.check_converges(root)
            return state

        points = [*sample(transaction.steps, stride("kill", transaction.name)), last]
        outcomes = every(points, point)
        tell(f"{transaction.name}: killed at {len(points)} of {last} points, nothing lost: {counts(outcomes)}", began)

    def test_a_recovery_killed_at_any_step_is_recovered(self):
        self.of_each_transaction(self.kill_recovery)

    def kill_recovery(self, transaction):
        """Recovery itself is killed, and fails, at every step; the next finishes it."""
        began = time.monotonic()
        on_host = transaction.on_host()
        points, work = [], transaction.name.replace(" ", "-")
        for number in {on_host[0], on_host[len(on_host) // 2], on_host[-1]}:
            broken = clone(transaction.start, f"{work}-{number}")
            transaction.run(broken, fault={"AT": number, "KIND": "kill"})
            _, steps = transaction.steps_of(clone(broken, f"{work}-{number}-whole"), ["recover"])
            every_so_many = stride("recover", transaction.name)
            points += [(broken, at, "kill") for at in sample(steps, every_so_many)]
            points += [(broken, *each) for each in failing(steps, 6 * every_so_many)]

        def point(what, name):
            broken, number, kind = what
            root = clone(broken, name)
            result = transaction.run(root, ["recover"], fault={"AT": number, "KIND": kind})
            assert result.returncode in ((-signal.SIGKILL,) if kind == "kill" else (0, 2)), result
            assert result.returncode != 2 or REASON.search(result.stderr), result
            assert transaction.recovered(root) == "before"
            transaction.check_converges(root)
            return "killed" if kind == "kill" else "failed" if result.returncode == 2 else "done nevertheless"

        outcomes = every(points, point)
        tell(f"{transaction.name}: recovery after a kill, {len(points)} points, nothing lost: {counts(outcomes)}", began)

    def test_an_apply_ended_by_sigterm_at_any_step_is_rolled_back(self):
        transaction = World.transactions["change"]
        began = time.monotonic()

        def point(number, name):
            root = clone(transaction.start, name)
            result = transaction.run(root, fault={"AT": number, "KIND": "TERM"})
            assert result.returncode in (0, 130, -signal.SIGTERM), result
            at_once = transaction.state(Root(root))
            assert at_once == ("after" if result.returncode == 0 else "before"), result
            assert transaction.recovered(root) == at_once
            transaction.check_converges(root)
            return at_once

        outcomes = every(sample(transaction.steps, stride("watch", "change")), point)
        tell(f"change: SIGTERM at {sum(outcomes.values())} points, nothing half done: {counts(outcomes)}", began)


class Failed(Scenario):
    def test_an_apply_whose_step_fails_once_is_rolled_back_or_completed(self):
        """A step fails once: the command itself puts everything back, or goes on."""
        self.of_each_transaction(self.fail_once)

    def fail_once(self, transaction):
        began = time.monotonic()

        def point(what, name):
            number, kind = what
            root = clone(transaction.start, name)
            result = transaction.run(root, fault={"AT": number, "KIND": kind})
            try:
                assert result.returncode in ((0,) if kind == "short" else (0, 2)), "exit code"
                at_once = transaction.state(Root(root))
                assert at_once == ("after" if result.returncode == 0 else "before"), f"it is {at_once}"
                self.check_message(result)
                assert transaction.recovered(root) == at_once
                transaction.check_converges(root)
            except AssertionError as error:
                raise AssertionError(f"{error}\n  {transaction.steps[number - 1]}: {result}") from None
            return "taken back" if result.returncode == 2 else "done nevertheless"

        points = failing(transaction.steps, stride("fail", transaction.name))
        outcomes = every(points, point)
        tell(f"{transaction.name}: one step fails, {len(points)} points, nothing lost: {counts(outcomes)}", began)

    def check_message(self, result):
        if result.returncode == 2:
            said = result.stderr[result.stderr.index("vigie: "):]
            self.assertRegex(said, REASON)
            self.assertRegex(said, "/", "it names what is concerned")

    def test_an_apply_whose_steps_all_fail_from_one_on_is_old_or_new_after_recover(self):
        """As on a disk that is full or gone: what cannot be put back now is put back by `recover`."""
        self.of_each_transaction(self.fail_for_good)

    def fail_for_good(self, transaction):
        began = time.monotonic()

        def point(what, name):
            number, kind = what
            root = clone(transaction.start, name)
            result = transaction.run(root, fault={"AT": number, "KIND": kind, "FROM": 1})
            try:
                assert result.returncode in (0, 2), "exit code"
                self.check_message(result)
                state = transaction.recovered(root)
                # A commit that reached the disk although it failed is found there later; nothing else was recorded.
                told = "Not everything could be put back" in result.stderr
                assert (state == "after") == (result.returncode == 0) or told, f"it is {state}"
                transaction.check_converges(root)
            except AssertionError as error:
                raise AssertionError(f"{error}\n  {transaction.steps[number - 1]}: {result}") from None
            return state

        every_so_many = 2 * stride("fail", transaction.name)
        points = [(number, kind) for index, kind in enumerate(("ENOSPC", "EIO", "EROFS"))
                  for number in range(1 + index, len(transaction.steps) + 1, every_so_many)]
        outcomes = every(points, point)
        tell(f"{transaction.name}: everything fails from a step on, {len(points)} points, nothing lost: {counts(outcomes)}", began)


class ReadOnly(Scenario):
    """Below one directory everything is refused from a step on, also the removal of what is not there, as on a file system that is
    mounted read-only; vigie's own state lies elsewhere and works."""

    def steps_below(self, transaction, directory):
        root = clone(transaction.start, "counted")
        log = root.with_suffix(".steps")
        transaction.run(root, fault={"ROOT": root / directory, "LOG": log})
        steps = log.read_text().splitlines()
        log.unlink()
        shutil.rmtree(root)
        return steps

    def test_a_read_only_directory_without_changes_does_not_prevent_the_rollback(self):
        """Nothing below it was changed: the command itself puts the rest back, and no transaction stays open."""
        for name in TRANSACTIONS:
            with self.subTest(name):
                transaction = World.transactions[name]
                root = clone(transaction.start, "never made")
                result = transaction.run(root, fault={"ROOT": root / "opt", "AT": 1, "KIND": "EROFS", "FROM": 1})
                try:
                    self.assertEqual(result.returncode, 2, result)
                    self.assertIn("Read-only file system", result.stderr)
                    self.assertNotIn("Not everything could be put back", result.stderr)
                    self.assertEqual(database(root)[0], 0, "a journal is open")
                    self.assertEqual(transaction.state(Root(root)), "before")
                    self.assertEqual(transaction.recovered(root), "before")
                    transaction.check_converges(root)
                finally:
                    shutil.rmtree(root)
                World.points += 1

    def test_new_directories_that_turn_read_only_at_any_step_are_rolled_back_by_recover(self):
        transaction = World.transactions["first apply"]
        began = time.monotonic()
        steps = self.steps_below(transaction, "opt")

        def point(number, name):
            root = clone(transaction.start, name)
            result = transaction.run(root, fault={"ROOT": root / "opt", "AT": number, "KIND": "EROFS", "FROM": 1})
            assert result.returncode == 2 and "Read-only file system" in result.stderr, result
            # What was made stays for now, and is named; what was not made is no trouble.
            told = "Not everything could be put back" in result.stderr
            made = any(path.split("/")[0] == "opt" for path in Root(root).host)
            assert told == made, result
            assert transaction.recovered(root) == "before"
            transaction.check_converges(root)
            return "to be recovered" if told else "taken back"

        outcomes = every(sample([tuple(step.split(" ", 1)) for step in steps], stride("fail", "change")), point)
        tell(f"first apply: /opt is read-only from a step on, {sum(outcomes.values())} points: {counts(outcomes)}", began)

    def test_one_failing_step_in_new_directories_is_rolled_back(self):
        transaction = World.transactions["first apply"]
        began = time.monotonic()
        steps = [tuple(step.split(" ", 1)) for step in self.steps_below(transaction, "opt")]

        def point(what, name):
            number, kind = what
            root = clone(transaction.start, name)
            result = transaction.run(root, fault={"ROOT": root / "opt", "AT": number, "KIND": kind})
            assert result.returncode in (0, 2), result
            assert "Not everything could be put back" not in result.stderr, (steps[number - 1], result)
            assert database(root)[0] == 0, (steps[number - 1], "a journal is open")
            at_once = transaction.state(Root(root))
            assert at_once == ("after" if result.returncode == 0 else "before"), (steps[number - 1], result)
            assert transaction.recovered(root) == at_once
            return "taken back" if result.returncode == 2 else "done nevertheless"

        every_so_many = stride("fail", "change")
        points = [(number, kind) for index, kind in enumerate(ERRORS) for number in range(1 + index % every_so_many, len(steps) + 1, every_so_many)]
        outcomes = every(points, point)
        tell(f"first apply: one step below /opt fails, {len(points)} points: {counts(outcomes)}", began)


class OnDisk(Scenario):
    """What a loss of power may take: the order in which things become durable."""

    def test_files_are_synced_before_the_database_records_them(self):
        for name in TRANSACTIONS:
            self.check(World.transactions[name].steps)
        transaction = World.transactions["change"]
        root = clone(transaction.start, "recovered")
        transaction.run(root, fault={"AT": transaction.on_host()[-1], "KIND": "kill"})
        _, steps = transaction.steps_of(root, ["recover"])
        self.check(steps)

    def check(self, steps):
        log = f"/{STATE}/vigie.db-wal"
        unsynced = set()
        for name, path in steps:
            if path.startswith(("/etc", "/opt")) and name != "fsync":
                self.assertNotIn(log, unsynced, f"{name} {path}, and the journal may still be lost")
            if name == "write" and path == log:
                self.assertEqual({each for each in unsynced if not each.startswith("/" + STATE)}, set(), "not durable, but recorded")
            parent = str(Path(path).parent)
            if name == "rename":
                self.assertNotIn(f"{parent}/.vigie-{Path(path).name}", unsynced, "it may become an empty file")
            if name in ("rename", "mkdir", "rmdir", "unlink") and not Path(path).name.startswith(".vigie-"):
                unsynced.add(parent)
                unsynced.discard(path if name in ("rmdir", "unlink") else None)
            elif name in ("write", "chmod", "chown"):
                unsynced.add(path)
            elif name == "fsync":
                unsynced.discard(path)


class Watched(Scenario):
    """An apply is stopped before a step, others come by meanwhile, and it goes on."""

    def stop(self, transaction, root, number, meanwhile):
        process = subprocess.Popen([VIGIE, *map(str, transaction.arguments(root))], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env=environment(fault={"ROOT": root, "AT": number, "KIND": "stop"}))
        try:
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            meanwhile(process.pid)
        finally:
            process.send_signal(signal.SIGCONT)
            _, said = process.communicate(timeout=DEADLINE)
        assert process.returncode == 0, said
        assert transaction.recovered(root) == "after"
        transaction.check_converges(root)

    def test_an_apply_overtaken_before_it_has_the_lock_succeeds_and_converges(self):
        transaction = World.transactions["first apply"]
        began = time.monotonic()
        locked = transaction.steps.index(("open", f"/{STATE}/lock")) + 1

        def point(number, name):
            root = clone(transaction.start, name)

            def overtake(_):
                result = transaction.run(root)
                assert result.returncode == 0, result

            self.stop(transaction, root, number, overtake)
            return "overtaken"

        outcomes = every(range(1, locked + 1), point)
        tell(f"first apply: overtaken by another, {sum(outcomes.values())} points", began)

    def test_during_an_apply_a_plan_works_and_another_apply_is_refused(self):
        """Who only looks is not disturbed and makes nothing; who wants to change something is told who is at work."""
        transaction = World.transactions["change"]
        began = time.monotonic()

        def point(number, name):
            root = clone(transaction.start, name)

            def look(pid):
                before = set(Root(root).state)
                for command in (["plan", "--host", "vm", transaction.document], ["history"]):
                    result = transaction.run(root, command)
                    assert result.returncode in (0, 1), result
                made = set(Root(root).state) - before
                assert made <= {"vigie.db-shm"}, f"looking made {made}"
                if number % 20 == 0:
                    result = transaction.run(root, ["recover"])
                    assert result.returncode == 2 and f"held by process {pid}" in result.stderr, result

            self.stop(transaction, root, number, look)
            return "looked at"

        # SQLite locks everybody out for a moment when it opens and closes a database; an apply stopped there is not natural.
        own = f"/{STATE}/vigie.db"
        last = transaction.on_host()[-1]
        points = [number for number in sample(transaction.steps, stride("watch", "change"))
                  if not transaction.steps[number - 1][1].startswith(own) or 20 < number < last + 5]
        outcomes = every(points, point)
        tell(f"change: stopped and looked at, {sum(outcomes.values())} points", began)

    def test_of_ten_simultaneous_applies_the_refused_ones_name_the_process_that_holds_the_lock(self):
        began = time.monotonic()
        codes = collections.Counter()
        for name in ("first apply", "change"):
            for number in range(ROUNDS):
                codes += self.start_ten(World.transactions[name], f"ten {name} {number}", World.base / "tools")
        tool(World.base / "slow", "promtool", "sleep 4")
        tool(World.base / "slow", "amtool", "exit 0")
        codes += self.start_ten(World.transactions["change"], "ten slow", World.base / "slow")
        tell(f"ten applies at once, {2 * ROUNDS + 1} times: {codes[0]} succeeded, {codes[2]} were told who is at work", began)

    def start_ten(self, transaction, name, tools):
        root = clone(transaction.start, name)
        running = [subprocess.Popen([VIGIE, *map(str, transaction.arguments(root))], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                    text=True, env=environment(tools)) for _ in range(10)]
        pids = {process.pid for process in running}
        codes = collections.Counter()
        for process in running:
            _, said = process.communicate(timeout=DEADLINE)
            codes[process.returncode] += 1
            if process.returncode != 0:
                self.assertEqual(process.returncode, 2, said)
                self.assertRegex(said, "held by process")
                self.assertIn(int(re.search(r"held by process (\d+)", said).group(1)), pids - {process.pid})
        self.assertEqual(transaction.recovered(root), "after")
        transaction.check_converges(root)
        return codes


class Tools(Scenario):
    """A checker that fails, dies, hangs or never stops talking: nothing is changed."""

    @classmethod
    def apply_with(cls, name, script):
        transaction = World.transactions["change"]
        tools = World.base / f"tools {name}"
        tool(tools, "amtool", "exit 0")
        tool(tools, "promtool", script)
        root = clone(transaction.start, f"tool {name}")
        return root, transaction.run(root, tools=tools)

    def check(self, root, result, pattern):
        transaction = World.transactions["change"]
        self.assertEqual(result.returncode, 2, result.stderr[:1000])
        self.assertRegex(result.stderr[:10000], pattern)
        self.assertLess(len(result.stderr), 10000)
        self.assertEqual(transaction.check_whole(root), "before")
        transaction.check_converges(root)

    def test_a_checker_that_refuses_changes_nothing(self):
        self.check(*self.apply_with("refuses", "echo 'no such metric'; exit 1"), "promtool refuses the configuration:\n    no such metric")

    def test_a_checker_that_is_killed_changes_nothing(self):
        self.check(*self.apply_with("is killed", "kill -9 $$"), "promtool")

    def test_a_checker_that_cannot_be_started_changes_nothing(self):
        transaction = World.transactions["change"]
        tools = World.base / "tools without interpreter"
        tool(tools, "amtool", "exit 0")
        tool(tools, "promtool", "")
        (tools / "promtool").write_text("#!/nonexistent/interpreter\n")
        root = clone(transaction.start, "tool without interpreter")
        self.check(root, transaction.run(root, tools=tools), "cannot start .*promtool: No such file")

    def test_a_checker_with_endless_output_changes_nothing_and_costs_bounded_memory(self):
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        root, result = self.apply_with("talks", "head -c 100000000 /dev/zero | tr '\\0' '\\033'; exit 1")
        self.check(root, result, "promtool refuses")
        self.assertNotIn("\033", result.stderr)
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, most + 50_000)

    @classmethod
    def hang(cls):
        cls.began = time.monotonic()
        pids = World.base / "hanging"
        cls.hung = cls.apply_with("hangs", f"trap '' TERM INT HUP; echo $$ >{pids}; sleep 600 & echo $! >>{pids}\n"
                                           "while :; do sleep 600 & wait; done")
        cls.seconds = time.monotonic() - cls.began

    def test_a_checker_that_does_not_finish_is_killed_and_changes_nothing(self):
        World.hanging.join()
        self.check(*self.hung, "promtool did not finish in time")
        self.assertLess(self.seconds, 45)
        for pid in (World.base / "hanging").read_text().split():
            stat_of = Path(f"/proc/{pid}/stat")  # a zombie may stay where nobody is process 1
            self.assertTrue(not stat_of.exists() or ") Z " in stat_of.read_text(), "its group did not die with it")
        tell("a checker that hangs, with a child, deaf to SIGTERM: both killed at the deadline, nothing changed",
             time.monotonic() - self.seconds)


if __name__ == "__main__":
    unittest.main(verbosity=2)
