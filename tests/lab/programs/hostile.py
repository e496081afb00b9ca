"""A program that calls itself prometheus and wishes its operator no good. It behaves like one that reloads on SIGHUP, until /control says otherwise.

/control/do.py is run whenever it is another one; `hooks["answer"]`, a function of the request handler and its path, answers first. `/heard` is
the lab's, and says what was asked."""

import hashlib
import http.server
import json
import os
import signal
import socketserver
import sys
import threading
import time
import traceback

CONTROL = "/control/do.py"
state = {"loaded": {}, "good": 1, "at": time.time(), "signals": 0, "heard": []}
hooks = {}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def config_file():
    for word in sys.argv:
        if word.startswith("--config.file="):
            return word.partition("=")[2]
    return "/etc/prometheus/prometheus.yml"


def load(*_):
    """What SIGHUP does to a Prometheus."""
    state["signals"] += bool(_)
    if "fails" in hooks:
        state["good"] = 0
        print(hooks["fails"], flush=True)
        return
    try:
        folder = os.path.dirname(config_file())
        proof = os.path.join(folder, "vigie-render-info.yml")
        state["loaded"] = {"config": read(config_file()), "proof": read(proof) if os.path.exists(proof) else ""}
        state["good"], state["at"] = 1, time.time()
    except OSError as error:
        state["good"] = 0
        print(f"Error reloading config err={error}", flush=True)


def digest():
    for line in state["loaded"].get("proof", "").splitlines():
        if "digest:" in line:
            return line.split("digest:")[1].strip(" \"'}]")
    return ""


class Pages(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def say(self, status, body, kind="text/plain"):
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path != "/heard":
            state["heard"].append([self.command, self.path, dict(self.headers), self.client_address[0]])
        path, answer = self.path.partition("?")[0], hooks.get("answer")
        if path == "/heard":  # what the lab asks
            self.say(200, json.dumps(state))
        elif answer and answer(self, self.path):
            pass
        elif path in ("/-/healthy", "/-/ready"):
            self.say(200, "Prometheus Server is Healthy.\n")
        elif path == "/api/v1/rules":
            rules = [{"name": "vigie_render_info", "labels": {"digest": digest()}, "type": "recording"}] if digest() else []
            self.say(200, json.dumps({"status": "success", "data": {"groups": [{"name": "vigie", "rules": rules}]}}))
        elif path == "/api/v1/status/config":
            self.say(200, json.dumps({"status": "success", "data": {"yaml": state["loaded"].get("config", "")}}))
        elif path == "/api/v1/query":
            self.say(200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": []}}))
        elif path == "/metrics":
            self.say(200, f"prometheus_config_last_reload_successful {state['good']}\n"
                          f"prometheus_config_last_reload_success_timestamp_seconds {state['at']}\n")
        else:
            self.say(403 if self.command == "POST" else 404, "Lifecycle API is not enabled.")

    do_POST = do_GET


def obey():
    seen = None
    while True:
        try:
            text = read(CONTROL)
            key = hashlib.sha256(text.encode()).hexdigest()
            if key != seen:
                seen = key
                hooks.clear()
                exec(compile(text, CONTROL, "exec"), globals())
                print(f"obeyed {key[:8]}", flush=True)
        except FileNotFoundError:
            pass
        except Exception:
            traceback.print_exc()
        time.sleep(0.1)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True


if __name__ == "__main__":
    signal.signal(signal.SIGHUP, load)
    load()
    threading.Thread(target=obey, daemon=True).start()
    port = int(os.environ.get("PORT", "9090"))
    Server(("0.0.0.0", port), Pages).serve_forever()
