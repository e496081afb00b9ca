"""Programs that are started here: each has a deadline, and none outlives this process."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(os.environ.get("VIGIE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tools"))
import programs  # noqa: E402

# Long, because the machine may be busy with other things: what hangs, hangs for good.
DEADLINE = 30.0
# A number that makes a program ask for all memory there is shall not get it from the machine.
MEMORY = 8 << 30
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass
class Ended:
    """How a program ended: `code` is its exit code, negative for a signal, None when it was ended at the deadline."""
    code: object
    out: str
    err: str

    @property
    def words(self):
        """What it said, in one line: of its errors, where it has some."""
        return " ".join((self.err if self.err.strip() else self.out).split())[-600:]


def environment():
    return {"PATH": programs.search_path("/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"), "NO_COLOR": "1", "LANG": "C.UTF-8",
            "HOME": "/nonexistent"}


def run(argv, given=None, deadline=None):
    process = subprocess.Popen([*map(str, argv)], stdin=subprocess.DEVNULL if given is None else subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=environment(), close_fds=False)
    try:
        out, err = process.communicate(given, timeout=deadline or DEADLINE)
        code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        code = None
    return Ended(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def start(argv, log):
    """A server, which ends with this process at the latest. `log` is the file for what it says."""
    with open(log, "wb") as out:
        return subprocess.Popen([*map(str, argv)], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment(),
                                preexec_fn=_bound)


def end(process):
    """Ends a server of ours."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _bound():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
