#!/usr/bin/env python3
"""Documents that outsiders tried, with the right end of each: what no program takes is refused, by one finding where one thing is
wrong; what works is valid, with promtool and amtool asked."""

import concurrent.futures
import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["VIGIE_SOURCE_DIR"]) / "tools"))
from loopback import VIGIE  # noqa: E402

KEY = "Q" * 42 + "{}="
BASE = {
    "hosts": [{"name": "h", "vpn": {"address": "10.66.66.1", "publicKey": KEY.format("A")}, "sealingKey": KEY.format("E")},
              {"name": "g", "endpoint": "203.0.113.10", "vpn": {"address": "10.66.66.2", "publicKey": KEY.format("I")}, "sealingKey": KEY.format("M")}],
    "wireguard": {"network": "10.66.66.0/24"},
    "projects": [{"name": "monitoring", "host": "h", "directory": "/opt/monitoring"},
                 {"name": "app", "host": "g", "directory": "/opt/app", "composeFiles": ["docker-compose.yml"]}],
    "prometheus": {"project": "monitoring", "image": "prom/prometheus:v3.5.3",
                   "scrapeConfigs": [{"jobName": "x", "staticConfigs": [{"targets": ["10.66.66.2:1"]}]}]},
    "alertmanager": {"project": "monitoring", "image": "prom/alertmanager:v0.33.1",
                     "smtp": {"smarthost": "smtp.example.org:587", "from": "a@example.org"},
                     "route": {"receiver": "mail"}, "receivers": [{"name": "mail", "emailConfigs": [{"to": "ops@example.org"}]}]},
}
SECRET = {"secret": "s"}
JOB, MAIL, ROUTE = "prometheus.scrapeConfigs.0", "alertmanager.receivers.0.emailConfigs.0", "alertmanager.route"


def job(**fields):
    return {f"{JOB}.{name}": value for name, value in fields.items()}


def receiver(kind, **fields):
    return {"alertmanager.receivers.0": {"name": "mail", kind: [fields]}}


def remote(**fields):
    return {"prometheus.remoteWrite": [{"url": "http://10.66.66.2:9/w", **fields}]}


def window(**fields):
    return {"alertmanager.timeIntervals": [{"name": "t", "timeIntervals": [fields]}], f"{ROUTE}.routes": [
        {"receiver": "mail", "matchers": ["a=b"], "muteTimeIntervals": ["t"]}]}


def matcher(text):
    return {f"{ROUTE}.routes": [{"receiver": "mail", "matchers": [text]}]}


def tunnel(**fields):
    return {f"wireguard.{name}": value for name, value in fields.items()}


