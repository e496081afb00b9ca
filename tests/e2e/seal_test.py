#!/usr/bin/env python3
"""Secrets outlive the hosts that can open them: `vigie seal`, `seal --rotate`, recovery keys; the runbook of docs/secrets.md."""

import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
VIGIE = os.environ["VIGIE_BIN"]
SMTP, STATS = "S3cret of the mail server", "p?W6@x%y"
CIPHERTEXT = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}")


def vigie(*arguments, **options):
    return subprocess.run([VIGIE, *map(str, arguments)], capture_output=True, text=True, timeout=600, **options)


class Seal(unittest.TestCase):
    def setUp(self):
        self.base = Path(tempfile.mkdtemp(prefix="vigie-seal-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.directory = self.base / "moments"
        shutil.copytree(SOURCE / "examples/moments", self.directory)
        self.document = self.directory / "stack.yaml"
        self.safe = self.base / "safe"
        for host in ("vps", "vm"):
            self.new_identity(host)

    def ok(self, *arguments, **options):
        result = vigie(*arguments, **options)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        for value in (SMTP, STATS):
            self.assertNotIn(value, result.stdout + result.stderr)
        return result.stdout

    def refused(self, *arguments, **options):
        before = self.document.read_bytes()
        result = vigie(*arguments, **options)
        self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
        self.assertEqual(self.document.read_bytes(), before)
        return result.stderr

    def edit(self, old, new):
        text = self.document.read_text()
        self.assertEqual(text.count(old), 1, f"{old!r} in\n{text}")
        self.document.write_text(text.replace(old, new))

    def new_identity(self, host):
        """Makes the keys of a host and writes them into the document, as a person does it."""
        root = self.base / host
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        said = self.ok("keys", "init", "--root", root)
        old = re.search(rf"- name: {host}\n(?:      .*\n)+", self.document.read_text()).group()
        new = re.sub(r'(?<=publicKey: ")[^"]+', re.search(r'publicKey: "([^"]+)', said).group(1), old)
        new = re.sub(r'(?<=sealingKey: ")[^"]+', re.search(r'sealingKey: "([^"]+)', said).group(1), new)
        self.edit(old, new)

    def seal_both(self):
        self.ok("seal", "smtp", "--update", self.directory, input=SMTP)
        self.ok("seal", "pgbouncer-stats", "--update", self.directory, input=STATS)

    def recovery(self):
        said = self.ok("keys", "recovery", self.safe, "--name", "safe")
        self.edit("  secrets:\n", "  secretsRecovery:   # offline\n    " + said.split("\n", 1)[1].replace("\n  ", "\n      ") + "  secrets:\n")

    def opened(self, host, path, value):
        """What the host really gets."""
        self.ok("apply", "--host", host, self.directory, "--root", self.base / host, "--yes")
        self.assertIn(value, (self.base / host / path).read_text())

    def both_open(self):
        self.opened("vm", "opt/monitoring/alertmanager/secrets/smtp", SMTP)
        self.opened("vps", "opt/moments/pgbouncer-exporter/pgpass", STATS)

    def without_ciphertexts(self):
        return CIPHERTEXT.sub("…", self.document.read_text())

    def warnings(self):
        """But for those of facts: the example's are of other hosts than this test's."""
        found = json.loads(vigie("validate", self.directory, "-o", "json").stdout)["findings"]
        return [each["code"] for each in found if not each["code"].startswith("VG035")]

    def test_sealing_with_update_changes_only_the_ciphertext(self):
        before = self.without_ciphertexts()
        self.seal_both()
        self.assertEqual(self.without_ciphertexts(), before)
        self.both_open()
        self.assertIn("no secret `new`", self.refused("seal", "new", "--host", "vm", "--update", self.directory, input="x"))

    def test_a_value_that_its_reader_cannot_hold_is_refused_without_being_shown(self):
        before = self.document.read_text()
        said = self.refused("seal", "pgbouncer-stats", "--update", self.directory, input="canary\nsecond")
        self.assertIn("the value has a line break in it, which spec.exporters[0].pgbouncer.passwordFrom.secret cannot hold", said)
        self.assertNotIn("canary", said)
        self.assertEqual(self.document.read_text(), before)
        self.ok("seal", "smtp", "--update", self.directory, input=SMTP + "\r\n")  # one line end, as Windows writes it
        self.ok("seal", "pgbouncer-stats", "--update", self.directory, input="can ary")
        self.opened("vm", "opt/monitoring/alertmanager/secrets/smtp", SMTP)
        self.assertEqual((self.base / "vm/opt/monitoring/alertmanager/secrets/smtp").read_text(), SMTP)
        self.opened("vps", "opt/moments/pgbouncer-exporter/pgpass", "can ary")
        self.edit("  exporters:\n", "  exporters:\n    - name: database\n      type: postgres\n      project: moments\n      port: 9187\n      postgres: "
                  "{ service: db, user: u, passwordFrom: { secret: pgbouncer-stats } }\n")
        said = self.refused("apply", "--host", "vps", self.directory, "--root", self.base / "vps", "--yes")
        self.assertIn("the value of the secret `pgbouncer-stats` has white space in it, which "
                      "spec.exporters[0].postgres.passwordFrom.secret cannot hold", said)
        self.assertNotIn("can ary", said)

    def test_a_reinstalled_host_gets_its_secrets_from_the_recovery_key(self):
        self.recovery()
        self.assertEqual(stat.S_IMODE(self.safe.stat().st_mode), 0o600)
        self.assertEqual(self.warnings(), ["VG0520", "VG0520"])
        self.seal_both()
        self.assertEqual(self.warnings(), [])
        self.new_identity("vm")                        # the old one is gone with its disk
        result = vigie("apply", "--host", "vm", self.directory, "--root", self.base / "vm", "--yes")
        self.assertIn("cannot be decrypted", result.stderr)
        rotate = ("seal", "--rotate", "--recovery-identity", self.safe, "--for", "vm", self.directory)
        before = self.document.read_bytes()
        said = self.ok(*rotate, "--dry-run")
        self.assertEqual(said, "smtp\n  ~ vm: sealed again\n    safe: unchanged\n")
        self.assertEqual(self.document.read_bytes(), before)
        self.assertEqual(self.ok(*rotate), said)
        after = self.document.read_bytes()
        changed = [pair for pair in zip(before.splitlines(), after.splitlines(), strict=True) if pair[0] != pair[1]]
        self.assertEqual(len(changed), 1, changed)
        self.both_open()

    def test_each_host_seals_its_own_secrets_for_a_new_recovery_key(self):
        self.seal_both()
        self.recovery()
        self.assertIn("this identity cannot decrypt: smtp",
                      self.refused("seal", "--rotate", "--for", "safe", "--root", self.base / "vps", self.directory))
        for host, secret in (("vm", "smtp"), ("vps", "pgbouncer-stats")):
            said = self.ok("seal", "--rotate", "--for", "safe", "--only", secret, "--root", self.base / host, self.directory)
            self.assertIn("  + safe (recovery): sealed for the first time\n", said)
        self.assertEqual(self.warnings(), [])
        for host in ("vps", "vm"):
            self.new_identity(host)
        self.ok("seal", "--rotate", "--recovery-identity", self.safe, self.directory)
        self.both_open()

    def test_a_recovery_key_is_shown_again_and_never_overwritten(self):
        said = self.ok("keys", "recovery", self.safe)
        private = self.safe.read_bytes()
        self.assertEqual(self.ok("keys", "recovery", self.safe), said)
        self.assertEqual(self.safe.read_bytes(), private)
        self.assertNotIn(private.split()[1].decode(), said)
        self.safe.chmod(0o644)
        self.assertIn("can be read by others", vigie("keys", "recovery", self.safe).stderr)
        self.assertIn("can be read by others", self.refused("seal", "--rotate", "--recovery-identity", self.safe, self.directory))

    def test_an_impossible_request_is_refused_and_nothing_is_written(self):
        self.seal_both()
        self.assertIn("neither a host nor a recovery key `nobody`", self.refused("seal", "--rotate", "--for", "nobody", self.directory))
        self.assertIn("no secret `nothing`", self.refused("seal", "--rotate", "--only", "nothing", self.directory))
        self.assertIn("has no identity", self.refused("seal", "--rotate", "--root", self.base / "nowhere-else", self.directory)
                      if (self.base / "nowhere-else").mkdir() is None else "")
        self.assertIn("no secret is named", self.refused("seal"))
        ciphertext = CIPHERTEXT.search(self.document.read_text().split("name: smtp")[1]).group()
        self.edit(f'"{ciphertext}"', f">-\n            {ciphertext}")
        self.assertIn("cannot be edited in place",
                      self.refused("seal", "--rotate", "--only", "smtp", "--root", self.base / "vm", self.directory))


if __name__ == "__main__":
    unittest.main()
