"""What is left of a lab whose maker was killed: nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import hosts
from scenario import check, same, scenario

HOLD = Path(__file__).resolve().parent.parent / "lab.py"


def traces_of(run):
    """Whatever of a run is on this machine: directories, mounts, control groups, processes."""
    found = [str(path) for path in Path("/tmp").glob(f"{run}*")]
    found += [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if run in line]
    found += [str(path) for pattern in (f"{run}*", f"*/{run}*") for path in Path("/sys/fs/cgroup").glob(pattern)]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if run in (process / "cmdline").read_text() + (process / "cgroup").read_text():
                found.append(f"{process.name}: {(process / 'cmdline').read_text()}")
        except OSError:  # has ended
            pass
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
            maker.send_signal(signal.SIGKILL)
            maker.wait()
        check(traces_of(run), "there was nothing that could have stayed")
        hosts.wait_for("its processes end by themselves", lambda run=run: not any(": " in each for each in traces_of(run)), 30)
        hosts.cleanup_leftovers()  # what every lab does first
        same(traces_of(run), [], f"left of a lab that was killed after {seconds} s")
