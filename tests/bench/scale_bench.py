#!/usr/bin/env python3
"""`make bench`: validate, render and plan of a large stack beside `promtool check config` of what comes of it, and how the time grows.

    scale_bench.py [ITEMS…]      default: 10000

ITEMS targets stand in the document, as many in target files, and as many rules in rule files. Prints milliseconds and ratios; asserts
nothing, because a time says something about this machine only. VIGIE_BIN: the program (default: the release build)."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
VIGIE = os.environ.get("VIGIE_BIN", str(SOURCE / "build/release/bin/vigie"))
RUNS = 5
GROWTH = (1000, 10000, 100000)
EACH = 500  # items of one job or file

STACK = """apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: {{ name: large }}
spec:
  hosts:
    - {{ name: vps, endpoint: 203.0.113.10, vpn: {{ address: 10.66.0.1, publicKey: "TM4FhErY2PaLI3g8GVJVc2rDNn+4jSgVb0Aj0Dw68g8=" }} }}
    - {{ name: vm, vpn: {{ address: 10.66.0.2, publicKey: "XM3U5eI/15Tx3ooXs49S4yMVz8emJJ2g/Qa+M4Q0jz4=" }} }}
  wireguard: {{ network: 10.66.0.0/16 }}
  projects: [ {{ name: monitoring, host: vm, directory: /opt/monitoring }} ]
  prometheus:
    project: monitoring
    image: prom/prometheus:v2.42.0
    ruleFiles: [{rules}]
    scrapeConfigs:
"""


def address(number):
    return f"10.{100 + number // 65536}.{number // 256 % 256}.{number % 256}:9100"


def write(directory, items):
    """The stack, and what it names."""
    for name in ("targets", "rules"):
        (directory / name).mkdir()
    parts = [range(first, min(first + EACH, items)) for first in range(0, items, EACH)]
    text = [STACK.format(rules=", ".join(f"rules/{at}.yml" for at in range(len(parts))))]
    for at, part in enumerate(parts):
        text.append(f"      - jobName: static-{at}\n        staticConfigs:\n          - targets:\n")
        text += [f'              - "{address(number)}"\n' for number in part]
        text.append(f"      - jobName: files-{at}\n        fileSDConfigs: [ {{ files: [targets/{at}.yml] }} ]\n")
        (directory / f"targets/{at}.yml").write_text("".join(
            f'- targets: ["{address(number)}"]\n  labels: {{ rack: "{number % 97}" }}\n' for number in part))
        (directory / f"rules/{at}.yml").write_text(f"groups:\n  - name: group-{at}\n    rules:\n" + "".join(
            f'      - alert: Down{number}\n        expr: up{{job="static-{at}", instance="{address(number)}"}} == 0\n        for: 5m\n'
            f'        labels: {{ severity: page }}\n        annotations: {{ summary: "{{{{ $labels.instance }}}} is down" }}\n' for number in part))
    (directory / "stack.yaml").write_text("".join(text))


def unknown_keys(number):
    """A document that is wrong as often as it can be: every key costs a guess at what was meant."""
    return STACK.format(rules="").replace("  prometheus:", "".join(f"  nobodyKnows{at}: 1\n" for at in range(number)) + "  prometheus:")


def many_hosts(number):
    """A hub and its spokes."""
    head = STACK.format(rules="").split("    - {")[0]
    lines = []
    for at in range(number):
        key = f"{at + 1:x}".rjust(42, "A") + "A="
        lines.append(f"    - {{ name: h{at}, {'endpoint: 203.0.113.10, ' if at == 0 else ''}vpn: {{ address: "
                     f"10.{at // 62500 + 1}.{at // 250 % 250}.{at % 250 + 1}, publicKey: \"{key}\" }} }}\n")
    return head + "".join(lines) + "  wireguard: { network: 10.0.0.0/8 }\n"


def measure_large(name, make, numbers, expected):
    """Prints what one item of such documents costs, and how that grows."""
    each = []
    for number in numbers:
        with tempfile.TemporaryDirectory(prefix="vigie-scale-") as base:
            (Path(base) / "stack.yaml").write_text(make(number))
            times = [milliseconds([VIGIE, "validate", "--tools", "off", base], expected) for _ in range(RUNS)]
            each.append(statistics.median(times) * 1000 / number)
    print(f"  {name:<24}" + "".join(f"{value:>10.1f}" for value in each) + f"{each[-1] / each[0]:>8.2f}")


def milliseconds(argv, expected=0):
    begin = time.perf_counter()
    done = subprocess.run(list(map(str, argv)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    spent = (time.perf_counter() - begin) * 1000
    if done.returncode != expected:
        sys.exit(f"{' '.join(map(str, argv))} exited with {done.returncode}: {done.stderr[-2000:]}")
    return spent


def measure(items, runs):
    """name → milliseconds, the median of some runs in turn."""
    with tempfile.TemporaryDirectory(prefix="vigie-scale-") as base:
        stack, out = Path(base) / "stack", Path(base) / "out"
        stack.mkdir()
        write(stack, items)
        milliseconds([VIGIE, "render", "--host", "vm", stack, "-o", out])
        config = out / "opt/monitoring/prometheus/prometheus.yml"
        # promtool looks for the files where the container has them.
        config.write_text(config.read_text().replace("/etc/prometheus/", f"{config.parent}/"))
        commands = {"validate": ([VIGIE, "validate", stack], 0),
                    "render": ([VIGIE, "render", "--host", "vm", stack, "-o", Path(base) / "again"], 0),
                    "plan": ([VIGIE, "plan", "--host", "vm", "--root", Path(base) / "root", stack], 0),
                    "promtool check config": (["promtool", "check", "config", config], 0)}
        (Path(base) / "root").mkdir()
        commands["plan"] = (commands["plan"][0], 1)
        times = {name: [] for name in commands}
        for _ in range(runs):
            for name, (argv, expected) in commands.items():
                times[name].append(milliseconds(argv, expected))
        return {name: statistics.median(values) for name, values in times.items()}


def main():
    for items in [int(word) for word in sys.argv[1:]] or [10000]:
        times = measure(items, RUNS)
        tool = times["promtool check config"]
        print(f"{items} targets in the document, {items} in files, {items} rules; median of {RUNS} runs, whole process")
        for name, value in times.items():
            print(f"  {name:<24}{value:>10.1f} ms{value / tool:>8.2f} x promtool")
        ours = sum(value for name, value in times.items() if name != "promtool check config")
        print(f"  {'all three of ours':<24}{ours:>10.1f} ms{ours / tool:>8.2f} x promtool")
    if len(sys.argv) == 1:
        print(f"growth: microseconds for each item, {' / '.join(map(str, GROWTH))} items, and the last in proportion to the one before it")
        grown = [measure(items, 1 if items > 10000 else 3) for items in GROWTH]
        for name in grown[0]:
            each = [times[name] * 1000 / items for times, items in zip(grown, GROWTH)]
            print(f"  {name:<24}" + "".join(f"{value:>10.1f}" for value in each) + f"{each[-1] / each[-2]:>8.2f}")
        print("the largest documents: microseconds of `validate` for each item, a tenth / all of them, and the two in proportion")
        measure_large("10^5 unknown keys", unknown_keys, (10_000, 100_000), 1)
        measure_large("35,000 hosts", many_hosts, (3_500, 35_000), 0)


if __name__ == "__main__":
    main()
