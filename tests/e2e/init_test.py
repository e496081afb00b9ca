#!/usr/bin/env python3
"""`vigie init` and `vigie facts` below a root of their own: against a bare repository, and against a real sshd on loopback."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from git_transport_test import GitCase, SshCase, run, wait_until, write  # noqa: E402

PUBLIC_NONSENSE = "//////////////////////////////////////////8="  # a key of WireGuard that nobody has
VIGIE = os.environ["VIGIE_BIN"]
SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
STACK = """apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: {{ name: small }}
spec:
  hosts:
{host}
  wireguard: {{ network: 10.9.0.0/24 }}
"""


class Helpers:
    @property
    def root(self):
        return self.top / "root"

    def init(self, *more, url=None, wait="0", **options):
        return subprocess.run([VIGIE, "init", "--host", "vm", "--url", url or self.url, "--root", self.root, "--wait", wait, *more],
                              capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL, **options)

    def etc(self, name):
        return self.root / "etc/vigie" / name

    def push_document(self, said):
        """The lines that `vigie init` printed, pasted as it says."""
        lines = said.split("`spec.hosts`; both keys are public\n")[1].replace("address: ,", "address: 10.9.0.2,")
        commit = self.commit({"stack.yaml": STACK.format(host=lines.rstrip("\n"))})
        self.push()
        return commit

    def written(self):
        """{path: (bytes, mode)} of everything below the root but locks."""
        return {str(path.relative_to(self.root)): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
                for path in sorted(self.root.rglob("*")) if path.is_file() and path.name != "lock"}

    def assertSays(self, result, code, *words):
        said = result.stdout + result.stderr
        self.assertEqual(result.returncode, code, said)
        for word in words:
            self.assertIn(word, said)
        for path, (data, _) in self.written().items() if self.root.exists() else []:
            if path.endswith(("identity", "wg0.key", "deploy_key")):
                for line in data.decode().splitlines():
                    if len(line) > 20 and "-----" not in line:
                        self.assertNotIn(line, said)


class Local(Helpers, GitCase):
    def setUp(self):
        super().setUp()
        self.url = str(self.origin)

    def test_init_makes_a_fresh_host_ready_and_a_second_init_changes_nothing(self):
        first = self.init()
        self.assertSays(first, 1, "created the host's identity", "wrote ", "sealingKey:", "git: the document at ")
        self.assertNotIn("ssh-ed25519", first.stdout)
        self.push_document(first.stdout)
        before = self.written()
        second = self.init()
        self.assertSays(second, 0, "fetched the document", "vigie run --config")
        self.assertEqual(second.stdout, first.stdout)
        self.assertEqual(self.written(), before)
        controller = subprocess.Popen([VIGIE, "run", "--config", self.etc("vigie.yaml")], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.addCleanup(controller.wait, 30)
        self.addCleanup(controller.send_signal, signal.SIGTERM)
        wait_until(lambda: (self.root / "var/lib/vigie/status.json").exists(), "the controller reports")
        ready = self.init(wait="30s")
        self.assertSays(ready, 0, "host vm is Ready")

    def test_init_reports_a_document_without_the_host_or_its_keys(self):
        said = self.init().stdout
        document = self.push_document(said)
        self.commit({"stack.yaml": re.sub("name: vm", "name: other", (self.work / "stack.yaml").read_text())})
        self.push()
        self.assertSays(self.init(), 1, "has no host `vm` yet")
        self.git("reset", "--quiet", "--hard", document)
        text = (self.work / "stack.yaml").read_text()
        self.commit({"stack.yaml": re.sub('publicKey: "[^"]+"', 'publicKey: "OmYU3jkwvioUJLRLsOV5l3pwzDuJD2RQi5iMJuqFATE="', text)})
        self.push("--force")
        self.assertSays(self.init(), 1, "the `publicKey` of this host in the document is not its key")
        self.commit({"stack.yaml": text + "  nonsense: 1\n"})
        self.push()
        self.assertSays(self.init(), 1, "1 error")
        self.assertSays(self.init("--branch", "gone", "--force"), 1, "main")

    def test_init_keeps_another_configuration_unless_forced(self):
        write(self.root / "etc/vigie/vigie.yaml" if self.root.exists() else self._made(), "host: vm\n")
        result = self.init()
        self.assertSays(result, 2, "has other content", "--force")
        self.assertEqual(set(self.written()), {"etc/vigie/vigie.yaml"})
        self.assertSays(self.init("--force"), 1)
        self.assertIn(str(self.origin), self.etc("vigie.yaml").read_text())

    def _made(self):
        (self.root / "etc/vigie").mkdir(parents=True)
        return self.etc("vigie.yaml")

    def test_init_refuses_invalid_options_before_it_writes_anything(self):
        self.assertSays(self.init("--path", "/abs"), 2, "abs")
        self.assertSays(self.init(wait="soon"), 2, "--wait")
        self.assertSays(self.init(url="git://example.org/x"), 2, "do not make a valid configuration")
        self.assertFalse(self.root.exists())

    def test_init_uses_the_key_and_address_of_an_existing_tunnel(self):
        (self.root / "etc/wireguard").mkdir(parents=True)
        private = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8="
        write(self.root / "etc/wireguard/wg0.conf", f"[Interface]\nAddress = 10.9.0.7/24\nPrivateKey = {private}\n")
        result = self.init()
        self.assertSays(result, 1, "copied the existing WireGuard key", "address: 10.9.0.7,")
        self.assertNotIn(private, result.stdout + result.stderr)

    PRIVATE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8="

    def keys(self, config):
        """`vigie keys init` in a new root with this wg0.conf."""
        shutil.rmtree(self.root, ignore_errors=True)
        (self.root / "etc/wireguard").mkdir(parents=True)
        if isinstance(config, Path):
            os.symlink(config, self.root / "etc/wireguard/wg0.conf")
        else:
            (self.root / "etc/wireguard/wg0.conf").write_bytes(config.encode())
        done = subprocess.run([VIGIE, "keys", "init", "--root", self.root], capture_output=True, text=True, timeout=600)
        self.assertNotIn(self.PRIVATE, done.stdout + done.stderr)
        return done

    def test_keys_init_reads_an_existing_private_key_in_every_spelling_that_wg_accepts(self):
        public = subprocess.run(["wg", "pubkey"], input=self.PRIVATE, capture_output=True, text=True, check=True).stdout.strip()
        for config in (f"[Interface]\nPrivateKey = {self.PRIVATE}\n", f"[interface]\r\nprivatekey={self.PRIVATE}\r\n",
                       f" [INTERFACE]\n\tPRIVATEKEY\t=  {self.PRIVATE}   # the old one\n",
                       f"#x\n[Interface] # us\nPrivate Key = {self.PRIVATE}#y\n[Peer]\nPublicKey = {public}\n",
                       f"[Interface]\nPrivateKey = {PUBLIC_NONSENSE}\nPrivateKey = {self.PRIVATE}\n"):
            with self.subTest(config):
                done = self.keys(config)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("copied the existing WireGuard key", done.stderr)
                self.assertIn(f'publicKey: "{public}"', done.stdout)

    def test_keys_init_refuses_an_unusable_existing_key_before_it_writes_anything(self):
        elsewhere = Path(write(self.top / "elsewhere.conf", f"[Interface]\nPrivateKey = {self.PRIVATE}\n"))
        for config, place in ((f"[Interface]\nAddress = 10.0.0.1/24\nPrivateKey = {self.PRIVATE[:-2]}\n", "wg0.conf:3: this PrivateKey is no"),
                              ("[Interface]\nprivatekey =\n", "wg0.conf:2: this PrivateKey is no"),
                              ("[Interface]\nPostUp = wg set %i private-key /etc/wireguard/private\n", "wg0.conf:2: the tunnel's key comes from a command"),
                              (elsewhere, "wg0.conf is not a regular file")):
            with self.subTest(config):
                done = self.keys(config)
                self.assertEqual(done.returncode, 2)
                self.assertIn(place, done.stderr)
                self.assertIn("hint:", done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertFalse((self.root / "etc/wireguard/wg0.key").exists())
                self.assertFalse((self.root / "var/lib/vigie/identity").exists())
        # What has no key of its own, or one of our own rendering of a root without keys, gets a new one.
        for config in ("[Interface]\nAddress = 10.0.0.1/24\n", "[Interface]\nPrivateKey = ***\n"):
            self.assertIn("created the WireGuard key", self.keys(config).stderr)

    def test_keys_show_warns_if_the_tunnel_uses_another_key(self):
        self.keys(f"[Interface]\nPrivateKey = {self.PRIVATE}\n")
        show = [VIGIE, "keys", "show", "--root", self.root]
        public = subprocess.run(["wg", "pubkey"], input=self.PRIVATE, capture_output=True, text=True, check=True).stdout.strip()
        self.assertEqual(subprocess.run(show, capture_output=True, text=True, timeout=600).stderr, "")
        write(self.root / "etc/wireguard/wg0.key", PUBLIC_NONSENSE + "\n")
        done = subprocess.run(show, capture_output=True, text=True, timeout=600)
        self.assertIn(f"set up with another key; its public key is {public}", done.stderr)
        (self.root / "etc/wireguard/wg0.key").unlink()
        done = subprocess.run([VIGIE, "keys", "init", "--root", self.root], capture_output=True, text=True, timeout=600)
        self.assertIn(f'publicKey: "{public}"', done.stdout)

    def test_facts_are_json_without_private_keys(self):
        facts = json.loads(run(VIGIE, "facts", "--root", str(self.root)))
        self.assertEqual((facts["kind"], facts["keys"], facts["tools"]), ("HostFacts", None, None))
        said = self.init().stdout
        text = run(VIGIE, "facts", "--root", str(self.root), "-o", "json")
        facts = json.loads(text)
        self.assertIn(facts["keys"]["wireguardPublicKey"], said)
        self.assertIn(facts["keys"]["sealingKey"], said)
        for name in ("etc/wireguard/wg0.key", "var/lib/vigie/identity"):
            self.assertNotIn((self.root / name).read_text().split()[-1], text)

    def test_facts_of_this_machine_name_its_programs(self):
        facts = json.loads(run(VIGIE, "facts"))
        self.assertEqual(set(facts["tools"]), {"wg", "ip", "ufw", "docker", "promtool", "amtool", "compose"})
        self.assertIsInstance(facts["capabilities"]["systemd"], bool)

    def test_facts_beside_a_document_pass_validation(self):
        document = self.top / "document"
        shutil.copytree(SOURCE / "examples/moments", document)
        for options in ((), ("--root", str(self.root))):
            (document / "facts/vps.json").write_text(run(VIGIE, "facts", *options))
            result = subprocess.run([VIGIE, "validate", "-o", "json", document], capture_output=True, text=True)
            self.assertTrue(json.loads(result.stdout)["valid"], result.stdout)


class Ssh(Helpers, SshCase):
    def setUp(self):
        super().setUp()
        self.fingerprint = run("ssh-keygen", "-lf", str(self.top / "host.pub")).split()[1]

    def accept(self, said):
        """What the git server's operator does with the line that `vigie init` printed."""
        line = re.search(r"^ssh-ed25519 \S+ vigie@vm$", said, re.M)[0]
        with open(self.top / "authorized", "a") as file:
            file.write(line + "\n")
        return line

    def test_init_makes_a_deploy_key_and_pins_the_servers_key(self):
        first = self.init("--fingerprint", self.fingerprint)
        self.assertSays(first, 1, "created the deploy key", "pinned the host key", "deploy key")
        line = self.accept(first.stdout)
        self.assertEqual(stat.S_IMODE(self.etc("deploy_key").stat().st_mode), 0o600)
        self.assertEqual(run("ssh-keygen", "-y", "-f", str(self.etc("deploy_key"))), line)
        self.assertIn(f"[127.0.0.1]:{self.port} ssh-ed25519 ", self.etc("known_hosts").read_text())
        self.push_document(first.stdout)
        before = self.written()
        second = self.init("--fingerprint", self.fingerprint)
        self.assertSays(second, 0, "fetched the document")
        self.assertEqual(second.stdout, first.stdout)
        self.assertEqual(self.written(), before)
        self.assertSays(self.init(), 0, "fetched the document")

    def test_init_does_not_pin_a_host_key_with_another_fingerprint(self):
        other = run("ssh-keygen", "-lf", str(self.top / "other_host.pub")).split()[1]
        self.assertSays(self.init("--fingerprint", other), 2, "do not match --fingerprint", self.fingerprint)
        self.assertFalse(self.etc("known_hosts").exists())
        self.assertFalse(self.etc("vigie.yaml").exists())
        self.assertSays(self.init("--fingerprint", self.fingerprint), 1)
        self.assertSays(self.init("--fingerprint", other), 2, "pins other keys")

    def test_init_without_a_terminal_pins_a_host_key_only_with_fingerprint_or_yes(self):
        self.assertSays(self.init(), 2, self.fingerprint, "--fingerprint", "--known-hosts")
        self.assertFalse(self.etc("known_hosts").exists())
        self.assertSays(self.init("--yes"), 1, "trusted because of --yes", self.fingerprint)

    def test_init_pins_host_keys_from_a_file(self):
        wrong = write(self.top / "wrong", "git.example.org ssh-ed25519 " + (self.top / "host.pub").read_text().split()[1] + "\n")
        self.assertSays(self.init("--known-hosts", wrong), 2, "has no host key of [127.0.0.1]")
        self.assertSays(self.init("--known-hosts", self.pins), 1, "pinned the host key")
        self.assertEqual(self.etc("known_hosts").read_text(), Path(self.pins).read_text())

    def test_init_keeps_known_keys_of_other_servers(self):
        other = "git.example.org ssh-ed25519 " + (self.top / "other_host.pub").read_text().split()[1]
        self.etc("known_hosts").parent.mkdir(parents=True)
        write(self.etc("known_hosts"), other)  # no line end
        self.assertSays(self.init("--fingerprint", self.fingerprint), 1, "pinned the host key")
        lines = self.etc("known_hosts").read_text().splitlines()
        self.assertEqual(lines[0], other)
        self.assertIn(f"[127.0.0.1]:{self.port} ssh-ed25519 ", lines[1])
        write(self.etc("known_hosts"), other + "\n")
        self.assertSays(self.init("--known-hosts", self.pins), 1, "pinned the host key")
        self.assertEqual(self.etc("known_hosts").read_text(), other + "\n" + Path(self.pins).read_text())
        self.assertSays(self.init("--fingerprint", self.fingerprint, "--force"), 1, "pinned the host key")
        self.assertNotIn("git.example.org", self.etc("known_hosts").read_text())

    def test_init_contacts_an_ipv6_server_at_its_address(self):
        for url in ("git@[::1]:x.git", "ssh://git@[::1]/x.git"):
            self.assertSays(self.init("--yes", url=url), 2, "no ssh server answers at ::1\n")

    def test_init_without_ssh_keyscan_shows_the_line_to_write(self):
        (self.top / "bin").mkdir()
        result = self.init("--yes", env={"PATH": str(self.top / "bin")})
        self.assertSays(result, 2, "openssh-client", f"[127.0.0.1]:{self.port} ssh-ed25519 BASE64")

    def test_init_with_an_unreachable_server_is_an_error(self):
        result = self.init("--yes", url=f"ssh://git@127.0.0.1:1{self.origin}")
        self.assertSays(result, 2, "no ssh server answers at [127.0.0.1]:1")


if __name__ == "__main__":
    unittest.main(verbosity=2)
