#!/usr/bin/env python3
"""How long from a push until it is proven that Prometheus runs it, by a signed webhook; and from an edit by hand to its
repair. Beside a bare script that does `git fetch`, writes the file and posts `/-/reload`, in the same run.

    latency.py [RUNS]        100 by default
"""

import hashlib
import hmac
import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

os.environ.setdefault("VIGIE_SOURCE_DIR", str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(os.environ["VIGIE_SOURCE_DIR"]) / "tools"))
from loopback import Loopback, clean_up_on_signals, free_port, wait_for  # noqa: E402

SECRET = "a-secret-that-is-only-for-this-run"


def hook(lab):
    """A delivery as GitHub signs it."""
    body = json.dumps({"ref": "refs/heads/main", "after": str(uuid.uuid4())})
    headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": str(uuid.uuid4()), "Content-Type": "application/json",
               "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).hexdigest()}
    status, text = lab.call("vm", "POST", "/hooks/github", body, headers=headers)
    assert status < 300, text


def poll(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.005)


def show(name, seconds):
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(f"  {name:42} p50 {statistics.median(ordered) * 1000:7.0f} ms   p99 {p99 * 1000:7.0f} ms   ({len(ordered)} runs)")


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with Loopback() as lab:
        lab.make_repository()
        lab.make_keys()
        secret = lab.base / "hook-secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET + "\n")
        commit = lab.push("first")
        lab.start_controller("vm", interval="1h", listen=[f"127.0.0.1:{free_port('127.0.0.1', 19471)}"],
                             extra=f"hooks: {{ secretFile: {secret} }}\n")
        wait_for("vm", lambda: lab.at_revision("vm", commit))
        lab.start_prometheus()
        wait_for("Prometheus", lambda: lab.loaded_digest())
        text = lab.document.read_text()
        pushed, edited, bare = [], [], []
        config = lab.root("vm") / "opt/monitoring/prometheus/prometheus.yml"
        for run in range(runs):
            before = lab.loaded_digest()
            lab.document.write_text(text.replace("scrapeInterval: 1s", f"scrapeInterval: {run + 2}s"))
            commit = lab.push(f"run {run}")
            begin = time.monotonic()
            hook(lab)
            poll(lambda: lab.status("vm").get("lastAppliedRevision") == commit)
            pushed.append(time.monotonic() - begin)
            assert lab.loaded_digest() != before
        for run in range(runs):
            good = config.read_bytes()
            time.sleep(0.5)
            begin = time.monotonic()
            config.write_text("broken\n")
            poll(lambda: config.read_bytes() == good)
            edited.append(time.monotonic() - begin)
        lab.stop("vm")
        # The bare script: the same rendered file travels through git, is written and loaded, and nothing is checked or proven.
        plain, clone = lab.base / "plain", lab.base / "clone"
        lab.git("init", "--quiet", "-b", "main", str(plain), cwd=lab.base)
        rendered = config.read_text()
        for run in range(runs):
            (plain / "prometheus.yml").write_text(re.sub(r"scrape_interval: \S+", f"scrape_interval: {run + 2}s", rendered))
            lab.git("add", "-A", cwd=plain)
            lab.git("commit", "--quiet", "--allow-empty", "-m", "run", cwd=plain)
            if run == 0:
                lab.git("clone", "--quiet", str(plain), str(clone), cwd=lab.base)
                continue
            begin = time.monotonic()
            subprocess.run(["sh", "-ec", f"git -C {clone} fetch -q origin main && git -C {clone} show FETCH_HEAD:prometheus.yml > {config}"],
                           check=True)
            urllib.request.urlopen(urllib.request.Request(f"{lab.prometheus_url}/-/reload", method="POST"), timeout=30).close()
            bare.append(time.monotonic() - begin)
    print("from … to …")
    show("signed webhook to proven reload", pushed)
    show("edit by hand to repair", edited)
    show("bare script: fetch, write, reload", bare)


if __name__ == "__main__":
    clean_up_on_signals()
    main()
