"""What the page of the controller is shown in a browser's test: a small server with the page's own files and headers, and
answers that a test chooses."""

import hashlib
import http.server
import json
import os
import re
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

SOURCE = Path(os.environ.get("VIGIE_SOURCE_DIR", Path(__file__).resolve().parent.parent.parent))
PAGE = SOURCE / "controller/page"
FILES = {"/": ("index.html", "text/html; charset=utf-8"), "/app.js": ("app.js", "text/javascript; charset=utf-8"),
         "/style.css": ("style.css", "text/css; charset=utf-8")}
TOKEN = "correct-horse-battery-staple"


def policy():
    """The Content-Security-Policy that the controller sends, out of its source."""
    text = re.search(r"kPolicy =\n(.*?);\n", (SOURCE / "controller/page.cpp").read_text(), re.S).group(1)
    return "".join(re.findall(r'"([^"]*)"', text))


class Standin:
    """Answers on 127.0.0.1. `answers` maps a topic to what is answered, or to (status, what). POSTs need the token, are
    written down, and are answered with what `replies` has for them."""

    def __init__(self, answers):
        self.answers, self.replies, self.posts, self.gets, self.statuses = answers, {}, [], [], []
        self.away = False
        self.locked = False  # plans are for who has the token, as they are unless `http.reads` is `open`
        self.slow = 0.0
        standin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body, kind="application/json", headers=()):
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                tag = '"' + hashlib.sha256(data).hexdigest()[:16] + '"'
                if status == 200 and self.headers.get("If-None-Match") == tag:
                    status, data = 304, b""
                standin.statuses.append((self.path, status))
                self.send_response(status)
                for name, value in (("Content-Type", kind), ("Content-Length", len(data)), ("ETag", tag), *headers):
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(data)

            def gone(self):
                if standin.away:
                    self.close_connection = True
                return standin.away

            def do_GET(self):
                if self.gone():
                    return
                standin.gets.append(self.path)
                if self.path in FILES:
                    name, kind = FILES[self.path]
                    self.answer(200, (PAGE / name).read_bytes(), kind,
                                [("Cache-Control", "no-cache"), ("Content-Security-Policy", policy()), ("X-Content-Type-Options", "nosniff")])
                    return
                topic = self.path.removeprefix("/api/v1/")
                if topic.startswith(("containers/", "generations/")) and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    self.answer(401, {"error": "reading it needs the token"})
                    return
                knows = self.headers.get("Authorization") == f"Bearer {TOKEN}"
                if standin.locked and topic == "plan" and not knows:
                    self.answer(401, {"error": "a plan shows what is in the files of this host: reading it needs the token"})
                    return
                found = standin.answers.get(topic, (404, {"error": "there is nothing here"}))
                if standin.locked and topic == "history" and isinstance(found, dict):
                    found = found | {"diffs": knows}
                self.answer(*found) if isinstance(found, tuple) else self.answer(200, found)

            def do_POST(self):
                if self.gone():
                    return
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(standin.slow)
                if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    self.answer(401, {"error": "the token is missing or wrong", "hint": "see docs/http.md"}, headers=[("WWW-Authenticate", "Bearer")])
                    return
                standin.posts.append((self.path, json.loads(body)))
                status, reply = standin.replies.get(self.path.rsplit("/", 1)[1], (202, {}))
                self.answer(status, reply)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


# --- situations

TIP = "4f1c2d9a7b3e5f60718293a4b5c6d7e8f9012345"
BEFORE = "9e8d7c6b5a4938271605f4e3d2c1b0a998877665"
DIGEST = "ef87b042d6b9987f9b0e06030855169fcd1f87fdad3c4f04747f754901c4524d"


