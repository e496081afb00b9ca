#!/usr/bin/env python3
"""`vigie guest add` and `remove`: the document is edited in place, and the private half is seen once, by who may."""

import os
import pty
import re
import shutil
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
VIGIE = os.environ["VIGIE_BIN"]
PRIVATE = re.compile(r"PrivateKey = ([A-Za-z0-9+/]{43}=)")


def vigie(*arguments, **options):
    return subprocess.run([VIGIE, *map(str, arguments)], capture_output=True, text=True, timeout=600, **options)


def at_a_terminal(*arguments):
    """(exit code, what a person sees)"""
    master, slave = pty.openpty()
    process = subprocess.Popen([VIGIE, *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    out = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        out += piece
    os.close(master)
    return process.wait(), out.decode()


def public_of(private):
    return subprocess.run(["wg", "pubkey"], input=private, capture_output=True, text=True, check=True).stdout.strip()


class Guest(unittest.TestCase):
    def setUp(self):
        self.base = Path(tempfile.mkdtemp(prefix="vigie-guest-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.directory = self.base / "stack"
        self.document = self.directory / "stack.yaml"
        self.use("hub-and-spoke")

    def use(self, example, old="", new=""):
        shutil.rmtree(self.directory, ignore_errors=True)
        shutil.copytree(SOURCE / "examples" / example, self.directory)
        text = self.document.read_text()
        self.assertEqual(text.count(old) if old else 1, 1)
        self.document.write_text(text.replace(old, new) if old else text)
        self.before = self.document.read_text()

    def add(self, *options, name="laptop"):
        out = self.base / f"{name}.conf"
        result = vigie("guest", "add", name, self.directory, "-o", out, *options)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout, "")
        text = out.read_text()
        private = PRIVATE.search(text)[1]
        self.assertNotIn(private, result.stderr + self.document.read_text())
        self.assertEqual(stat.S_IMODE(out.stat().st_mode), 0o600)
        return text

    def refused(self, *arguments):
        result = vigie("guest", *arguments)
        self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
        self.assertEqual(self.document.read_text(), self.before)
        self.assertNotRegex(result.stderr, "[A-Za-z0-9+/]{43}=")
        return result.stderr

    def added_lines(self):
        now, before = self.document.read_text().splitlines(), self.before.splitlines()
        for line in before:  # in their order, byte for byte
            self.assertIn(line, now)
        return [line for line in now if line not in before]

    def test_a_guest_is_added_in_place_with_the_next_free_addresses(self):
        text = self.add("--reaches", "prometheus,alertmanager")
        line, = self.added_lines()
        public = public_of(PRIVATE.search(text)[1])
        self.assertEqual(line, '      - { name: laptop, address: 10.77.0.6, address6: "fd77::6", publicKey: "' + public
                         + '", reaches: [prometheus, alertmanager] }')
        self.assertEqual(vigie("validate", "--tools", "off", self.directory).returncode, 0)
        self.assertRegex(text, r"""(?x)^\#\ laptop,\ a\ guest\ of\ hub-and-spoke\n\[Interface\]\nPrivateKey\ =\ \S+\n
            Address\ =\ 10\.77\.0\.6/32,\ fd77::6/128\nMTU\ =\ 1420\n\n\#\ hub\n\[Peer\]\n
            PublicKey\ =\ n3UiZRwOQxbrXh0YDnm4Z1pZhqFoemsthU4LDqwRPxQ=\nEndpoint\ =\ hub\.example\.org:51820\n
            AllowedIPs\ =\ 10\.77\.0\.0/24,\ fd77::/64\nPersistentKeepalive\ =\ 25\n$""")
        second = self.add(name="tablet")
        self.assertIn("Address = 10.77.0.7/32, fd77::7/128", second)
        self.assertNotEqual(PRIVATE.search(second)[1], PRIVATE.search(text)[1])

    def test_wg_takes_the_configuration(self):
        self.add("--psk")
        shown = subprocess.run(["wg-quick", "strip", self.base / "laptop.conf"], capture_output=True, text=True)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("AllowedIPs = 10.77.0.0/24", shown.stdout)

    def test_a_preshared_key_is_sealed_for_the_gateway(self):
        root = self.base / "hub"
        root.mkdir()
        said = vigie("keys", "init", "--root", root).stdout
        keys = dict(re.findall(r'(publicKey|sealingKey): "([^"]+)"', said))
        text = self.document.read_text()
        text = text.replace("n3UiZRwOQxbrXh0YDnm4Z1pZhqFoemsthU4LDqwRPxQ=", keys["publicKey"])
        text = text.replace("qWXEKkV3m8a9ZCT/H6lERQxCM4vvim9EclMNvLpWL3s=", keys["sealingKey"])
        # What is sealed in the example is not for this key.
        text = re.sub(r"    presharedKeys:\n.*\n", "", text)
        text = re.sub(r'    - name: hub-watch\n      sealed:\n(?:        .*\n)+', "", text)
        self.document.write_text(text)
        self.before = text
        configuration = self.add("--psk")
        preshared = re.search("PresharedKey = (.+)", configuration)[1]
        self.assertRegex(preshared, r"^[A-Za-z0-9+/]{43}=$")
        self.assertNotIn(preshared, self.document.read_text())
        self.assertIn("presharedKeyFrom: { secret: guest-laptop-psk }", self.document.read_text())
        applied = vigie("apply", "--root", root, "--host", "hub", "--yes", self.directory)
        self.assertEqual(applied.returncode, 0, applied.stderr)
        self.assertIn(f"PresharedKey = {preshared}\n", (root / "etc/wireguard/wg0.conf").read_text())
        self.assertNotIn(preshared, applied.stdout + applied.stderr)
        removed = vigie("guest", "remove", "laptop", self.directory)
        self.assertEqual(removed.returncode, 0, removed.stderr)
        self.assertIn("guest-laptop-psk", removed.stderr)
        self.assertEqual(self.document.read_text(), self.before)

    def test_what_is_added_is_removed_without_a_trace(self):
        for example, old, new in (("hub-and-spoke", "", ""), ("moments", "network: 10.66.66.0/30", "network: 10.66.66.0/24"),
                                  ("moments", "{ interface: wg0, network: 10.66.66.0/30, listenPort: 51820, persistentKeepalive: 25 }",
                                   "\n    network: 10.66.66.0/24  # all of us\n    # nothing else")):
            with self.subTest(example=example, new=new):
                self.use(example, old, new)
                for options in ((), ("--psk", "--reaches", "prometheus")):
                    shutil.rmtree(self.base / "laptop.conf", ignore_errors=True)
                    (self.base / "laptop.conf").unlink(missing_ok=True)
                    self.add(*options)
                    self.assertNotEqual(self.document.read_text(), self.before)
                    result = vigie("guest", "remove", "laptop", self.directory)
                    self.assertEqual(result.returncode, 0, result.stderr)
                    self.assertEqual(self.document.read_text(), self.before)

    def test_the_private_half_is_printed_at_a_terminal_only(self):
        said = self.refused("add", "laptop", self.directory)
        self.assertIn("terminal", said)
        self.assertIn("-o FILE", said)
        code, seen = at_a_terminal("guest", "add", "laptop", self.directory)
        self.assertEqual(code, 0, seen)
        private = PRIVATE.search(seen)[1]
        self.assertIn(public_of(private), self.document.read_text())
        rows = [line for line in seen.replace("\r", "").split("\n") if line.startswith("\033[30;107m")]
        self.assertGreater(len(rows), 25)
        widths = {len(re.sub("\033[^m]*m", "", row)) for row in rows}
        self.assertEqual(len(widths), 1)
        self.assertIn(widths.pop() // 2, (len(rows), len(rows) - 1))  # it is a square: a character is two modules high

    def test_a_file_that_is_there_is_not_overwritten(self):
        out = self.base / "there"
        out.write_text("mine")
        self.assertIn("is there already", self.refused("add", "laptop", self.directory, "-o", out))
        self.assertEqual(out.read_text(), "mine")

    def test_what_cannot_be_is_refused_before_anything_is_written(self):
        out = self.base / "out"
        for words, complaint in ((("hub",), "already"), (("phone",), "already"), (("a b",), "not a valid name"),
                                 (("laptop", "--address", "10.77.0.1"), "is taken"), (("laptop", "--address", "10.78.0.1"), "no address in"),
                                 (("laptop", "--reaches", "grafana"), "no `grafana`"), (("laptop", "--reaches", "ssh"), "cannot reach"),
                                 (("laptop", "--host", "shop"), "omit --host")):
            with self.subTest(words=words):
                name, *options = words
                self.assertIn(complaint, self.refused("add", name, self.directory, "-o", out, *options))
                self.assertFalse(out.exists())
        self.assertIn("no guest `laptop`", self.refused("remove", "laptop", self.directory))
        self.use("single-host")
        self.assertIn("spec.wireguard", self.refused("add", "laptop", self.directory, "-o", out))
        self.use("high-availability", "network: 10.66.66.0/30", "network: 10.66.66.0/24")
        self.assertIn("--host", self.refused("add", "laptop", self.directory, "-o", out))
        self.use("moments")
        self.assertIn("taken", self.refused("add", "laptop", self.directory, "-o", out))  # a /30 has two addresses

    def test_one_of_several_hosts_is_named(self):
        self.use("high-availability", "network: 10.66.66.0/30", "network: 10.66.66.0/24")
        text = self.add("--host", "south", "--reaches", "prometheus")
        self.assertIn("Endpoint = 203.0.113.11:51820", text)
        self.assertIn("host: south }", self.document.read_text())

    def test_a_document_that_hides_its_list_is_not_touched(self):
        self.use("hub-and-spoke", "    guests:\n", "    guests: &all\n")
        result = vigie("guest", "add", "laptop", self.directory, "-o", self.base / "out")
        self.assertIn(result.returncode, (0, 2), result.stderr)
        if result.returncode == 2:
            self.assertEqual(self.document.read_text(), self.before)
            self.assertFalse((self.base / "out").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
