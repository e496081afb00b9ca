#!/usr/bin/env python3
"""`vigie validate --tools`: what the real promtool and amtool refuse is a finding at its place, with a hint about what was said; and an
apply on a host without an engine tells the same."""

import concurrent.futures
import functools
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
VIGIE = os.environ["VIGIE_BIN"]
sys.path.insert(0, str(SOURCE / "tools"))
import programs  # noqa: E402

# Each with today's checkers, and with the distribution's, which are older than most images.
TODAY = f"{programs.BIN}:{os.environ['PATH']}"
OLD = f"/usr/bin:{os.environ['PATH']}"
PATHS = {path: label for label, path in (("today's", TODAY), ("the distribution's", OLD))
         if shutil.which("promtool", path=path) and shutil.which("amtool", path=path)}

DOCUMENT = """\
apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: {{ name: checked }}
spec:
  hosts: [{{ name: vm, sealingKey: "PjakRAGk+qnQeJED/7fHWIWsDoff+plDAOkbfHU3gjo=" }}]
  projects: [{{ name: monitoring, host: vm, directory: /opt/monitoring }}]
  prometheus:
    project: monitoring
    image: prom/prometheus:v{prometheus}
{monitoring}
  alertmanager:
    project: monitoring
    image: prom/alertmanager:v{alertmanager}
{alerting}
"""
SECRETS = f'  secrets: [{{ name: token, sealed: {{ vm: "{"A" * 64}" }} }}]\n'
MAIL = """\
    smtp: { smarthost: "smtp.example.org:587", from: a@example.org }
    route: { receiver: mail }
    receivers: [{ name: mail, emailConfigs: [{ to: ops@example.org }] }]
"""
RULE = "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: {}\n"


