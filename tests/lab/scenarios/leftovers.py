"""What is left of a lab whose maker was killed: nothing."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import hosts
from scenario import check, same, scenario

HOLD = Path(__file__).resolve().parent.parent / "lab.py"


def processes():
    """{pid: its parent} of this machine."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # has ended
            found[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    return found


def network(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return None


def networks_below(maker):
    """The network namespaces of a process' descendants, but for the one that it is in itself."""
    family, known = {maker}, processes()
    while len(family) < len(family := family | {pid for pid, parent in known.items() if parent in family}):
        pass
    return {network(pid) for pid in family} - {network(maker), None}


def traces_of(run):
    """Whatever of a run is on this machine: directories, mounts, control groups, processes."""
    found = [str(path) for path in Path(tempfile.gettempdir()).glob(f"{run}*")]
    found += [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if run in line]
    found += [str(path) for pattern in (f"{run}*", f"*/{run}*") for path in Path("/sys/fs/cgroup").glob(pattern)]
    for pid in processes():
        with contextlib.suppress(OSError):  # has ended
            if any(run in Path(f"/proc/{pid}/{about}").read_text() for about in ("cmdline", "cgroup", "mountinfo")):
                found.append(f"process {pid}")
    return found


@scenario("a lab whose maker is killed leaves nothing", own_world=True)
def killed_maker(_):
    for seconds in (1, 4, 9):
        maker = subprocess.Popen([sys.executable, HOLD, "hold"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, env=os.environ | {"VIGIE_LAB_STATE": os.devnull})
        run = f"vg-{maker.pid}-"
        try:
            hosts.wait_for("the lab begins", lambda run=run: traces_of(run))
            time.sleep(seconds)
        finally:
            theirs = networks_below(maker.pid)
            maker.send_signal(signal.SIGKILL)
            maker.wait()
        check(traces_of(run), "there was nothing that could have stayed")
        hosts.wait_for("its processes end by themselves", lambda run=run, theirs=theirs: not any(
            each.startswith("process") for each in traces_of(run)) and not any(network(pid) in theirs for pid in processes()), 30)
        hosts.cleanup_leftovers()  # what every lab does first
        same(traces_of(run), [], f"left of a lab that was killed after {seconds} s")
