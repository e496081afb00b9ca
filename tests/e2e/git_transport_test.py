"""vigie-git against real peers on this machine: files, sshd, and git http-backend behind TLS.

Needs git, sshd, ssh-keygen and openssl. VIGIE_GIT names the program. Nothing leaves 127.0.0.1.
"""

import base64
import getpass
import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from patience import patient  # noqa: E402

HELPER = os.environ.get("VIGIE_GIT", "")
TOKEN = "tok-3f9a1c-never-shown"
PASSWORD = "pw-77be02-never-shown"
DEADLINE = patient(60)
EC_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def run(*command, cwd=None, env=None):
    return subprocess.run(command, cwd=cwd, env=env, check=True, capture_output=True, timeout=DEADLINE).stdout.decode().strip()


def wait_until(true, what):
    end = time.monotonic() + patient(20)
    while not true():
        if time.monotonic() > end:
            raise AssertionError("waited in vain until " + what)
        time.sleep(0.02)


def write(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return str(path)


class GitCase(unittest.TestCase):
    """A bare repository `origin`, a clone `work` to push from, and a way to ask the helper."""

    def setUp(self):
        self.top = Path(tempfile.mkdtemp(prefix="vigie-git-test."))
        self.addCleanup(shutil.rmtree, self.top)
        for name in ("home", "tmp"):
            (self.top / name).mkdir()
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(self.top / "home"), "TMPDIR": str(self.top / "tmp"),
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
        }
        self.env.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
        self.origin, self.work, self.ours = self.top / "origin.git", self.top / "work", self.top / "ours.git"
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin), cwd=self.top)
        self.git("init", "--quiet", "--initial-branch=main", str(self.work), cwd=self.top)
        self.git("remote", "add", "origin", str(self.origin))
        self.first = self.commit({"stack.yaml": "kind: MonitoringStack\n", "sub/deep/er/note.txt": "deep\n"})
        self.push()

    def git(self, *arguments, cwd=None):
        return run("git", *arguments, cwd=cwd or self.work, env=self.env)

    def commit(self, files, *options):
        for name, text in files.items():
            (self.work / name).parent.mkdir(parents=True, exist_ok=True)
            (self.work / name).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "change", *options)
        return self.git("rev-parse", "HEAD")

    def push(self, *options):
        self.git("push", "--quiet", *options, "origin", "HEAD:main")

    def start(self, request):
        self.assertTrue(HELPER, "VIGIE_GIT must name the program")
        process = subprocess.Popen([HELPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.env, start_new_session=True)
        process.stdin.write(json.dumps(request).encode())
        process.stdin.close()
        process.stdin = None
        return process

    def ask(self, op, home_left=False, **members):
        process = self.start({"op": op, **members})
        try:
            out, err = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        self.assertEqual((process.returncode, err), (0, b""))
        for secret in (TOKEN, PASSWORD):
            self.assertNotIn(secret, out.decode())
            self.assertNotIn(base64.b64encode(secret.encode()).decode(), out.decode())
        if not home_left:  # whoever ends because of its deadline leaves it to the next one
            self.assertEqual(os.listdir(self.top / "tmp"), [], "a temporary directory was left behind")
        return json.loads(out)

    def ls(self, url, branch="main", **auth):
        return self.ask("ls-remote", url=str(url), branch=branch, auth=auth)

    def fetch(self, url, branch="main", **auth):
        return self.ask("fetch", url=str(url), branch=branch, repository=str(self.ours), auth=auth)

    def follow(self, op="fetch", **members):
        """As `ls` and `fetch`, for a tag or a commit, or with limits."""
        return self.ask(op, **{"url": str(self.origin), "repository": str(self.ours), **members})

    def export(self, commit, path=".", out="out"):
        return self.ask("export", repository=str(self.ours), commit=commit, path=path, out=str(self.top / out))

    def export_revision(self, directory, revision, out="out"):
        return self.ask("export-revision", directory=str(directory), revision=revision, out=str(self.top / out))

    def assertKind(self, answer, kind):
        self.assertEqual(answer.get("kind"), kind, answer)
        self.assertTrue(answer["error"] and answer["hint"], answer)
        self.assertNotIn("commit", answer)

    def tip(self):
        return self.git("rev-parse", "refs/vigie/tip", cwd=self.ours)


class FilesAndRequests(GitCase):
    def test_ls_remote_returns_the_tip_of_a_path_and_of_a_file_url(self):
        self.assertEqual(self.ls(self.origin), {"commit": self.first})
        self.assertEqual(self.ls(f"file://{self.origin}"), {"commit": self.first})

    def test_a_missing_branch_is_reported_with_branches_that_exist(self):
        self.git("push", "--quiet", "origin", "HEAD:prod")
        answer = self.ls(self.origin, "mian")
        self.assertKind(answer, "missing-branch")
        self.assertIn("main", answer["hint"])
        self.assertIn("prod", answer["hint"])
        self.assertKind(self.fetch(self.origin, "mian"), "missing-branch")

    def test_a_tag_or_a_pattern_is_not_accepted_as_a_branch(self):
        self.git("push", "--quiet", "origin", "HEAD:refs/tags/v1")
        for branch in ("v1", "*", "", "a..b"):
            self.assertKind(self.ls(self.origin, branch), "missing-branch")

    def test_an_empty_repository_is_reported_as_a_missing_branch(self):
        self.git("init", "--quiet", "--bare", str(self.top / "empty.git"))
        self.assertKind(self.ls(self.top / "empty.git"), "missing-branch")

    def test_a_path_without_a_repository_is_reported(self):
        self.assertKind(self.ls(self.top / "nowhere"), "repository")
        self.assertKind(self.ls(self.top / "home"), "repository")

    def test_url_schemes_are_accepted_in_any_case_and_paths_with_blanks(self):
        self.assertEqual(self.ls(f"FILE://{self.origin}"), {"commit": self.first})
        blank = self.top / "my origin.git"
        self.origin.rename(blank)
        for url in (blank, f"file://{blank}"):
            self.assertEqual(self.ls(url), {"commit": self.first})
        answer = self.ls("https://127.0.0.1:1/a b.git")
        self.assertKind(answer, "other")
        self.assertIn("%20", answer["hint"])
        for url in ("HTTP://127.0.0.1/r.git", "HTTPS://127.0.0.1"):
            self.assertKind(self.ls(url), "other")

    def test_a_sha_256_repository_is_reported_as_such(self):
        self.git("init", "--quiet", "--bare", "--object-format=sha256", str(self.top / "new.git"))
        for answer in (self.ls(self.top / "new.git"), self.fetch(self.top / "new.git")):
            self.assertKind(answer, "repository")
            self.assertIn("SHA-256", answer["error"])

    def test_a_shallow_origin_is_reported_as_such(self):
        self.commit({"stack.yaml": "changed\n"})
        self.push()
        self.git("clone", "--quiet", "--bare", "--depth=1", f"file://{self.origin}", str(self.top / "shallow.git"))
        for url in (self.top / "shallow.git", f"file://{self.top}/shallow.git"):
            answer = self.fetch(url)
            self.assertKind(answer, "repository")
            self.assertIn("shallow", answer["error"])
            self.assertIn("--unshallow", answer["hint"])

    def test_transports_other_than_file_https_and_ssh_are_refused(self):
        for url in ("http://127.0.0.1/r.git", "git://127.0.0.1/r.git", "ext::sh -c id", "ftp://127.0.0.1/r", "relative/path",
                    "https://127.0.0.1", "ssh://-oProxyCommand=id/r"):
            self.assertKind(self.ls(url), "other")

    def test_a_password_in_a_url_is_refused_and_never_repeated(self):
        for url in (f"https://me:{PASSWORD}@127.0.0.1:1/r.git", f"ssh://me:{PASSWORD}@127.0.0.1:1/r.git",
                    f"me:{PASSWORD}@127.0.0.1:r.git", f"https://me:{PASSWORD}/@x@127.0.0.1:1/r.git",
                    f"http://me:{PASSWORD}@127.0.0.1:1/r.git", f"ftp://{PASSWORD}@127.0.0.1:1/r.git",
                    f"https://me:a {PASSWORD}@127.0.0.1:1/r.git"):
            self.assertIn(self.ls(url)["kind"], ("auth", "other"))

    def test_a_malformed_request_is_answered_and_not_repeated(self):
        for text in ("", "{", f'{{"op":"ls-remote","url":"https://me:{PASSWORD}@h', "[]", '{"op":"dance"}', '{"op":"fetch","url":7}'):
            done = subprocess.run([HELPER], input=text.encode(), capture_output=True, env=self.env, timeout=DEADLINE)
            self.assertEqual(done.returncode, 0)
            self.assertKind(json.loads(done.stdout), "other")
            self.assertNotIn(PASSWORD, done.stdout.decode())

    def test_the_users_git_configuration_has_no_effect(self):
        write(self.top / "home" / ".gitconfig", f'[url "{self.top}/nowhere"]\n\tinsteadOf = {self.origin}\n')
        self.assertEqual(self.ls(self.origin), {"commit": self.first})
        self.assertEqual(self.fetch(self.origin), {"commit": self.first})


class Describe(GitCase):
    def describe(self, commit):
        return self.ask("describe", repository=str(self.ours), commit=commit)

    def test_a_commit_is_described_by_author_time_and_subject(self):
        self.fetch(self.origin)
        about = self.describe(self.first)
        self.assertEqual(about["author"], "a")
        self.assertEqual(about["time"], int(self.git("log", "-1", "--format=%ct", self.first)))
        self.assertEqual(about["subject"], self.git("log", "-1", "--format=%s", self.first))
        self.assertNotIn("example.org", json.dumps(about))

    def test_any_commit_message_becomes_one_short_line(self):
        self.git("commit", "--quiet", "--allow-empty", "-m", "to be replaced")
        raw = subprocess.run(["git", "cat-file", "commit", "HEAD"], cwd=self.work, env=self.env, check=True, capture_output=True).stdout
        header = raw.split(b"\n\n", 1)[0].replace(b"author a <", b"author " + b"N" * 300 + b" <")
        bad = self.top / "commit"
        bad.write_bytes(header + b"\n\n\x1b[2Jsecond caf\xe9 " + "é".encode() * 400 + b"\n\nbody\n")  # git itself would mend it
        self.git("reset", "--quiet", "--hard", self.git("hash-object", "-t", "commit", "-w", "--literally", str(bad)))
        self.push()
        tip = self.fetch(self.origin)["commit"]
        about = self.describe(tip)
        self.assertTrue(about["subject"].startswith("\\x1b[2Jsecond caf\\xe9 éé"), about)
        self.assertEqual((len(about["subject"]), about["subject"][-1]), (200, "…"))
        self.assertEqual(about["author"], "N" * 99 + "…")

    def test_an_unknown_commit_or_repository_is_an_error(self):
        self.fetch(self.origin)
        for commit in ("0" * 40, "main", "", self.first[:39]):
            self.assertKind(self.describe(commit), "repository")
        self.assertKind(self.ask("describe", repository=str(self.top / "nowhere"), commit=self.first), "repository")


class Fetch(GitCase):
    def test_the_first_fetch_makes_a_private_bare_repository(self):
        self.assertEqual(self.fetch(self.origin), {"commit": self.first})
        self.assertEqual(self.tip(), self.first)
        self.assertEqual(self.git("rev-parse", "--is-bare-repository", cwd=self.ours), "true")
        self.assertEqual(stat.S_IMODE(self.ours.stat().st_mode), 0o700)
        self.git("fsck", "--strict", cwd=self.ours)

    def test_a_fetch_without_a_change_adds_no_file(self):
        self.fetch(self.origin)
        before = sorted(p for p in self.ours.rglob("*"))
        self.assertEqual(self.fetch(self.origin), {"commit": self.first})
        self.assertEqual(sorted(p for p in self.ours.rglob("*")), before)

    def test_a_fetch_after_a_push_gets_the_new_tip_and_its_history(self):
        self.fetch(self.origin)
        second = self.commit({"stack.yaml": "changed\n"})
        self.push()
        self.assertEqual(self.fetch(self.origin), {"commit": second})
        self.assertEqual(self.git("rev-list", second, cwd=self.ours).split(), [second, self.first])

    def test_a_fetch_after_a_force_push_gets_the_new_tip(self):
        self.fetch(self.origin)
        other = self.commit({"stack.yaml": "rewritten\n"}, "--amend")
        self.push("--force")
        self.assertEqual(self.fetch(self.origin), {"commit": other})
        self.assertEqual(self.tip(), other)

    def test_other_branches_and_tags_are_not_fetched(self):
        self.git("tag", "v1")
        self.git("push", "--quiet", "origin", "v1", "HEAD:prod")
        self.fetch(self.origin)
        self.assertEqual(self.git("for-each-ref", "--format=%(refname)", cwd=self.ours), "refs/vigie/tip")

    def test_a_missing_branch_keeps_the_last_tip(self):
        self.fetch(self.origin)
        self.assertKind(self.fetch(self.origin, "gone"), "missing-branch")
        self.assertEqual(self.tip(), self.first)

    def test_a_damaged_repository_is_cloned_again(self):
        def no_head():
            (self.ours / "HEAD").unlink()

        def empty_tip():
            (self.ours / "refs/vigie/tip").write_text("")

        def no_objects():
            shutil.rmtree(self.ours / "objects")
            (self.ours / "objects").mkdir()

        def bad_configuration():
            (self.ours / "config").write_text("[[[")

        def a_file():
            shutil.rmtree(self.ours)
            self.ours.write_text("no directory")

        for damage in (no_head, empty_tip, no_objects, bad_configuration, a_file):
            with self.subTest(damage.__name__):
                self.fetch(self.origin)
                damage()
                self.assertEqual(self.fetch(self.origin), {"commit": self.first})
                self.git("fsck", "--strict", cwd=self.ours)

    def test_a_foreign_directory_is_not_replaced_as_a_damaged_repository(self):
        self.ours.mkdir()
        (self.ours / "precious").write_text("keep")
        self.assertKind(self.fetch(self.origin), "repository")
        self.assertTrue((self.ours / "precious").exists())

    def test_files_left_by_a_killed_fetch_are_removed_by_the_next(self):
        self.fetch(self.origin)
        left = [self.ours / "refs/vigie/tip.lock", self.ours / "config.lock", self.ours / "objects/pack/pack_git2_a1b2c3"]
        for path in left:
            path.write_text("")
        second = self.commit({"stack.yaml": "changed\n"})
        self.push()
        self.assertEqual(self.fetch(self.origin), {"commit": second})
        self.assertFalse([path for path in left if path.exists()])


class TagsAndCommits(GitCase):
    def test_a_lightweight_tag_resolves_to_its_commit(self):
        self.git("push", "--quiet", "origin", "HEAD:refs/tags/v1")
        self.commit({"stack.yaml": "later\n"})
        self.push()
        for op in ("ls-remote", "fetch"):
            self.assertEqual(self.follow(op, tag="v1"), {"commit": self.first})
        self.assertEqual(self.tip(), self.first)

    def test_an_annotated_tag_is_returned_with_its_commit(self):
        self.git("tag", "-a", "-m", "tagged", "v1")
        self.git("tag", "-a", "-m", "tagged again", "v2", "v1")
        self.git("push", "--quiet", "origin", "v1", "v2")
        for name in ("v1", "v2"):
            tag = self.git("rev-parse", name)
            for op in ("ls-remote", "fetch"):
                self.assertEqual(self.follow(op, tag=name), {"commit": self.first, "tag": tag})
            self.assertEqual(self.tip(), tag)
            self.assertEqual(self.fetch(self.origin), {"commit": self.first})  # a repository with such a tip is sound

    def test_a_moved_tag_is_followed(self):
        self.git("push", "--quiet", "origin", "HEAD:refs/tags/prod")
        self.follow(tag="prod")
        second = self.commit({"stack.yaml": "changed\n"})
        self.git("push", "--quiet", "--force", "origin", "HEAD:refs/tags/prod")
        self.assertEqual(self.follow(tag="prod"), {"commit": second})

    def test_a_missing_tag_is_reported_with_existing_tags_and_a_branch_is_no_tag(self):
        self.git("push", "--quiet", "origin", "HEAD:refs/tags/v1")
        for op in ("ls-remote", "fetch"):
            for tag in ("v2", "main", "a..b", "*"):
                answer = self.follow(op, tag=tag)
                self.assertKind(answer, "missing-branch")
            self.assertIn("v1", self.follow(op, tag="v2")["hint"])

    def test_a_tag_of_a_tree_is_refused(self):
        self.git("tag", "-a", "-m", "a tree", "tree", "HEAD^{tree}")
        self.git("push", "--quiet", "origin", "tree")
        self.assertKind(self.follow(tag="tree"), "repository")

    def test_a_pinned_commit_is_fetched_from_any_branch(self):
        pinned = self.commit({"stack.yaml": "pinned\n"})
        self.git("push", "--quiet", "origin", "HEAD:refs/heads/side/branch")
        self.git("reset", "--quiet", "--hard", self.first)
        self.commit({"stack.yaml": "main\n"})
        self.push()
        for op in ("ls-remote", "fetch"):
            self.assertEqual(self.follow(op, commit=pinned), {"commit": pinned})
        self.assertEqual(self.tip(), pinned)
        self.assertEqual(self.git("for-each-ref", "--format=%(refname)", cwd=self.ours), "refs/vigie/tip")
        # The branch goes, another takes half of its name, and the commit is still there.
        self.git("push", "--quiet", "origin", ":refs/heads/side/branch", "HEAD:refs/heads/side")
        self.assertEqual(self.follow(commit=pinned), {"commit": pinned})
        self.assertEqual(self.follow(commit=self.first), {"commit": self.first})

    def test_a_pinned_commit_that_does_not_exist_is_reported(self):
        for commit in ("12" * 20, self.first[:12], "main"):
            self.assertKind(self.follow(commit=commit), "missing-branch")
        self.assertKind(self.follow("ls-remote", url=str(self.top / "nowhere"), commit=self.first), "repository")


class Growth(GitCase):
    """libgit2 cannot repack: what has grown is cloned anew."""

    def packs(self):
        return len(list((self.ours / "objects/pack").glob("*.pack")))

    def grow(self, text):
        commit = self.commit({"big.bin": text})
        self.push("--force")
        return commit

    def noise(self):
        return base64.b64encode(os.urandom(800000)).decode()

    def size(self):
        return sum(path.stat().st_size for path in (self.ours / "objects").rglob("*") if path.is_file())

    def test_after_a_hundred_fetches_the_number_of_packs_drops(self):
        most = 0
        for number in range(104):
            commit = self.commit({"stack.yaml": f"{number}\n"})
            self.push()
            self.assertEqual(self.fetch(self.origin), {"commit": commit})
            most = max(most, self.packs())
        self.assertEqual(most, 100)
        self.assertLess(self.packs(), 10)
        self.git("fsck", "--strict", cwd=self.ours)
        self.assertEqual(sorted(os.listdir(self.top)), ["home", "origin.git", "ours.git", "tmp", "work"])

    def test_past_the_size_limit_unreachable_objects_are_dropped_and_the_applied_commit_stays(self):
        limit = 2 << 20
        applied = self.grow("applied\n")
        self.follow(branch="main", applied="", maxBytes=limit)
        sizes = []
        for _ in range(12):
            self.git("reset", "--quiet", "--hard", self.first)
            tip = self.grow(self.noise())
            self.assertEqual(self.follow(branch="main", applied=applied, maxBytes=limit), {"commit": tip})
            sizes.append(self.size())
            self.assertLess(self.size(), 3 * limit)
            self.assertEqual(self.export(applied)["commit"], applied)
            self.assertEqual((self.top / "out/big.bin").read_text(), "applied\n")
            shutil.rmtree(self.top / "out")
        self.assertLess(min(sizes[1:]), max(sizes) / 2, "it was never cloned anew")
        self.git("fsck", "--strict", cwd=self.ours)

    def test_a_fetch_larger_than_the_limit_is_refused(self):
        self.fetch(self.origin)
        for _ in range(3):
            self.grow(self.noise())
        answer = self.follow(branch="main", maxBytes=1 << 20)
        self.assertKind(answer, "other")
        self.assertIn("maxRepositorySize", answer["hint"])
        self.assertEqual(self.tip(), self.first)
        self.assertLess(self.size(), 1 << 20)
        self.assertIn("commit", self.follow(branch="main", maxBytes=4 << 20))

    def test_killed_while_cloning_again_the_old_repository_is_still_usable(self):
        self.fetch(self.origin)
        for state in ("beside", "between"):
            with self.subTest(state):
                if state == "beside":
                    shutil.copytree(self.ours, str(self.ours) + ".new")
                    (Path(str(self.ours) + ".new") / "HEAD").unlink()
                else:
                    self.ours.rename(str(self.ours) + ".old")
                self.assertEqual(self.follow(branch="main", applied=self.first), {"commit": self.first})
                self.assertEqual([name for name in os.listdir(self.top) if name.startswith("ours")], ["ours.git"])
                self.assertEqual(self.git("rev-parse", "refs/vigie/applied", cwd=self.ours), self.first)


class Export(GitCase):
    def setUp(self):
        super().setUp()
        os.symlink("/etc/passwd", self.work / "sub" / "link")
        (self.work / "tool.sh").write_text("#!/bin/sh\n")
        (self.work / "tool.sh").chmod(0o755)
        (self.work / ".gitattributes").write_text("*.txt text eol=crlf\n")
        self.commit({})
        self.git("update-index", "--add", "--cacheinfo", f"160000,{self.first},module")
        self.git("commit", "--quiet", "-m", "module")
        self.head = self.git("rev-parse", "HEAD")
        self.push()
        self.fetch(self.origin)
        self.out = self.top / "out"

    def written(self):
        return {str(p.relative_to(self.out)): p.read_bytes() for p in self.out.rglob("*") if p.is_file()}

    def make_tree(self, *lines):
        """A commit, in our repository, of a tree that git itself would not write."""
        body = b"".join(f"{mode} {name}".encode() + b"\0" + bytes.fromhex(oid) for mode, name, oid in lines)
        tree = subprocess.run(["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"], input=body, cwd=self.ours,
                              env=self.env, check=True, capture_output=True).stdout.decode().strip()
        return self.git("commit-tree", "-m", "by hand", tree, cwd=self.ours)

    def test_the_whole_tree_is_exported_with_placeholders_for_links_and_submodules(self):
        answer = self.export(self.head)
        self.assertEqual(answer, {"commit": self.head, "tree": self.git("rev-parse", "HEAD^{tree}"), "files": 4,
                                  "skipped": ["module", "sub/link"]})
        self.assertEqual(self.written(), {"stack.yaml": b"kind: MonitoringStack\n", "sub/deep/er/note.txt": b"deep\n",
                                          "tool.sh": b"#!/bin/sh\n", ".gitattributes": b"*.txt text eol=crlf\n"})
        for name in self.written():
            self.assertEqual(stat.S_IMODE((self.out / name).stat().st_mode), 0o644)
        # What stands for a link or a submodule leads nowhere, whatever the repository holds.
        for name in ("sub/link", "module"):
            self.assertTrue(os.readlink(self.out / name).startswith("/dev/null/not exported"))
            self.assertFalse(os.path.exists(self.out / name))

    def test_a_subdirectory_is_exported_as_the_top(self):
        for path in ("sub", "sub/", "./sub"):
            shutil.rmtree(self.out, ignore_errors=True)
            answer = self.export(self.head, path)
            self.assertEqual((answer["files"], answer["skipped"]), (1, ["link"]))
            self.assertEqual(answer["tree"], self.git("rev-parse", "HEAD:sub"))
            self.assertEqual(self.written(), {"deep/er/note.txt": b"deep\n"})

    def test_a_path_that_is_missing_or_a_file_or_outside_is_reported(self):
        for path in ("absent", "sub/absent", "stack.yaml", "sub/link", "module", "..", "sub/../..", "/etc", ""):
            self.assertKind(self.export(self.head, path), "other")
            self.assertFalse(self.out.exists())

    def test_a_file_link_or_submodule_in_place_of_a_directory_is_named(self):
        for path, what in (("stack.yaml", "stack.yaml is a file"), ("sub/link", "sub/link is a symbolic link to /etc/passwd"),
                           ("sub/link/deeper", "sub/link is a symbolic link"), ("module", "module is a submodule"),
                           ("module/mon", "module is a submodule"), ("tool.sh/x", "tool.sh is a file")):
            answer = self.export(self.head, path)
            self.assertIn(f"has no directory {path}: {what}", answer["error"])
            self.assertNotIn("pushed", answer["hint"])
        self.assertIn("pushed", self.export(self.head, "sub/absent")["hint"])

    def test_an_older_commit_can_be_exported(self):
        self.assertEqual(self.export(self.first)["files"], 2)

    def test_an_unknown_commit_is_reported(self):
        for commit in ("0" * 40, "main", "", "z" * 40, self.head[:10]):
            self.assertKind(self.export(commit), "repository")

    def test_an_existing_directory_is_left_alone(self):
        self.out.mkdir()
        (self.out / "mine").write_text("keep")
        self.assertKind(self.export(self.head), "other")
        self.assertEqual(self.written(), {"mine": b"keep"})

    def test_a_tree_with_forbidden_names_is_refused_and_nothing_is_left(self):
        blob = self.git("hash-object", "-w", "--stdin", cwd=self.ours)
        good = ("100644", "a", blob)
        for name in (".", "..", ".git", ".GIT", "a/b", "../../x"):
            with self.subTest(name):
                self.assertKind(self.export(self.make_tree(good, ("100644", name, blob))), "repository")
                self.assertFalse(self.out.exists())

    def test_a_tree_with_a_duplicate_name_is_refused(self):
        blob = self.git("hash-object", "-w", "--stdin", cwd=self.ours)
        self.assertIn("error", self.export(self.make_tree(("100644", "a", blob), ("100644", "a", blob))))
        self.assertFalse(self.out.exists())

    def test_a_missing_object_is_reported_and_nothing_is_left(self):
        self.assertKind(self.export(self.make_tree(("100644", "a", "12" * 20))), "repository")
        self.assertFalse(self.out.exists())

    def test_a_tree_with_too_many_levels_is_refused(self):
        tree = self.git("rev-parse", self.first + ":sub/deep/er", cwd=self.ours)
        commit = ""
        for _ in range(52):
            commit = self.make_tree(("40000", "d", tree))
            tree = self.git("rev-parse", commit + "^{tree}", cwd=self.ours)
        answer = self.export(commit)
        self.assertKind(answer, "other")
        self.assertIn("50 levels", answer["error"])
        self.assertFalse(self.out.exists())

    def test_a_tree_with_too_many_files_or_directories_is_refused(self):
        blob = self.git("hash-object", "-w", "--stdin", cwd=self.ours)
        self.assertEqual(self.export(self.make_tree(*(("100644", f"{i:05}", blob) for i in range(20000))))["files"], 20000)
        shutil.rmtree(self.out)
        self.assertIn("20000 files", self.export(self.make_tree(*(("100644", f"{i:05}", blob) for i in range(20001))))["error"])
        # Directories that share their trees: 64^4 of them from five objects.
        tree = self.git("mktree", cwd=self.ours)
        for _ in range(4):
            commit = self.make_tree(*(("40000", f"{i:02}", tree) for i in range(64)))
            tree = self.git("rev-parse", commit + "^{tree}", cwd=self.ours)
        self.assertIn("20000 directories", self.export(commit)["error"])
        self.assertFalse(self.out.exists())

    def test_a_tree_with_too_many_bytes_is_refused_before_it_is_written(self):
        big = self.top / "big"
        with open(big, "wb") as file:
            file.truncate(60 << 20)
        blob = self.git("hash-object", "-w", str(big), cwd=self.ours)
        answer = self.export(self.make_tree(*(("100644", f"{i}", blob) for i in range(5))))
        self.assertIn("256 MiB", answer["error"])
        self.assertFalse(self.out.exists())


class ExportRevision(GitCase):
    def test_a_subdirectory_is_exported_as_it_was_at_the_revision(self):
        self.commit({"sub/deep/er/note.txt": "newer\n"})
        (self.work / "sub/deep/er/note.txt").write_text("not committed\n")
        for revision, text, commit in (("HEAD", "newer\n", self.git("rev-parse", "HEAD")), ("HEAD~1", "deep\n", self.first),
                                       ("main", "newer\n", self.git("rev-parse", "HEAD")), (self.first[:9], "deep\n", self.first)):
            answer = self.export_revision(self.work / "sub", revision)
            self.assertEqual((answer["commit"], answer["files"], answer["skipped"]), (commit, 1, []))
            self.assertEqual((self.top / "out/deep/er/note.txt").read_text(), text)
            shutil.rmtree(self.top / "out")

    def test_the_whole_work_tree_is_exported_at_an_annotated_tag(self):
        self.git("tag", "-a", "-m", "tagged", "v1")
        os.symlink(self.work, self.top / "alias")
        for directory in (self.work, self.top / "alias"):
            answer = self.export_revision(directory, "v1")
            self.assertEqual((answer["commit"], answer["files"]), (self.first, 2))
            shutil.rmtree(self.top / "out")

    def test_a_linked_work_tree_is_exported(self):
        self.git("worktree", "add", "--quiet", "--detach", str(self.top / "linked"))
        self.assertEqual(self.export_revision(self.top / "linked" / "sub", "HEAD")["files"], 1)

    def test_an_unknown_revision_is_reported(self):
        for revision in ("nope", "", "HEAD~99", "HEAD:stack.yaml"):
            self.assertKind(self.export_revision(self.work, revision), "other")

    def test_a_directory_that_the_revision_lacks_yields_no_files(self):
        (self.work / "new").mkdir()
        answer = self.export_revision(self.work / "new", "HEAD")
        self.assertEqual((answer["commit"], answer.get("tree", ""), answer["files"]), (self.first, "", 0))
        self.assertFalse((self.top / "out").exists())

    def test_a_directory_outside_of_any_repository_is_reported(self):
        for directory in (self.top / "home", self.top / "absent", self.origin):
            self.assertKind(self.export_revision(directory, "HEAD"), "repository")

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a repository away")
    def test_a_repository_of_another_user_is_read(self):
        run("chown", "-R", "12345", str(self.work))
        self.assertEqual(self.export_revision(self.work, "HEAD")["files"], 2)

    def test_a_revision_missing_from_a_shallow_clone_is_reported_with_a_hint(self):
        self.commit({"second": "2\n"})
        self.git("clone", "--quiet", "--depth", "1", "file://" + str(self.work), str(self.top / "shallow"), cwd=self.top)
        answer = self.export_revision(self.top / "shallow", "HEAD~1")
        self.assertKind(answer, "other")
        self.assertIn("shallow", answer["hint"])
        self.assertIn("`fetch-depth: 0`", answer["hint"])
        self.assertNotIn("shallow", self.export_revision(self.work, "nope")["hint"])


class SshCase(GitCase):
    """A real sshd with a host key of its own, and a key that may log in."""

    def setUp(self):
        super().setUp()
        self.user = getpass.getuser()
        for name in ("host", "other_host", "user", "other_user"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.top / name))
        self.port = self.start_sshd()
        self.pins = self.pin("host")
        self.url = f"ssh://{self.user}@127.0.0.1:{self.port}{self.origin}"

    def start_sshd(self):
        sshd = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin")
        self.assertTrue(sshd, "openssh-server is not installed")
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        write(self.top / "authorized", (self.top / "user.pub").read_text())
        config = write(self.top / "sshd_config", "\n".join((
            f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {self.top}/host", f"AuthorizedKeysFile {self.top}/authorized",
            f"PidFile {self.top}/sshd.pid", "StrictModes no", "UsePAM no", "PermitRootLogin yes", "PasswordAuthentication no",
            "KbdInteractiveAuthentication no", "LogLevel VERBOSE", "")))
        with open(self.top / "sshd.log", "wb") as log:
            server = subprocess.Popen([sshd, "-D", "-e", "-f", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(self.end, server)
        wait_until(lambda: "Server listening" in (self.top / "sshd.log").read_text(), "sshd listens")
        return port

    def end(self, process):
        process.terminate()
        process.wait(timeout=DEADLINE)

    def pin(self, key, host=None):
        kind, blob = (self.top / f"{key}.pub").read_text().split()[:2]
        return write(self.top / f"pins_{key}", f"{host or f'[127.0.0.1]:{self.port}'} {kind} {blob}\n")

    def log(self):
        return (self.top / "sshd.log").read_text()


class Ssh(SshCase):
    def test_git_over_ssh_accepts_the_right_key_and_a_pinned_host_key(self):
        auth = {"sshKey": str(self.top / "user"), "knownHosts": self.pins}
        self.assertEqual(self.ls(self.url, **auth), {"commit": self.first})
        self.assertEqual(self.fetch(self.url, **auth), {"commit": self.first})
        second = self.commit({"stack.yaml": "changed\n"})
        self.push()
        self.assertEqual(self.fetch(self.url, **auth), {"commit": second})
        self.assertKind(self.ls(self.url, "gone", **auth), "missing-branch")

    def test_the_ssh_user_name_can_be_configured_instead_of_being_in_the_url(self):
        answer = self.ls(f"ssh://127.0.0.1:{self.port}{self.origin}", sshKey=str(self.top / "user"), knownHosts=self.pins,
                         username=self.user)
        self.assertEqual(answer, {"commit": self.first})

    def test_pinned_host_keys_may_be_hashed_and_of_several_types(self):
        run("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", str(self.top / "rsa"))
        lines = "".join(Path(self.pin(key)).read_text() for key in ("rsa", "host"))
        pins = write(self.top / "pins", "# comment\n\n" + lines)
        self.assertEqual(self.ls(self.url, sshKey=str(self.top / "user"), knownHosts=pins), {"commit": self.first})
        run("ssh-keygen", "-q", "-H", "-f", pins)
        self.assertEqual(self.ls(self.url, sshKey=str(self.top / "user"), knownHosts=pins), {"commit": self.first})

    def test_a_wrong_user_key_is_offered_once_and_refused(self):
        answer = self.ls(self.url, sshKey=str(self.top / "other_user"), knownHosts=self.pins)
        self.assertKind(answer, "auth")
        self.assertIn("deploy key", answer["hint"])
        self.assertLessEqual(self.log().count("Failed publickey"), 1)

    def test_a_wrong_pinned_host_key_is_refused_before_the_user_key_is_shown(self):
        answer = self.ls(self.url, sshKey=str(self.top / "user"), knownHosts=self.pin("other_host"))
        self.assertKind(answer, "hostkey")
        fingerprint = run("ssh-keygen", "-lf", str(self.top / "host.pub")).split()[1]
        self.assertIn(fingerprint, answer["error"])
        self.assertIn("ssh-keyscan", answer["hint"])
        self.assertNotIn("Accepted publickey", self.log())
        self.assertKind(self.fetch(self.url, sshKey=str(self.top / "user"), knownHosts=self.pin("other_host")), "hostkey")

    def test_the_hint_for_a_changed_host_key_scans_into_a_new_file(self):
        pins = self.pin("other_host")
        hint = self.ls(self.url, sshKey=str(self.top / "user"), knownHosts=pins)["hint"]
        self.assertIn(f"> {pins}.new; compare `ssh-keygen -lf {pins}.new`", hint)
        self.assertIn(f"mv {pins}.new {pins}", hint)
        self.assertNotIn(f"> {pins};", hint)

    def test_a_pinned_key_of_a_type_that_the_server_lacks_is_reported_as_such(self):
        run("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", str(self.top / "ecdsa"))
        answer = self.ls(self.url, sshKey=str(self.top / "user"), knownHosts=self.pin("ecdsa"))
        self.assertKind(answer, "hostkey")
        self.assertIn("no host key of a type that is pinned", answer["error"])
        self.assertIn("ecdsa-sha2-nistp256", answer["error"])
        self.assertIn("ssh-keyscan -t ed25519", answer["hint"])

    def test_a_host_that_is_not_in_the_pinned_keys_is_refused(self):
        for host in ("git.example.org", "[127.0.0.1]:1"):
            self.assertKind(self.ls(self.url, sshKey=str(self.top / "user"), knownHosts=self.pin("host", host)), "hostkey")
        empty = write(self.top / "empty", "")
        self.assertKind(self.ls(self.url, sshKey=str(self.top / "user"), knownHosts=empty), "hostkey")

    def test_known_hosts_in_the_users_home_are_ignored(self):
        (self.top / "home/.ssh").mkdir()
        shutil.copy(self.pins, self.top / "home/.ssh/known_hosts")
        self.assertKind(self.ls(self.url, sshKey=str(self.top / "user"), knownHosts=self.pin("other_host")), "hostkey")

    def test_without_pinned_host_keys_no_connection_is_made(self):
        for url in (self.url, f"{self.user}@127.0.0.1:{self.origin}"):
            answer = self.ls(url, sshKey=str(self.top / "user"))
            self.assertKind(answer, "hostkey")
            self.assertIn("ssh-keyscan", answer["hint"])
        self.assertNotIn("Connection from", self.log())

    def test_unusable_pinned_host_keys_are_refused(self):
        self.assertKind(self.ls(self.url, sshKey=str(self.top / "user"), knownHosts=str(self.top / "absent")), "hostkey")
        revoked = write(self.top / "revoked", "@revoked " + Path(self.pins).read_text())
        self.assertKind(self.ls(self.url, sshKey=str(self.top / "user"), knownHosts=revoked), "hostkey")
        self.assertNotIn("Connection from", self.log())

    def test_a_user_key_that_is_missing_readable_by_others_or_locked_is_refused(self):
        self.assertKind(self.ls(self.url, knownHosts=self.pins), "auth")
        self.assertKind(self.ls(self.url, knownHosts=self.pins, sshKey=str(self.top / "absent")), "auth")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "passphrase", "-f", str(self.top / "locked"))
        self.assertKind(self.ls(self.url, knownHosts=self.pins, sshKey=str(self.top / "locked")), "auth")
        (self.top / "user").chmod(0o644)
        answer = self.ls(self.url, knownHosts=self.pins, sshKey=str(self.top / "user"))
        self.assertKind(answer, "auth")
        self.assertIn("chmod 600", answer["hint"])

    def test_sha_256_and_shallow_repositories_are_distinguished_from_a_network_failure(self):
        auth = {"sshKey": str(self.top / "user"), "knownHosts": self.pins}
        other = self.top / "other"
        self.git("init", "--quiet", "--object-format=sha256", "--initial-branch=main", str(other), cwd=self.top)
        self.git("commit", "--quiet", "--allow-empty", "-m", "new", cwd=other)
        self.commit({"stack.yaml": "changed\n"})
        self.push()
        self.git("clone", "--quiet", "--bare", "--depth=1", f"file://{self.origin}", str(self.top / "cut.git"))
        for path in (other, self.top / "cut.git"):
            answer = self.ls(f"ssh://{self.user}@127.0.0.1:{self.port}{path}", **auth)
            self.assertKind(answer, "repository")
            self.assertIn("SHA-256", answer["error"])
            self.assertIn("shallow", answer["error"])

    def test_a_path_that_the_server_does_not_have_is_reported(self):
        answer = self.ls(f"ssh://{self.user}@127.0.0.1:{self.port}/nowhere.git", sshKey=str(self.top / "user"), knownHosts=self.pins)
        self.assertKind(answer, "repository")

    def test_a_closed_port_is_reported_as_a_network_failure(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            url = f"ssh://{self.user}@127.0.0.1:{closed.getsockname()[1]}/r.git"
            self.assertKind(self.ls(url, sshKey=str(self.top / "user"), knownHosts=self.pins), "network")


class Backend(http.server.BaseHTTPRequestHandler):
    """`git http-backend` as CGI, for one user and one token."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        out = b""
        while size := int(self.rfile.readline(), 16):
            out += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return out

    def handle_git(self):
        body = self.body()
        self.server.seen.append((self.command, self.path, self.headers.get("Authorization")))
        if self.path.startswith("/moved/"):
            self.reply(301, [("Location", self.server.elsewhere + self.path.removeprefix("/moved"))])
            return
        if self.path.startswith("/mute/") or (self.path.startswith("/pondering/") and self.headers.get("Authorization")):
            self.server.over.wait(DEADLINE)
            return
        if self.path.startswith("/forbidden/"):
            self.reply(403, [])
            return
        wanted = "Basic " + base64.b64encode(f"{self.server.user}:{TOKEN}".encode()).decode()
        if not self.path.startswith("/open/") and self.headers.get("Authorization") != wanted:
            self.reply(401, [("WWW-Authenticate", 'Basic realm="git"')])
            return
        path, _, query = self.path.removeprefix("/open").partition("?")
        env = {**self.server.env, "GIT_PROJECT_ROOT": self.server.root, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
               "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_LENGTH": str(len(body)),
               "CONTENT_TYPE": self.headers.get("Content-Type", ""), "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", "")}
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=env, timeout=DEADLINE)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
        status = next((int(value[:3]) for name, value in headers if name == "Status"), 200)
        self.reply(status, [pair for pair in headers if pair[0] != "Status"], content)

    do_GET = do_POST = handle_git


class Proxy(http.server.BaseHTTPRequestHandler):
    """A proxy that knows CONNECT."""

    def log_message(self, *_):
        pass

    def do_CONNECT(self):
        self.server.seen.append(self.path)
        if self.server.refuses:
            self.send_error(self.server.refuses)
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=DEADLINE) as upstream:
            self.send_response(200, "Connection established")
            self.end_headers()
            back = threading.Thread(target=self.pump, args=(upstream, self.connection), daemon=True)
            back.start()
            self.pump(self.connection, upstream)
            back.join(DEADLINE)

    @staticmethod
    def pump(source, to):
        try:
            while data := source.recv(65536):
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class HttpsCase(GitCase):
    """git over TLS, with an authority of one's own."""

    def setUp(self):
        super().setUp()
        self.make_authority("ca")
        self.make_authority("other_ca")
        self.make_certificate()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a client that refuses the certificate hangs up
        self.server.seen, self.server.env, self.server.root, self.server.user = [], self.env, str(self.top), "git"
        self.server.over = threading.Event()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.top / "server.pem", self.top / "server.key")
        self.server.socket = self.context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.server.elsewhere = f"https://127.0.0.1:{self.port}"
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join, DEADLINE)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.addCleanup(self.server.over.set)
        self.url = f"https://localhost:{self.port}/origin.git"
        self.auth = {"caFile": str(self.top / "ca.pem"), "tokenFile": write(self.top / "token", TOKEN + "\n")}

    def make_authority(self, name):
        run("openssl", "req", "-x509", *EC_KEY, "-nodes", "-days", "2", "-subj", f"/CN=test {name}",
            "-addext", "keyUsage=critical,keyCertSign", "-keyout", str(self.top / f"{name}.key"), "-out", str(self.top / f"{name}.pem"))

    def make_certificate(self, names="DNS:localhost", issuer="ca", days="2", name="server", more=""):
        run("openssl", "req", *EC_KEY, "-nodes", "-subj", "/CN=a server", "-keyout", str(self.top / f"{name}.key"),
            "-out", str(self.top / f"{name}.csr"))
        write(self.top / "extensions", (f"subjectAltName={names}\n" if names else "") + more)
        run("openssl", "x509", "-req", "-in", str(self.top / f"{name}.csr"), "-CA", str(self.top / f"{issuer}.pem"), "-CAkey",
            str(self.top / f"{issuer}.key"), "-CAcreateserial", "-days", days, "-extfile", str(self.top / "extensions"),
            "-out", str(self.top / f"{name}.pem"))