RULE = "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: {}\n"
# Name, codes of the warnings and errors (none: valid), what is changed in the document (None: taken away), files beside it.
CASES = [
    ("A1 an application of no project", ["VG0105"], {"applications": [{"name": "a", "project": "", "service": "x", "metrics": {"port": 1}}]}),
    ("A1 an exporter of no project", ["VG0105"], {"exporters": [{"name": "ex", "type": "node", "project": ""}]}),
    ("A2 a project of no host", ["VG0105"], {"projects.0.host": ""}),
    ("A2 Alertmanager in no project", ["VG0105"], {"alertmanager.project": ""}),
    ("A3 no receiver", ["VG0105"], {"alertmanager.route.receiver": ""}),
    ("A3 no secret, of Grafana", ["VG0105"], {"grafana": {"project": "monitoring", "adminPasswordFrom": {"secret": ""}}}),
    ("A3 no secret, of a job", ["VG0105"], job(basicAuth={"username": "u", "passwordFrom": {"secret": ""}})),
    ("A3 no secret, of mail", ["VG0105"], {"alertmanager.smtp.passwordFrom": {"secret": ""}}),
    ("A4 no samples", ["VG0105"], remote(queueConfig={"maxSamplesPerSend": 0})),
    ("A4 no time between metadata", ["VG0106"], remote(metadataConfig={"send": True, "sendInterval": "0s"})),
    ("A5 a day, for Go", ["VG0106"], receiver("pushoverConfigs", userKeyFrom=SECRET, tokenFrom=SECRET, retry="1d")),
    ("A5 an hour and a half, for Go", [], receiver("pushoverConfigs", userKeyFrom=SECRET, tokenFrom=SECRET, expire="1.5h")),
    ("A5 a day, for a webhook", ["VG0106"], receiver("webhookConfigs", url="http://10.66.66.2:9/x", timeout="1d")),
    ("A6 Rocket.Chat without an address", [], receiver("rocketchatConfigs", tokenFrom=SECRET, tokenIDFrom=SECRET, channel="#x")),
    ("A7 mail with a server of its own", [], {f"{MAIL}.from": "d@example.org", f"{MAIL}.smarthost": "m:25", "alertmanager.smtp": None}),
    ("A8 a name of any characters, outside", [], {"prometheus.externalLabels": {"some-key": "a"}}),
    ("A8 a name of any characters, of a target", [], {f"{JOB}.staticConfigs.0.labels": {"some-key": "a"}}),
    ("A8 a name of any characters, in a matcher", [], matcher('a-b="c"')),
    ("A9 a proxy of SOCKS", [], job(proxyURL="socks5://10.0.0.1:1080")),
    ("A10 Webex without a token", ["VG0438"], receiver("webexConfigs", roomID="r", httpConfig={"followRedirects": True})),
    ("A11 two things at one place", ["VG0473"], {"exporters": [{"name": "ex", "type": "pgbouncer", "project": "app", "pgbouncer": {
        "service": "p", "user": "u", "passwordFrom": SECRET, "userlist": {"file": "/opt/app/docker-compose.monitoring.yml"}}}]}),
    ("A12 labels of a host", [], {"hosts.0.labels": {"site": "home"}}),
    ("A13 an address with a question", ["VG0106"], {"prometheus.web": {"externalURL": "https://a.example/p?q=1"}}),
    ("A14 a login that is half of two", ["VG0446"], job(authorization={"type": "Basic", "credentialsFrom": SECRET})),
    ("A14 origins that are no expression", ["VG0444"], {"prometheus.web": {"corsOrigin": "("}}),
    ("A14 addresses without a port", ["VG0456"], job(dnsSDConfigs=[{"names": ["a.example"], "type": "A"}])),
    ("A14 three hundred years", ["VG0106"], job(scrapeInterval="300y")),
    ("A14 an option that is none", ["VG0453"], {"prometheus.extraArgs": [{"name": "bogus"}]}),
    ("A14 a division by nothing", ["VG0105"], job(relabelings=[{"sourceLabels": ["a"], "targetLabel": "b", "action": "hashmod", "modulus": 0}])),
    ("A14 names of one scheme in another", ["VG0457"], job(nameValidationScheme="legacy")),
    ("A14 a mail server without a port", ["VG0106"], {f"{MAIL}.smarthost": "a"}),
    ("A14 a responder without a name", ["VG0456"], receiver("opsgenieConfigs", apiKeyFrom=SECRET, responders=[{"type": "team"}])),
    ("A14 a protocol twice", ["VG0107"], job(scrapeProtocols=["PrometheusProto", "PrometheusProto"])),
    ("A14 a header of the program's own", ["VG0455"], job(httpHeaders=[{"name": "Host", "values": ["a"]}])),
    ("A14 a button that does nothing", ["VG0456"], receiver("slackConfigs", apiURLFrom=SECRET, channel="#x", actions=[{"type": "button", "text": "t"}])),
    ("A14 half of a key", ["VG0446"], receiver("snsConfigs", topicARN="a", sigv4={"region": "x", "accessKey": "a"})),
    ("A14 a chat that is none", ["VG0105"], receiver("telegramConfigs", botTokenFrom=SECRET, chatID=0)),
    ("A16 codes that cannot be silenced", ["VG0111", "VG0111"], {"lint": {"disable": ["VG9999", "VG0101"]}}),
    ("A21 a key that is too long", ["VG0105"], {"alertmanager.global": {"httpConfig": {"httpHeaders": [{"name": "x" * 1100, "values": ["a"]}]}}}),
    ("B2 the base of OTLP", [], {"jaeger": {"project": "monitoring"}, "applications": [
        {"name": "a", "project": "app", "service": "x", "traces": {"variable": "OTEL_EXPORTER_OTLP_ENDPOINT"}}]}),
    ("B5 days in capitals", [], window(weekdays=["Saturday", "sunday", "monday:FRIDAY"], months=["January", "May:August"])),
    ("B5 days that run backwards", ["VG0451"], window(weekdays=["saturday:sunday"])),
    ("B5 months that run backwards", ["VG0451"], window(months=["november:february"])),
    ("B5 from the last day to the first", ["VG0451"], window(daysOfMonth=["-1:1"])),
    ("B5 a time zone that is an abbreviation", ["VG0451"], window(weekdays=["monday"], location="CEST")),
    ("B6 an expression in quotes", [], matcher('mountpoint=~"/data\\\\(old.*"')),
    ("B6 an expression that is quoted itself", [], matcher('mountpoint=~"\\\\Qa(b\\\\E"')),
    ("BS1 a remote twice", ["VG0464"], {"prometheus.remoteWrite": [{"url": "http://10.66.66.2:9/w"}, {"url": "http://10.66.66.2:9/w"}]}),
    ("BS2 a dash in a template", ["VG0461"], {f"{MAIL}.html": "{{ .CommonLabels.my-label }}"}),
    ("BS3 no address", ["VG0462"], {f"{MAIL}.to": "not an address"}),
    ("BS3 an address in curly quotes", ["VG0462"], {f"{MAIL}.to": "“ops@example.org”"}),
    ("BS4 other quotes in a matcher", ["VG0463"], matcher("severity='page'")),
    ("BS4 an operator of programmers", ["VG0463"], matcher("severity==page")),
    ("BS5 a file of targets that has none", ["VG0612"], job(fileSDConfigs=[{"files": ["t.yml"]}]), {"t.yml": '- target: ["10.0.0.1:1"]\n'}),
    ("BS5 a scheme in a file of targets", ["VG0613"], job(fileSDConfigs=[{"files": ["t.yml"]}]), {"t.yml": '- targets: ["http://10.0.0.1:1"]\n'}),
    ("BS5 a file of targets that is no YAML", ["VG0611"], job(fileSDConfigs=[{"files": ["t.yml"]}]), {"t.yml": "- [\n"}),
    ("BS6 no query at a time", ["VG0105"], {"prometheus.query": {"maxConcurrency": 0}}),
    ("BS6 no connection", ["VG0105"], {"prometheus.web": {"maxConnections": 0}}),
    ("BS6 no time for a query", ["VG0106"], {"prometheus.query": {"timeout": "0s"}}),
    ("BS6 no sample in a query", ["VG0105"], {"prometheus.query": {"maxSamples": 0}}),
    ("BS7 no time between scrapes", ["VG0106"], {"prometheus.scrapeInterval": "0s"}),
    ("BS7 no time between evaluations", ["VG0106"], {"prometheus.evaluationInterval": "0s"}),
    ("BS7 nothing is kept", ["VG0106"], {"prometheus.retention": "0s"}),
    ("BS8 a header of IPv6", ["VG0317"], {"wireguard.mtu": 1440, "hosts.1.endpoint": "2001:db8::1"}),
    ("BS9 a tunnel on loopback", ["VG0325"], {"wireguard.network": "127.0.1.0/30", "hosts.0.vpn.address": "127.0.1.1", "hosts.1.vpn.address": "127.0.1.2"}),
    ("BS9 a tunnel in multicast", ["VG0325"], {"wireguard.network": "224.0.0.0/24", "hosts.0.vpn.address": "224.0.0.1", "hosts.1.vpn.address": "224.0.0.2"}),
    ("BS9 a tunnel in addresses of others", ["VG0325"], {"wireguard.network": "8.8.8.0/30", "hosts.0.vpn.address": "8.8.8.1", "hosts.1.vpn.address": "8.8.8.2"}),
    ("BS9 an endpoint that is nowhere", ["VG0326"], {"hosts.1.endpoint": "0.0.0.0"}),
    ("BS9 an endpoint that is many", ["VG0326"], {"hosts.1.endpoint": "224.0.0.1"}),
    ("BS9 loopback as the tunnel's interface", ["VG0327"], tunnel(interface="lo")),
    ("U13 a default route", ["VG0324"], {"hosts.1.routes": ["0.0.0.0/0"]}),
    ("17 a comparison with one equals sign", ["VG0601"], {"prometheus.ruleFiles": ["r.yml"]}, {"r.yml": RULE.format("up = 0")}),
    ("17 a label twice", ["VG0107"], {f"{ROUTE}.groupBy": ["alertname", "alertname"]}),
    ("17 all labels and one more", ["VG0457"], {f"{ROUTE}.groupBy": ["alertname", "..."]}),
    ("17 no time between groups", ["VG0106"], {f"{ROUTE}.groupInterval": "0s"}),
    ("17 no time between repetitions", ["VG0106"], {f"{ROUTE}.repeatInterval": "0s"}),
    ("17 a header of a mail twice", ["VG0107"], {f"{MAIL}.headers": {"Subject": "a", "subject": "b"}}),
]


