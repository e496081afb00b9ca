"""What service_test.py does inside of the booted systemd: as root, in a copy of the machine. Prints one JSON object, what was seen."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request
from pathlib import Path

CONFIG = Path("/etc/vigie/vigie.yaml")
DROP_INS = Path("/etc/systemd/system/vigie.service.d")
STATE = Path("/var/lib/vigie")
WORK, REMOTE = Path("/trial/stack"), Path("/srv/stack.git")
PROMETHEUS = Path("/opt/monitoring/prometheus/prometheus.yml")
WATCHDOG = 2  # seconds
TOKEN = "a-token-that-is-only-for-this-test"
SAW = {}


def run(*argv, **more):
    return subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=600, **more)


def must(*argv, **more):
    result = run(*argv, **more)
    if result.returncode != 0:
        raise RuntimeError(f"{argv}: {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def wait(what, condition, seconds=120.0):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"not seen within {seconds} s: {what}\n{run('systemctl', 'status', '--no-pager', 'vigie').stdout}\n{log()[-3000:]}")
        time.sleep(0.05)
    return value


def timed(*argv):
    begin = time.monotonic()
    must(*argv)
    return round(time.monotonic() - begin, 2)


def show(unit="vigie"):
    text = must("systemctl", "show", unit, "-p", "ActiveState,SubState,MainPID,NRestarts,StatusText,Result,Type,WatchdogUSec")
    return dict(line.split("=", 1) for line in text.splitlines())


def log():
    file = Path("/trial/log")
    return file.read_text() if file.exists() else run("journalctl", "--no-pager", "-u", "vigie").stdout


def status():
    try:
        return json.loads((STATE / "status.json").read_text())
    except (OSError, ValueError):
        return {}


def ready_at(commit):
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in status().get("conditions", []))
    return ready and status().get("lastAppliedRevision") == commit


def settled():
    """Running, and the same process for a while."""
    now = show()
    time.sleep(0.3)
    return now if now["ActiveState"] == "active" and show()["MainPID"] == now["MainPID"] else None


def drop_in(name, text):
    DROP_INS.mkdir(parents=True, exist_ok=True)
    (DROP_INS / f"{name}.conf").write_text(text)
    must("systemctl", "daemon-reload")


def configure(url, timeout="10s", more=""):
    CONFIG.write_text(f"host: vm\nsource: {{ url: \"{url}\", interval: 1h, timeout: {timeout} }}\n"
                      "http: { listen: [\"127.0.0.1:9469\"], tokenFile: \"credentials:token\" }\n"
                      f"apply: {{ activate: reload, timeout: 10s }}\n{more}")


def git(*argv):
    return must("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main", "-C", WORK, *argv).strip()


def push(message):
    git("add", "-A")
    git("commit", "--quiet", "-m", message)
    git("push", "--quiet", "origin", "HEAD:main")
    return git("rev-parse", "HEAD")


def post(token):
    request = urllib.request.Request("http://127.0.0.1:9469/api/v1/reconcile", b"{}", method="POST",
                                     headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def prepare():
    if not subprocess.call(["systemctl", "start", "systemd-journald"], stderr=subprocess.DEVNULL):
        SAW["journal"] = wait_quietly(lambda: "here" in run("journalctl", "--no-pager", "-t", "vigie-test").stdout)
    if not SAW.get("journal"):
        SAW["journal"] = False
        drop_in("log", "[Service]\nStandardError=append:/trial/log\n")
    if run("systemd-run", "--quiet", "--wait", "--collect", "-p", "PrivateDevices=yes", "true").returncode != 0:
        SAW["not tried"] = ["PrivateDevices="]
        drop_in("devices", "[Service]\nPrivateDevices=no\nDevicePolicy=auto\n")
    drop_in("fast", f"[Unit]\nWants=\n[Service]\nRestartSec=200ms\nWatchdogSec={WATCHDOG}s\n")
    must("git", "init", "--quiet", "--bare", "-b", "main", REMOTE)
    git("init", "--quiet", "-b", "main")
    git("remote", "add", "origin", REMOTE)
    shown = must("vigie", "keys", "init")
    document = WORK / "stack.yaml"
    text = document.read_text()
    for field in ("publicKey", "sealingKey"):
        key = re.search(rf'{field}: "([^"]+)"', shown).group(1)
        text = re.sub(rf'(name: vm\n(?:(?!name:).)*?{field}: )"[^"]+"', rf'\1"{key}"', text, count=1, flags=re.S)
    document.write_text(text)


def wait_quietly(condition, seconds=3.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        run("systemd-cat", "-t", "vigie-test", "echo", "here")
        if condition():
            return True
        time.sleep(0.2)
    return False


def hand_over_the_token():
    Path("/root/token").write_text(TOKEN + "\n")
    os.chmod("/root/token", 0o600)
    drop_in("token", "[Service]\nLoadCredential=token:/root/token\n")


def a_mistake_ends_it_at_once():
    CONFIG.write_text("hots: vm\n")
    drop_in("once", "[Service]\nRestart=no\n")
    run("systemctl", "start", "vigie")
    SAW["mistake"] = {**show(), "log": raw_log("did you mean")}
    (DROP_INS / "once.conf").unlink()
    must("systemctl", "daemon-reload")
    run("systemctl", "reset-failed", "vigie")


def raw_log(words):
    """[priority, line] of those with these words, which the controller and systemd wrote."""
    if not SAW["journal"]:
        return [[line[1:2] if line.startswith("<") else "", line] for line in log().splitlines() if words in line]
    time.sleep(0.2)
    lines = [json.loads(line) for line in run("journalctl", "--no-pager", "-o", "json", "-u", "vigie").stdout.splitlines()]
    return [[line["PRIORITY"], line["MESSAGE"]] for line in lines if words in str(line["MESSAGE"])]


def starts_and_converges():
    configure(REMOTE)
    first = push("first")
    SAW["started in"] = timed("systemctl", "start", "vigie")
    SAW["started"] = show()
    wait("the first revision", lambda: ready_at(first))
    wait("what it says of itself", lambda: "first pass" not in show()["StatusText"])
    SAW["shown"] = run("systemctl", "status", "--no-pager", "vigie").stdout
    SAW["limits"] = Path(f"/proc/{show()['MainPID']}/limits").read_text()


def works_in_its_sandbox():
    """The sockets, the helpers, the events of files."""
    must("systemd-run", "--quiet", "--unit=prometheus-of-trial", "prometheus", f"--config.file={PROMETHEUS}",
         "--storage.tsdb.path=/opt/monitoring/prom-data", "--web.enable-lifecycle", "--web.listen-address=127.66.66.2:19390")
    def loaded():
        try:
            with urllib.request.urlopen("http://127.66.66.2:19390/api/v1/status/config", timeout=2) as answer:
                return answer.read().decode()
        except OSError:
            return ""
    wait("Prometheus", loaded)
    document = WORK / "stack.yaml"
    document.write_text(document.read_text().replace("scrapeInterval: 1s", "scrapeInterval: 7s"))
    second = push("another interval")
    SAW["asked through the socket"] = run("vigie", "reconcile").returncode
    wait("the second revision", lambda: ready_at(second))
    SAW["loaded"] = "scrape_interval: 7s" in loaded()
    before = PROMETHEUS.read_bytes()
    begin = time.monotonic()
    PROMETHEUS.write_text("global: {}\n")
    wait("the repair", lambda: PROMETHEUS.read_bytes() == before)  # the interval is an hour
    SAW["repaired in"] = round(time.monotonic() - begin, 2)
    SAW["with the token"], SAW["with another"] = post(TOKEN), post("some-other-token-of-this-test")
    SAW["socket"] = oct((STATE / "controller.sock").stat().st_mode & 0o7777)


def reloads():
    """`systemctl reload`: a mistake is refused by it, a good change is taken by the same process."""
    before = wait("a process that stays", settled)
    good = CONFIG.read_text()
    CONFIG.write_text(good.replace("interval: 1h", "interval: 0s"))
    refused = run("systemctl", "reload", "vigie")
    SAW["reload of a mistake"] = [refused.returncode, show()["MainPID"], bool(raw_log("at least one second"))]
    CONFIG.write_text(good.replace("interval: 1h", "interval: 30m"))
    SAW["reload"] = run("systemctl", "reload", "vigie").returncode
    SAW["reload said"] = [line for _, line in raw_log("vigie.yaml:")]
    wait("the new interval", lambda: raw_log("follows branch main every 1800 s"))
    wait("that it works", lambda: run("vigie", "reconcile", "--wait").returncode == 0)
    SAW["reloaded"] = [before, show(), post(TOKEN)]
    CONFIG.write_text(good)


def is_left_alone_by_the_watchdog():
    time.sleep(3 * WATCHDOG)
    SAW["idle"] = show()


def waits_for_a_remote_that_never_answers():
    must("systemctl", "stop", "vigie")
    with socket.create_server(("127.0.0.1", 9470)) as listener:
        configure("https://127.0.0.1:9470/stack.git", timeout="50s")
        must("systemctl", "start", "vigie")
        listener.settimeout(10)
        connection, _ = listener.accept()
        begin = show()
        time.sleep(3 * WATCHDOG)
        SAW["patient"] = [begin, show()]
        SAW["patient stop"] = timed("systemctl", "stop", "vigie")
        connection.close()
    configure(REMOTE)
    must("systemctl", "start", "vigie")


def comes_back():
    for name, number in (("crash", "SEGV"), ("hang", "STOP")):
        before = wait("a process that stays", settled)
        begin = time.monotonic()
        must("kill", f"-{number}", before["MainPID"])
        wait(f"another process after the {name}", lambda b=before: show()["MainPID"] not in ("0", b["MainPID"]) and show()["ActiveState"] == "active")
        SAW[name] = {"seconds": round(time.monotonic() - begin, 2), "before": before, "after": wait("a process that stays", settled)}
    SAW["cores"] = [str(path) for path in (*Path("/").glob("core*"), *STATE.glob("core*"))]
    SAW["of the hang"] = raw_log("atchdog")
    Path("/opt/monitoring").rename("/opt/away")
    Path("/opt/monitoring").write_text("where a directory should be\n")
    wait("the failure", lambda: any(each["type"] == "Ready" and each["status"] == "False" for each in status().get("conditions", [])))
    SAW["failure"] = raw_log(" host=vm ")
    Path("/opt/monitoring").unlink()
    Path("/opt/away").rename("/opt/monitoring")


def stops():
    SAW["stopped in"] = timed("systemctl", "stop", "vigie")
    SAW["stopped"] = show()
    SAW["last line"] = raw_log(" host=vm ")[-1][1]


try:
    prepare()
    hand_over_the_token()
    a_mistake_ends_it_at_once()
    starts_and_converges()
    works_in_its_sandbox()
    is_left_alone_by_the_watchdog()
    reloads()
    comes_back()
    waits_for_a_remote_that_never_answers()
    stops()
    SAW["through"] = True
except Exception:
    SAW["broke"] = traceback.format_exc()
    SAW["log"] = log()[-5000:]
json.dump(SAW, sys.stdout)
