#!/usr/bin/env python3
"""The command line from outside, on the examples: what a new user does in the first five minutes."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tests/lab"))
import compose_plugin  # noqa: E402

VIGIE = os.environ["VIGIE_BIN"]
MOMENTS = SOURCE / "examples/moments"


def vigie(*arguments, **options):
    return subprocess.run([VIGIE, *map(str, arguments)], capture_output=True, text=True, timeout=600, **options)


def tree(root):
    """Every path below a root with its bytes, mode and owner; vigie's own state left out."""
    out = {}
    for path in sorted(Path(root).rglob("*")):
        if "var/lib/vigie" not in str(path):
            info = path.lstat()
            out[str(path.relative_to(root))] = (path.read_bytes() if path.is_file() else None, info.st_mode, info.st_uid, info.st_gid)
    return out


class Case(unittest.TestCase):
    def setUp(self):
        self.base = Path(tempfile.mkdtemp(prefix="vigie-cli-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.root = self.base / "root"

    def copy(self, example="moments"):
        target = self.base / example
        shutil.copytree(SOURCE / "examples" / example, target)
        return target


class Documents(Case):
    def test_validate_accepts_every_example(self):
        for example in sorted((SOURCE / "examples").iterdir()):
            result = vigie("validate", example)
            self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)

    def test_validate_reports_findings_on_stdout_and_exits_1(self):
        result = vigie("validate", SOURCE / "tests/golden/broken/several-mistakes-at-once")
        self.assertEqual(result.returncode, 1)
        self.assertIn("stack.yaml:7:13: error[VG0109]", result.stdout)
        self.assertIn("12 errors" if "12 errors" in result.stdout else "errors, 0 warnings", result.stdout)
        self.assertEqual(result.stderr, "")

    def test_without_facts_skipped_checks_are_counted_and_validation_succeeds(self):
        document = self.copy()
        shutil.rmtree(document / "facts")
        result = vigie("validate", document)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertRegex(result.stdout, r"info\[VG0350\]: \d+ checks skipped for hosts `vps`, `vm`")
        answer = json.loads(vigie("validate", "-o", "json", document).stdout)
        self.assertTrue(answer["valid"])
        self.assertEqual([(each["code"], each["severity"]) for each in answer["findings"]], [("VG0350", "info")])
        self.assertNotIn("VG0350", vigie("plan", "--all-hosts", document).stderr)

    def test_malformed_facts_are_reported_before_anything_is_planned(self):
        document = self.copy()
        (document / "facts/vps.json").write_text('{"apiVersion": "vigie.dev/v1alpha1"')
        result = vigie("plan", "--host", "vm", "--root", self.root, document)
        self.assertEqual(result.returncode, 2)
        self.assertIn("facts/vps.json:1:", result.stderr)

    def test_a_plan_notes_facts_that_were_collected_from_another_compose_file(self):
        document = self.copy()
        (self.root / "opt/moments").mkdir(parents=True)
        compose = self.root / "opt/moments/docker-compose.prod.yml"
        shutil.copy(SOURCE / "tests/lab/moments/docker-compose.prod.yml", compose)
        self.assertNotIn("vigie facts", vigie("plan", "--host", "vps", "--root", self.root, document).stdout)
        compose.write_text(compose.read_text() + "  another: { image: a }\n")
        self.assertIn("facts/vps.json was made of another /opt/moments/docker-compose.prod.yml",
                      vigie("plan", "--host", "vps", "--root", self.root, document).stdout)

    def test_a_missing_directory_is_an_error(self):
        result = vigie("validate", self.base / "nothing")
        self.assertEqual(result.returncode, 2)
        self.assertIn("nothing", result.stderr)

    def test_an_unknown_option_is_an_error(self):
        self.assertEqual(vigie("plan", "--frobnicate").returncode, 2)

    def test_an_unknown_command_is_answered_with_the_nearest_one(self):
        result = vigie("vaildate", "x")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertEqual(result.stderr, "vigie: there is no command `vaildate`\n  hint: did you mean `vigie validate`?\n")
        self.assertIn("`vigie --help`", vigie("zzzzzzzz").stderr)

    def test_confirm_on_a_fresh_host_is_an_error(self):
        result = vigie("confirm", "--root", self.root)
        self.assertEqual(result.returncode, 2)
        self.assertIn("nothing has been applied on this host yet", result.stderr)
        self.assertIn("hint: ", result.stderr)
        self.assertFalse(self.root.exists())

    def test_help_lists_validate_and_version_prints_a_version(self):
        self.assertIn("validate", vigie("--help").stdout)
        self.assertRegex(vigie("version").stdout, r"^vigie \d+\.\d+\.\d+\n$")

    def test_explain_shows_the_page_of_a_lower_case_code_and_refuses_an_unknown_one(self):
        self.assertIn("How to fix", vigie("explain", "vg0101").stdout)
        self.assertEqual(vigie("explain", "VG9999").returncode, 2)

    def test_rendered_files_are_accepted_by_promtool_and_amtool(self):
        out = self.base / "out"
        self.assertEqual(vigie("render", "--host", "vm", MOMENTS, "-o", out).returncode, 0)
        for argv in (["promtool", "check", "config", out / "opt/monitoring/prometheus/prometheus.yml"],
                     ["amtool", "check-config", out / "opt/monitoring/alertmanager/alertmanager.yml"]):
            result = subprocess.run(list(map(str, argv)), capture_output=True, text=True, timeout=600)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_render_names_a_directory_that_is_in_the_way_of_a_file(self):
        out = self.base / "taken"
        (out / "etc/wireguard/wg0.conf/inside").mkdir(parents=True)
        result = vigie("render", "--host", "vm", MOMENTS, "-o", out)
        self.assertEqual(result.returncode, 2)
        self.assertIn(f"cannot write {out}/etc/wireguard/wg0.conf: Directory not empty", result.stderr)
        self.assertIn("hint: name a new or empty directory", result.stderr)
        self.assertNotIn("filesystem error", result.stderr)

    def test_every_example_renders_to_configuration_that_promtool_accepts(self):
        for example in sorted((SOURCE / "examples").iterdir()):
            for host in json.loads(vigie("plan", "--all-hosts", example, "-o", "json").stdout)["hosts"]:
                out = self.base / example.name / host["host"]
                self.assertEqual(vigie("render", "--host", host["host"], example, "-o", out).returncode, 0)
                for config in out.rglob("prometheus.yml"):
                    # Where the container sees it.
                    config.write_text(config.read_text().replace("/etc/prometheus/", f"{config.parent}/"))
                    result = self.promtool(config)
                    newer = re.findall(r"line ([0-9]+): field (\w+) not found", result.stderr)
                    if newer:
                        self.no_field_of_the_installed_version(example, {field for _, field in newer})
                        lines = config.read_text().splitlines(True)
                        config.write_text("".join(line for at, line in enumerate(lines, 1) if str(at) not in dict(newer)))
                        result = self.promtool(config)
                    self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def promtool(self, config):
        return subprocess.run(["promtool", "check", "config", str(config)], capture_output=True, text=True, timeout=600)

    def no_field_of_the_installed_version(self, example, fields):
        """What promtool does not know because it is older than the example's image, vigie refuses for promtool's version."""
        said = subprocess.run(["promtool", "--version"], capture_output=True, text=True, timeout=600)
        version = re.search(r"version ([0-9.]+)", said.stdout + said.stderr).group(1)
        older = self.base / "older" / example.name
        shutil.copytree(example, older, dirs_exist_ok=True)
        document = older / "stack.yaml"
        document.write_text(re.sub(r"prom/prometheus:v[0-9.]+", f"prom/prometheus:v{version}", document.read_text()))
        refused = vigie("validate", older).stdout
        for field in fields:
            words = field.split("_")
            self.assertIn(f"error[VG0430]: `{words[0]}{''.join(word.title() for word in words[1:])}`", refused)

    def test_every_example_renders_to_configuration_that_amtool_accepts(self):
        for example in sorted((SOURCE / "examples").iterdir()):
            for config in self.rendered(example, "alertmanager.yml"):
                result = subprocess.run(["amtool", "check-config", str(config)], capture_output=True, text=True, timeout=600)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_every_example_renders_to_files_that_compose_accepts(self):
        plugin = compose_plugin.find(compose_plugin.CACHE)
        ports = {}
        for example in sorted((SOURCE / "examples").iterdir()):
            for ours in [*self.rendered(example, "compose.yaml"), *self.rendered(example, "docker-compose.monitoring.yml")]:
                files = [ours]
                if ours.name != "compose.yaml":  # an override: the services that it adds to are the user's own
                    names = set(re.findall(r'(?m)^  ([a-z-]+):$', ours.read_text().split("\nnetworks:")[0]))
                    names |= set(re.findall(r'(?m)^    depends_on:\n      - "([a-z-]+)"$', ours.read_text()))
                    users = ours.with_name("users.yaml")
                    users.write_text("services:\n" + "".join(f"  {name}: {{ image: stand-in }}\n" for name in sorted(names)))
                    files = [users, ours]
                argv = [plugin, *(word for file in files for word in ("--file", file)), "--project-name", "x", "config", "--format", "json"]
                result = subprocess.run(list(map(str, argv)), capture_output=True, text=True, timeout=600)
                self.assertEqual((result.returncode, result.stderr), (0, ""), f"{ours}: {result.stdout}")
                for name, service in json.loads(result.stdout)["services"].items():
                    for port in service.get("ports", []):
                        ports.setdefault((example.name, name), set()).add((port.get("host_ip"), port["published"]))
        self.assertIn(("fd88::1", "9093"), ports["mesh", "alertmanager"])
        self.assertEqual(ports["hub-and-spoke", "prometheus"], {("10.77.0.5", "9090"), ("fd77::5", "9090")})
        self.assertEqual(ports["single-host", "alertmanager"], {("127.0.0.1", "9093")})

    def rendered(self, example, name):
        """The files of this name that the example's hosts get."""
        out = self.base / "rendered" / example.name
        if not out.exists():
            for host in json.loads(vigie("plan", "--all-hosts", example, "-o", "json").stdout)["hosts"]:
                self.assertEqual(vigie("render", "--host", host["host"], example, "-o", out / host["host"]).returncode, 0)
        return sorted(out.rglob(name))


def keys(value):
    """Of every object in a JSON value; those of `counts` are the actions."""
    if isinstance(value, list):
        return set().union(*map(keys, value))
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set()


class Plans(Case):
    def test_all_hosts_lists_every_resource_of_both_hosts_with_its_reason(self):
        result = vigie("plan", "--all-hosts", MOMENTS)
        self.assertEqual(result.returncode, 1)
        shown = json.loads(vigie("plan", "--all-hosts", "-o", "json", MOMENTS).stdout)
        self.assertEqual([host["host"] for host in shown["hosts"]], ["vps", "vm"])
        for host in shown["hosts"]:
            golden = (SOURCE / f"tests/golden/render/moments/{host['host']}/resources.txt").read_text()
            wanted = [line for line in golden.splitlines() if line and not line.startswith(" ")]
            wanted = [line for line in wanted if line.split(":")[0] in
                      ("file", "directory", "firewall", "wireguard", "unit", "compose", "reload", "sysctl")]
            self.assertEqual([change["id"] for change in host["changes"]], wanted)
            for change in host["changes"]:
                # The backend is the user's own, and a program that starts reads its configuration.
                self.assertEqual(change["action"], {"reload": "reload"}.get(
                    change["kind"], "recreate" if change["id"] == "compose:moments/backend" else "create"))
                self.assertTrue(change["reason"])
                self.assertIn(change["id"], result.stdout)

    def test_markdown_shows_diffs_and_detailed_exitcode_tells_a_difference_from_an_error(self):
        markdown = vigie("plan", "--all-hosts", "-o", "markdown", MOMENTS)
        self.assertEqual(markdown.returncode, 1)
        self.assertIn("````diff", markdown.stdout)
        self.assertEqual(vigie("plan", "--all-hosts", "--detailed-exitcode", MOMENTS).returncode, 2)
        self.assertEqual(vigie("plan", "--host", "nobody", "--root", self.root, "--detailed-exitcode", MOMENTS).returncode, 1)

    def test_a_plan_writes_nothing_at_all(self):
        self.root.mkdir()
        vigie("plan", "--host", "vm", "--root", self.root, MOMENTS)
        self.assertEqual(list(self.root.rglob("*")), [])
        vigie("apply", "--host", "vm", "--root", self.root, "--yes", MOMENTS)
        before = {path: path.lstat().st_mtime_ns for path in self.root.rglob("*")}
        vigie("plan", "--host", "vm", "--root", self.root, MOMENTS)
        self.assertEqual({path: path.lstat().st_mtime_ns for path in self.root.rglob("*")}, before)

    def test_a_missing_host_is_an_error_with_a_suggestion(self):
        result = vigie("plan", "--host", "vn", "--root", self.root, MOMENTS)
        self.assertEqual(result.returncode, 2)
        self.assertIn("did you mean `vm`?", result.stderr)

    def git(self, work, *arguments):
        options = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", "-C", str(work)]
        subprocess.run(["git", *options, *arguments], check=True, capture_output=True)

    def committed(self):
        """The example in a repository of its own, committed."""
        work = self.copy()
        self.git(work, "init", "-q", "-b", "main")
        self.commit(work)
        return work

    def commit(self, work):
        self.git(work, "add", "-A")
        self.git(work, "commit", "-qm", "a change")

    def since(self, work, *options):
        result = vigie("plan", "--all-hosts", "--base", "HEAD", *options, work)
        self.assertIn(result.returncode, (0, 1), result.stderr)
        return result.stdout

    def actions(self, work):
        hosts = json.loads(self.since(work, "-o", "json"))["hosts"]
        return {change["id"]: change for host in hosts for change in host["changes"] if change["action"] != "none"}

    def test_base_compares_two_revisions_offline(self):
        work = self.committed()
        self.assertEqual(vigie("plan", "--all-hosts", "--base", "HEAD", work).returncode, 0)
        document = work / "stack.yaml"
        document.write_text(document.read_text().replace("scrapeInterval: 15s", "scrapeInterval: 30s"))
        result = vigie("plan", "--all-hosts", "--base", "HEAD", "-o", "json", work)
        self.assertEqual(result.returncode, 1)
        changed = {change["id"]: change["action"] for host in json.loads(result.stdout)["hosts"]
                   for change in host["changes"] if change["action"] != "none"}
        self.assertEqual(changed, {"file:/opt/monitoring/prometheus/prometheus.yml": "update",
                                   "file:/opt/monitoring/prometheus/vigie-render-info.yml": "update",
                                   "reload:prometheus": "reload"})

    def test_a_new_image_recreates_its_container_and_the_summary_says_so_first(self):
        work = self.committed()
        document = work / "stack.yaml"
        document.write_text(document.read_text().replace("prom/prometheus:v3.5.0", "prom/prometheus:v3.5.1"))
        change = self.actions(work)["compose:monitoring/prometheus"]
        self.assertEqual((change["action"], change["reversible"]), ("recreate", False))
        self.assertEqual(change["reason"], "image changed; what it holds in memory is lost")
        text = self.since(work).splitlines()
        self.assertTrue(text[0].startswith("2 hosts: 1 to recreate, "), text[0])
        vm = text.index(next(line for line in text if line.startswith("host vm, stack moments: 1 to recreate, ")))
        self.assertEqual(text[vm + 2], "# recreate compose:monitoring/prometheus")
        self.assertNotIn("  none ", "\n".join(text))
        self.assertIn("  none     compose:monitoring/alertmanager", self.since(work, "--all"))

    def test_the_users_own_container_is_released_and_never_deleted(self):
        work = self.committed()
        document = work / "stack.yaml"
        document.write_text(re.sub(r"\n      traces: .*", "", document.read_text()))
        change = self.actions(work)["compose:moments/backend"]
        self.assertEqual((change["action"], change["reversible"]), ("release", False))
        self.assertIn("| **release** | `compose:moments/backend` | no longer in the document: the container is yours and stays",
                      self.since(work, "-o", "markdown"))

    def test_base_without_a_valid_document_shows_all_as_new(self):
        work = self.committed()
        document = work / "stack.yaml"
        good = document.read_text()
        for bad, note in (
                (None, "HEAD has no document in this directory; everything is shown as new"),
                (good.replace("scrapeInterval:", "scrapeIntervall:", 1), "the document at HEAD has errors, so there is nothing to compare with; "
                 "everything is shown as new: stack.yaml:")):
            document.unlink()
            if bad is not None:
                document.write_text(bad)
            self.commit(work)
            document.write_text(good)
            self.assertIn("note: " + note, self.since(work))
            self.assertIn("+ create   file:/opt/monitoring/prometheus/prometheus.yml", self.since(work))
        self.assertIn("error[VG0101]: `prometheus` has no field `scrapeIntervall`", self.since(work))
        shutil.copytree(work, work / "new", ignore=lambda _, names: {".git", "new"} & set(names))
        self.assertIn("note: HEAD does not have this directory, and so has no document; everything is shown as new", self.since(work / "new"))

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a repository away")
    def test_base_reads_a_work_tree_of_another_user(self):
        work = self.committed()
        for path in (work, *work.rglob("*")):
            os.chown(path, 12345, 12345, follow_symlinks=False)
        self.assertIn("nothing to do", self.since(work))

    def test_every_key_of_the_json_is_documented(self):
        page = (SOURCE / "docs/json.md").read_text()
        broken = self.copy()
        (broken / "stack.yaml").write_text((broken / "stack.yaml").read_text().replace("scrapeInterval:", "scrapeIntervall:", 1))
        for command, *arguments in (("plan", "--all-hosts", MOMENTS), ("validate", MOMENTS), ("validate", broken)):
            start = page.index(f"## `vigie {command} -o json`")
            section = page[start:page.find("\n## ", start + 1)]
            for key in sorted(keys(json.loads(vigie(command, "-o", "json", *arguments).stdout))):
                self.assertIn(f"`{key}`", section, f"{command}: {key} is not in docs/json.md")


class Applies(Case):
    def apply(self, *arguments, directory=MOMENTS, host="vm"):
        return vigie("apply", "--root", self.root, "--host", host, "--yes", *arguments, directory)

    def plan(self, directory=MOMENTS, host="vm"):
        return vigie("plan", "--root", self.root, "--host", host, directory)

    def test_after_an_apply_the_same_plan_is_empty(self):
        for host in ("vm", "vps"):
            self.root = self.base / host
            result = self.apply(host=host)
            self.assertEqual(result.returncode, 0, result.stderr)
            after = self.plan(host=host)
            self.assertEqual(after.returncode, 0, after.stdout)
            self.assertIn("nothing to do", after.stdout)

    def test_a_second_apply_changes_no_file_but_the_working_files_of_sqlite(self):
        self.apply()
        before = {path: (path.lstat().st_mtime_ns, path.lstat().st_ino) for path in self.root.rglob("*") if path.is_file()}
        self.assertEqual(self.apply().returncode, 0)
        after = {path: (path.lstat().st_mtime_ns, path.lstat().st_ino) for path in self.root.rglob("*") if path.is_file()}
        lock = self.root / "var/lib/vigie/lock"
        changed = {path.name for path in before if before[path] != after.get(path)} - {lock.name}
        self.assertLessEqual(changed, {"vigie.db-shm", "vigie.db-wal"})

    def test_a_root_of_one_host_becomes_another_host_only_with_change_host(self):
        self.apply(host="vps")
        before = tree(self.root)
        result = self.apply(host="vm")
        self.assertEqual(result.returncode, 2)
        self.assertIn("this root is host `vps` of the document", result.stderr)
        self.assertIn("--change-host", result.stderr)
        self.assertEqual({k: v for k, v in tree(self.root).items() if "var/lib/vigie" not in k},
                         {k: v for k, v in before.items() if "var/lib/vigie" not in k})
        self.assertEqual(self.apply("--change-host", host="vm").returncode, 0)
        self.assertEqual(self.apply(host="vm").returncode, 0)

    def test_an_apply_without_a_terminal_or_yes_changes_nothing(self):
        result = vigie("apply", "--root", self.root, "--host", "vm", MOMENTS, stdin=subprocess.DEVNULL)
        self.assertEqual(result.returncode, 2)
        self.assertIn("--yes", result.stderr)
        self.assertEqual(tree(self.root).keys() - {"var", "var/lib", "var/lib/vigie"}, set())

    def test_a_users_file_is_refused_with_its_diff_until_it_is_adopted(self):
        path = self.root / "etc/wireguard/wg0.conf"
        path.parent.mkdir(parents=True)
        path.write_text("[Interface]\nPrivateKey=CANARYCANARYCANARYCANARYCANARYCANARYCANARYC=\nAddress = 10.66.66.2/30\nSaveConfig = true\n")
        before = tree(self.root)
        result = self.apply()
        self.assertEqual(result.returncode, 2)
        self.assertIn("# 2 lines that are not ours are not shown", result.stdout)
        self.assertNotIn("CANARY", result.stdout + result.stderr)
        self.assertEqual({k: v for k, v in tree(self.root).items() if k in before}, before)
        adopted = self.apply("--adopt", "file:/etc/wireguard/wg0.conf")
        self.assertEqual(adopted.returncode, 0, adopted.stderr)
        backups = list((self.root / "var/lib/vigie/backups").iterdir())
        self.assertEqual(len(backups), 1)
        self.assertIn("CANARY", backups[0].read_text())
        self.assertEqual((self.root / "var/lib/vigie").stat().st_mode & 0o777, 0o700)
        self.assertEqual(self.plan().returncode, 0)

    def test_a_suspended_host_is_planned_and_not_applied(self):
        document = self.copy()
        file = document / "stack.yaml"
        file.write_text(file.read_text().replace("spec:\n", "spec:\n  suspend: true\n", 1))
        plan = vigie("plan", "--host", "vm", "--root", self.root, document)
        self.assertEqual(plan.returncode, 1, plan.stderr)
        self.assertIn("suspended: nothing is changed here as long as the document says `spec.suspend: true`", plan.stdout)
        result = vigie("apply", "--host", "vm", "--root", self.root, "--yes", document)
        self.assertEqual(result.returncode, 2)
        self.assertIn("host `vm` is suspended", result.stderr)
        self.assertFalse(self.root.exists())
        file.write_text(file.read_text().replace("  hosts:\n", "  hosts:\n", 1).replace("    - name: vm\n", "    - name: vm\n      suspend: false\n", 1))
        self.assertEqual(vigie("apply", "--host", "vm", "--root", self.root, "--yes", document).returncode, 0)

    def test_an_ignored_resource_is_neither_made_nor_repaired_nor_removed(self):
        document = self.copy()
        file = document / "stack.yaml"
        good = file.read_text()
        ignored = self.root / "opt/monitoring/prometheus/rules/recording-rules.yml"
        file.write_text(good + "  ignore: [{ resource: \"file:/opt/monitoring/prometheus/rules/recording-rules.yml\" }]\n")
        apply = ("apply", "--host", "vm", "--root", self.root, "--yes", document)
        vigie(*apply)
        self.assertFalse(ignored.exists())
        file.write_text(good)
        self.assertEqual(vigie(*apply).returncode, 0)
        ignored.write_text("groups: []\n")
        file.write_text(good + "  ignore: [{ resource: \"file:/opt/monitoring/prometheus/rules/recording-rules.yml\" }]\n")
        plan = vigie("plan", "--host", "vm", "--root", self.root, document)
        self.assertEqual(plan.returncode, 0, plan.stdout)
        self.assertIn("ignored (spec.ignore)", plan.stdout)
        self.assertEqual(ignored.read_text(), "groups: []\n")

    def test_an_identical_file_is_adopted_silently_and_released_by_uninstall(self):
        out = self.base / "out"
        vigie("render", "--host", "vm", MOMENTS, "-o", out)
        rules = Path("opt/monitoring/prometheus/rules/alerting-rules.yml")
        (self.root / rules).parent.mkdir(parents=True)
        shutil.copy(out / rules, self.root / rules)
        self.assertEqual(self.apply().returncode, 0)
        gone = vigie("uninstall", "--purge", "--yes", "--root", self.root)
        self.assertEqual(gone.returncode, 0, gone.stderr)
        self.assertIn(f"< release  file:/{rules}\n           gets back what it was before vigie took it over\n", gone.stdout)
        self.assertIn("- delete   file:/opt/monitoring/compose.yaml\n", gone.stdout)
        self.assertEqual((self.root / rules).read_bytes(), (out / rules).read_bytes())  # it was his
        self.assertFalse((self.root / "opt/monitoring/compose.yaml").exists())

    def test_a_directory_or_link_in_place_of_a_file_is_refused(self):
        for make in (lambda path: path.mkdir(), lambda path: path.symlink_to("/etc/hostname")):
            with self.subTest(make=make):
                shutil.rmtree(self.root, ignore_errors=True)
                path = self.root / "opt/monitoring/compose.yaml"
                path.parent.mkdir(parents=True)
                make(path)
                self.assertEqual(self.apply().returncode, 2)
                self.assertFalse((self.root / "etc").exists())

    def test_a_rule_that_promtool_refuses_changes_nothing(self):
        work = self.copy()
        self.apply(directory=work)
        before = tree(self.root)
        rules = work / "rules/alerting-rules.yml"
        rules.write_text(rules.read_text().replace("up == 0", "up === 0"))
        result = self.apply(directory=work)
        self.assertEqual(result.returncode, 2)
        self.assertIn("rules/alerting-rules.yml", result.stderr)
        self.assertNotIn("staging", result.stderr)
        self.assertEqual(tree(self.root), before)
        self.assertIn("Refused", vigie("history", "--root", self.root).stdout)

    def test_a_missing_checker_is_an_error_not_a_pass(self):
        result = subprocess.run([VIGIE, "apply", "--root", str(self.root), "--host", "vm", "--yes", str(MOMENTS)],
                                capture_output=True, text=True, timeout=600, env={"PATH": str(self.base)})
        self.assertEqual(result.returncode, 2)
        self.assertIn("promtool is missing", result.stderr)
        self.assertFalse((self.root / "opt").exists())

    def test_a_resource_gone_from_the_document_is_removed_and_a_users_file_stays(self):
        work = self.copy()
        self.apply(directory=work)
        mine = self.root / "opt/monitoring/prometheus/rules/mine.yml"
        mine.write_text("groups: []\n")
        document = work / "stack.yaml"
        document.write_text(document.read_text().replace(", rules/recording-rules.yml", ""))
        result = self.apply(directory=work)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertFalse((self.root / "opt/monitoring/prometheus/rules/recording-rules.yml").exists())
        self.assertTrue(mine.exists())
        self.assertEqual(self.plan(directory=work).returncode, 0)

    def test_a_server_is_removed_only_with_allow_removal_and_its_data_stay(self):
        work = self.copy()
        self.apply(directory=work)
        data = self.root / "opt/monitoring/alertmanager-data/silences"
        data.write_text("by a program")
        before = tree(self.root)
        document = work / "stack.yaml"
        text = document.read_text()
        document.write_text(re.sub(r"  alertmanager:\n.*?(?=  jaeger:)", "", text, flags=re.S))
        for arguments in ((), ("--allow-removal", "prometheus")):
            result = self.apply(*arguments, directory=work)
            self.assertEqual(result.returncode, 2, result.stdout)
            self.assertIn("would remove Alertmanager from this host", result.stderr)
            self.assertIn("VG0604", result.stderr)
            self.assertEqual(tree(self.root), before)
        for nothing in ("", "everything", "Alertmanager "):
            self.assertEqual(self.apply("--allow-removal", nothing, directory=work).returncode, 2)
        self.assertIn("refuse", self.plan(directory=work).stdout)
        result = self.apply("--allow-removal", "alertmanager", directory=work)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("stays, for it is not empty", result.stdout)
        self.assertTrue(data.exists())
        document.write_text(document.read_text().replace("  jaeger:", "  allowRemoval: [alertmanager]\n  jaeger:"))
        self.assertEqual(self.plan(directory=work).returncode, 0)

    def test_a_project_with_another_directory_is_moved_without_allow_removal(self):
        work = self.copy("loopback")
        self.apply(directory=work)
        document = work / "stack.yaml"
        document.write_text(document.read_text().replace("/opt/monitoring", "/srv/monitoring"))
        result = self.apply(directory=work)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertFalse((self.root / "opt/monitoring").exists())
        self.assertTrue((self.root / "srv/monitoring/prometheus/prometheus.yml").exists())

    def test_a_file_edited_by_hand_is_planned_as_drift_and_repaired(self):
        self.apply()
        path = self.root / "opt/monitoring/compose.yaml"
        path.write_text(path.read_text() + "# by hand\n")
        path.chmod(0o666)
        result = self.plan()
        self.assertEqual(result.returncode, 1)
        self.assertIn("was edited on the host; mode is 0666, wanted 0644", result.stdout)
        self.assertIn("# 1 line of the file as it is on the host is not shown", result.stdout)
        self.assertEqual(self.apply().returncode, 0)
        self.assertEqual(self.plan().returncode, 0)

    def test_an_apply_beside_another_one_is_refused(self):
        holder = subprocess.Popen([sys.executable, "-c",
                                   "import fcntl,os,struct,sys,time\n"
                                   "p=sys.argv[1]; os.makedirs(os.path.dirname(p),exist_ok=True)\n"
                                   "f=open(p,'w'); f.write(str(os.getpid())); f.flush()\n"
                                   "fcntl.fcntl(f,37,struct.pack('hhqqi',fcntl.F_WRLCK,0,0,0,0)); print('held',flush=True); time.sleep(60)",
                                   str(self.root / "var/lib/vigie/lock")], stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (holder.kill(), holder.wait(), holder.stdout.close()))
        holder.stdout.readline()
        result = self.apply()
        self.assertEqual(result.returncode, 2)
        self.assertIn(f"process {holder.pid}", result.stderr)

    def test_after_a_killed_apply_the_next_one_converges(self):
        killed = 0
        for delay in range(0, 60, 3):
            shutil.rmtree(self.root, ignore_errors=True)
            process = subprocess.Popen([VIGIE, "apply", "--root", str(self.root), "--host", "vm", "--yes", str(MOMENTS)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay / 1000)
            process.kill()
            killed += process.wait() == -signal.SIGKILL
            for path in self.root.rglob("*"):
                torn = path.is_file() and path.stat().st_size == 0 and not path.name.startswith(".vigie-")
                self.assertFalse(torn and path.suffix in (".yml", ".yaml", ".conf"), path)
            # A crash-safe journal is the next step; what was written is complete, and is taken over as it is.
            result = self.apply()
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(self.plan().returncode, 0)
        self.assertGreater(killed, 3)

    def test_every_spelling_of_the_real_root_is_treated_as_the_real_root(self):
        for spelling in ("//", "/.", "/tmp/.."):
            result = vigie("plan", "--root", spelling, "--host", "vm", "--state", "/nonexistent/vigie", MOMENTS)
            self.assertEqual(result.returncode, 2)
            self.assertIn("vigie keys init", result.stderr)


class HostsOwnConfiguration(Case):
    """`alertmanager.configFile` beside a real Alertmanager."""

    GOOD = "route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n"

    def setUp(self):
        super().setUp()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.document = self.base / "document"
        self.document.mkdir()
        (self.document / "stack.yaml").write_text(f"""\
apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: {{ name: own }}
spec:
  hosts: [{{ name: vm }}]
  projects: [{{ name: monitoring, host: vm, directory: /opt/monitoring }}]
  alertmanager: {{ project: monitoring, port: {self.port}, configFile: alertmanager/alertmanager.yml }}
""")
        self.file = self.root / "opt/monitoring/alertmanager/alertmanager.yml"
        self.file.parent.mkdir(parents=True)

    def start(self):
        program = subprocess.Popen(
            ["prometheus-alertmanager", f"--config.file={self.file}", f"--storage.path={self.base}/data",
             f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        for _ in range(100):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        self.fail("Alertmanager does not listen")

    def run_vigie(self, command, *arguments):
        return vigie(command, "--host", "vm", "--root", self.root, "--activate", "reload", *arguments, self.document)

    def test_a_users_own_configuration_is_reloaded_when_it_changes_and_never_written(self):
        missing = self.run_vigie("apply", "--yes")
        self.assertEqual(missing.returncode, 2)
        self.assertIn("which `configFile` says is this host's own", missing.stderr + missing.stdout)
        self.file.write_text(self.GOOD)
        self.start()
        applied = self.run_vigie("apply", "--yes")
        self.assertEqual(applied.returncode, 0, applied.stderr)
        self.assertIn("reload:alertmanager proven", applied.stdout)
        self.assertEqual(self.run_vigie("plan").returncode, 0)
        edited = self.GOOD.replace("  receiver: nobody\n", "  receiver: nobody\n  group_wait: 7s\n")
        self.file.write_text(edited)
        plan = self.run_vigie("plan")
        self.assertEqual(plan.returncode, 1, plan.stdout)
        self.assertIn("is another than the one it has loaded", plan.stdout)
        self.assertEqual(self.run_vigie("apply", "--yes").returncode, 0)
        self.assertEqual(self.run_vigie("plan").returncode, 0)
        self.assertEqual(self.file.read_text(), edited)
        self.file.write_text("route: { receiver: somebody }\n")
        refused = self.run_vigie("apply", "--yes")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("amtool refuses the configuration", refused.stderr)
        self.assertEqual(self.file.read_text(), "route: { receiver: somebody }\n")


class Secrets(Case):
    CANARY = "s3cr$t p@ss/w#rd%:\\é"

    def with_keys(self):
        """moments with keys that are made here, and the canary sealed as both secrets."""
        work = self.copy()
        document = work / "stack.yaml"
        text = document.read_text()
        for host in ("vps", "vm"):
            shown = vigie("keys", "init", "--root", self.base / host).stdout
            public, sealing = (line.split('"')[1] for line in shown.splitlines() if '"' in line)
            begin = text.index(f"- name: {host}\n")
            end = text.index("sealingKey:", begin)
            end = text.index("\n", end)
            block = text[begin:end]
            parts = block.split('"')
            parts[1], parts[3] = public, sealing
            text = text[:begin] + '"'.join(parts) + text[end:]
        document.write_text(text)
        for name, host in (("pgbouncer-stats", "vps"), ("smtp", "vm")):
            result = vigie("seal", name, work, input=self.CANARY + "\n")
            self.assertEqual(result.returncode, 0, result.stderr)
            sealed = result.stdout.split('"')[1]
            text = document.read_text()
            begin = text.index('"', text.index(f"{host}:", text.index(f"- name: {name}")))
            end = text.index('"', begin + 1)
            document.write_text(text[:begin + 1] + sealed + text[end:])
        return work

    def test_keys_and_secrets_reach_their_files_and_no_output(self):
        work = self.with_keys()
        said = ""
        for host in ("vps", "vm"):
            root = self.base / host
            result = vigie("apply", "--root", root, "--host", host, "--yes", work)
            self.assertEqual(result.returncode, 0, result.stderr)
            again = vigie("plan", "--root", root, "--host", host, work)
            self.assertEqual(again.returncode, 0, again.stdout)
            said += result.stdout + result.stderr + again.stdout
            said += vigie("render", "--root", root, "--host", host, work).stdout
            said += vigie("history", "-o", "json", "--root", root).stdout
            key = (root / "etc/wireguard/wg0.key").read_text().strip()
            self.assertIn(f"PrivateKey = {key}", (root / "etc/wireguard/wg0.conf").read_text())
            self.assertNotIn(key, said)
            self.assertNotIn((root / "var/lib/vigie/identity").read_text().split()[1], said)
            for part in ("vigie.db", "vigie.db-wal"):
                path = root / "var/lib/vigie" / part
                if path.exists():
                    self.assertNotIn(self.CANARY.encode(), path.read_bytes())
                    self.assertNotIn(key.encode(), path.read_bytes())
        self.assertNotIn(self.CANARY, said)
        password = self.base / "vm/opt/monitoring/alertmanager/secrets/smtp"
        self.assertEqual(password.read_text(), self.CANARY)
        self.assertEqual(password.stat().st_mode & 0o777, 0o400)
        pgpass = self.base / "vps/opt/moments/pgbouncer-exporter/pgpass"
        self.assertEqual(pgpass.read_text(), "pgbouncer:6432:pgbouncer:stats:" + self.CANARY.replace("\\", "\\\\").replace(":", "\\:") + "\n")
        if os.geteuid() == 0:
            self.assertEqual((pgpass.stat().st_uid, password.stat().st_uid), (65522, 65520))

    def test_a_rotated_secret_is_a_change_whose_diff_shows_neither_value(self):
        work = self.with_keys()
        root = self.base / "vm"
        vigie("apply", "--root", root, "--host", "vm", "--yes", work)
        sealed = vigie("seal", "smtp", work, input="another-CANARY").stdout.split('"')[1]
        text = (work / "stack.yaml").read_text()
        begin = text.index('"', text.index("vm:", text.index("- name: smtp")))
        end = text.index('"', begin + 1)
        (work / "stack.yaml").write_text(text[:begin + 1] + sealed + text[end:])
        result = vigie("plan", "--root", root, "--host", "vm", work)
        self.assertEqual(result.returncode, 1)
        self.assertIn("secrets/smtp", result.stdout)
        self.assertNotIn("CANARY", result.stdout)
        self.assertNotIn(self.CANARY, result.stdout)

    def test_a_plan_with_another_hosts_keys_is_refused(self):
        work = self.with_keys()
        result = vigie("plan", "--root", self.base / "vps", "--host", "vm", work)
        self.assertEqual(result.returncode, 2)
        self.assertIn("is this really host `vm`?", result.stderr)

    def test_a_secret_sealed_for_another_stack_is_refused(self):
        work = self.with_keys()
        text = (work / "stack.yaml").read_text()
        (work / "stack.yaml").write_text(text.replace("name: moments\nspec", "name: moved\nspec"))
        result = vigie("plan", "--root", self.base / "vm", "--host", "vm", work)
        self.assertEqual(result.returncode, 2)
        self.assertIn("sealed for another stack, secret or host", result.stderr)

    def test_keys_are_created_once_kept_private_and_taken_from_an_existing_tunnel(self):
        conf = self.root / "etc/wireguard/wg0.conf"
        conf.parent.mkdir(parents=True)
        conf.write_text("[Interface]\nPrivateKey=yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n")
        first = vigie("keys", "init", "--root", self.root)
        self.assertIn("HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=", first.stdout)
        self.assertEqual(vigie("keys", "show", "--root", self.root).stdout, first.stdout)
        self.assertEqual(vigie("keys", "init", "--root", self.root).stdout, first.stdout)
        for path in ("var/lib/vigie/identity", "etc/wireguard/wg0.key"):
            self.assertEqual((self.root / path).stat().st_mode & 0o777, 0o600)
        os.chmod(self.root / "var/lib/vigie/identity", 0o644)
        self.assertEqual(vigie("keys", "show", "--root", self.root).returncode, 2)

    def test_keys_init_after_an_apply_without_keys_writes_the_real_keys(self):
        vigie("apply", "--root", self.root, "--host", "vm", "--yes", MOMENTS)
        self.assertIn("PrivateKey = ***", (self.root / "etc/wireguard/wg0.conf").read_text())
        self.assertEqual(vigie("keys", "init", "--root", self.root).returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
