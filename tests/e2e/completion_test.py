#!/usr/bin/env python3
"""`vigie completion`: a real bash loads the script and completes; every option that the help shows is known to each shell."""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
VIGIE = os.environ["VIGIE_BIN"]
PATH = str(Path(VIGIE).parent) + ":" + os.environ["PATH"]


def vigie(*argv):
    return subprocess.run([VIGIE, *argv], capture_output=True, text=True, timeout=600)


def bash(script, *argv, cwd=None):
    return subprocess.run(["bash", "--norc", "-c", script, "bash", *argv], capture_output=True, text=True, timeout=600, cwd=cwd,
                          env={**os.environ, "PATH": PATH})


def complete(*words, cwd=SOURCE):
    """What bash offers for the last of the words; readline has broken them at `=` already."""
    result = bash('source <(vigie completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vigie; '
                  'printf "%s\\n" "${COMPREPLY[@]}"', "vigie", *words, cwd=cwd)
    assert result.stderr == "", result.stderr
    return set(result.stdout.split())


def commands(tree, path=()):
    for inner in tree["commands"]:
        yield (*path, inner["name"]), inner
        yield from commands(inner, (*path, inner["name"]))


class Bash(unittest.TestCase):
    def test_the_script_loads_without_output_and_registers_vigie(self):
        result = bash("set -eu; source <(vigie completion bash); complete -p vigie")
        self.assertEqual((result.returncode, result.stderr, result.stdout), (0, "", "complete -F _vigie vigie\n"))

    def test_commands_and_subcommands_are_completed(self):
        self.assertEqual(complete("va"), {"validate"})
        self.assertLessEqual({"plan", "apply", "keys", "status"}, complete(""))
        self.assertNotIn("hosts", complete(""))
        self.assertNotIn("--help", complete(""))
        self.assertEqual(complete("keys", ""), {"init", "show", "rotate", "recovery"})
        self.assertEqual(complete("config", ""), {"check"})
        self.assertEqual(complete("completion", ""), {"bash", "zsh", "fish"})

    def test_options_of_the_current_command_are_completed(self):
        self.assertEqual(complete("plan", "--a"), {"--all", "--all-hosts", "--activate", "--adopt", "--allow-removal"})
        self.assertEqual(complete("keys", "rotate", "--f"), {"--finish"})
        self.assertEqual(complete("suspend", "--"), {"--reason", "--for", "--root", "--state", "--help"})
        self.assertEqual(complete("recover", "--f"), {"--forget-state"})
        self.assertEqual(complete("reconcile", "--a"), {"--allow-rewind"})
        self.assertIn("--version", complete("--"))
        self.assertNotIn("--version", complete("plan", "--"))

    def test_option_values_are_completed_after_a_space_and_after_an_equals_sign(self):
        self.assertEqual(complete("plan", "--activate", ""), {"none", "reload", "all"})
        self.assertEqual(complete("plan", "--activate", "=", "re"), {"reload"})
        self.assertEqual(complete("plan", "-o", ""), {"text", "json", "markdown"})
        # A value is no command and no directory, and the option behind it is one.
        self.assertIn("--yes", complete("apply", "--host", "keys", "--y"))

    def test_hosts_are_completed_from_the_document(self):
        self.assertEqual(complete("plan", "examples/moments", "--host", ""), {"vps", "vm"})
        self.assertEqual(complete("apply", "--yes", "--host", "v", cwd=SOURCE / "examples/moments"), {"vps", "vm"})
        self.assertEqual(complete("plan", "--host", "=", "vp", cwd=SOURCE / "examples/moments"), {"vps"})
        self.assertEqual(complete("plan", "--host", "", cwd="/"), set())

    def test_directories_are_completed_where_a_document_is_expected(self):
        self.assertEqual(complete("validate", "examples/mo"), {"examples/moments"})
        self.assertNotIn("README.md", complete("validate", ""))
        self.assertEqual(complete("import", "--project", "examples/mo"), {"examples/moments"})

    def test_files_are_completed_where_a_file_is_expected(self):
        for words in (("run", "--config"), ("verify", "--allowed-signers"), ("init", "--known-hosts")):
            self.assertEqual(complete(*words, "READ"), {"README.md"})

    def test_recently_added_commands_are_completed(self):
        self.assertLessEqual({"approve", "events", "facts", "import", "init", "verify"}, complete(""))
        self.assertEqual(complete("status", "--al"), {"--all-hosts"})


class AllShells(unittest.TestCase):
    def test_every_command_and_option_is_in_each_script(self):
        tree = json.loads(vigie("commands").stdout)
        scripts = {shell: vigie("completion", shell).stdout for shell in ("bash", "zsh", "fish")}
        self.assertGreater(len(list(commands(tree))), 15)
        for path, command in commands(tree):
            for shell, script in scripts.items():
                self.assertIn(command["name"], script, shell)
            for option in command["options"]:
                for name in [] if option["positional"] else option["names"]:
                    self.assertRegex(scripts["bash"], rf"'{' '.join(path)}'\)\n\s+words='[^']*{re.escape(name)}\b")
                    self.assertIn(f"'{name}[" if not option["repeatable"] else f"'*{name}[", scripts["zsh"])
                    flag = f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                    self.assertIn(f" {flag} ", scripts["fish"])

    def test_the_list_of_commands_matches_the_help(self):
        tree = json.loads(vigie("commands").stdout)
        for path, command in commands(tree):
            text = vigie(*path, "--help").stdout
            for option in command["options"]:
                for name in option["names"]:
                    self.assertIn(name, text, path)
        flags = {name for _, command in commands(tree) for option in command["options"] if not option["takesValue"]
                 for name in option["names"]}
        self.assertEqual(flags & {"--yes", "--host", "--all-hosts", "--root", "--adopt"}, {"--yes", "--all-hosts"})

    def test_fish_completes_commands_options_and_values(self):
        def complete_in_fish(line):
            result = subprocess.run(["fish", "--no-config", "-c", "vigie completion fish | source; complete -C $argv[1]", line], cwd=SOURCE,
                                    capture_output=True, text=True, timeout=600, env={**os.environ, "PATH": PATH})
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            return {offer.split("\t")[0] for offer in result.stdout.splitlines()}
        self.assertEqual(complete_in_fish("vigie va"), {"validate"})
        self.assertEqual(complete_in_fish("vigie keys "), {"init", "show", "rotate", "recovery"})
        self.assertEqual(complete_in_fish("vigie plan --activate "), {"none", "reload", "all"})
        self.assertEqual(complete_in_fish("vigie plan examples/moments --host v"), {"vps", "vm"})

    def test_zsh_loads_the_script(self):
        result = subprocess.run(["zsh", "-fc", "autoload -Uz compinit && compinit -D -u && source <(vigie completion zsh) && "
                                 "print ${_comps[vigie]} && which _vigie_keys_rotate"],
                                capture_output=True, text=True, timeout=600, env={**os.environ, "PATH": PATH})
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.startswith("_vigie\n_vigie_keys_rotate () {"), result.stdout)

    def test_an_unsupported_shell_is_refused(self):
        self.assertEqual(vigie("completion", "tcsh").returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