def at(seconds):
    """That many seconds ago; negative: from now."""
    return datetime.fromtimestamp(time.time() - seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def conditions(ready, reason, message, **others):
    is_of = {"True": ("False", "False"), "False": ("True", "False"), "stalled": ("False", "True"), "Unknown": ("False", "False"),
             "pending": ("False", "False")}
    reconciling, stalled = is_of[ready]
    status = {"stalled": "False", "pending": "False"}.get(ready, ready)
    out = [("Ready", status, reason, message), ("Reconciling", reconciling, reason, message), ("Stalled", stalled, reason, message),
           ("SourceVerified", "True", "Signed", "4f1c2d9a7b3e is signed by ops@example.org"),
           ("Healthy", "True", "AllWell", "the observed programs and containers run this configuration, and work"),
           ("TunnelReady", "True", "Handshake", "every peer was heard of within three minutes")]
    return [{"type": kind, "status": others.get(kind, (state, why, text))[0], "lastTransitionTime": at(7300 + 600 * i),
             "reason": others.get(kind, (state, why, text))[1], "message": others.get(kind, (state, why, text))[2]}
            for i, (kind, state, why, text) in enumerate(out)]


def change(identifier, action, reason, diff="", reversible=True):
    return {"id": identifier, "kind": identifier.split(":")[0], "action": action, "reason": reason, "reversible": reversible, "diff": diff}


GENERATIONS = {"generations": [{"number": 7, "revision": TIP, "time": at(7300), "applied": True},
                               {"number": 6, "revision": BEFORE, "time": at(200000), "applied": False},
                               {"number": 4, "revision": "", "time": at(400000), "applied": False}]}
# Only of one of them: the other one cannot be planned.
GENERATION_4 = {"number": 4, "plan": "- old\n+ new\n"}
UNCHANGED = [change("file:/etc/wireguard/wg0.conf", "none", "as it should be"), change("wireguard:wg0", "none", "as it should be"),
             change("firewall:wg0/tcp/9090", "none", "as it should be"), change("compose:monitoring/jaeger", "none", "as it should be")]
PROMETHEUS_DIFF = """--- /opt/monitoring/prometheus/prometheus.yml
+++ /opt/monitoring/prometheus/prometheus.yml
@@ -1,9 +1,9 @@
 global:
-  scrape_interval: "15s"
+  scrape_interval: "30s"
   evaluation_interval: "15s"
 scrape_configs:
   - job_name: "moments_api"
     metrics_path: "/metrics"
     static_configs:
       - targets: ["10.66.66.1:8000"]  # a comment that is long enough to reach beyond the right edge of a narrow screen, and of most others too
"""
PLAN_TEXT = "host vm, stack moments, revision 4f1c2d9a7b3e\n\n~ update   file:/opt/monitoring/prometheus/prometheus.yml\n           differs\n" + "".join(
    f"    {line}\n" for line in PROMETHEUS_DIFF.splitlines()) + "\nhost vm: 1 to update\n"
PLAN = [change("file:/opt/monitoring/prometheus/prometheus.yml", "update", "scrape interval and a new job", PROMETHEUS_DIFF),
        change("file:/opt/monitoring/prometheus/rules/alerts.yml", "create", "alerts: does not exist yet",
               "--- /dev/null\n+++ /opt/monitoring/prometheus/rules/alerts.yml\n@@ -0,0 +1,3 @@\n+groups:\n+  - name: \"moments\"\n+    rules: []\n"),
        change("compose:monitoring/prometheus", "recreate", "image changed",
               "image: prom/prometheus:v3.4.0 -> prom/prometheus:v3.5.0\n", False),
        change("reload:alertmanager", "reload", "its configuration changed"),
        change("file:/opt/monitoring/old-rules.yml", "delete", "no longer in the document",
               "--- /opt/monitoring/old-rules.yml\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-groups: []\n")]


def plan(changes, notes=(), revision=TIP, waits=False):
    return {"digest": DIGEST, "waitsForApproval": waits,
            "plan": {"version": 1, "hosts": [{"stack": "moments", "host": "vm", "revision": revision, "digest": DIGEST, "notes": list(notes),
                                              "changes": [*changes, *UNCHANGED]}]}}


def component(name, kind, project, host, health="unknown", detail="", url=""):
    return {"kind": kind, "name": name, "project": project, "host": host, "health": health, "detail": detail, "url": url}


def container(number, service, state="running", health="", started=7300, **others):
    return {"id": f"{number:064x}", "project": "monitoring", "service": service, "managed": True, "name": f"monitoring-{service}-1", "image": f"example/{service}:v1.2.3",
            "state": state, "health": health, "startedAt": at(started) if started else None, "exitCode": 0, "restarts": 0} | others


def containers():
    return {"observed": True, "problems": [], "containers": [
        container(1, "prometheus", image="prom/prometheus:v3.5.0@sha256:" + "0123456789abcdef" * 4), container(2, "alertmanager", health="healthy"),
        container(3, "jaeger", restarts=3, started=40), container(4, "web", managed=False, image="", started=None, name="")]}


def peer(host, alive=True, age=41):
    return {"host": host, "endpoint": "", "liveEndpoint": None, "endpointUsed": None, "alive": alive, "lastHandshake": None if age is None else at(age), "ageSeconds": age}


def host(name, address, endpoint="", itself=False, controller=None):
    return {"name": name, "self": itself, "address": address, "endpoint": endpoint, "controller": controller}


def controller(ready="True", revision=TIP, message="", answered=True, problem=""):
    return {"answered": answered, "problem": problem, "ready": ready, "message": message, "lastAppliedRevision": revision, "askedAt": at(25)}


def topology():
    return {
        "stack": "moments", "self": "vm",
        "hosts": [host("vps", "10.66.66.1", "203.0.113.10", controller=controller()), host("vm", "10.66.66.2", itself=True)],
        "tunnel": {"interface": "wg0", "observed": True, "up": True, "peers": [peer("vps")]},
        "components": [
            component("moments_api", "application", "moments", "vps", "healthy", "its targets are up"),
            component("pgbouncer_exporter", "exporter", "moments", "vps", "healthy", "its targets are up"),
            component("prometheus", "prometheus", "monitoring", "vm", "healthy", url="https://prometheus.example.org/"),
            component("alertmanager", "alertmanager", "monitoring", "vm", "healthy", url="http://10.66.66.2:9093/"),
            component("jaeger", "jaeger", "monitoring", "vm", "healthy", "running, healthy", "http://127.0.0.1:16686/")],
        "targets": [{"job": name, "health": "up", "down": []} for name in ("moments_api", "pgbouncer_exporter", "prometheus")]}


def note(revision, subject="prometheus: scrape twice a minute", author="Ann Example"):
    return {"revision": revision, "subject": subject, "author": author, "time": at(7400)}


def healthy():
    history = [{"time": at(7300), "revision": TIP, "result": "Applied", "message": "1 to update, 1 to reload", "plan": PLAN_TEXT},
               {"time": at(9200), "revision": BEFORE, "result": "Repaired", "message": "1 to update"},
               {"time": at(200000), "revision": BEFORE, "result": "Applied", "message": "31 to create", "plan": "+ create   directory:/opt/monitoring\n"}]
    return {
        "status": {"host": "vm", "stack": "moments", "mode": "auto", "suspended": "", "lastHandledRequest": 0, "lastAttemptedRevision": TIP, "lastAppliedRevision": TIP,
                   "conditions": conditions("True", "Converged", "the host is at revision 4f1c2d9a7b3e"),
                   "inventory": [each["id"] for each in UNCHANGED], "history": history, "version": "0.2.0",
                   "tip": note(TIP), "applied": note(TIP),
                   "observedAt": at(9), "lastContactAt": at(31), "nextPollAt": at(-29), "startedAt": at(400000)},
        "plan": plan([]), "history": {"history": history}, "topology": topology(), "containers": containers(),
        "events": {"events": [{"type": "Normal", "reason": "Applied", "message": "revision 4f1c2d9a7b3e is applied and was seen to work", "count": 1, "firstTimestamp": at(7300), "lastTimestamp": at(7300)},
                   {"type": "Normal", "reason": "DriftRepaired", "message": "file:/opt/monitoring/prometheus/prometheus.yml was changed by hand and is as it should be again", "count": 4, "firstTimestamp": at(86000), "lastTimestamp": at(9200)},
                   {"type": "Warning", "reason": "SourceFailed", "message": "the remote does not answer: connection timed out (is git.example.org up?)", "count": 12, "firstTimestamp": at(90000), "lastTimestamp": at(88000)}]}}


def pending():
    out = healthy()
    out["status"].update(mode="manual", lastAppliedRevision=BEFORE,
                         conditions=conditions("pending", "WaitingForApproval", "revision 4f1c2d9a7b3e waits for approval of its plan"))
    out["plan"] = plan(PLAN, ["containers of project moments are not looked at: Docker does not answer"], waits=True)
    return out


def failing():
    out = healthy()
    why = ("revision 4f1c2d9a7b3e: promtool refuses /opt/monitoring/prometheus/prometheus.yml: parsing YAML file: found duplicate scrape config "
           "named \"moments_api\" (give one of them another name)")
    out["status"].update(lastAppliedRevision=BEFORE, conditions=conditions(
        "False", "ApplyFailed", why, Healthy=("False", "TargetsDown", "target moments_api at 10.66.66.1:8000 is down: connection refused"),
        TunnelReady=("False", "NoHandshake", "not heard of within three minutes: vps"),
        SourceVerified=("Unknown", "NotChecked", "commit signatures are not checked on this host")))
    out["plan"] = plan(PLAN)
    out["topology"]["tunnel"]["peers"] = [peer("vps", False, 2700)]
    out["topology"]["targets"][0].update(health="down", down=[{"instance": "10.66.66.1:8000", "error": "Get \"http://10.66.66.1:8000/metrics\": connect: connection refused"}])
    out["topology"]["targets"].append({"job": "blackbox", "health": "down", "down": [{"instance": "127.0.0.1:9115", "error": "server returned HTTP status 500"}]})
    out["topology"]["hosts"][0]["controller"] = controller("False", BEFORE, "revision 4f1c2d9a7b3e: promtool refuses the configuration")
    out["containers"] = {"observed": True, "problems": [{"project": "moments", "problem": "the Docker engine answered 500 to GET /containers/json"}], "containers": [
        container(1, "prometheus", health="unhealthy"), container(2, "alertmanager", "exited", exitCode=137, started=None, restarts=3), container(3, "jaeger", "restarting", started=None),
        container(4, "grafana", health="starting", started=4), container(5, "node", "paused")]}
    out["topology"]["components"][0].update(health="unhealthy", detail="its targets are down")
    out["topology"]["components"][3].update(health="unhealthy", detail="exited, 3 restarts")
    out["history"]["history"].insert(0, {"time": at(90), "revision": TIP, "result": "Failed", "message": why, "plan": ""})
    out["events"]["events"] = [{"type": "Warning", "reason": "ApplyFailed", "message": why, "count": 3, "firstTimestamp": at(300), "lastTimestamp": at(90)}, *out["events"]["events"]]
    return out


def stalled():
    out = failing()
    why = ("the document of revision 4f1c2d9a7b3e has mistakes:\nstack.yaml:52:3: error[VG0101]: unknown field `yaeger`\n"
           "   52 |   yaeger: { project: monitoring, image: \"jaegertracing/jaeger:2.9.0\" }\n      |   ^~~~~~\n"
           "      = hint: did you mean `jaeger`?")
    out["status"]["conditions"] = conditions("stalled", "InvalidDocument", why)
    out["plan"] = (503, {"error": f"there is no plan: {why}"})
    out["history"]["history"][0].update(result="Refused", message=why)
    out["events"]["events"][0].update(reason="InvalidDocument", message=why)
    return out


def waiting():
    out = healthy()
    out["status"].update(waiting={"revision": TIP, "deadline": at(-260)}, lastAppliedRevision=BEFORE, conditions=conditions(
        "False", "WaitingForConfirmation", "revision 4f1c2d9a7b3e is applied and waits"))
    return out


def applying():
    """The plan is applied just now; the rest is as it was known before."""
    out = healthy()
    text = "revision 4f1c2d9a7b3e: recreate compose:monitoring/prometheus"
    out["status"].update(lastAppliedRevision=BEFORE, applying={"revision": TIP, "repair": False, "step": "recreate compose:monitoring/prometheus", "since": at(75), "stepSince": at(12)},
                         conditions=conditions("Unknown", "Applying", text))
    out["status"]["conditions"][1]["status"] = "True"
    out["plan"] = plan(PLAN)
    return out


def repairing():
    out = applying()
    out["status"]["applying"].update(revision=BEFORE, repair=True, step="update file:/opt/monitoring/prometheus/prometheus.yml")
    out["status"]["lastAttemptedRevision"] = BEFORE
    return out


def rolled_back():
    out = suspended()
    why = "rolled back to generation 6 by the operator; `vigie resume` lets the controller continue"
    out["status"].update(suspended=why, lastAppliedRevision=BEFORE, conditions=conditions("Unknown", "Suspended", why + "; not applied: 1 to update"))
    out["history"]["history"].insert(0, {"time": at(40), "revision": BEFORE, "result": "Applied", "message": "rolled back to generation 6: 1 to update, 1 to reload", "plan": PLAN_TEXT})
    out["events"]["events"].insert(0, {"type": "Normal", "reason": "RolledBack", "message": "rolled back to generation 6", "count": 1, "firstTimestamp": at(40), "lastTimestamp": at(40)})
    return out


def suspended():
    out = healthy()
    out["status"].update(suspended="suspended by the operator: the disk is being replaced",
                         conditions=conditions("Unknown", "Suspended", "suspended by the operator: the disk is being replaced; not applied: 1 to update"))
    out["plan"] = plan(PLAN[:1])
    return out


def empty():
    return {"status": {"host": "vm", "stack": "", "lastAttemptedRevision": "", "lastAppliedRevision": "", "conditions": [], "inventory": [], "history": []},
            "plan": {"digest": "", "waitsForApproval": False, "plan": {"version": 1, "hosts": []}}, "history": {"history": []}, "events": {"events": []},
            "topology": {"stack": "", "self": "vm", "hosts": [], "components": [], "targets": []}, "containers": {"observed": False, "problems": [], "containers": []}}


def starting():
    return {topic: (503, {"error": "the first look is not over yet"}) for topic in ("status", "plan", "history", "events", "topology", "containers")}


def forty():
    out = healthy()
    out["status"]["host"] = "hub"
    spokes = [host(f"host-{n:02}", f"10.66.0.{n + 1}") for n in range(1, 40)]
    silent = {each["name"] for each in spokes[12::13]}
    out["topology"] = {
        "stack": "moments", "self": "hub", "hosts": [host("hub", "10.66.0.1", "203.0.113.10", True), *spokes],
        "tunnel": {"interface": "wg0", "observed": True, "up": True,
                   "peers": [peer(each["name"], each["name"] not in silent, 9000 if each["name"] in silent else n) for n, each in enumerate(spokes)]},
        "components": [component("prometheus", "prometheus", "monitoring", "hub", "healthy")] + [
            component(f"node_{each['name']}", "exporter", "node", each["name"], "unhealthy" if each["name"] in silent else "healthy",
                      "its targets are down" if each["name"] in silent else "its targets are up") for each in spokes],
        "targets": [{"job": f"node_{each['name']}", "health": "down" if each["name"] in silent else "up",
                     "down": [{"instance": f"{each['address']}:9100", "error": "context deadline exceeded"}] if each["name"] in silent else []} for each in spokes]}
    big = "--- a\n+++ b\n@@ -1 +1 @@\n" + "".join(f"+  - targets: [\"10.66.0.{n % 250}:9100\"]\n" for n in range(4000))
    out["plan"] = plan([change("file:/opt/monitoring/prometheus/targets.yml", "update", "4000 targets", big), *(
        change(f"compose:node/exporter-{n}", "recreate", "image changed", "image: a -> b\n", False) for n in range(60))])
    out["history"]["history"] = [{"time": at(100 * n), "revision": TIP, "result": "Repaired", "message": "1 to update", "plan": ""} for n in range(1, 101)]
    return out


def hub_and_spoke():
    """From a spoke: one peer, others beyond it."""
    out = healthy()
    out["topology"]["hosts"] += [host("lab", "10.66.66.3"), host("office", "10.66.66.4")]
    out["topology"]["components"].append(component("node", "exporter", "node", "lab"))
    return out


def three():
    """Three peers: a tree."""
    out = hub_and_spoke()
    out["topology"]["tunnel"]["peers"] += [peer("lab", False, None), peer("office", False, 400)]
    return out


EVIL = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=2</script>"
BIDI = "safe\u202egnp.exe\u200b"


def hostile():
    """Every text that comes from elsewhere is an attack."""
    def poison(value, key=""):
        if isinstance(value, dict):
            return {name: poison(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [poison(each, key) for each in value]
        if isinstance(value, str) and key in ("message", "reason", "error", "notes", "diff", "id", "instance", "endpoint", "address", "project", "detail", "interface", "stack"):
            return f"{EVIL} {BIDI} {value} " + "W" * 300
        return value
    out = poison(pending())
    out["status"].update(tip=note(TIP, EVIL + BIDI + "W" * 200, EVIL), applied=note(BEFORE, BIDI, BIDI))
    out["topology"]["hosts"][0]["controller"] = controller("False", EVIL, EVIL)
    out["topology"]["components"][2]["url"] = "javascript:alert(1)"
    out["topology"]["components"][3]["url"] = "http://x/\" onclick=\"window.hacked=3"
    for each in out["containers"]["containers"]:
        each.update(name=EVIL + each["name"], service=BIDI, image=EVIL + "W" * 300, state="constructor" if each["managed"] else each["state"])
    for host in out["topology"]["hosts"]:
        host["name"] = f"{EVIL}{host['name']}"
    for each in [*out["topology"]["components"], *out["topology"]["tunnel"]["peers"]]:
        each["host"] = f"{EVIL}{each['host']}"
    out["plan"]["plan"]["hosts"][0]["changes"][1]["action"] = "constructor"
    out["history"]["history"][0]["result"] = "__proto__"
    out["topology"]["components"][0]["health"] = "toString"
    out["events"]["events"] += [None, 7, {}, {"type": EVIL, "reason": None, "message": {"not": "text"}, "count": "many", "firstTimestamp": "never", "lastTimestamp": "never"}]
    return out


SITUATIONS = {each.__name__: each for each in (healthy, pending, failing, stalled, waiting, applying, repairing, suspended, rolled_back, empty, starting, forty, hub_and_spoke, three, hostile)}