@functools.cache
def version(program, path):
    """`3.5.0` of `3.5.3`: what an image of that version is tagged."""
    return ".".join(map(str, programs.version(shutil.which(program, path=path))[:2])) + ".0"


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="vigie-validate-")
        self.addCleanup(directory.cleanup)
        self.base = Path(directory.name)
        self.document = self.base / "document"

    def write(self, path, monitoring="", alerting=MAIL, files=None, prometheus=None, alertmanager=None, directory=None):
        directory = directory or self.document
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        text = DOCUMENT.format(prometheus=prometheus or version("promtool", path), monitoring=monitoring, alerting=alerting,
                               alertmanager=alertmanager or version("amtool", path))
        text += SECRETS if "secret: token" in text else ""
        (directory / "stack.yaml").write_text(text)
        for name, content in (files or {}).items():
            (directory / name).parent.mkdir(exist_ok=True)
            (directory / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def run_vigie(self, *arguments, path=TODAY):
        return subprocess.run([VIGIE, *map(str, arguments)], capture_output=True, text=True, timeout=600,
                              env={"PATH": path, "TMPDIR": str(self.base)})

    def validate(self, *arguments, path=TODAY, tools="require", directory=None):
        return self.run_vigie("validate", "--tools", tools, *arguments, directory or self.document, path=path)

    def findings(self, path, tools="require", directory=None):
        result = self.validate("-o", "json", path=path, tools=tools, directory=directory)
        self.assertIn(result.returncode, (0, 1), result.stderr)
        return [each for each in json.loads(result.stdout)["findings"] if each["code"] != "VG0350"]

    @staticmethod
    def line_of(file, needle):
        lines = file.read_bytes().decode("latin-1").splitlines()
        return 1 + next(number for number, line in enumerate(lines) if needle in line)


# What only an apply refused before: name, where (file, text of the line), what is said, what it is about, how it is written.
MONITORING = "    scrapeConfigs:\n      - jobName: x\n        staticConfigs: [{{ targets: [\"10.0.0.1:1\"] }}]\n{}"
REMOTE = "    remoteWrite:\n      - {{ url: \"https://example.org/a\"{} }}\n"
# What vigie does not look into, and amtool refuses.
AMTOOLS_ALONE = MAIL + "    global: { raw: { no_such_setting: 1 } }\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
REFUSED = [
    ("a comparison with one equals sign", "rules/a.yml", "up = 0", "parse error", "==",
     {"monitoring": "    ruleFiles: [rules/a.yml]", "files": {"rules/a.yml": RULE.format("up = 0")}}),
    ("a template that does not end", "rules/a.yml", "summary", "template", "}}",
     {"monitoring": "    ruleFiles: [rules/a.yml]", "files": {"rules/a.yml": RULE.format("up == 0") + "        annotations:\n          summary: '{{ $labels.instance }'\n"}}),
    ("a resource of Kubernetes as rule file", "rules/a.yml", "kind", "apiVersion", "Kubernetes",
     {"monitoring": "    ruleFiles: [rules/a.yml]",
      "files": {"rules/a.yml": "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n  groups: []\n"}}),
    ("a group twice", "rules/a.yml", "name: g # again", "repeated", "name of its own",
     {"monitoring": "    ruleFiles: [rules/a.yml]", "files": {"rules/a.yml": RULE.format("up == 0") + "  - name: g # again\n    rules: []\n"}}),
    ("a tab as indentation", "rules/a.yml", "\t- name", "token", "tabs",
     {"monitoring": "    ruleFiles: [rules/a.yml]", "files": {"rules/a.yml": "groups:\n\t- name: g\n"}}),
    ("a file in Latin-1", "rules/a.yml", None, "UTF-8", "UTF-8",
     {"monitoring": "    ruleFiles: [rules/a.yml]", "files": {"rules/a.yml": b"groups:\n  - name: \"caf\xe9\"\n    rules: []\n"}}),
    ("a wrong rule in the document", "stack.yaml", "sum(up", "parse error", "expression",
     {"monitoring": "    ruleGroups:\n      - name: own\n        rules:\n          - { record: \"a:b\", expr: up }\n          - { alert: Down, expr: 'sum(up' }"}),
    ("keepequal with a regex", "stack.yaml", "keepequal", "keepequal", "",
     {"monitoring": MONITORING.format("        relabelings: [{ action: keepequal, regex: \"a(.*)\", sourceLabels: [x], targetLabel: z }]")}),
    ("a time that no program can hold", "stack.yaml", None, "", "",
     {"monitoring": MONITORING.format("        scrapeInterval: 300y")}),
    ("a header that has a field of its own", "stack.yaml", "Authorization", "header", "",
     {"monitoring": REMOTE.format(", headers: { Authorization: x }")}),
    ("a name of remote write twice", "stack.yaml", "example.org/b", "", "",
     {"monitoring": REMOTE.format(", name: twin") + "      - { url: \"https://example.org/b\", name: twin }"}),
    ("all labels and one more", "stack.yaml", "groupBy", "group_by", "",
     {"alerting": MAIL.replace("receiver: mail }", 'receiver: mail, groupBy: [alertname, "..."] }')}),
    ("a label twice", "stack.yaml", "groupBy", "", "",
     {"alerting": MAIL.replace("receiver: mail }", "receiver: mail, groupBy: [alertname, alertname] }")}),
    ("no time between groups", "stack.yaml", "groupInterval", "", "",
     {"alerting": MAIL.replace("receiver: mail }", "receiver: mail, groupInterval: 0s }")}),
    ("no time between repetitions", "stack.yaml", "repeatInterval", "", "",
     {"alerting": MAIL.replace("receiver: mail }", "receiver: mail, repeatInterval: 0s }")}),
    ("a header of a mail twice", "stack.yaml", "Subject", "", "",
     {"alerting": MAIL.replace("to: ops@example.org", "to: ops@example.org, headers: { Subject: a, subject: b }")}),
    ("a responder of a kind that is none", "stack.yaml", "tem", "", "",
     {"alerting": MAIL.replace("mail, emailConfigs: [{ to: ops@example.org }]",
                               "mail, opsgenieConfigs: [{ apiKeyFrom: { secret: token }, responders: [{ type: tem, name: a }] }]")}),
    ("an empty receiver", "stack.yaml", "receiver: \"\"", "", "", {"alerting": MAIL.replace("receiver: mail }", 'receiver: "" }')}),
    ("an empty name of a secret", "stack.yaml", "basicAuth", "", "",
     {"monitoring": MONITORING.format("        basicAuth: { username: u, passwordFrom: { secret: \"\" } }")}),
    ("a template that does not parse", "templates/a.tmpl", "{{ foo }}", "foo", "function",
     {"alerting": MAIL + "    templates: [templates/a.tmpl]\n", "files": {"templates/a.tmpl": "text\n{{ define \"a\" }}{{ foo }}{{ end }}\n"}}),
]


class Refused(Case):
    def test_a_mistake_that_only_a_checker_finds_is_reported_at_its_position(self):
        self.assertTrue(PATHS, "no promtool and amtool here")

        def find(job):
            path, (name, *_, written) = job
            directory = self.base / f"{name}, {PATHS[path]}"
            self.write(path, **written, directory=directory)
            return directory, self.findings(path, directory=directory)

        jobs = list(itertools.product(PATHS, REFUSED))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for (path, (name, file, needle, reason, hint, _)), (directory, found) in zip(jobs, pool.map(find, jobs)):
                with self.subTest(name, checkers=PATHS[path]):
                    errors = [each for each in found if each["severity"] == "error"]
                    self.assertTrue(errors, "nothing was found")
                    first = errors[0]
                    self.assertEqual(first["file"], str(directory / file), first)
                    if needle:
                        self.assertEqual(first["line"], self.line_of(directory / file, needle), first)
                    self.assertGreaterEqual(first["line"], 1 if needle else 0, first)
                    self.assertTrue(first["hint"], first)
                    if first["code"] in ("VG0601", "VG0602"):
                        self.assertIn(reason, first["message"])
                        self.assertIn(hint, first["hint"])
                        for noise in ("FAILED", "Checking", "SUCCESS", str(self.base / "vigie-"), "amtool: error", "\\x0a"):
                            self.assertNotIn(noise, first["message"])
                        self.assertNotIn("install", first["hint"])

    def test_all_mistakes_that_checkers_find_are_reported_at_once(self):
        for path in PATHS:
            self.write(path, monitoring="    ruleFiles: [rules/a.yml, rules/b.yml]\n" + "    ruleGroups: [{ name: own, rules: [{ record: \"a:b\", expr: 'sum(up' }] }]",
                       alerting=AMTOOLS_ALONE,
                       files={"rules/a.yml": RULE.format("up = 0"), "rules/b.yml": RULE.format("sum(").replace("name: g", "name: h")})
            found = {(Path(each["file"]).name, each["line"]) for each in self.findings(path) if each["severity"] == "error"}
            self.assertLessEqual({("a.yml", 5), ("b.yml", 5), ("stack.yaml", self.line_of(self.document / "stack.yaml", "sum(up"))}, found)
            self.assertIn("VG0602", {each["code"] for each in self.findings(path)})

    def test_checks_need_no_key_for_secrets_and_find_files_by_container_paths(self):
        """Every way in which a configuration names a file."""
        monitoring = """\
    ruleFiles: [rules/a.yml]
    remoteWrite: [{ url: "https://example.org/a", basicAuth: { username: a, passwordFrom: { secret: token } } }]
    scrapeConfigs:
      - jobName: credentials
        authorization: { credentialsFrom: { secret: token } }
        staticConfigs: [{ targets: ["10.0.0.1:1"] }]
      - jobName: certificates
        tlsConfig: { caFile: tls/ca.pem, certFile: tls/cert.pem, keyFrom: { secret: token } }
        fileSDConfigs: [{ files: [targets/a.yml] }]
"""
        files = {"rules/a.yml": RULE.format("up == 0"), "targets/a.yml": '- targets: ["10.0.0.1:9100"]\n', "tls/ca.pem": CERTIFICATE, "tls/cert.pem": CERTIFICATE,
                 "templates/a.tmpl": '{{ define "a" }}b{{ end }}\n'}
        alerting = MAIL.replace("from: a@example.org", "from: a@example.org, username: a, passwordFrom: { secret: token }") + "    templates: [templates/a.tmpl]\n"
        for path in PATHS:
            self.write(path, monitoring=monitoring, alerting=alerting, files=files)
            result = self.validate(path=path)
            self.assertEqual(result.returncode, 0, result.stdout)
            self.assertIn("asked promtool", result.stdout)
            applied = self.run_vigie("apply", "--root", self.base / "root", "--host", "vm", "--yes", self.document, path=path)
            self.assertEqual(applied.returncode, 0, applied.stderr)
            written = (self.base / "root/opt/monitoring/prometheus/prometheus.yml").read_text()
            self.assertIn('"/etc/prometheus/secrets/token"', written)
            shutil.rmtree(self.base / "root")


class Asked(Case):
    def setUp(self):
        super().setUp()
        self.write(TODAY)

    def empty_path(self):
        (self.base / "bin").mkdir(exist_ok=True)
        return str(self.base / "bin")

    def checker(self, name, script):
        path = Path(self.empty_path()) / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path.parent)

    def test_with_tools_auto_a_missing_checker_is_reported_as_not_run(self):
        result = self.validate(path=self.empty_path(), tools="auto")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("not checked: PromQL, templates in rules", result.stdout)
        self.assertIn("promtool is not on this machine", result.stdout)
        self.assertIn("amtool is not on this machine", result.stdout)
        tools = json.loads(self.validate("-o", "json", path=self.empty_path(), tools="auto").stdout)["tools"]
        self.assertEqual([(each["program"], each["asked"]) for each in tools], [("promtool", False), ("amtool", False)])

    def test_a_missing_checker_is_an_error_where_it_is_required(self):
        result = self.validate(path=self.empty_path())
        self.assertEqual(result.returncode, 2)
        self.assertIn("promtool is missing", result.stderr)
        self.assertIn("--tools auto", result.stderr)

    def test_with_tools_off_no_checker_is_run(self):
        marker = self.base / "asked"
        path = self.checker("promtool", f"echo x >{marker}")
        result = self.validate(path=path, tools="off")
        self.assertEqual(result.returncode, 0)
        self.assertNotIn("asked", result.stdout)
        self.assertNotIn("not checked", result.stdout)
        self.assertFalse(marker.exists())
        self.assertEqual(self.run_vigie("validate", "--tools", "sometimes", self.document).returncode, 2)

    def test_no_checker_is_run_for_a_document_with_errors(self):
        (self.document / "stack.yaml").write_text((self.document / "stack.yaml").read_text().replace("host: vm", "host: vn"))
        result = self.validate()
        self.assertEqual(result.returncode, 1)
        self.assertIn("promtool and amtool run once there are no errors", result.stdout)

    def test_an_unknown_field_from_a_checker_older_than_the_image_is_only_a_note(self):
        said = ("parsing YAML file $3: yaml: unmarshal errors:\\n  line 4: field scrape_interval not found in type config.plain")
        path = self.checker("promtool", f'[ "$1" = --version ] && echo "promtool, version 2.42.0" && exit\nprintf "  FAILED: {said}\\n" >&2; exit 1')
        self.checker("amtool", '[ "$1" = --version ] && echo "amtool, version 0.33.0" && exit\nexit 0')
        self.write(TODAY, prometheus="3.5.0", alertmanager="0.33.0", monitoring="    scrapeInterval: 15s\n")
        notes = self.findings(path, tools="auto")
        self.assertEqual([(each["code"], each["severity"]) for each in notes], [("VG0603", "info")])
        self.assertIn("promtool here is 2.42, the image is prom/prometheus:v3.5.0", notes[0]["message"])
        result = self.validate(path=path, tools="auto")
        self.assertEqual(result.returncode, 0)
        self.assertIn("asked promtool 2.42 (the image is prom/prometheus:v3.5.0) and amtool 0.33\n", result.stdout)
        self.assertEqual(self.findings(path)[0]["severity"], "warning")
        self.assertEqual(self.validate(path=path).returncode, 1)

    def test_a_checker_that_crashes_is_reported_and_no_pass(self):
        path = self.checker("promtool", 'kill -9 $$')
        self.checker("amtool", "exit 0")
        result = self.validate(path=path, tools="auto")
        self.assertEqual(result.returncode, 0)
        self.assertIn("(promtool was killed)", result.stdout)
        self.assertEqual(self.validate(path=path).returncode, 2)

    def test_validation_leaves_no_files_behind(self):
        self.validate()
        self.assertEqual([path.name for path in self.base.iterdir()], ["document"])


class OnAHostWithoutAnEngine(Case):
    """The same words, in an apply."""

    def apply(self, path):
        result = self.run_vigie("apply", "--root", self.base / "root", "--host", "vm", "--yes", self.document, path=path)
        self.assertEqual(result.returncode, 2, result.stdout)
        self.assertFalse((self.base / "root/opt").exists())
        return result.stderr

    def test_a_complaint_of_amtool_is_shown_with_its_reason(self):
        for path in PATHS:
            self.write(path, alerting=AMTOOLS_ALONE)
            said = self.apply(path)
            self.assertIn("amtool refuses the configuration:\n    alertmanager.yml:", said)
            self.assertIn("no_such_setting", said)
            self.assertNotIn("failed to validate", said)
            self.assertIn("nothing was changed on this host", said)

    def test_a_syntax_error_is_not_blamed_on_the_checkers_version(self):
        self.write(OLD, prometheus="3.5.0", monitoring="    ruleFiles: [rules/a.yml]", files={"rules/a.yml": RULE.format("up = 0")})
        for path in PATHS:
            said = self.apply(path)
            self.assertIn("rules/a.yml:5:15: ", said)
            self.assertIn("`==`", said)
            self.assertNotIn("install", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
