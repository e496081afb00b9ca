#!/usr/bin/env python3
"""`vigie import` on the two hosts of the runbook as directory trees, with the built program."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
VIGIE = os.environ["VIGIE_BIN"]
sys.path.insert(0, str(SOURCE / "tests/support"))

import hand_made  # noqa: E402


def vigie(*arguments, cwd=None):
    return subprocess.run([VIGIE, *map(str, arguments)], capture_output=True, text=True, timeout=600, cwd=cwd)


def files_below(directory):
    return {str(path.relative_to(directory)): path.read_bytes() for path in sorted(Path(directory).rglob("*")) if path.is_file()}


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.base = Path(tempfile.mkdtemp(prefix="vigie-import-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.roots = {"vps": self.base / "vps", "vm": self.base / "vm"}
        self.out = self.base / "moments"

    def make_hosts(self, keys=True):
        hand_made.make_vps(self.roots["vps"])
        hand_made.make_vm(self.roots["vm"])
        for root in self.roots.values():
            if keys:
                self.assertEqual(vigie("keys", "init", "--root", root).returncode, 0)

    def both(self, *more, out=None):
        return vigie("import", *(f"--from={host}={root}" for host, root in self.roots.items()), "-o", out or self.out, *more)

    def assertNoSecret(self, *texts):
        for text in texts:
            for secret in (*hand_made.SECRETS, *hand_made.PRIVATE.values()):
                self.assertNotIn(secret, text)


class Moments(Case):
    def setUp(self):
        super().setUp()
        self.make_hosts()

    def test_an_imported_document_is_valid_and_holds_no_secret(self):
        result = self.both()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        validated = vigie("validate", self.out)
        self.assertEqual((validated.returncode, validated.stderr), (0, ""), validated.stdout)
        self.assertNoSecret(result.stdout, result.stderr, *(text.decode() for text in files_below(self.out).values()))
        stack = (self.out / "stack.yaml").read_text()
        self.assertIn("# from vps:/etc/wireguard/wg0.conf", stack)
        for public in hand_made.PUBLIC.values():
            self.assertIn(public, stack)

    def test_secrets_in_any_imported_file_are_not_written_to_the_document(self):
        prometheus = self.roots["vm"] / "opt/monitoring/prometheus/prometheus.yml"
        text = prometheus.read_text()
        job = """scrape_configs:
  - job_name: canaries
    metrics_path: /m?token=canary-1
    params: { token: [canary-2], api_key: [canary-3], module: [http_2xx] }
    http_headers: { X-Key: { values: [canary-4] } }
    static_configs: [ { targets: ["192.0.2.7:9100"] } ]