def changed(changes):
    spec = copy.deepcopy(BASE)
    for path, value in changes.items():
        *way, last = path.split(".")
        node = spec
        for step in way:
            node = node[int(step) if isinstance(node, list) else step]
        last = int(last) if isinstance(node, list) else last
        if value is None:
            del node[last]
        else:
            node[last] = value
    if json.dumps(SECRET) in json.dumps(spec):
        spec["secrets"] = [{"name": "s", "sealed": {"h": "A" * 64, "g": "A" * 64}}]
    return {"apiVersion": "vigie.dev/v1alpha1", "kind": "MonitoringStack", "metadata": {"name": "reported"}, "spec": spec}


class Reported(unittest.TestCase):
    def test_each_reported_document_yields_the_expected_findings(self):
        with tempfile.TemporaryDirectory(prefix="vigie-reported-") as base:
            def judge(numbered):
                number, (name, _, changes, *files) = numbered
                directory = Path(base) / str(number)
                directory.mkdir()
                (directory / "stack.yaml").write_text(json.dumps(changed(changes), ensure_ascii=False))
                for file, text in (files[0] if files else {}).items():
                    (directory / file).write_text(text)
                return subprocess.run([VIGIE, "validate", "--tools", "require", "-o", "json", directory], capture_output=True, text=True, timeout=600)

            with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
                for (name, codes, *_), said in zip(CASES, pool.map(judge, enumerate(CASES))):
                    with self.subTest(name):
                        self.assertIn(said.returncode, (0, 1), said.stderr)
                        findings = [each for each in json.loads(said.stdout)["findings"] if each["severity"] != "info"]
                        self.assertEqual([each["code"] for each in findings], codes, [each["message"] for each in findings])
                        for each in findings:
                            self.assertTrue(each["hint"], each)
                            self.assertGreaterEqual(each["line"], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
