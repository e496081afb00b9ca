#!/usr/bin/env python3
"""The controller's HTTP API against its own description: every operation of docs/openapi.yaml is there and answers as it
says, and the status is what the CRD says."""

import json
import os
import re
import sys
import time
import unittest
from pathlib import Path

import yaml

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tools"))
from loopback import Loopback, free_port, wait_for  # noqa: E402
from patience import patient  # noqa: E402

API = yaml.safe_load((SOURCE / "docs/openapi.yaml").read_text())
CRD = yaml.safe_load((SOURCE / "crd/monitoringstacks.vigie.dev.yaml").read_text())
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def resolved(schema):
    while "$ref" in schema:
        node = API
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    return schema


def mistakes(value, schema, strict=True, place="$"):
    """Where `value` is not what the schema says. `strict`: properties that it does not name are mistakes."""
    schema = resolved(schema)
    if value is None and schema.get("nullable"):
        return []
    kind = schema["type"]
    if not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        return [f"{place}: {value!r} is no {kind}"]
    out = []
    if "enum" in schema and value not in schema["enum"]:
        out.append(f"{place}: {value!r} is none of {schema['enum']}")
    if schema.get("format") == "date-time" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
        out.append(f"{place}: {value!r} is no time")
    if kind == "integer" and value < schema.get("minimum", value):
        out.append(f"{place}: {value} is too small")
    if kind == "array":
        for number, item in enumerate(value):
            out += mistakes(item, schema["items"], strict, f"{place}[{number}]")
    if kind == "object" and "properties" in schema:
        out += [f"{place}: {key} is missing" for key in schema.get("required", []) if key not in value]
        for key, item in value.items():
            if key in schema["properties"]:
                out += mistakes(item, schema["properties"][key], strict, f"{place}.{key}")
            elif strict:
                out.append(f"{place}: there is no {key}")
    return out


