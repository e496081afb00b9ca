#!/usr/bin/env python3
"""`make bench`: a plan of the example as a whole process beside `sha256sum` of the same files, in one run.

Prints milliseconds and their ratio; asserts nothing, because a time says something about this machine only.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
VIGIE = SOURCE / "build/release/bin/vigie"
RUNS = 101


def milliseconds(argv, expected):
    begin = time.perf_counter()
    code = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    spent = (time.perf_counter() - begin) * 1000
    if code != expected:
        sys.exit(f"{argv[0]} exited with {code}, not {expected}")
    return spent


def main():
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as base:
        root = Path(base) / "root"
        example = SOURCE / "examples/moments"
        subprocess.run([VIGIE, "apply", "--root", root, "--host", "vm", "--yes", example], check=True, capture_output=True)
        files = [path for path in root.rglob("*") if path.is_file() and "var/lib" not in str(path)]
        files += [path for path in example.rglob("*") if path.is_file()]
        commands = {
            "vigie plan --all-hosts (everything is new)": ([VIGIE, "plan", "--all-hosts", example], 1),
            "vigie plan --host vm --root R (nothing to do)": ([VIGIE, "plan", "--host", "vm", "--root", root, example], 0),
            f"sha256sum of the {len(files)} files": (["sha256sum", *files], 0),
            "promtool check config": (["promtool", "check", "config", root / "opt/monitoring/prometheus/prometheus.yml"], 0),
            "true": (["true"], 0),
        }
        times = {name: [] for name in commands}
        for _ in range(RUNS):  # in turn, so that a noisy moment hits all of them
            for name, (argv, expected) in commands.items():
                times[name].append(milliseconds(argv, expected))
    reference = statistics.median(times[f"sha256sum of the {len(files)} files"])
    print(f"{'median of ' + str(RUNS) + ' runs, whole process':<48}{'ms':>8}{'x sha256sum':>13}")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:<48}{median:>8.2f}{median / reference:>13.1f}")


if __name__ == "__main__":
    main()
