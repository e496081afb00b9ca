"""The application that is watched: a FastAPI service that asks PostgreSQL through PgBouncer, counts its requests for
Prometheus and reports each as a span over OTLP/HTTP. Told by its environment:
  DATABASE_URL     a DSN; without it `/` asks no database
  OTEL_ENDPOINT    the exact URL for spans, as http://10.66.66.2:4318/v1/traces; without it none are sent
  ENABLE_METRICS   "true" since the image has metrics; before, /metrics was 404"""

import json
import os
import queue
import secrets
import sys
import threading
import time
import urllib.request

import psycopg2
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

SERVICE = "moments-backend"
DATABASE_URL = os.environ.get("DATABASE_URL", "")
OTEL_ENDPOINT = os.environ.get("OTEL_ENDPOINT", "")
UNTRACED = ("/health", "/metrics")  # asked every few seconds by machines
REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "handler", "status"])
DURATION = Histogram("http_request_duration_seconds", "Time to the answer", ["method", "handler"])

app = FastAPI(title="Moments")


def attribute(key, value):
    kind = "intValue" if isinstance(value, int) else "stringValue"
    return {"key": key, "value": {kind: str(value)}}  # OTLP's JSON has 64-bit numbers as strings


def span_of(method, path, status, trace_id, start, end):
    span = {"traceId": trace_id, "spanId": secrets.token_hex(8), "name": f"{method} {path}", "kind": 2,
            "startTimeUnixNano": str(start), "endTimeUnixNano": str(end), "status": {"code": 2 if status >= 500 else 0},
            "attributes": [attribute("http.request.method", method), attribute("url.path", path),
                           attribute("http.response.status_code", status)]}
    return {"resourceSpans": [{"resource": {"attributes": [attribute("service.name", SERVICE)]},
                               "scopeSpans": [{"scope": {"name": "moments"}, "spans": [span]}]}]}


class Tracer(threading.Thread):
    """Sends spans one after the other. A receiver that is slow or away costs spans, never requests."""

    def __init__(self, endpoint):
        super().__init__(daemon=True)
        self.endpoint = endpoint
        self.waiting = queue.Queue(maxsize=100)
        # A proxy that the environment names is not for the tunnel.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def report(self, span):
        try:
            self.waiting.put_nowait(span)
        except queue.Full:
            print("traces: too many wait, one is dropped", file=sys.stderr, flush=True)

    def run(self):
        while True:
            span = self.waiting.get()
            try:
                request = urllib.request.Request(self.endpoint, json.dumps(span).encode(), {"Content-Type": "application/json"})
                self.opener.open(request, timeout=2).close()
            except Exception as error:  # whatever it is, the next span shall be tried
                print(f"traces: {self.endpoint}: {error}", file=sys.stderr, flush=True)


tracer = Tracer(OTEL_ENDPOINT) if OTEL_ENDPOINT else None


@app.middleware("http")
async def observe(request: Request, call_next):
    trace_id, start = secrets.token_hex(16), time.time_ns()
    response = await call_next(request)
    end = time.time_ns()
    route = request.scope.get("route")
    handler = route.path if route else "none"  # not the URL's path: anybody could make endless time series
    REQUESTS.labels(request.method, handler, response.status_code).inc()
    DURATION.labels(request.method, handler).observe((end - start) / 1e9)
    if request.url.path not in UNTRACED:
        response.headers["X-Trace-Id"] = trace_id
        if tracer:
            tracer.report(span_of(request.method, request.url.path, response.status_code, trace_id, start, end))
    return response


def count_moments():
    connection = psycopg2.connect(DATABASE_URL, connect_timeout=3)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM moments")
            return cursor.fetchone()[0]
    finally:
        connection.close()


@app.get("/")
def index():
    if not DATABASE_URL:
        return {"moments": None}
    try:
        return {"moments": count_moments()}
    except psycopg2.Error as error:
        print(f"database: {error}", file=sys.stderr, flush=True)
        return JSONResponse({"error": "the database does not answer"}, status_code=503)


@app.get("/health")
def health():
    return {"status": "ok"}


def metrics():
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


if os.environ.get("ENABLE_METRICS") == "true":
    app.get("/metrics")(metrics)

if __name__ == "__main__":
    if tracer:
        tracer.start()
    uvicorn.run(app, host="0.0.0.0", port=8000, http="h11", loop="asyncio", ws="none", log_level="warning")
