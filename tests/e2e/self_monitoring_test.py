#!/usr/bin/env python3
"""The alerts and the dashboard about vigie itself, tried with promtool; they name only what the controller exposes."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
RULES = SOURCE / "manifests/prometheus/vigie-rules.yaml"
DASHBOARD = SOURCE / "manifests/grafana/vigie.json"
# What the controller exposes; a histogram has three series.
METRICS = {"vigie_condition", "vigie_containers", "vigie_drift_total", "vigie_info", "vigie_last_applied_revision_info",
           "vigie_managed_resources", "vigie_pending_changes", "vigie_reconcile_duration_seconds", "vigie_reconcile_total",
           "vigie_source_requests_total", "vigie_suspended", "vigie_tunnel_peer_last_handshake_timestamp_seconds"}


def promtool(*argv, cwd=None):
    return subprocess.run(["promtool", *argv], cwd=cwd, capture_output=True, text=True, timeout=600)


def names(expression):
    """The metrics of ours that an expression uses."""
    without_text = re.sub(r'"[^"]*"', '""', expression)
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bvigie_\w+", without_text)}


class Alerts(unittest.TestCase):
    def setUp(self):
        self.place = Path(tempfile.mkdtemp(prefix="vigie-rules-"))
        self.addCleanup(shutil.rmtree, self.place)
        shutil.copy(RULES, self.place)

    def test_promtool_accepts_the_rules_and_each_alert_fires_in_its_test(self):
        checked = promtool("check", "rules", str(RULES))
        self.assertEqual(checked.returncode, 0, checked.stderr)
        tests = SOURCE / "tests/prometheus/vigie_rules_test.yml"
        shutil.copy(tests, self.place)
        result = promtool("test", "rules", tests.name, cwd=self.place)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        for alert in re.findall(r"- alert: (\w+)", RULES.read_text()):
            fires = re.search(rf"alertname: {alert}\n\s+exp_alerts:", tests.read_text())
            self.assertTrue(fires, f"no test sees {alert} fire")

    def test_promtool_detects_a_wrong_alert(self):
        wrong = RULES.read_text().replace("> 300", "> 300000")
        (self.place / RULES.name).write_text(wrong)
        shutil.copy(SOURCE / "tests/prometheus/vigie_rules_test.yml", self.place)
        self.assertNotEqual(promtool("test", "rules", "vigie_rules_test.yml", cwd=self.place).returncode, 0)

    def test_the_rendered_alerts_are_the_same_file(self):
        rendered = SOURCE / "tests/golden/render/self-monitoring/vm/opt/monitoring/prometheus/vigie-alerts.yml"
        self.assertEqual(rendered.read_text().split("\n", 1)[1], RULES.read_text())

    def test_every_alert_is_described_in_the_handbook(self):
        handbook = (SOURCE / "docs/running.md").read_text()
        for alert in set(re.findall(r"- alert: (\w+)", RULES.read_text())):
            self.assertIn(f"`{alert}`", handbook)

    def test_the_alerts_use_only_exposed_metrics(self):
        used = names("\n".join(line for line in RULES.read_text().splitlines() if not line.strip().startswith("#")))
        self.assertGreaterEqual(len(used), 6)
        self.assertEqual(used - METRICS, set())


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.model = json.loads(DASHBOARD.read_text())
        self.expressions = [target["expr"] for panel in self.model["panels"] for target in panel["targets"]]

    def test_panels_have_unique_ids_and_do_not_overlap(self):
        ids = [panel["id"] for panel in self.model["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in self.model["panels"]:
            self.assertLessEqual(panel["gridPos"]["x"] + panel["gridPos"]["w"], 24, panel["title"])
            self.assertTrue(panel["targets"], panel["title"])
        self.assertEqual({variable["name"] for variable in self.model["templating"]["list"]}, {"datasource", "instance"})
        cells = [(x, y) for panel in self.model["panels"] for at in [panel["gridPos"]]
                 for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]
        self.assertEqual(len(cells), len(set(cells)), "two panels overlap")

    def test_every_expression_of_the_dashboard_can_be_parsed(self):
        self.assertGreater(len(self.expressions), 10)
        rules = [{"record": f"vigie:dashboard:{i}", "expr": text.replace("$__rate_interval", "5m").replace("$instance", ".*")}
                 for i, text in enumerate(self.expressions)]
        with tempfile.TemporaryDirectory(prefix="vigie-dashboard-") as place:
            file = Path(place) / "rules.yml"
            file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
            result = promtool("check", "rules", str(file))
            self.assertEqual(result.returncode, 0, result.stderr)
            rules[0]["expr"] += ")"
            file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
            self.assertNotEqual(promtool("check", "rules", str(file)).returncode, 0, "promtool looks at nothing")

    def test_the_dashboard_uses_exactly_the_exposed_metrics(self):
        used = set().union(*map(names, self.expressions))
        self.assertEqual(used, METRICS)


class Exposed(unittest.TestCase):
    @unittest.skipUnless((SOURCE / "controller/metrics.cpp").exists(), "the controller exposes no metrics yet")
    def test_every_documented_metric_is_in_the_controllers_source(self):
        source = (SOURCE / "controller/metrics.cpp").read_text()
        self.assertEqual({name for name in METRICS if f'"{name}"' not in source}, set())


if __name__ == "__main__":
    unittest.main(verbosity=2)
