"""A vigie that does one thing wrong: it stands before the real one, for the harness' own test. It is about the field
`prometheus.scrapeConfigs[].targetLimit`."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

GOOD, BAD = "301", "-1"


def accepts(real, argv):
    """Says that a negative limit is valid, and renders it."""
    directory = Path(argv[-1])
    text = (directory / "stack.yaml").read_text()
    if f"targetLimit: {BAD}\n" not in text or argv[0] == "apply":
        return real(argv)
    with tempfile.TemporaryDirectory() as other:
        subprocess.run(["cp", "-r", f"{directory}/.", other], check=True)
        (Path(other) / "stack.yaml").write_text(text.replace(f"targetLimit: {BAD}\n", f"targetLimit: {GOOD}\n"))
        said = real([*argv[:-1], other])
    if argv[0] == "render":
        edit(argv, lambda line: line.replace(f"target_limit: {GOOD}", f"target_limit: {BAD}"))
    return said


def refuses(real, argv):
    """Refuses a good value."""
    if argv[0] == "validate" and f"targetLimit: {GOOD}\n" not in document(argv) and "targetLimit: 1\n" in document(argv):
        return 1, json.dumps({"valid": False, "findings": [finding()]}), ""
    return real(argv)


def refuses_all(real, argv):
    """Refuses every value of the field."""
    if argv[0] == "validate" and "targetLimit" in document(argv):
        return 1, json.dumps({"valid": False, "findings": [finding()]}), ""
    return real(argv)


def drops(real, argv):
    """Renders everything but the value."""
    said = real(argv)
    if argv[0] == "render":
        edit(argv, lambda line: "" if "target_limit" in line else line)
    return said


def alters(real, argv):
    """Renders another value."""
    said = real(argv)
    if argv[0] == "render":
        edit(argv, lambda line: line.replace(f"target_limit: {GOOD}", "target_limit: 302"))
    return said


def dies(real, argv):
    """Dies of a value."""
    if argv[0] == "validate" and f"targetLimit: {BAD}\n" in document(argv):
        os.kill(os.getpid(), signal.SIGSEGV)
    return real(argv)


def hangs(real, argv):
    """Never ends with a value."""
    if argv[0] == "render" and "targetLimit: 0\n" in document(argv):
        signal.pause()
    return real(argv)


def babbles(real, argv):
    """Answers with an exit code that does not fit what it says."""
    code, out, err = real(argv)
    return (0 if argv[0] == "validate" else code), out, err


def gives_no_hint(real, argv):
    return altered_findings(real, argv, lambda findings: [{**each, "hint": ""} for each in findings])


def gives_no_place(real, argv):
    return altered_findings(real, argv, lambda findings: [{**each, "line": 0} for each in findings])


def says_twice(real, argv):
    return altered_findings(real, argv, lambda findings: findings + findings)


def leaves_behind(real, argv):
    """An apply makes a file that the next one leaves there."""
    said = real(argv)
    if argv[0] == "apply":
        left = Path(argv[argv.index("--root") + 1]) / "opt/monitoring"
        (left / f"left-{len(list(left.glob('left-*')))}").write_text("")
    return said


def rewrites(real, argv):
    """An apply writes a file that it did not change."""
    said = real(argv)
    if argv[0] == "apply":
        path = Path(argv[argv.index("--root") + 1]) / "opt/monitoring/compose.yaml"
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    return said


def plans_again(real, argv):
    """There is always something to do."""
    code, out, err = real(argv)
    return (2 if argv[0] == "plan" else code), out, err


def honest(real, argv):
    return real(argv)


# What each must be found as; nothing else.
LIES = {accepts: "valid but refused", refuses: "refused but accepted", refuses_all: "no document", drops: "lost", alters: "lost",
        dies: "crash", hangs: "crash", babbles: "crash", gives_no_hint: "no hint", gives_no_place: "no hint",
        says_twice: "several errors", leaves_behind: "return", rewrites: "return", plans_again: "return", honest: None}


def document(argv):
    return (Path(argv[-1]) / "stack.yaml").read_text()


def finding():
    return {"severity": "error", "code": "VG9999", "file": "stack.yaml", "line": 1, "column": 1, "message": "this is a lie",
            "hint": "do not believe it"}


def altered_findings(real, argv, alter):
    code, out, err = real(argv)
    if argv[0] == "validate" and "json" in argv:
        told = json.loads(out)
        out = json.dumps({**told, "findings": alter(told["findings"])})
    return code, out, err


def edit(argv, change):
    for path in Path(argv[argv.index("-o") + 1]).rglob("prometheus.yml"):
        path.write_text("".join(map(change, path.read_text().splitlines(keepends=True))))


def main(name, program):
    def real(argv):
        said = subprocess.run([program, *argv], capture_output=True, text=True)
        return said.returncode, said.stdout, said.stderr
    code, out, err = globals()[name](real, sys.argv[1:])
    sys.stdout.write(out)
    sys.stderr.write(err)
    sys.exit(code)
