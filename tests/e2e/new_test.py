#!/usr/bin/env python3
"""`vigie new` and `vigie help` from outside: options, questions on a terminal, nothing written over; every command's own help."""

import json
import os
import pty
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

VIGIE = os.environ["VIGIE_BIN"]


def vigie(*arguments, **options):
    return subprocess.run([VIGIE, *map(str, arguments)], capture_output=True, text=True, timeout=600, **{"stdin": subprocess.DEVNULL, **options})


class Case(unittest.TestCase):
    def setUp(self):
        self.base = Path(tempfile.mkdtemp(prefix="vigie-new-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)

    def valid(self, directory):
        for tools in ("off", "auto"):
            result = vigie("validate", "--tools", tools, "-o", "json", directory)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertTrue(json.loads(result.stdout)["valid"])


class New(Case):
    def test_each_combination_of_options_gives_a_document_that_checkers_accept(self):
        mail = ["--mail", "ops@example.org", "--smarthost", "smtp.example.org:587"]
        combinations = {
            "one": ["--host", "shop"],
            "two": ["--host", "vps@203.0.113.10", "--host", "vm", *mail],
            "all": ["--host", "vps@203.0.113.10=10.1.0.9", "--host", "vm", "--network", "10.1.0.0/24", "--prometheus", "vps", *mail,
                    "--exporter", "node", "--exporter", "cadvisor", "--grafana", "--name", "everything"],
            "few": ["--host", "a@192.0.2.1", "--host", "b@192.0.2.2", "--host", "c", "--exporter", "none"],
            "over": ["--host", "nas=100.64.0.1", "--host", "pc=100.64.0.2", "--over", "tailscale0"],
            "six": ["--host", "a@192.0.2.1", "--host", "b", "--network", "fd66::/64"],
        }
        for name, options in combinations.items():
            with self.subTest(name):
                result = vigie("new", self.base / "deep" / name, *options)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.valid(self.base / "deep" / name)
                text = (self.base / "deep" / name / "stack.yaml").read_text()
                self.assertIn("TODO", text)
                self.assertIn("name: everything" if name == "all" else f"name: {name}", text)
                for host in json.loads(vigie("plan", "--all-hosts", "-o", "json", self.base / "deep" / name).stdout)["hosts"]:
                    self.assertTrue(host["changes"] or name == "few")

    def test_an_existing_file_is_never_overwritten(self):
        for file in ("stack.yaml", "other.yml", "one.json"):
            place = self.base / file.split(".")[0]
            place.mkdir()
            (place / file).write_text("mine\n")
            result = vigie("new", place, "--host", "shop")
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertIn(f"{place}/{file} exists already; `vigie new` overwrites nothing", result.stderr)
            self.assertEqual([path.name for path in place.iterdir()], [file])
            self.assertEqual((place / file).read_text(), "mine\n")
        (self.base / "file").write_text("")
        self.assertEqual(vigie("new", self.base / "file", "--host", "shop").returncode, 2)
        (self.base / "git/.git").mkdir(parents=True)
        self.assertEqual(vigie("new", self.base / "git", "--host", "shop").returncode, 0)

    def test_impossible_options_are_refused_and_leave_no_directory(self):
        for options, words in ((["--host", "a", "--host", "b"], "--host a@203.0.113.10"), (["--host", "no name!"], "--host no name!"),
                               ([], "you cannot be asked"), (["--host", "a", "--mail", "x@y"], "--smarthost")):
            result = vigie("new", self.base / "no", *options)
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertIn(words, result.stderr)
            self.assertIn("hint: ", result.stderr)
            self.assertFalse((self.base / "no").exists())

    def test_on_a_terminal_the_answers_become_the_document(self):
        code, said = self.answer(["mine", "vps 203.0.113.10", "vm", "", "", "", "", "", "ops@example.org", "", "node cadvisor", "y"])
        self.assertEqual(code, 0, said)
        self.valid(self.base / "asked")
        text = (self.base / "asked/stack.yaml").read_text()
        for words in ("name: mine", 'endpoint: "203.0.113.10"', "{ name: monitoring, host: vm,", 'smarthost: "smtp.example.org:587"',
                      "type: cadvisor", "grafana: {"):
            self.assertIn(words, text)

    def test_the_shortest_answers_give_a_valid_document(self):
        code, said = self.answer(["", "", "shop", "", "", "none", ""])
        self.assertEqual(code, 0, said)
        self.valid(self.base / "asked")
        self.assertIn("name: asked", (self.base / "asked/stack.yaml").read_text())

    def test_input_that_ends_early_writes_nothing(self):
        code, said = self.answer(["mine", "shop"])
        self.assertEqual(code, 2, said)
        self.assertIn("the input ended", said)
        self.assertFalse((self.base / "asked").exists())

    def answer(self, lines):
        """(exit code, what was said) of a `vigie new` on a terminal that is told these lines and then ^D."""
        ours, theirs = pty.openpty()
        with subprocess.Popen([VIGIE, "new", str(self.base / "asked")], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True) as process:
            os.close(theirs)
            os.write(ours, "".join(line + "\n" for line in lines).encode() + b"\x04\x04")
            said = b""
            while True:
                try:
                    part = os.read(ours, 4096)
                except OSError:  # the last one on the other side has gone
                    break
                if not part:
                    break
                said += part
            code = process.wait(timeout=600)
        os.close(ours)
        return code, said.decode()


class Help(Case):
    def commands(self, tree=None, path=()):
        for inner in (tree or json.loads(vigie("commands").stdout))["commands"]:
            if inner["commands"]:
                yield from self.commands(inner, (*path, inner["name"]))
            else:
                yield (*path, inner["name"]), inner

    def test_each_command_shows_its_own_exit_codes_and_a_valid_example(self):
        everything = list(self.commands())
        self.assertGreater(len(everything), 25)
        for path, command in everything:
            with self.subTest(path):
                shown = vigie(*path, "--help")
                self.assertEqual((shown.returncode, shown.stderr), (0, ""))
                self.assertEqual(vigie("help", *path).stdout, shown.stdout)
                self.assertRegex(shown.stdout, r"\nExit codes: 0")
                self.assertNotIn("Begin with", shown.stdout)
                example = re.search(r"\nExample:    (.*)\n", shown.stdout).group(1)
                self.assertIn("vigie " + " ".join(path), example)
                known = {name for option in command["options"] for name in option["names"]}
                said = example.split("vigie " + " ".join(path), 1)[1]
                self.assertEqual([word for word in said.split() if word.startswith("-") and word not in known], [])

    def test_commands_with_special_exit_codes_explain_them(self):
        self.assertIn("With --detailed-exitcode: 0 no difference; 1 an error; 2 a difference.", vigie("plan", "--help").stdout)
        self.assertIn("0 valid; 1 errors or warnings; 2 the document could not be validated.", vigie("validate", "--help").stdout)

    def test_help_and_version_are_shown_for_every_spelling(self):
        self.assertEqual(vigie("help").stdout, vigie("--help").stdout)
        self.assertEqual(vigie("help", "plan").stdout, vigie("plan", "--help").stdout)
        self.assertEqual(vigie("-V").stdout, vigie("--version").stdout)
        self.assertRegex(vigie("-V").stdout, r"^vigie \d+\.\d+\.\d+\n$")
        result = vigie("help", "plna")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("did you mean `vigie plan`?", result.stderr)

    def test_a_misspelt_command_is_answered_with_the_nearest_one(self):
        for words, meant in ((["lint"], "vigie validate"), (["diff"], "vigie plan"), (["keys", "inti"], "vigie keys init"),
                             (["key"], "vigie keys"), (["logs"], "vigie history` or `vigie events"), (["valid", "DIR"], "vigie validate")):
            result = vigie(*words)
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertIn(f"hint: did you mean `{meant}`?", result.stderr)
        self.assertIn("`vigie --help` lists them", vigie("zzzzzzzz").stderr)


class Explain(Case):
    def test_a_code_is_explained_in_every_spelling(self):
        page = vigie("explain", "VG0357").stdout
        self.assertIn("# VG0357", page)
        for word in ("0357", "357", "vg0357", "vg357"):
            self.assertEqual(vigie("explain", word).stdout, page)

    def test_an_unknown_code_is_answered_with_three_near_ones(self):
        result = vigie("explain", "VG9999")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertRegex(result.stderr, r"hint: the nearest codes: VG\d{4}, VG\d{4}, VG\d{4}; docs/codes/README.md lists all codes\n$")
        self.assertIn("the nearest codes: VG0373, VG0374, VG0375", vigie("explain", "376").stderr)

    def test_a_field_is_explained_with_its_type_meaning_and_example(self):
        said = vigie("explain", "prometheus.web.externalURL")
        self.assertEqual((said.returncode, said.stderr), (0, ""))
        for words in ("spec.prometheus.web.externalURL: text", "optional", "The URL for links in alerts", "Example:\nspec:\n",
                      "externalURL: \"https://"):
            self.assertIn(words, said.stdout)
        self.assertIn("Fields:\n  address ", vigie("explain", "spec.hosts[].vpn").stdout)

    def test_every_section_of_the_reference_is_explained_with_an_example(self):
        text = (Path(os.environ["VIGIE_SOURCE_DIR"]) / "docs/spec.md").read_text()
        sections = [each for each in re.findall(r"^##+ (\S+)$", text, re.M) if not each.startswith("status")]
        self.assertGreater(len(sections), 120)
        for section in sections:
            result = vigie("explain", section)
            self.assertEqual((result.returncode, result.stderr), (0, ""), section)
            self.assertIn("\nExample:\n", result.stdout, section)

    def test_an_unknown_field_is_answered_with_near_ones(self):
        for word, near in (("prometheus.web.externalUrl", "spec.prometheus.web.externalURL"), ("spec.promethius", "spec.prometheus"),
                           ("externalURL", "spec.prometheus.web.externalURL, spec.alertmanager.web.externalURL")):
            result = vigie("explain", word)
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertIn(f"hint: did you mean {near}", result.stderr)
        self.assertIn("`vigie explain spec` lists the fields of a document", vigie("explain", "qqqqqqqqqqq").stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