class Https(HttpsCase):
    def test_git_over_https_accepts_the_right_token_and_certificate_authority(self):
        self.assertEqual(self.ls(self.url, **self.auth), {"commit": self.first})
        self.assertEqual(self.fetch(self.url, **self.auth), {"commit": self.first})
        self.assertEqual(self.fetch(self.url, **self.auth), {"commit": self.first})
        second = self.commit({"stack.yaml": "changed\n"})
        self.push()
        self.assertEqual(self.fetch(self.url, **self.auth), {"commit": second})
        self.assertKind(self.ls(self.url, "gone", **self.auth), "missing-branch")

    def test_the_user_name_comes_from_the_configuration_or_the_url(self):
        self.server.user = "robot"
        self.assertEqual(self.ls(self.url, username="robot", **self.auth), {"commit": self.first})
        self.assertEqual(self.ls(self.url.replace("//", "//robot@"), **self.auth), {"commit": self.first})
        self.assertKind(self.ls(self.url, **self.auth), "auth")

    def test_a_public_repository_needs_no_token(self):
        url = self.url.replace("/origin", "/open/origin")
        self.assertEqual(self.fetch(url, caFile=self.auth["caFile"]), {"commit": self.first})

    def test_a_wrong_token_is_offered_once_and_refused(self):
        wrong = write(self.top / "wrong", PASSWORD + "\n")
        answer = self.ls(self.url, **{**self.auth, "tokenFile": wrong})
        self.assertKind(answer, "auth")
        self.assertEqual(len([entry for entry in self.server.seen if entry[2]]), 1)

    def test_a_missing_token_is_reported_with_a_hint(self):
        answer = self.ls(self.url, caFile=self.auth["caFile"])
        self.assertKind(answer, "auth")
        self.assertIn("tokenFile", answer["hint"])

    def test_a_token_without_read_access_is_refused(self):
        self.assertKind(self.ls(self.url.replace("/origin", "/forbidden/origin"), **self.auth), "auth")

    def test_a_token_file_that_others_can_read_is_refused_before_connecting(self):
        for mode in (0o644, 0o640, 0o604):
            os.chmod(self.top / "token", mode)
            answer = self.ls(self.url, **self.auth)
            self.assertKind(answer, "auth")
            self.assertIn("chmod 600", answer["hint"])
        for path in (self.top / "absent", self.top, write(self.top / "empty", "\n")):
            self.assertKind(self.ls(self.url, **{**self.auth, "tokenFile": str(path)}), "auth")
        self.assertEqual(self.server.seen, [])

    def test_a_wrong_certificate_authority_is_refused_before_the_token_is_sent(self):
        self.assertKind(self.ls(self.url, **{**self.auth, "caFile": str(self.top / "other_ca.pem")}), "certificate")
        self.assertKind(self.ls(self.url, tokenFile=self.auth["tokenFile"]), "certificate")
        self.assertKind(self.fetch(self.url, **{**self.auth, "caFile": str(self.top / "other_ca.pem")}), "certificate")
        self.assertEqual(self.server.seen, [])

    def test_a_certificate_for_another_name_is_refused(self):
        self.assertKind(self.ls(self.url.replace("localhost", "127.0.0.1"), **self.auth), "certificate")
        self.assertEqual(self.server.seen, [])

    def show(self, **certificate):
        """The server shows another certificate from now on."""
        self.make_certificate(name="shown", **certificate)
        self.context.load_cert_chain(self.top / "shown.pem", self.top / "shown.key")

    def refused(self, url, **auth):
        before = len(self.server.seen)
        answer = self.ls(url, **{**self.auth, **auth})
        self.assertKind(answer, "certificate")
        self.assertEqual(len(self.server.seen), before)
        return answer

    def test_a_certificate_for_an_ip_address_is_good_for_that_address_only(self):
        address = self.url.replace("localhost", "127.0.0.1")
        self.show(names="IP:127.0.0.1,DNS:other.example.org")
        self.assertEqual(self.ls(address, **self.auth), {"commit": self.first})
        self.assertEqual(self.fetch(address, **self.auth), {"commit": self.first})
        answer = self.refused(self.url)
        self.assertIn("is not for localhost, but for 127.0.0.1, other.example.org", answer["error"])
        for names in ("IP:127.0.0.2", "IP:::1", "DNS:localhost", ""):
            with self.subTest(names):
                self.show(names=names)
                answer = self.refused(address)
                self.assertIn("is not for 127.0.0.1", answer["error"])
                self.assertIn("subjectAltName=IP:127.0.0.1", answer["hint"])

    def test_a_certificate_for_an_ip_address_must_be_good_in_every_other_way(self):
        address = self.url.replace("localhost", "127.0.0.1")
        right = "IP:127.0.0.1"
        self.show(names=right, issuer="other_ca")
        self.assertIn("is not trusted", self.refused(address)["error"])
        self.show(names=right, more="extendedKeyUsage=clientAuth\n")
        self.assertIn("is not trusted", self.refused(address)["error"])
        self.show(names=right, days="-1")
        self.assertIn("expired on ", self.refused(address)["error"])
        self.show(names=right)
        self.refused(address, caFile=str(self.top / "other_ca.pem"))
        self.refused(address, caFile="")
        # An authority in between that only the server knows.
        self.make_certificate(name="middle", names="", more="basicConstraints=CA:true\nkeyUsage=keyCertSign\n")
        self.make_certificate(name="leaf", names=right, issuer="middle")
        write(self.top / "chain.pem", (self.top / "leaf.pem").read_text() + (self.top / "middle.pem").read_text())
        self.context.load_cert_chain(self.top / "chain.pem", self.top / "leaf.key")
        self.assertIn("intermediate certificates", self.refused(address)["hint"])
        # It may stand in the file of the authority.
        both = write(self.top / "both.pem", (self.top / "ca.pem").read_text() + (self.top / "middle.pem").read_text())
        self.assertEqual(self.ls(address, **{**self.auth, "caFile": both}), {"commit": self.first})

    def test_an_expired_certificate_is_reported_as_expired(self):
        self.show(days="-1")
        answer = self.refused(self.url)
        self.assertRegex(answer["error"], r"the certificate of localhost expired on \d{4}-\d\d-\d\d")
        self.assertNotIn("authority", answer["hint"])

    def test_an_unusable_certificate_authority_file_is_reported(self):
        for path in (self.top / "absent", write(self.top / "nonsense", "no certificate\n")):
            self.assertKind(self.ls(self.url, **{**self.auth, "caFile": str(path)}), "certificate")

    def test_a_repository_that_the_server_does_not_have_is_reported(self):
        self.assertKind(self.ls(self.url.replace("/origin", "/nowhere"), **self.auth), "repository")

    def start_proxy(self, refuses=0):
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        proxy.daemon_threads = True
        proxy.seen, proxy.refuses = [], refuses
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        return proxy, f"http://127.0.0.1:{proxy.server_address[1]}"

    def test_a_proxy_is_used_and_sees_neither_token_nor_path(self):
        proxy, url = self.start_proxy()
        self.assertEqual(self.follow("ls-remote", url=self.url, branch="main", auth=self.auth, proxy=url), {"commit": self.first})
        self.assertEqual(self.follow(url=self.url, branch="main", auth=self.auth, proxy=url), {"commit": self.first})
        self.assertEqual(set(proxy.seen), {f"localhost:{self.port}"})
        # The certificate is still the server's own.
        answer = self.follow("ls-remote", url=self.url, branch="main", auth={**self.auth, "caFile": str(self.top / "other_ca.pem")}, proxy=url)
        self.assertKind(answer, "certificate")

    def test_a_refusing_or_missing_proxy_is_reported(self):
        for refuses in (403, 407, 502):
            _, url = self.start_proxy(refuses)
            answer = self.follow("ls-remote", url=self.url, branch="main", auth=self.auth, proxy=url)
            self.assertIn("error", answer)
            self.assertEqual(self.server.seen, [])
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            answer = self.follow("ls-remote", url=self.url, branch="main", auth=self.auth, proxy=f"http://127.0.0.1:{closed.getsockname()[1]}")
        self.assertKind(answer, "network")
        self.assertIn("proxy", answer["hint"])

    def test_a_proxy_for_another_transport_or_with_a_login_is_refused(self):
        self.assertKind(self.follow("ls-remote", url=str(self.origin), branch="main", proxy="http://127.0.0.1:1"), "other")
        for proxy in (f"http://me:{PASSWORD}@127.0.0.1:1", "socks5://127.0.0.1:1"):
            self.assertKind(self.follow("ls-remote", url=self.url, branch="main", auth=self.auth, proxy=proxy), "other")

    def test_proxies_in_the_environment_are_ignored(self):
        proxy, url = self.start_proxy(403)
        self.env.update({name: url for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY")})
        self.assertEqual(self.ls(self.url, **self.auth), {"commit": self.first})
        self.assertEqual(proxy.seen, [])

    def test_a_redirect_to_another_host_is_not_followed(self):
        self.assertIn("error", self.ls(self.url.replace("/origin", "/moved/origin"), **self.auth))
        self.assertEqual([entry[1].startswith("/moved/") for entry in self.server.seen], [True])

    def test_a_closed_port_is_reported_as_a_network_failure(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self.assertKind(self.ls(f"https://localhost:{closed.getsockname()[1]}/r.git", **self.auth), "network")


class Late(HttpsCase):
    """The time is over: the helper itself says what it waited for, before anybody kills it."""

    def late(self, url, **auth):
        began = time.monotonic()
        answer = self.ask("ls-remote", url=url, branch="main", auth=auth or self.auth, timeoutMs=700)
        self.assertLess(time.monotonic() - began, DEADLINE / 2)
        self.assertKind(answer, "network")
        self.assertIn("within 1 s", answer["error"])
        return answer

    def silent(self, backlog=5):
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        listener.listen(backlog)
        return listener.getsockname()[1]

    def test_a_timeout_while_connecting_names_the_address(self):
        port = self.silent(backlog=0)
        for _ in range(3):  # what comes then is dropped, as a firewall drops it
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
            self.addCleanup(waiting.close)
        time.sleep(0.2)
        answer = self.late(f"https://127.0.0.1:{port}/r.git")
        self.assertIn(f"cannot connect to 127.0.0.1, port {port}", answer["error"])
        self.assertIn("firewall", answer["hint"])

    def test_a_timeout_of_a_server_that_does_not_speak_the_protocol_says_so(self):
        port = self.silent()
        self.assertIn(f"127.0.0.1, port {port} accepts connections, but does not speak TLS", self.late(f"https://127.0.0.1:{port}/r.git")["error"])
        key = str(self.top / "key")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
        pins = write(self.top / "pins", f"[127.0.0.1]:{port} " + " ".join((self.top / "key.pub").read_text().split()[:2]) + "\n")
        answer = self.ask("ls-remote", url=f"ssh://git@127.0.0.1:{port}/r.git", branch="main", timeoutMs=700,
                          auth={"sshKey": key, "knownHosts": pins}, home_left=True)
        self.assertIn("does not speak ssh", answer["error"])

    def test_a_timeout_after_tls_says_that_the_server_did_not_answer(self):
        answer = self.late(self.url.replace("/origin", "/mute/origin"), **self.auth)
        self.assertIn("localhost authenticated itself, but did not answer", answer["error"])

    def test_a_timeout_after_the_login_says_that_the_server_did_not_answer(self):
        answer = self.late(self.url.replace("/origin", "/pondering/origin"), **self.auth)
        self.assertIn("localhost received the login, but did not list the branches", answer["error"])

    def test_a_timeout_of_a_proxy_that_does_not_answer_names_the_proxy(self):
        port = self.silent()
        answer = self.ask("ls-remote", url=self.url, branch="main", auth=self.auth, proxy=f"http://127.0.0.1:{port}", timeoutMs=700)
        self.assertIn(f"the proxy 127.0.0.1, port {port} accepts connections, but neither it nor the server behind it speaks TLS",
                      answer["error"])

    def test_a_timeout_of_the_resolver_names_the_host(self):
        write(self.top / "resolv.conf", "nameserver 127.0.0.1\noptions timeout:5 attempts:2\n")
        write(self.top / "nsswitch.conf", "hosts: files dns\n")
        write(self.top / "mute.py", "import socket, sys\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(('127.0.0.1', 53))\n"
                                    "print(flush=True)\nsys.stdin.read()\n")
        request = {"op": "ls-remote", "url": "https://git.example.org/r.git", "branch": "main", "auth": self.auth, "timeoutMs": 700}
        write(self.top / "request", json.dumps(request))
        script = (f"ip link set lo up && mount --bind {self.top}/resolv.conf /etc/resolv.conf && mount --bind {self.top}/nsswitch.conf "
                  f"/etc/nsswitch.conf || exit 77; mkfifo {self.top}/end; python3 {self.top}/mute.py < {self.top}/end > {self.top}/ready & "
                  f"exec 9> {self.top}/end; until [ -s {self.top}/ready ]; do sleep 0.05; done; {HELPER} < {self.top}/request")
        done = subprocess.run(["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-c", script], capture_output=True,
                              text=True, env=self.env, timeout=DEADLINE)
        if done.returncode == 77 or "unshare" in done.stderr:
            self.skipTest("no namespaces of one's own: " + done.stderr)
        answer = json.loads(done.stdout)
        self.assertIn("the name git.example.org was not resolved within 1 s", answer["error"])
        self.assertIn("/etc/resolv.conf", answer["hint"])

    def test_an_answer_before_the_timeout_is_returned(self):
        answer = self.ask("fetch", url=self.url, branch="main", repository=str(self.ours), auth=self.auth, timeoutMs=60_000)
        self.assertEqual(answer, {"commit": self.first})


class Stalled(SshCase):
    """A server that accepts and never answers. The helper waits; whoever started it kills it."""

    def setUp(self):
        super().setUp()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.listener.settimeout(20)
        self.stall = self.listener.getsockname()[1]

    def start_stalled(self, op, url, **auth):
        process = self.start({"op": op, "url": url, "branch": "main", "repository": str(self.ours), "auth": auth})
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        connection, _ = self.listener.accept()
        self.addCleanup(connection.close)
        time.sleep(0.2)
        self.assertIsNone(process.poll())
        return process

    def kill(self, process):
        os.killpg(process.pid, signal.SIGKILL)
        self.assertEqual(process.wait(timeout=DEADLINE), -signal.SIGKILL)
        with self.assertRaises(ProcessLookupError):
            os.killpg(process.pid, 0)
        self.assertEqual(process.stdout.read(), b"")

    def test_a_fetch_from_a_stalled_web_server_can_be_killed(self):
        self.kill(self.start_stalled("ls-remote", f"https://127.0.0.1:{self.stall}/r.git"))
        self.kill(self.start_stalled("fetch", f"https://127.0.0.1:{self.stall}/r.git"))
        self.assertEqual(os.listdir(self.top / "tmp"), [])
        self.assertEqual(self.fetch(self.origin), {"commit": self.first})

    def test_a_fetch_from_a_stalled_ssh_server_can_be_killed_and_the_next_run_cleans_up(self):
        auth = {"sshKey": str(self.top / "user"), "knownHosts": self.pins}
        process = self.start_stalled("fetch", f"ssh://git@127.0.0.1:{self.stall}/r.git", **auth)
        (home,) = os.listdir(self.top / "tmp")
        self.assertEqual(stat.S_IMODE((self.top / "tmp" / home).stat().st_mode), 0o700)
        self.kill(process)
        self.assertEqual(os.listdir(self.top / "tmp"), [home])
        self.assertEqual(self.fetch(self.url, **auth), {"commit": self.first})  # demands an empty tmp, too

    def test_the_temporary_home_of_a_running_helper_is_left_alone(self):
        auth = {"sshKey": str(self.top / "user"), "knownHosts": self.pins}
        process = self.start_stalled("fetch", f"ssh://git@127.0.0.1:{self.stall}/r.git", **auth)
        before = os.listdir(self.top / "tmp")
        other = self.start({"op": "ls-remote", "url": self.url, "branch": "main", "auth": auth})
        self.assertEqual(json.loads(other.communicate(timeout=DEADLINE)[0]), {"commit": self.first})
        self.assertEqual(os.listdir(self.top / "tmp"), before)
        self.kill(process)


if __name__ == "__main__":
    unittest.main(verbosity=2)
