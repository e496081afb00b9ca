"""A running Prometheus or Alertmanager: what it says of a configuration, and of arguments."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from processes import DEADLINE, end, programs, start

# The features that some settings need.
PROMETHEUS = ["--web.enable-lifecycle", "--enable-feature=exemplar-storage,native-histograms", "--storage.remote.flush-deadline=100ms",
              "--log.level=error"]
ALERTMANAGER = ["--cluster.listen-address=", "--log.level=error"]
NOTHING = "route: { receiver: nobody }\nreceivers: [ { name: nobody } ]\n"
# The program's name, its option for where data are, options that it runs with here, and the smallest configuration.
PROGRAMS = {"prometheus": ("prometheus", "--storage.tsdb.path", PROMETHEUS, "global: {}\n"),
            "alertmanager": ("prometheus-alertmanager", "--storage.path", ALERTMANAGER, NOTHING)}
# What a reload starts may panic a moment later.
AFTERWARDS, STARTED = 0.05, ("remote_write", "remote_read", "_sd_configs")


class Died(str):
    """The last words of a program that died, or does not answer any more."""


class Server:
    """One that runs, and is asked to reload. Started when it is first needed, and again when it died."""

    def __init__(self, program, directory, port):
        self.program, self._directory, self._port = program, directory, port
        self._process = None
        self._answers = {}
        self._latest = None
        self.reloads = 0
        self._died_later = []

    def refuses(self, configuration, about):
        """Why it does not take a configuration, or None. The same configuration is asked about once."""
        if configuration.digest not in self._answers:
            self._answers[configuration.digest] = self._reload(configuration.mapped)
            self._latest = about, configuration.mapped
        return self._answers[configuration.digest]

    def died_later(self):
        """[(what was asked about, last words)] since this was asked: it had taken that, and died before the next question. One that
        does so again when it is fresh: Prometheus dies now and then of a row of quick reloads, whatever is in them."""
        if self._process and self._process.poll() is not None:
            self._died_later.append((self._latest, self._ended()))
        late, self._died_later = self._died_later, []
        return [(about, said) for (about, path), said in late if self._dies_fresh(path)]

    def _dies_fresh(self, path):
        if self._process:
            end(self._process)
            self._process = None
        said = self._try(path)
        time.sleep(AFTERWARDS * 4)
        if self._process is not None and self._process.poll() is not None:
            said = self._ended()
        return isinstance(said, Died)

    def close(self):
        if self._process:
            end(self._process)

    def _reload(self, path):
        """Whoever dies of it does so again when it is fresh; else it died of what it was asked about before."""
        used = self._process is not None
        said = self._try(path)
        if not isinstance(said, Died):
            return said
        again = self._try(path) if used else said
        if used and not isinstance(again, Died):
            self._died_later.append((self._latest, said))
        return again

    def _try(self, path):
        if not self._process:
            self._start()
        self._point_to(path)
        self.reloads += 1
        said = _ask(f"http://127.0.0.1:{self._port}/-/reload", "POST")
        if said is None and any(word in path.read_text(encoding="utf-8") for word in STARTED):
            time.sleep(AFTERWARDS)
        if said is NO_ANSWER:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
        if self._process.poll() is None and said is not NO_ANSWER:
            return said and _reason(said)
        return self._ended()

    def _ended(self):
        """Makes room for a fresh one; says how this one ended."""
        words = f"dies: {_last_words(self._log)}" if self._process.poll() is not None else "does not answer a reload"
        end(self._process)
        self._process = None
        shutil.rmtree(self._directory / "data", ignore_errors=True)
        return Died(f"{self.program} {words}")

    @property
    def _log(self):
        return self._directory / "log"

    def _start(self):
        name, storage, arguments, nothing = PROGRAMS[self.program]
        neutral = self._directory / "neutral" / "mapped.yml"
        neutral.parent.mkdir(parents=True, exist_ok=True)
        neutral.write_text(nothing)
        self._point_to(neutral)
        self._process = start([programs.find(name), f"--config.file={self._directory}/current/mapped.yml",
                               f"{storage}={self._directory}/data", f"--web.listen-address=127.0.0.1:{self._port}", *arguments], self._log)
        refused = _until_ready(self._process, f"http://127.0.0.1:{self._port}/-/ready", self._log)
        if refused:
            raise RuntimeError(f"{self.program} does not start here: {refused}")

    def _point_to(self, path):
        """What is relative to the configuration is looked for beside it."""
        link = self._directory / "next"
        link.unlink(missing_ok=True)
        link.symlink_to(path.parent)
        os.replace(link, self._directory / "current")


class Starter:
    """Starts programs with the arguments of a rendered command line."""

    def __init__(self, directory, port):
        self._directory, self._port = directory, port
        self._answers = {}

    @property
    def starts(self):
        return len(self._answers)

    def refuses(self, program, arguments):
        """Why the program does not start with them, or None."""
        key = (program, *arguments)
        if key not in self._answers:
            self._answers[key] = self._start(program, arguments)
        return self._answers[key]

    def _start(self, program, arguments):
        name, storage, _, nothing = PROGRAMS[program]
        shutil.rmtree(self._directory, ignore_errors=True)
        self._directory.mkdir(parents=True)
        config, log = self._directory / "config.yml", self._directory / "log"
        config.write_text(nothing)
        here = {"--config.file": config, storage: self._directory / "data", "--web.listen-address": f"127.0.0.1:{self._port}"}
        if program == "alertmanager":
            here["--cluster.listen-address"] = ""  # gossip is not what is asked about
        others = [argument for argument in arguments if argument.partition("=")[0] not in here]
        process = start([programs.find(name), *(f"{key}={value}" for key, value in here.items()), *others], log)
        try:
            return _until_ready(process, f"http://127.0.0.1:{self._port}/-/ready", log)
        finally:
            end(process)


NO_ANSWER = "no answer"


def _ask(url, method="GET"):
    """None when it is well, else what it says; NO_ANSWER when it says nothing."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=DEADLINE) as answer:
            answer.read()
            return None
    except urllib.error.HTTPError as error:
        return f"{error.code}: {' '.join(error.read().decode('utf-8', 'replace').split())}"
    except OSError:
        return NO_ANSWER


def _until_ready(process, url, log):
    """Why a program does not become ready, or None. Any page of its own says that it runs: a route prefix moves this one."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return f"exit code {process.returncode}: {_last_words(log)}"
        said = _ask(url) if _listens(url) else NO_ANSWER
        if said is not NO_ANSWER and not (said or "").startswith("503"):
            return None
        time.sleep(0.03)
    return f"is not ready within {DEADLINE:.0f} s"


def _listens(url):
    """Looked at first: a refused connection is found out faster than a refused request."""
    host, port = re.match(r"http://([^:]+):(\d+)", url).groups()
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def _reason(said):
    """Without where this harness keeps the file."""
    return re.sub(r"\S*/vigie-agreement-\S*/", "", re.sub(r"^.*mapped\.yml\"?\)?: ", "", said))


def _last_words(log):
    """The line that tells why it ended, where there is one."""
    text = Path(log).read_text(errors="replace")
    for words in (r"^(?:panic|fatal error|runtime): .*", r"^.*(?:[Cc]ould not|[Ee]rror|[Ii]nvalid).*"):
        lines = re.findall(words, text, re.M)
        if lines:
            return lines[0][-400:]
    return " ".join(text.split())[-400:]