"""
        self.assertIn("\nscrape_configs:\n", text)
        prometheus.write_text(text.replace("scrape_configs:\n", job) +
                              "\nremote_write: [ { url: 'https://example.org/push', headers: { X-Scope: canary-5 } } ]\n")
        alertmanager = self.roots["vm"] / "opt/monitoring/alertmanager/alertmanager.yml"
        alertmanager.write_text(alertmanager.read_text().replace("send_resolved: true", "headers: { X-Key: canary-6 }")
                                + "    webhook_configs: [ { url: 'https://example.org/canary-7', send_resolved: true } ]\n")
        override = self.roots["vps"] / "opt/moments/docker-compose.monitoring.yml"
        override.write_text(override.read_text().replace("[OTEL_ENDPOINT=http://10.66.66.2:4318/v1/traces]",
                                                         "['OTEL_ENDPOINT=http://10.66.66.2:4318/v1/traces?key=canary-8']"))
        self.assertIn("canary-8", override.read_text())
        preshared = base64.b64encode(b"canary".ljust(32, b"9")).decode()
        for host in ("vps", "vm"):
            tunnel = self.roots[host] / "etc/wireguard/wg0.conf"
            tunnel.write_text(tunnel.read_text().rstrip("\n") + f"\nPresharedKey = {preshared}\n")
        result = self.both()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        validated = vigie("validate", self.out)
        self.assertNotIn("error[", validated.stdout)
        written = files_below(self.out)
        self.assertIn("import/vm.yaml", written)
        for name, data in {**written, "what it said": (result.stdout + result.stderr).encode()}.items():
            self.assertNotIn(b"canary-", data, name)
            self.assertNotIn(preshared.encode(), data, name)
            if name.endswith(".yaml"):
                self.assertNotIn(b"lint: {}", data)
        self.assertIn(b"http_2xx", written["stack.yaml"])
        for host, root in self.roots.items():
            out = self.base / f"rendered-{host}"
            self.assertEqual(vigie("render", "--host", host, "--root", root, "--reveal-secrets", self.out, "-o", out).returncode, 0)
            self.assertIn(preshared, (out / "etc/wireguard/wg0.conf").read_text())

    def test_import_copies_rule_files_byte_by_byte(self):
        self.both()
        for rules in (SOURCE / "examples/moments/rules").iterdir():
            self.assertEqual((self.out / rules.name).read_bytes(), rules.read_bytes())

    def test_secrets_sealed_by_import_can_be_opened_on_their_hosts(self):
        self.both()
        for host, path, wanted in (("vm", "opt/monitoring/alertmanager/secrets/smtp", hand_made.SMTP_PASSWORD),
                                   ("vps", "opt/moments/pgbouncer-exporter/pgpass", hand_made.STATS_PASSWORD)):
            out = self.base / f"rendered-{host}"
            result = vigie("render", "--host", host, "--root", self.roots[host], "--reveal-secrets", self.out, "-o", out)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn(wanted, (out / path).read_text())

    def test_importing_changes_nothing_on_the_hosts(self):
        before = {host: files_below(root) for host, root in self.roots.items()}
        self.both()
        self.assertEqual({host: files_below(root) for host, root in self.roots.items()}, before)

    def test_importing_hosts_one_by_one_gives_the_same_document(self):
        at_once = self.both(out=self.base / "at-once/moments")
        self.assertEqual(at_once.returncode, 0, at_once.stderr)
        for host in ("vm", "vps"):
            result = vigie("import", "--host", host, "--root", self.roots[host], "-o", self.out)
            self.assertIn(result.returncode, (0, 1), result.stderr)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

        def without_ciphertexts(directory):
            return re.sub(r': "[A-Za-z0-9+/=]{60,}"', ": sealed", (directory / "stack.yaml").read_text())
        self.assertEqual(without_ciphertexts(self.out), without_ciphertexts(self.base / "at-once/moments"))

    def test_the_first_plan_after_an_import_has_exactly_the_changes_of_its_report(self):
        report = self.both().stdout
        self.assertNotIn("Differences that the document cannot avoid", report)
        adopt = {
            "vps": {"file:/etc/wireguard/wg0.conf", "file:/opt/moments/docker-compose.monitoring.yml"},
            "vm": {"file:/etc/wireguard/wg0.conf", "file:/opt/monitoring/prometheus/prometheus.yml",
                   "file:/opt/monitoring/alertmanager/alertmanager.yml"}}
        new = {
            "vps": {"directory:/opt/moments/pgbouncer-exporter", "file:/opt/moments/pgbouncer-exporter/pgpass",
                    "directory:/etc/systemd/system/docker.service.d", "file:/etc/systemd/system/docker.service.d/50-vigie.conf"},
            "vm": {"file:/opt/monitoring/compose.yaml", "file:/opt/monitoring/prometheus/vigie-render-info.yml",
                   "file:/opt/monitoring/prometheus/alerting-rules.yml", "file:/opt/monitoring/prometheus/recording-rules.yml",
                   "directory:/opt/monitoring/alertmanager-data", "directory:/opt/monitoring/alertmanager/secrets",
                   "file:/opt/monitoring/alertmanager/secrets/smtp",
                   "directory:/etc/systemd/system/docker.service.d", "file:/etc/systemd/system/docker.service.d/50-vigie.conf"}}
        if os.geteuid() == 0:  # who may chown sees whose the data is
            new["vm"].add("directory:/opt/monitoring/prom-data")
        for host, root in self.roots.items():
            said = report.split(f"First plan for {host}\n")[1].split("First plan for")[0]
            self.assertEqual(set(re.findall(r"^      - (\S+)$", said, re.M)), adopt[host])
            plan = vigie("plan", "--host", host, "--root", root, "-o", "json", *(f"--adopt={each}" for each in adopt[host]), self.out)
            changes = {change["id"]: change["action"] for change in json.loads(plan.stdout)["hosts"][0]["changes"] if change["action"] != "none"}
            self.assertEqual(set(changes), adopt[host] | new[host])
            self.assertNotIn("refuse", changes.values())
            for changed in changes:
                self.assertIn(changed, said)

    def test_after_an_apply_of_the_imported_document_the_plan_is_empty(self):
        report = self.both().stdout
        for host, root in self.roots.items():
            ids = re.findall(r"^      - (\S+)$", report.split(f"First plan for {host}\n")[1].split("First plan for")[0], re.M)
            applied = vigie("apply", "--host", host, "--root", root, "--yes", *(f"--adopt={each}" for each in ids), self.out)
            self.assertEqual(applied.returncode, 0, applied.stdout + applied.stderr)
            self.assertEqual(vigie("plan", "--host", host, "--root", root, self.out).returncode, 0)
            self.assertNotIn("SaveConfig", (root / "etc/wireguard/wg0.conf").read_text())

    def test_import_overwrites_an_edited_document_only_with_force(self):
        self.both()
        stack = self.out / "stack.yaml"
        stack.write_text(stack.read_text() + "# mine\n")
        before = files_below(self.out)
        result = self.both()
        self.assertEqual(result.returncode, 2)
        self.assertIn("--force", result.stderr)
        self.assertEqual(files_below(self.out), before)
        self.assertEqual(self.both("--force").returncode, 0)

    def test_import_can_write_ids_to_adopt_into_the_document(self):
        self.both("--adopt", "file:/etc/wireguard/wg0.conf")
        self.assertIn("file:/etc/wireguard/wg0.conf", (self.out / "stack.yaml").read_text())
        plan = vigie("plan", "--host", "vm", "--root", self.roots["vm"], "-o", "json", self.out)
        actions = {change["id"]: change["action"] for change in json.loads(plan.stdout)["hosts"][0]["changes"]}
        self.assertEqual(actions["file:/etc/wireguard/wg0.conf"], "adopt")


class Joined(Case):
    """Hosts that something else than a tunnel between two of them joins."""

    PRIVATE = hand_made.PRIVATE
    PUBLIC = hand_made.PUBLIC
    PHONE = hand_made._public(hand_made._clamped("the private key of a phone"))
    PRESHARED = base64.b64encode(b"canary".ljust(32, b"8")).decode()

    def tunnel(self, host, interface, peers):
        text = f"[Interface]\nPrivateKey = {self.PRIVATE[host]}\n{interface}\n{peers}"
        hand_made.write(self.roots[host] / "etc/wireguard/wg0.conf", text, 0o600)

    def project(self, host, name, text, files=()):
        hand_made.write(self.roots[host] / "opt" / name / "compose.yaml", text)
        for path, content in dict(files).items():
            hand_made.write(self.roots[host] / "opt" / name / path, content)

    def keys(self):
        for root in self.roots.values():
            self.assertEqual(vigie("keys", "init", "--root", root).returncode, 0)

    def monitoring(self, host, ports="", targets="example.org:80"):
        self.project(host, "watch", "services:\n  prometheus:\n    image: prom/prometheus:v3.5.0\n" + ports, {
            "prometheus/prometheus.yml":
                f"scrape_configs: [ {{ job_name: web, static_configs: [ {{ targets: ['{targets}'] }} ] }} ]\n"})

    def test_a_phone_becomes_a_guest_whose_preshared_key_is_sealed(self):
        self.tunnel("vps", "Address = 10.77.0.1/24\nListenPort = 51833\n"
                           "PostUp = iptables -t nat -A POSTROUTING -s 10.77.0.0/24 -o eth0 -j MASQUERADE # canary-hook",
                    f"[Peer]\nPublicKey = {self.PUBLIC['vm']}\nAllowedIPs = 10.77.0.2/32\n\n"
                    f"# the owner's phone\n[Peer]\nPublicKey = {self.PHONE}\nPresharedKey = {self.PRESHARED}\n"
                    "AllowedIPs = 10.77.0.11/32\n")
        self.tunnel("vm", "Address = 10.77.0.2/24",
                    f"[Peer]\nPublicKey = {self.PUBLIC['vps']}\nEndpoint = 203.0.113.10:51833\n"
                    "AllowedIPs = 10.77.0.0/24\nPersistentKeepalive = 25\n")
        hand_made.write(self.roots["vps"] / "etc/ufw/user.rules", hand_made.UFW)
        hand_made.write(self.roots["vm"] / "etc/ufw/user.rules", hand_made.UFW)
        self.monitoring("vm")
        self.keys()
        result = self.both()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        stack = (self.out / "stack.yaml").read_text()
        self.assertRegex(stack, r"- name: the-owners-phone\n +address: 10\.77\.0\.11\n"
                                rf" +publicKey: \"{re.escape(self.PHONE)}\"\n +presharedKeyFrom:\n +secret: psk-[0-9a-f]+\n"
                                r" +reaches: \[prometheus\]\n")
        self.assertIn("became the guest `the-owners-phone`: it reaches prometheus and nothing else any more", result.stdout)
        self.assertIn("address translation (MASQUERADE of 10.77.0.0/24 to eth0)", result.stdout)
        self.assertNotIn("was not imported", result.stdout)
        self.assertNotIn("error[", vigie("validate", self.out).stdout)
        for text in (result.stdout, result.stderr, *(each.decode() for each in files_below(self.out).values())):
            self.assertNotIn(self.PRESHARED, text)
            self.assertNotIn("canary", text)

    def test_a_tunnel_that_only_dials_needs_no_port(self):
        self.tunnel("vm", "Address = 10.77.0.2/24",
                    f"[Peer]\nPublicKey = {self.PUBLIC['vps']}\nEndpoint = 203.0.113.10:51833\nAllowedIPs = 10.77.0.0/24\n")
        result = vigie("import", "--host", "vm", "--root", self.roots["vm"], "-o", self.out)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertNotIn("VG0105", result.stdout)
        self.assertNotIn("listenPort", (self.out / "stack.yaml").read_text())

    def test_hosts_on_tailscale_are_joined_by_their_network_in_any_order(self):
        self.monitoring("vm", targets="100.64.0.1:8000")
        self.project("vps", "shop", "services:\n  web: { image: 'registry.example.org/web:1', ports: ['100.64.0.1:8000:8000'] }\n")
        hand_made.write(self.roots["vps"] / "etc/default/tailscaled", 'PORT="41641"\nFLAGS=""\n')
        hand_made.write(self.roots["vm"] / "ip-address.json", json.dumps([
            {"ifname": "tailscale0", "addr_info": [{"local": "100.64.0.2", "prefixlen": 32, "scope": "global"}]}]))
        self.keys()
        for host in ("vm", "vps"):
            result = vigie("import", "--host", host, "--root", self.roots[host], "-o", self.out)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        stack = (self.out / "stack.yaml").read_text()
        self.assertIn("  network:\n    interface: tailscale0\n", stack)
        self.assertRegex(stack, r"- name: vm\n +address: 100\.64\.0\.2\n")
        self.assertRegex(stack, r"- name: vps\n +address: 100\.64\.0\.1\n")
        self.assertNotIn("wireguard:", stack)
        self.assertIn("    - name: web\n      project: shop\n      service: web\n", stack)
        self.assertIn("`address` of vps is 100.64.0.1: a port of service web is published there", result.stdout)
        self.assertNotIn("`address` of vm is", result.stdout)  # the host itself says so
        self.assertNotIn("error[", vigie("validate", self.out).stdout)
        at_once = self.both(out=self.base / "at-once/moments")
        self.assertEqual(at_once.returncode, 0, at_once.stderr)
        self.assertEqual((self.base / "at-once/moments/stack.yaml").read_text(), stack)

    def test_hosts_that_nothing_joins_are_told_what_to_add(self):
        self.monitoring("vm")
        self.project("vps", "shop", "services:\n  web: { image: 'registry.example.org/web:1', ports: ['8000:8000'] }\n")
        self.keys()
        result = self.both()
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("nothing shows over which network the hosts reach each other", result.stdout)
        self.assertIn("write `spec.network` with the `interface`", result.stdout)
        self.assertIn("VG0310", result.stdout)
        stack = self.out / "stack.yaml"
        text = stack.read_text()
        for host, address in (("vm", "192.168.4.2"), ("vps", "192.168.4.1")):
            text = text.replace(f"- name: {host}\n", f"- name: {host}\n      address: {address}\n", 1)
        stack.write_text(text.replace("  projects:\n", "  network: { subnet: 192.168.4.0/24 }\n  projects:\n", 1))
        self.assertNotIn("error[", vigie("validate", self.out).stdout)  # it says what is missing, and nothing else is


class Broken(Case):
    def refused(self, *words, result):
        self.assertEqual(result.returncode, 2, result.stdout)
        self.assertEqual(result.stdout, "")
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertNoSecret(result.stderr)
        self.assertFalse(self.out.exists())

    def test_import_from_a_missing_root_is_refused(self):
        self.refused("there is no directory", result=vigie("import", "--host", "vm", "--root", self.base / "nowhere", "-o", self.out))

    def test_import_from_a_host_with_nothing_to_import_is_refused(self):
        self.roots["vm"].mkdir()
        self.refused("nothing to import", "/etc/wireguard/wg0.conf", "--project",
                     result=vigie("import", "--host", "vm", "--root", self.roots["vm"], "-o", self.out))

    def test_import_of_secrets_without_a_sealing_key_is_refused(self):
        self.make_hosts(keys=False)
        self.refused("vigie keys init", "--sealing-key", result=self.both())

    def test_import_accepts_a_sealing_key_as_an_option(self):
        self.make_hosts(keys=False)
        key = "PjakRAGk+qnQeJED/7fHWIWsDoff+plDAOkbfHU3gjo="
        result = self.both(f"--sealing-key=vps={key}", f"--sealing-key=vm={key}")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn(key, (self.out / "stack.yaml").read_text())

    def test_import_reports_all_malformed_files_at_once(self):
        self.make_hosts()
        hand_made.write(self.roots["vm"] / "opt/monitoring/prometheus/prometheus.yml", "global: [\n")
        hand_made.write(self.roots["vps"] / "etc/wireguard/wg0.conf", "[Interface]\nnonsense\n")
        self.refused("/opt/monitoring/prometheus/prometheus.yml:", "/etc/wireguard/wg0.conf:2:", result=self.both())

    @unittest.skipIf(os.geteuid() == 0, "root can read everything")
    def test_import_reports_an_unreadable_file_with_a_hint_at_root(self):
        self.make_hosts()
        (self.roots["vm"] / "etc/wireguard/wg0.conf").chmod(0)
        self.refused("wg0.conf", "run as root", result=self.both())

    def test_import_reports_a_directory_in_place_of_a_file(self):
        self.make_hosts()
        path = self.roots["vm"] / "opt/monitoring/prometheus/prometheus.yml"
        path.unlink()
        path.mkdir()
        self.refused("prometheus.yml", result=self.both())

    def test_import_refuses_an_invalid_host_name(self):
        self.make_hosts()
        self.refused("a b", result=vigie("import", "--host", "a b", "--root", self.roots["vm"], "-o", self.out))


if __name__ == "__main__":
    unittest.main(verbosity=2)
