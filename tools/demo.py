#!/usr/bin/env python3
"""`make demo`: the main job from beginning to end, on this machine only. No root, no Docker; nothing but loopback.

Exit 0 only if everything that it tells was observed.
"""

import os
import sys
import time

from loopback import HOSTS, Failed, Loopback, clean_up_on_signals, die, wait_for

COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def chapter(text):
    print(f"\n{chr(27)}[1m== {text}{chr(27)}[0m" if COLOUR else f"\n== {text}", flush=True)


def tell(text):
    print(f"   {text}", flush=True)


def quote(text, lines=40):
    """Output of vigie, indented; long output is cut in the middle."""
    all_lines = text.rstrip().splitlines()
    if len(all_lines) > lines:
        half = lines // 2
        all_lines = all_lines[:half] + [f"… {len(all_lines) - 2 * half} more lines …"] + all_lines[-half:]
    for line in all_lines:
        print(f"   | {line}", flush=True)


class Clock:
    def __init__(self):
        self.begin = time.monotonic()

    def seconds(self):
        return f"{time.monotonic() - self.begin:.1f} s"


def since(log, mark):
    """What a controller has logged since `mark`, from its plan on."""
    text = log[mark:]
    for word in ("drift on host", "plan for host"):
        if word in text:
            return text[text.index(word):]
    return text


def begin(lab):
    chapter("Two hosts, keys made on each of them, one document in git")
    lab.make_repository()
    lab.make_keys()
    tell(f"roots: {', '.join(str(lab.root(host)) for host in HOSTS)}")
    plan = lab.vigie("plan", "--all-hosts", lab.work)
    if plan.returncode != 1:
        raise Failed("a plan of something new must exit 1")
    tell("vigie plan --all-hosts (offline, before the push):")
    quote("\n".join(line for line in plan.stdout.splitlines() if line[:1] in "+h" and line.strip()), 60)


def first_push(lab):
    chapter("git push: both controllers pull, show the plan, apply and verify")
    clock = Clock()
    commit = lab.push("the first document")
    for host in HOSTS:
        lab.start_controller(host)
    lab.wait_converged(commit)
    tell(f"both hosts at revision {commit[:12]} after {clock.seconds()}; the vm's wg0.conf in its log:")
    log = lab.log("vm")
    at = log.index("+ create   file:/etc/wireguard/wg0.conf")
    quote("\n".join(log[at:].splitlines()[:18]))
    if "PrivateKey = ***" not in log:
        raise Failed("the private key must be masked")
    for host in HOSTS:
        key = (lab.root(host) / "etc/wireguard/wg0.key").read_text().strip()
        if any(key in lab.log(each) for each in HOSTS):
            raise Failed("a private key is in a log")
    lab.start_metrics("shop")
    lab.start_prometheus()
    wait_for("target shop UP", lambda: lab.target_up("shop"))
    wait_for("Prometheus runs the rendered configuration", lambda: lab.loaded_digest() == lab.written_digest())
    tell(f"real Prometheus runs the rendered configuration; target shop is UP after {clock.seconds()}")
    return commit


def new_target(lab):
    chapter("git push of a new scrape target and a new rule: both hosts converge, the reload is proven")
    lab.start_metrics("cart")
    lab.document.write_text(lab.document.read_text().replace(
        "  jaeger:", f"    - {{ name: cart, project: shop, service: cart, metrics: {{ port: {lab.port['cart']} }} }}\n  jaeger:"))
    rules = lab.work / "rules/alerts.yml"
    rules.write_text(rules.read_text() + "      - record: job:up:avg\n        expr: avg by (job) (up)\n")
    marks = {host: len(lab.log(host)) for host in HOSTS}
    before = lab.loaded_digest()
    clock = Clock()
    commit = lab.push("watch the cart")
    lab.wait_converged(commit)
    tell(f"both hosts at revision {commit[:12]} after {clock.seconds()}; on the vm:")
    quote(since(lab.log("vm"), marks["vm"]), 60)
    if lab.loaded_digest() in (None, before) or lab.loaded_digest() != lab.written_digest():
        raise Failed("Prometheus has not loaded the new render")
    if "job:up:avg" not in lab.loaded_rules():
        raise Failed("the new rule is not loaded")
    wait_for("target cart UP", lambda: lab.target_up("cart"))
    tell(f"proof: /api/v1/rules carries vigie_render_info{{digest=\"{lab.loaded_digest()[:16]}…\"}}; target cart is UP after {clock.seconds()}")
    return commit


def hand_edit(lab, commit):
    chapter("A hand edit on the vm: drift is shown and repaired")
    path = lab.root("vm") / "opt/monitoring/prometheus/prometheus.yml"
    good = path.read_bytes()
    mark = len(lab.log("vm"))
    clock = Clock()
    path.write_bytes(good.replace(b"scrape_interval: \"1s\"", b"scrape_interval: \"5m\""))
    tell("sed -i 's/1s/5m/' /opt/monitoring/prometheus/prometheus.yml")
    wait_for("the file as it was", lambda: path.read_bytes() == good)
    wait_for("the repair in the log", lambda: "drift repaired" in lab.log("vm")[mark:])
    quote(since(lab.log("vm"), mark), 30)
    if lab.status("vm").get("lastAppliedRevision") != commit:
        raise Failed("a repair must not change the revision")
    tell(f"repaired after {clock.seconds()}")


def broken_rule(lab, commit):
    chapter("git push of a broken rule: refused before anything changed")
    rules = lab.work / "rules/alerts.yml"
    good = rules.read_text()
    rules.write_text(good + "      - alert: Broken\n        expr: sum(rate(\n")
    before = {host: lab.files(host) for host in HOSTS}
    digest = lab.loaded_digest()
    clock = Clock()
    bad = lab.push("a rule with a missing bracket")
    wait_for("the vm refuses the revision", lambda: lab.status("vm").get("lastAttemptedRevision") == bad
             and lab.condition("vm", "Ready").get("status") == "False")
    tell(f"refused after {clock.seconds()}:")
    quote(lab.condition("vm", "Ready")["message"])
    wait_for("the vps at the new revision", lambda: lab.at_revision("vps", bad))
    if lab.status("vm")["lastAppliedRevision"] != commit or lab.files("vm") != before["vm"]:
        raise Failed("the vm was changed")
    if lab.loaded_digest() != digest:
        raise Failed("Prometheus does not run the last good configuration any more")
    tell("no byte of the vm changed; Prometheus still runs the last good configuration")
    rules.write_text(good)
    mended = lab.push("mend the rule")
    lab.wait_converged(mended)
    tell(f"git push of the mended rule: both hosts at revision {mended[:12]}")


def end(lab):
    chapter("SIGTERM")
    for host in HOSTS:
        seconds = lab.stop(host)
        tell(f"controller of {host} ended after {seconds:.2f} s")
        if seconds > 1:
            raise Failed("an idle controller must end within a second")


def main():
    clean_up_on_signals()
    clock = Clock()
    try:
        with Loopback() as lab:
            begin(lab)
            first_push(lab)
            commit = new_target(lab)
            hand_edit(lab, commit)
            broken_rule(lab, commit)
            end(lab)
    except Failed as failure:
        die(failure)
    except KeyboardInterrupt:
        print("\ninterrupted; everything is cleaned up", file=sys.stderr)
        sys.exit(130)
    print(f"\nEverything above was observed, in {clock.seconds()}. Nothing is left behind.")


if __name__ == "__main__":
    main()
