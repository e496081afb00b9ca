#!/usr/bin/env python3
"""The Debian package: built, looked into, installed, upgraded and purged in a copy of this machine that nobody else sees.

The copy is an overlay over / in a mount namespace of its own: the real dpkg with the real dependencies, and the machine stays as it
is. Needs root; without it the test is skipped (2), in CI that is a failure.
"""

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
BUILD = Path(os.environ["VIGIE_BIN"]).parent.parent
UNIT = SOURCE / "manifests/systemd/vigie.service"
MOST_EXPOSED = 3.0  # of 10, as systemd-analyze counts; docs/running.md has the figure


def run(*argv, check=True, **more):
    result = subprocess.run(argv, capture_output=True, text=True, timeout=300, **more)
    if check and result.returncode != 0:
        raise AssertionError(f"{argv}: {result.returncode}\n{result.stdout}{result.stderr}")
    return result


class Machine:
    """A copy of this machine, made of what differs."""

    def __init__(self):
        self.place = Path(tempfile.mkdtemp(prefix="vigie-package-"))
        run("mount", "-t", "tmpfs", "tmpfs", self.place)
        self.root = self.place / "root"
        for name in ("upper", "work", "root"):
            (self.place / name).mkdir()
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={self.place}/upper,workdir={self.place}/work", self.root)
        run("mount", "-t", "proc", "proc", self.root / "proc")
        run("mount", "--bind", "/dev", self.root / "dev")
        run("mount", "-t", "tmpfs", "tmpfs", self.root / "run")
        run("mount", "-t", "tmpfs", "tmpfs", self.root / "tmp")

    def inside(self, *argv, check=True):
        return run("chroot", self.root, *argv, check=check, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
                                                                 "DEBIAN_FRONTEND": "noninteractive"})

    def install(self, deb, check=True):
        shutil.copy(deb, self.root / "tmp/vigie.deb")
        return self.inside("dpkg", "-i", "/tmp/vigie.deb", check=check)

    def status(self):
        return self.inside("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}", "vigie", check=False).stdout

    def changed(self):
        """Paths that are not as on this machine, without dpkg's own books and what was deleted again."""
        upper = self.place / "upper"
        dpkg = ("var/lib/dpkg", "var/log", "var/cache", "etc/ld.so.cache")
        return {str(path.relative_to(upper)) for path in upper.rglob("*")
                if not path.is_dir() and not path.is_char_device() and not str(path.relative_to(upper)).startswith(dpkg)}

    def close(self):
        run("umount", "-R", self.place, check=False)
        self.place.rmdir()


