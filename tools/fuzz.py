#!/usr/bin/env python3
"""`make fuzz`: runs libFuzzer's targets one after the other, each for some time, with what the corpora hold.

    fuzz.py PROGRAM SECONDS [TARGET…]

An input that crashes, leaks, takes longer than ten seconds or more than 512 MiB ends its target and stays in build/fuzz/findings/TARGET;
the program's exit code is 1 then. New inputs that reach something new stay in build/fuzz/corpus/TARGET, for the next time."""

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
CORPUS = SOURCE / "tests/fuzz/corpus"
OUT = SOURCE / "build/fuzz"
LONGEST = 65536  # bytes of an input


def known(program):
    told = subprocess.run([program], env={**os.environ, "VIGIE_FUZZ": ""}, stderr=subprocess.PIPE, text=True).stderr
    return told.splitlines()[1:]


def run(program, target, seconds):
    """Whether nothing was found."""
    grown, findings = OUT / "corpus" / target, OUT / "findings" / target
    for directory in (grown, findings):
        directory.mkdir(parents=True, exist_ok=True)
    log = OUT / f"{target}.log"
    with open(log, "w") as out:
        done = subprocess.run(
            [program, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=512", f"-max_len={LONGEST}", "-print_final_stats=1",
             f"-artifact_prefix={findings}/", grown, CORPUS / target],
            env={**os.environ, "VIGIE_FUZZ": target}, stdout=out, stderr=subprocess.STDOUT)
    lines = log.read_text(errors="replace").splitlines()
    runs = next((line.split()[-1] for line in lines if "number_of_executed_units" in line), "?")
    print(f"{target}: {runs} inputs, {'nothing found' if done.returncode == 0 else f'FOUND something: {log}, {findings}'}", flush=True)
    return done.returncode == 0


def main():
    program, seconds, wanted = Path(sys.argv[1]).resolve(), int(sys.argv[2]), sys.argv[3:]
    targets = known(program)
    if unknown := set(wanted) - set(targets):
        sys.exit(f"there is no target {', '.join(sorted(unknown))}; there are: {', '.join(targets)}")
    clean = [run(program, target, seconds) for target in wanted or targets]
    sys.exit(0 if all(clean) else 1)


if __name__ == "__main__":
    main()
