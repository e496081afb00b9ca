#!/usr/bin/env python3
"""Does a controller grow? N reconciles by random reasons, with its memory, descriptors and repository at the start, in the
middle and at the end. Fails on growth.

    soak.py [RECONCILES]        200 by default
"""

import os
import random
import sys
from pathlib import Path

os.environ.setdefault("VIGIE_SOURCE_DIR", str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(os.environ["VIGIE_SOURCE_DIR"]) / "tools"))
from loopback import Loopback, clean_up_on_signals, die, wait_for  # noqa: E402


def sample(lab):
    process = Path(f"/proc/{lab.processes['vm'].pid}")
    memory = next(int(line.split()[1]) for line in (process / "status").read_text().splitlines() if line.startswith("VmRSS"))
    repository = lab.root("vm") / "var/lib/vigie/source"
    size = sum(path.stat().st_size for path in repository.rglob("*") if path.is_file() and not path.is_symlink())
    return {"rss_kib": memory, "fds": len(list((process / "fd").iterdir())), "source_kib": size // 1024}


def main():
    reconciles = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(os.environ.get("VIGIE_SEED", random.SystemRandom().randrange(2**32)))
    dice = random.Random(seed)
    with Loopback() as lab:
        lab.make_repository()
        lab.make_keys()
        commit = lab.push("first")
        lab.start_controller("vm", interval="1h")
        wait_for("vm", lambda: lab.at_revision("vm", commit))
        compose = lab.root("vm") / "opt/monitoring/compose.yaml"
        text = lab.document.read_text()
        warm = max(20, reconciles // 10)  # what is allocated once is no growth
        samples, pushes = [], 0
        marks = {warm, (warm + reconciles) // 2, reconciles}
        for number in range(1, reconciles + 1):
            what = dice.choice(["request", "request", "edit", "push", "broken"])
            if what == "edit":
                good = compose.read_bytes()
                compose.write_text(f"edited {number}\n")
                wait_for("the repair", lambda: compose.read_bytes() == good, 30)
            elif what in ("push", "broken"):
                pushes += 1
                lab.document.write_text(text.replace("scrapeInterval: 1s", f"scrapeInterval: {number + 1}s")
                                        + ("unknown: field\n" if what == "broken" else ""))
                lab.push(what)
            lab.vigie("reconcile", "--wait", "--root", lab.root("vm"))
            if number in marks:
                samples.append(sample(lab))
                print(f"after {number:6} reconciles: {samples[-1]}", flush=True)
        print(f"seed {seed}, {pushes} pushes")
        middle, end = samples[-2], samples[-1]
        if end["fds"] > middle["fds"] + 2:
            die("descriptors grow")
        if end["rss_kib"] > middle["rss_kib"] * 1.10 + 2048:
            die("memory grows")
        # Each push brings a few small objects; what may not grow is more than that.
        if end["source_kib"] > middle["source_kib"] + 16 * pushes + 1024:
            die("the repository grows by more than what is pushed")
    print("no growth")


if __name__ == "__main__":
    clean_up_on_signals()
    main()