def with_version(deb, version, place):
    """The same package under another version."""
    tree = place / "tree"
    run("dpkg-deb", "-R", deb, tree)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*", f"Version: {version}", control.read_text(), flags=re.M))
    out = place / f"vigie_{version}.deb"
    run("dpkg-deb", "-b", "--root-owner-group", tree, out)
    shutil.rmtree(tree)
    return out


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Path(tempfile.mkdtemp(prefix="vigie-deb-"))
        cls.addClassCleanup(shutil.rmtree, cls.place)
        run("cpack", "-G", "DEB", "-B", str(cls.place), cwd=BUILD)
        cls.deb = next(cls.place.glob("vigie_*.deb"))

    def field(self, name):
        return run("dpkg-deb", "-f", str(self.deb), name).stdout.strip()

    def machine(self):
        machine = Machine()
        self.addCleanup(machine.close)
        return machine

    def test_the_package_has_its_dependencies_files_and_permissions(self):
        self.assertTrue(re.fullmatch(r"vigie_[0-9.]+-1_\w+\.deb", self.deb.name), self.deb.name)
        depends = self.field("Depends")
        for name in ("libc6", "libgit2", "libqrencode", "libsodium", "libsqlite3", "libyaml-cpp", "wireguard-tools", "dbus-system-bus"):
            self.assertIn(name, depends)
        lines = run("dpkg-deb", "-c", str(self.deb)).stdout.splitlines()
        files = {line.split(" -> ")[0].split()[-1].lstrip("."): line.split()[:2] for line in lines}
        for path in ("/usr/bin/vigie", "/usr/libexec/vigie/vigie-attach", "/usr/libexec/vigie/vigie-controller", "/usr/libexec/vigie/vigie-guard", "/usr/libexec/vigie/vigie-git",
                     "/usr/libexec/vigie/vigie-http", "/usr/lib/systemd/system/vigie.service",
                     "/usr/lib/systemd/system/vigie-attach.socket", "/usr/lib/systemd/system/vigie-attach@.service", "/usr/share/man/man1/vigie.1.gz",
                     "/usr/share/man/man5/vigie.yaml.5.gz", "/usr/share/bash-completion/completions/vigie",
                     "/usr/share/vigie/prometheus/vigie-rules.yaml", "/usr/share/vigie/grafana/vigie.json",
                     "/usr/share/doc/vigie/copyright", "/usr/share/doc/vigie/docs/running.md", "/usr/share/doc/vigie/examples/vigie.yaml"):
            self.assertIn(path, files)
        for path, (mode, owner) in files.items():
            self.assertEqual(owner, "root/root", path)
            if not mode.startswith("l"):  # a link has the mode of what it names
                self.assertNotRegex(mode, r"^.(....w|.......w)|s", path)  # nobody else writes, nothing changes identity
            self.assertTrue(path.startswith("/usr/"), path)
        self.assertEqual(self.field("Architecture"), run("dpkg", "--print-architecture").stdout.strip())

    def test_the_package_installs_upgrades_removes_and_purges(self):
        machine = self.machine()
        self.assertEqual(machine.changed(), set())
        machine.install(self.deb)
        version = self.field("Version")
        self.assertEqual(machine.status(), f"ii {version}")
        self.assertEqual(machine.inside("vigie", "version").stdout, f"vigie {version.split('-')[0]}\n")
        self.assertIn("valid", machine.inside("vigie", "validate", "/usr/share/doc/vigie/examples/moments").stdout)
        wanted = machine.root / "etc/systemd/system/multi-user.target.wants/vigie.service"
        self.assertTrue(wanted.is_symlink(), "enabled")
        # The example is one that the program reads: what it lacks is the key that nobody has made.
        run_ = machine.inside("timeout", "10", "vigie", "run", "--config", "/usr/share/doc/vigie/examples/vigie.yaml", check=False)
        self.assertIn("cannot read the SSH key /etc/vigie/deploy_key", run_.stdout + run_.stderr)

        # What is the operator's own stays through an upgrade; so does that he has disabled it.
        (machine.root / "etc/vigie/vigie.yaml").write_text("host: vm\n")
        machine.inside("vigie", "keys", "init")
        identity = (machine.root / "var/lib/vigie/identity").read_bytes()
        machine.inside("systemctl", "disable", "vigie.service")
        machine.install(with_version(self.deb, "99.0-1", self.place))
        self.assertEqual(machine.status(), "ii 99.0-1")
        self.assertEqual((machine.root / "etc/vigie/vigie.yaml").read_text(), "host: vm\n")
        self.assertEqual((machine.root / "var/lib/vigie/identity").read_bytes(), identity)
        self.assertFalse(wanted.is_symlink(), "still disabled")
        self.assertEqual(machine.inside("dpkg", "--verify", "vigie").stdout, "")

        machine.inside("dpkg", "--remove", "vigie")
        self.assertFalse((machine.root / "usr/bin/vigie").exists())
        self.assertTrue((machine.root / "var/lib/vigie/identity").exists())
        machine.inside("dpkg", "--purge", "vigie")
        self.assertFalse((machine.root / "var/lib/vigie").exists())
        self.assertFalse((machine.root / "etc/vigie").exists())
        # What was made for the host is the host's: here, the tunnel's key.
        self.assertEqual(machine.changed(), {"etc/wireguard/wg0.key"})

    def test_a_service_that_ran_before_a_removal_runs_after_the_next_installation(self):
        machine = self.machine()
        # No systemd runs here: one that notes whether the service was started and stopped.
        (machine.root / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
        (machine.root / "run/systemd/system").mkdir(parents=True)
        systemctl = machine.root / "usr/bin/systemctl"
        systemctl.rename(machine.root / "usr/bin/systemctl.real")
        systemctl.write_text('#!/bin/sh\ncase "$*" in\n*preset*|*is-enabled*) exec systemctl.real --root=/ "$@" ;;\n'
                             "*is-active*) [ -e /run/active ] ;;\n*start*vigie.service*) : >/run/active ;;\n"
                             "*stop*vigie.service*) rm -f /run/active ;;\nesac\n")
        systemctl.chmod(0o755)
        active = machine.root / "run/active"
        machine.install(self.deb)
        self.assertFalse(active.exists(), "started without a configuration")
        (machine.root / "etc/vigie/vigie.yaml").write_text("host: vm\n")
        active.touch()
        machine.inside("dpkg", "--remove", "vigie")
        self.assertFalse(active.exists(), "stopped")
        said = machine.install(self.deb).stderr
        self.assertTrue(active.exists(), "runs again: " + said)
        self.assertFalse((machine.root / "var/lib/vigie/was-active").exists())
        # Who stopped it wants it stopped.
        active.unlink()
        machine.inside("dpkg", "--remove", "vigie")
        machine.install(self.deb)
        self.assertFalse(active.exists(), "stays stopped")

    def test_an_open_transaction_in_a_configured_state_directory_prevents_removal(self):
        machine = self.machine()
        machine.install(self.deb)
        (machine.root / "etc/vigie/vigie.yaml").write_text("host: vm\nstate: \"/srv/vigie\"  # a disk of its own\n")
        state = machine.root / "srv/vigie"
        state.mkdir(parents=True, mode=0o700)
        (state / "vigie.db").write_text("no database: whatever is open there cannot be told")
        removed = machine.inside("dpkg", "--remove", "vigie", check=False)
        self.assertNotEqual(removed.returncode, 0)
        self.assertIn("vigie rollback", removed.stderr)
        self.assertEqual(machine.status()[1], "i")

    def test_an_open_transaction_prevents_removal(self):
        machine = self.machine()
        machine.install(self.deb)
        state = machine.root / "var/lib/vigie"
        state.mkdir(mode=0o700)
        (state / "vigie.db").write_text("no database: whatever is open there cannot be told")
        removed = machine.inside("dpkg", "--remove", "vigie", check=False)
        self.assertNotEqual(removed.returncode, 0)
        self.assertIn("vigie rollback", removed.stderr)
        self.assertTrue((machine.root / "usr/bin/vigie").exists())
        self.assertEqual(machine.status()[1], "i")

    def test_the_unit_passes_systemd_analyze_verify(self):
        machine = self.machine()
        machine.install(self.deb)
        verified = machine.inside("systemd-analyze", "verify", "/usr/lib/systemd/system/vigie.service", check=False)
        self.assertEqual((verified.returncode, verified.stderr), (0, ""))
        wrong = UNIT.read_text().replace("KillMode=mixed", "KillMode=mixd")
        (machine.root / "tmp/vigie.service").write_text(wrong)
        self.assertIn("kill mode", machine.inside("systemd-analyze", "verify", "/tmp/vigie.service", check=False).stderr)

    def test_manual_pages_have_no_warnings_and_list_every_command_and_option(self):
        for page in ("vigie.1", "vigie.yaml.5"):
            shown = run("man", "--warnings", "-E", "UTF-8", "-l", str(BUILD / "man" / page), env={**os.environ, "MANWIDTH": "100", "MANROFFSEQ": ""})
            self.assertEqual(shown.stderr, "")
            self.assertIn("SEE ALSO", shown.stdout)
            self.assertNotIn("\\f", shown.stdout)
        # Every command has its section, every option its paragraph: what is new is in the page as soon as the program knows it.
        text = (BUILD / "man/vigie.1").read_text().replace("\\-", "-")
        self.assertRegex(text, r"\.SH ENVIRONMENT\n\.TP\n\.B NO_COLOR\n")
        tree = json.loads(run(str(BUILD / "bin/vigie"), "commands").stdout)
        sections = {name: part for name, part in re.findall(r"(?ms)^\.SS \\fB(vigie [a-z ]+)\\fR(.*?)(?=^\.S[SH] )", text)}
        self.assertEqual([name for name, part in sections.items() if "Exit codes:" not in part or "Example:" not in part], [])

        def leaves(command, path):
            inner = command["commands"]
            return [leaf for each in inner for leaf in leaves(each, f"{path} {each['name']}")] if inner else [(path, command)]
        for path, command in leaves(tree, "vigie"):
            self.assertIn(path, sections)
            for name in (name for option in command["options"] if "--help" not in option["names"] for name in option["names"]):
                self.assertIn(name, sections[path], path)
        for path in ("approve", "events", "facts", "import", "init", "verify", "status", "keys rotate"):
            self.assertIn(f"vigie {path}", sections)
        self.assertIn("--all-hosts", sections["vigie status"])
        with tempfile.NamedTemporaryFile("w", suffix=".1") as wrong:
            wrong.write(".TH X 1\n.SH NAME\n.TP\n\\fBx\n.XX\n")
            wrong.flush()
            self.assertNotEqual(run("man", "--warnings", "-l", wrong.name).stderr, "", "man looks at nothing")


class Unit(unittest.TestCase):
    def test_the_units_exposure_is_below_the_limit_and_documented(self):
        told = run("systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)).stdout
        exposure = float(re.search(r"Overall exposure level for vigie\.service: ([0-9.]+)", told).group(1))
        self.assertLess(exposure, MOST_EXPOSED)
        self.assertIn(f"**{exposure}**", (SOURCE / "docs/running.md").read_text())

    def test_the_guard_is_started_as_a_unit_of_its_own(self):
        """Stopping ends the control group. The guard is therefore a unit of its own, whatever KillMode= says."""
        self.assertIn('command.argv = {"systemd-run"', (SOURCE / "src/system/real_processes.cpp").read_text())
        self.assertIn("\nKillMode=mixed\n", UNIT.read_text())


class Container(unittest.TestCase):
    RECIPE = SOURCE / "manifests/container/Dockerfile"

    def test_packages_in_the_recipe_exist(self):
        text = self.RECIPE.read_text().replace("\\\n", " ")
        packages = {word for line in re.findall(r"apt-get install ([^&\n]*)", text) for word in line.split() if not word.startswith("-")}
        self.assertGreater(len(packages), 10)
        packages -= {"/tmp/package/*.deb"}  # ours
        known = run("apt-cache", "policy", *sorted(packages)).stdout
        for package in packages:
            self.assertRegex(known, rf"(?m)^{re.escape(package)}:\n  Installed: .*\n  Candidate: (?!\(none\))")

    def test_paths_in_the_recipe_are_installed(self):
        with tempfile.TemporaryDirectory(prefix="vigie-install-") as place:
            run("cmake", "--install", str(BUILD), "--prefix", "/usr", env={**os.environ, "DESTDIR": place})
            paths = re.findall(r"(?:COPY --from=build \S+ |\")(/usr/(?:bin|libexec|share)/vigie[^\s\",]*)", self.RECIPE.read_text())
            self.assertGreater(len(paths), 0)
            for path in paths:
                self.assertTrue(Path(place + path).exists(), path)
        for source in re.findall(r"^COPY (?!--from)(.*) \S+$", self.RECIPE.read_text(), re.M):
            for path in source.split():
                self.assertTrue((SOURCE / path).exists(), path)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("the package is installed as root only")
        sys.exit(1 if os.environ.get("CI") else 2)
    if "VIGIE_PACKAGE_NAMESPACE" not in os.environ:
        os.environ["VIGIE_PACKAGE_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])
    unittest.main(verbosity=2)
