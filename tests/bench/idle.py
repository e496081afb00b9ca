#!/usr/bin/env python3
"""What an idle controller costs: CPU seconds (with its helpers), memory and wake-ups.

    idle.py [SECONDS] [INTERVAL]        600 seconds and 60s by default
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("VIGIE_SOURCE_DIR", str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(os.environ["VIGIE_SOURCE_DIR"]) / "tools"))
from loopback import Loopback, clean_up_on_signals, wait_for  # noqa: E402


def sample(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    switches = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        switches += next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))
    rss = next(int(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return {"own": (int(fields[11]) + int(fields[12])) / ticks, "helpers": (int(fields[13]) + int(fields[14])) / ticks,
            "switches": switches, "rss": rss}


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    interval = sys.argv[2] if len(sys.argv) > 2 else "60s"
    with Loopback() as lab:
        lab.make_repository()
        lab.make_keys()
        commit = lab.push("first")
        lab.start_controller("vm", interval=interval)
        wait_for("vm", lambda: lab.at_revision("vm", commit))
        lab.start_prometheus()
        wait_for("Prometheus", lambda: lab.loaded_digest())
        time.sleep(3)
        pid = lab.processes["vm"].pid
        before = sample(pid)
        begin = time.monotonic()
        time.sleep(seconds)
        passed = time.monotonic() - begin
        after = sample(pid)
        print(f"idle for {passed:.0f} s at an interval of {interval}:")
        print(f"  CPU, itself:       {after['own'] - before['own']:.2f} s ({(after['own'] - before['own']) / passed:.4%})")
        print(f"  CPU, its helpers:  {after['helpers'] - before['helpers']:.2f} s ({(after['helpers'] - before['helpers']) / passed:.4%})")
        print(f"  memory (RSS):      {after['rss'] / 1024:.1f} MiB")
        print(f"  wake-ups:          {after['switches'] - before['switches']} ({(after['switches'] - before['switches']) / passed:.2f} a second)")


if __name__ == "__main__":
    clean_up_on_signals()
    main()
