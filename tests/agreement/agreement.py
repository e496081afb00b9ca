#!/usr/bin/env python3
"""Does vigie agree with the programs that read what it renders? Every field of the CRD gets values, one at a time, and each document is
asked of vigie and of a running Prometheus and Alertmanager:

- agreement: what vigie calls valid is taken, by a reload and at a start; what it refuses would not have been taken, or reasons.yaml
  says why it is refused all the same;
- meaning: the value arrives where the program looks for it, as what it was;
- return: applied A, B, A the root is as it was, B is what it is on a fresh root, nothing is written that did not change;
- robustness: no crash, no hang, every finding with its place and a hint, one error for one cause.

    agreement.py [--seconds N] [--jobs N] [--every N] [--field PATTERN] [--seed N] [--tools off|require]

Prints a score; exit code 0 when all of that holds, 1 when not: the smallest documents are then below build/agreement. 2: it cannot be
tried here. The program is $VIGIE_BIN."""

import argparse
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from queue import Empty

import lap
import namespace
import patterns
import setup
import worker
from processes import SOURCE, programs
from report import Report

EVERYTHING = "**"
ROOM = 2 << 30


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600, help="when to stop (600)")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes share the lap (2)")
    parser.add_argument("--every", type=int, default=1, help="a sample: every n-th field, and all references, numbers and durations")
    parser.add_argument("--field", default=EVERYTHING, help="only the fields of a pattern, such as 'prometheus.web**'")
    parser.add_argument("--seed", type=int, default=0, help="which of the values that fields share come to which (0)")
    parser.add_argument("--tools", choices=("off", "require"), default="off", help="what `vigie validate --tools` gets (off)")
    return parser.parse_args()


def main():
    options = arguments()
    if not can_be_tried():
        sys.exit(1 if os.environ.get("CI") else 2)
    with tempfile.TemporaryDirectory(prefix="vigie-agreement-", dir=scratch()) as directory:
        common = setup.make(program(), options.tools, Path(directory))
        code, _ = run(options, common, SOURCE / "build/agreement")
    sys.exit(code)


def scratch():
    """Where to work: in memory where there is room, because a lap makes and removes files by the hundred thousand."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM else None


def program():
    return Path(os.environ.get("VIGIE_BIN", SOURCE / "build/dev/bin/vigie")).resolve()


def can_be_tried():
    """Whether programs and a network of its own are there; says what is not. Returns in that network."""
    try:
        missing = setup.missing()
        if missing:
            raise OSError(f"missing, or too old (tools/programs.py fetch): {', '.join(missing)}")
        namespace.enter()
    except (OSError, programs.Unavailable) as error:
        print(error, file=sys.stderr)
        return False
    return True


def run(options, common, cases):
    """(exit code, Report) of a lap; failing cases are written below `cases`."""
    started = time.monotonic()
    chosen = [field for field in common.fields if patterns.matches(options.field, field.name)]
    works = lap.plan(chosen, common.stacks, common.values, options.seed)
    if options.every > 1:
        works = lap.sample(works, common.values, options.every)
    if not works:
        sys.exit(f"no field fits the pattern {options.field}")
    report = Report(works, common.keys, cases)
    for found in share(lap.groups(works), common, options.jobs, started + options.seconds):
        report.add(found)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    report.print(time.monotonic() - started, used.ru_utime + used.ru_stime, whole=options.every == 1 and options.field == EVERYTHING)
    return (1 if report.wrong or report.untried else 0), report


def share(groups, common, jobs, deadline):
    """The Found of every field, as the workers have them."""
    context = multiprocessing.get_context("fork")
    queue, results = context.Queue(), context.Queue()
    for each in [*groups, *[None] * jobs]:
        queue.put(each)
    workers = [context.Process(target=worker.run, args=(number, common, queue, results, deadline), daemon=True) for number in range(jobs)]
    for each in workers:
        each.start()
    busy = jobs
    while busy:
        try:
            batch = results.get(timeout=1)
        except Empty:
            if any(each.exitcode for each in workers):
                sys.exit("a process of the harness died")
            continue
        busy -= batch is None
        yield from batch or []
    for each in workers:
        each.join()


if __name__ == "__main__":
    main()
