"""A stand-in for Jaeger, which no distribution has. It takes spans over OTLP/HTTP in JSON, keeps the last ones in memory and
shows them through Jaeger's query API. Protobuf, which SDKs send by default, is accepted and counted but not stored; on the port
for gRPC it only listens."""

import collections
import gzip
import http.server
import json
import signal
import socketserver
import sys
import threading
from urllib.parse import parse_qs, urlsplit

MAX_TRACES = 1000
SPAN_KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


class Store:
    """Traces by id, the oldest first: lists of (service, OTLP span)."""

    def __init__(self):
        self.lock = threading.Lock()
        self.traces = collections.OrderedDict()
        self.protobuf = 0

    def add(self, export):
        for resource in export["resourceSpans"]:
            service = attributes(resource["resource"]).get("service.name", "unknown_service")
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    self._add(service, span)

    def _add(self, service, span):
        jaegers(service, span)  # raises KeyError or ValueError for what is no span: nothing of it is stored
        with self.lock:
            self.traces.setdefault(span["traceId"].lower(), []).append((service, span))
            while len(self.traces) > MAX_TRACES:
                self.traces.popitem(last=False)

    def services(self):
        with self.lock:
            return sorted({service for spans in self.traces.values() for service, _ in spans})

    def of_service(self, service, limit):
        """The newest traces of a service, as Jaeger shows them."""
        with self.lock:
            found = [list(spans) for spans in self.traces.values() if any(name == service for name, _ in spans)]
        return [jaeger_trace(spans) for spans in reversed(found[-limit:])]

    def trace(self, trace_id):
        with self.lock:
            spans = list(self.traces.get(trace_id.lower().zfill(32), ()))
        return jaeger_trace(spans) if spans else None


def attributes(holder):
    """OTLP's list of typed values as a plain map."""
    return {each["key"]: next(iter(each["value"].values()), "") for each in holder.get("attributes", [])}


def jaegers(service, span):
    """A span in Jaeger's own JSON; times in microseconds. `processID` is the service's name."""
    start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
    trace, parent = span["traceId"], span.get("parentSpanId")
    if len(bytes.fromhex(trace)) != 16 or len(bytes.fromhex(span["spanId"])) != 8:
        raise ValueError("a trace id has 16 bytes and a span id 8, in hex")
    tags = attributes(span) | {"span.kind": SPAN_KINDS.get(span.get("kind"), "unspecified")}
    return {"traceID": trace.lower(), "spanID": span["spanId"].lower(), "operationName": span["name"],
            "references": [{"refType": "CHILD_OF", "traceID": trace, "spanID": parent}] if parent else [],
            "startTime": start // 1000, "duration": (end - start) // 1000,
            "tags": [{"key": key, "type": "string", "value": str(value)} for key, value in tags.items()],
            "logs": [], "processID": service, "warnings": None}


def jaeger_trace(spans):
    return {"traceID": spans[0][1]["traceId"].lower(), "spans": [jaegers(service, span) for service, span in spans],
            "processes": {service: {"serviceName": service, "tags": []} for service, _ in spans}, "warnings": None}


STORE = Store()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def answer(self, status, body, kind="application/json"):
        body = json.dumps(body).encode() if kind == "application/json" else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Receiver(Handler):
    """4318: OTLP over HTTP."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.headers.get_content_type()
        if self.path != "/v1/traces":
            self.answer(404, b"404 page not found\n", "text/plain")
        elif kind == "application/x-protobuf":
            STORE.protobuf += 1
            log(f"{STORE.protobuf} messages in protobuf, which are not stored")
            self.answer(200, b"", kind)
        elif kind == "application/json":
            self.take(body)
        else:
            self.answer(415, b"415 unsupported media type, supported: [application/json, application/x-protobuf]", "text/plain")

    def take(self, body):
        try:
            body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            STORE.add(json.loads(body))
        except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
            log(f"refused: {error!r}")
            self.answer(400, {"code": 3, "message": f"{error!r}"})
        else:
            self.answer(200, {"partialSuccess": {}})

    def do_GET(self):
        self.answer(405 if self.path == "/v1/traces" else 404, b"", "text/plain")

    do_PUT = do_DELETE = do_HEAD = do_GET


class Query(Handler):
    """16686: the page and its API."""

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path in ("/", "/search"):
            page = "<!doctype html><title>Jaeger (stand-in)</title><h1>This is a stand-in for Jaeger.</h1>\n<ul>"
            self.answer(200, (page + "<li>api/services<li>api/traces?service=</ul>\n").encode(), "text/html; charset=utf-8")
        elif url.path == "/api/services":
            self.data(STORE.services())
        elif url.path == "/api/traces":
            self.search(parse_qs(url.query))
        elif url.path.startswith("/api/traces/"):
            trace = STORE.trace(url.path.rpartition("/")[2])
            self.data([trace]) if trace else self.error(404, "trace not found")
        else:
            self.error(404, "not found")

    def search(self, query):
        if "service" not in query:
            return self.error(400, "parameter 'service' is required")
        self.data(STORE.of_service(query["service"][0], int(query.get("limit", ["20"])[0])))

    def data(self, data):
        self.answer(200, {"data": data, "total": len(data), "limit": 0, "offset": 0, "errors": None})

    def error(self, code, message):
        self.answer(code, {"data": None, "total": 0, "limit": 0, "offset": 0, "errors": [{"code": code, "msg": message}]})


class Health(Handler):
    """13133"""

    def do_GET(self):
        good = self.path == "/status"
        self.answer(200 if good else 404, {"status": "StatusOK", "note": "this is a stand-in"} if good else {})


class Grpc(socketserver.BaseRequestHandler):
    """4317: a connection stays open until its client goes."""

    def handle(self):
        while self.request.recv(4096):
            pass


def log(text):
    print(f"jaeger-stand-in: {text}", file=sys.stderr, flush=True)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # process 1 of a container gets only what it handles
    grpc = type("GrpcServer", (socketserver.ThreadingTCPServer,), {"allow_reuse_address": True, "daemon_threads": True})
    servers = [http.server.ThreadingHTTPServer(("", port), kind)
               for port, kind in ((4318, Receiver), (16686, Query), (13133, Health))] + [grpc(("", 4317), Grpc)]
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    log("a stand-in, listening on 4318 (OTLP/HTTP), 4317, 16686 and 13133")
    servers[0].serve_forever()


if __name__ == "__main__":
    main()