class Checker(unittest.TestCase):
    def test_the_schema_checker_finds_wrong_types_and_missing_fields(self):
        schema = API["components"]["schemas"]["Event"]
        good = {"type": "Normal", "reason": "A", "message": "m", "count": 1, "firstTimestamp": "2024-01-01T00:00:00Z",
                "lastTimestamp": "2024-01-01T00:00:00Z"}
        self.assertEqual(mistakes(good, schema), [])
        for key, bad in (("type", "Odd"), ("count", "1"), ("count", True), ("count", 0), ("firstTimestamp", "now"), ("more", 1)):
            self.assertEqual(len(mistakes({**good, key: bad}, schema)), 1, key)
        del good["reason"]
        self.assertEqual(len(mistakes(good, schema)), 1)


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Loopback()
        cls.addClassCleanup(cls.lab.__exit__)
        cls.lab.make_repository()
        cls.lab.make_keys()
        commit = cls.lab.push("a change")
        cls.port = free_port("127.0.0.1", 19469)
        cls.address = f"127.0.0.1:{cls.port}"
        cls.lab.start_controller("vm", interval="1h", listen=[cls.address])
        wait_for("vm", lambda: cls.lab.at_revision("vm", commit))
        cls.lab.start_prometheus()
        wait_for("Prometheus", lambda: cls.lab.loaded_digest())

    def call(self, method, path, body=None, **options):
        status, text = self.lab.call("vm", method, path, body, **options)
        return status, text

    def right(self):
        return {"Authorization": "Bearer " + self.lab.token.read_text().strip()}

    def handled(self, request):
        wait_for("the look", lambda: self.lab.status("vm").get("lastHandledRequest", 0) >= request)

    def check(self, method, path, body=None, expected=200, **options):
        """Asks, and holds the answer against the description."""
        status, text = self.call(method, path, body, **options)
        self.assertEqual(status, expected, text)
        operation = API["paths"][path.split("?")[0]][method.lower()]
        answer = resolved(operation["responses"][str(status)])
        value = json.loads(text)
        self.assertEqual(mistakes(value, answer["content"]["application/json"]["schema"]), [])
        return value

    def test_every_documented_path_is_served_and_other_methods_are_answered_405(self):
        for path, operations in API["paths"].items():
            for method in operations:
                self.assertIn(method, ("get", "post"))
            other = "POST" if "get" in operations else "GET"
            status, _ = self.call(other, path)
            self.assertEqual(status, 405, path)

    def test_every_read_answers_as_the_openapi_schema_says(self):
        self.handled(self.check("POST", "/api/v1/reconcile", {}, 202)["request"])
        for path in ("/healthz", "/readyz", "/api/v1/status", "/api/v1/plan", "/api/v1/history", "/api/v1/events", "/api/v1/topology", "/api/v1/containers"):
            with self.subTest(path):
                self.check("GET", path)
                self.check("GET", path, address=self.address, headers=self.right())
                self.check("GET", path, address=self.address, expected=401 if path == "/api/v1/plan" else 200)

    def test_the_status_matches_the_crd_and_the_written_status_file(self):
        schema = CRD["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]
        status = self.check("GET", "/api/v1/status")
        self.assertEqual(mistakes(status, schema), [])
        self.assertEqual(set(status), set(schema["properties"]) - {"applying", "waiting", "stoppedAt"})  # it is idle, and runs
        # What is on the disk has the times of when it was written: an idle controller writes nothing.
        times = {"observedAt", "lastContactAt", "nextPollAt"}
        written = self.lab.status("vm")
        self.assertEqual({key: status[key] for key in status.keys() - times}, {key: written[key] for key in written.keys() - times})
        described = API["components"]["schemas"]["Status"]["properties"]
        self.assertEqual(set(described), set(schema["properties"]))

    def test_the_status_shows_subject_and_author_of_the_tip_and_the_applied_revision(self):
        status = self.check("GET", "/api/v1/status")
        for which, revision in (("tip", status["lastAttemptedRevision"]), ("applied", status["lastAppliedRevision"])):
            self.assertEqual({key: status[which][key] for key in ("revision", "subject", "author")},
                             {"revision": revision, "subject": "a change", "author": "demo"})

    def test_history_has_the_plan_and_no_secret(self):
        attempts = self.check("GET", "/api/v1/history?limit=1")["history"]
        self.assertEqual(len(attempts), 1)
        everything = json.dumps(self.check("GET", "/api/v1/history?limit=100"))
        self.assertIn("wg0.conf", everything)
        self.assertIn("PrivateKey = ***", everything)
        key = (self.lab.root("vm") / "etc/wireguard/wg0.key").read_text().strip()
        self.assertNotIn(key, everything)
        self.check("GET", "/api/v1/history?limit=0", expected=400)
        self.check("GET", "/api/v1/history?limit=x", expected=400)
        self.check("GET", "/api/v1/plan?format=xml", expected=400)

    def test_container_logs_need_the_token_and_an_id_of_a_listed_container(self):
        path = f"/api/v1/containers/{'0' * 64}/logs"
        status, body = self.call("GET", path, address=self.address)
        self.assertEqual(status, 401)
        self.assertIn("may hold secrets", json.loads(body)["error"])
        right = self.right()
        self.assertEqual(self.call("GET", path, address=self.address, headers=right)[0], 404)
        self.assertEqual(self.call("GET", "/api/v1/containers/x/other", address=self.address)[0], 404)
        self.assertEqual(self.call("GET", path)[0], 404)  # the socket's mode is its permission

    def test_the_plan_of_a_rollback_needs_the_token_and_changes_nothing(self):
        before = self.lab.files("vm")
        generations = self.check("GET", "/api/v1/generations")["generations"]
        number = generations[0]["number"]
        path = f"/api/v1/generations/{number}/plan"
        self.assertEqual(self.call("GET", path, address=self.address)[0], 401)
        right = self.right()
        status, body = self.call("GET", path, address=self.address, headers=right)
        self.assertEqual(status, 200, body)
        answer = json.loads(body)
        self.assertEqual(answer["number"], number)
        self.assertIn("host vm", answer["plan"])
        status, body = self.call("GET", "/api/v1/generations/4711/plan")
        self.assertEqual(status, 503)
        self.assertIn("4711", json.loads(body)["error"])
        for other in ("/api/v1/generations/x/plan", f"/api/v1/generations/{number}", "/api/v1/generations/-1/plan"):
            self.assertEqual(self.call("GET", other)[0], 404, other)
        self.assertEqual(self.lab.files("vm"), before)

    def test_the_topology_shows_components_and_targets_that_are_down(self):
        def seen():
            self.handled(self.check("POST", "/api/v1/reconcile", {}, 202)["request"])
            picture = self.check("GET", "/api/v1/topology")
            jobs = {target["job"]: target for target in picture["targets"]}
            return picture if jobs and jobs["shop"]["health"] == "down" else None
        picture = wait_for("the shop that is down", seen)
        components = {component["name"]: component for component in picture["components"]}
        self.assertEqual(components["shop"]["health"], "unhealthy")
        self.assertEqual(components["prometheus"]["health"], "healthy")
        self.assertEqual(components["jaeger"]["health"], "unknown")
        self.assertEqual([host["name"] for host in picture["hosts"] if host["self"]], ["vm"])
        self.assertFalse(picture["tunnel"]["observed"])

    def test_request_bodies_with_unknown_fields_or_wrong_types_are_refused(self):
        for body in ("[]", "7", "{", '{"x": 1}', '{"reason": 7}', '{"reason": "a\\u0000b"}', '{"reasn": "x", "y": "z"}'):
            with self.subTest(body):
                error = self.check("POST", "/api/v1/suspend", body, 400)
                self.assertTrue(error["hint"])
        self.assertIn("did you mean `reason`", self.check("POST", "/api/v1/suspend", '{"reasn": "x"}', 400)["error"])
        self.assertEqual(self.lab.status("vm")["suspended"], "")
        self.check("POST", "/api/v1/approve", {"digest": "short"}, 400)
        self.check("POST", "/api/v1/approve", {"digest": "0" * 64}, 409)
        self.check("POST", "/api/v1/confirm", {}, 409)

    def test_changes_need_the_token_over_tcp_and_none_on_the_socket(self):
        for path, operations in API["paths"].items():
            if "post" in operations:
                status, text = self.call("POST", path, {}, address=self.address)
                self.assertEqual(status, 401, path)
                self.assertIn("error", json.loads(text))
        wrong = {"Authorization": "Bearer a-token-that-is-for-another-test"}
        self.assertEqual(self.call("POST", "/api/v1/suspend", {}, address=self.address, headers=wrong)[0], 401)
        self.assertEqual(self.lab.status("vm")["suspended"], "")
        right = self.right()
        request = self.check("POST", "/api/v1/suspend", {"reason": "a test"}, address=self.address, headers=right)["request"]
        self.handled(request)
        self.assertEqual(self.lab.status("vm")["suspended"], "suspended by the operator: a test")
        self.check("GET", "/readyz", expected=503)
        self.handled(self.check("POST", "/api/v1/resume", {})["request"])
        self.check("GET", "/readyz")

    def test_metrics_count_reconciles_and_show_conditions(self):
        status, text = self.call("GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertRegex(text, r'vigie_reconcile_total\{[^}]*result="Converged"[^}]*\} [1-9]')
        self.assertRegex(text, r'vigie_condition\{[^}]*type="Ready"[^}]*\}')


class Restarting(unittest.TestCase):
    def test_events_are_kept_across_a_restart_and_a_crash_is_recorded(self):
        import signal
        with Loopback() as lab:
            lab.make_repository()
            lab.make_keys()
            commit = lab.push("a change")

            def start():
                lab.start_controller("vm", interval="1h")
                return wait_for("the look", lambda: listed() if listed() and lab.status("vm").get("lastHandledRequest") is not None
                                and lab.at_revision("vm", commit) and "stoppedAt" not in lab.status("vm") else None)

            def listed():
                try:
                    return json.loads(lab.call("vm", "GET", "/api/v1/events")[1])["events"]
                except (OSError, ValueError):
                    return None

            first = start()
            self.assertEqual([each["count"] for each in first if each["reason"] == "Started"], [1])
            applied = [each for each in first if each["reason"] == "Applied"]
            self.assertEqual(len(applied), 1)
            lab.stop("vm")
            second = start()
            self.assertEqual([each for each in second if each["reason"] == "Applied"], applied)
            self.assertEqual([each["count"] for each in second if each["reason"] == "Started"], [2])
            self.assertEqual([each for each in second if each["reason"] == "Crashed"], [])
            lab.stop("vm", signal.SIGKILL)
            third = start()
            crashed = [each for each in third if each["reason"] == "Crashed"]
            self.assertEqual([each["type"] for each in crashed], ["Warning"])
            path = lab.root("vm") / "var/lib/vigie/events.jsonl"
            self.assertEqual(path.stat().st_mode & 0o777, 0o640)
            lab.stop("vm")
            path.write_text("not a line of ours\n")
            fourth = start()
            self.assertEqual([each["reason"] for each in fourth if each["reason"] in ("Applied", "Crashed")], [])
            self.assertEqual(lab.log("vm").count("is damaged"), 1)


class Stopping(unittest.TestCase):
    def test_sigterm_ends_the_controller_within_a_second_despite_open_connections(self):
        with Loopback() as lab:
            lab.make_repository()
            lab.make_keys()
            commit = lab.push("a change")
            address = f"127.0.0.1:{free_port('127.0.0.1', 19470)}"
            lab.start_controller("vm", interval="1h", listen=[address])
            wait_for("vm", lambda: lab.at_revision("vm", commit))
            import socket
            port = int(address.split(":")[1])
            open_ones = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
            open_ones[0].sendall(b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n")
            time.sleep(0.2)
            self.assertLess(lab.stop("vm"), patient(1))
            for each in open_ones:
                each.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
