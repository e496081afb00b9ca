"""A stand-in for prometheuscommunity's pgbouncer_exporter 0.11, which no distribution has: the same flags, the same default DSN,
and the metrics of SHOW STATS and SHOW POOLS under the same names. It connects at every scrape; a DSN that does not work is
`pgbouncer_up 0` with HTTP 200. libpq reads the DSN and PGPASSFILE as Go's lib/pq does."""

import argparse
import http.server
import signal
import sys

import psycopg2
import psycopg2.extras

SECOND = 1e-6  # PgBouncer counts microseconds
# column: (metric, factor)
STATS = {
    "total_xact_count": ("pgbouncer_stats_sql_transactions_pooled_total", 1),
    "total_query_count": ("pgbouncer_stats_queries_pooled_total", 1),
    "total_received": ("pgbouncer_stats_received_bytes_total", 1),
    "total_sent": ("pgbouncer_stats_sent_bytes_total", 1),
    "total_xact_time": ("pgbouncer_stats_server_in_transaction_seconds_total", SECOND),
    "total_query_time": ("pgbouncer_stats_queries_duration_seconds_total", SECOND),
    "total_wait_time": ("pgbouncer_stats_client_wait_seconds_total", SECOND),
}
POOLS = {
    "cl_active": ("pgbouncer_pools_client_active_connections", 1),
    "cl_waiting": ("pgbouncer_pools_client_waiting_connections", 1),
    "sv_active": ("pgbouncer_pools_server_active_connections", 1),
    "sv_idle": ("pgbouncer_pools_server_idle_connections", 1),
    "sv_used": ("pgbouncer_pools_server_used_connections", 1),
    "sv_tested": ("pgbouncer_pools_server_testing_connections", 1),
    "sv_login": ("pgbouncer_pools_server_login_connections", 1),
    "maxwait": ("pgbouncer_pools_client_maxwait_seconds", 1),
}


def log(text):
    print(f"pgbouncer-exporter-stand-in: {text}", file=sys.stderr, flush=True)


def show(connection, what):
    with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        cursor.execute(f"SHOW {what}")
        return cursor.fetchall()


def samples(rows, metrics, kind, labels):
    """The rows of one SHOW as text for Prometheus."""
    out = []
    for column, (metric, factor) in metrics.items():
        out.append(f"# TYPE {metric} {kind}")
        for row in rows:
            named = ",".join('%s="%s"' % (label, row[label]) for label in labels)
            out.append("%s{%s} %s" % (metric, named, float(row[column]) * factor))
    return out


def scrape(dsn):
    """What PgBouncer's admin console says; raises psycopg2.Error."""
    connection = psycopg2.connect(dsn, connect_timeout=5)
    try:
        connection.autocommit = True  # the console knows no BEGIN
        return (samples(show(connection, "STATS"), STATS, "counter", ["database"])
                + samples(show(connection, "POOLS"), POOLS, "gauge", ["database", "user"]))
    finally:
        connection.close()


def metrics_page(dsn):
    try:
        up, lines = 1, scrape(dsn)
    except (psycopg2.Error, KeyError) as error:
        log(f"scrape failed: {error}")
        up, lines = 0, []
    head = ["# This is a stand-in for pgbouncer_exporter.", "# TYPE pgbouncer_up gauge", f"pgbouncer_up {up}"]
    return "\n".join([*head, *lines, ""])


def handler(options):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path.partition("?")[0] == options.telemetry_path
            body = metrics_page(options.dsn) if found else f"This is a stand-in; the metrics are at {options.telemetry_path}\n"
            self.send_response(200 if found or self.path == "/" else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    return Handler


def arguments():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--pgBouncer.connectionString", dest="dsn",
                        default="postgres://postgres:@localhost:6543/pgbouncer?sslmode=disable")
    parser.add_argument("--web.listen-address", dest="listen", default=":9127")
    parser.add_argument("--web.telemetry-path", dest="telemetry_path", default="/metrics")
    return parser.parse_args()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # process 1 of a container gets only what it handles
    options = arguments()
    address, _, port = options.listen.rpartition(":")
    server = http.server.ThreadingHTTPServer((address, int(port)), handler(options))
    log(f"a stand-in, listening on {options.listen}")
    server.serve_forever()


if __name__ == "__main__":
    main()
