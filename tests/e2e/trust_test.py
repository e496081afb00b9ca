#!/usr/bin/env python3
"""Who signed it? Commits and tags that real git and ssh-keygen make, and forgeries of them. Our verdict is compared with that of
`git verify-commit` and `git verify-tag` for the same allowed signers; where it differs, the reason stands in the test."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["VIGIE_SOURCE_DIR"]) / "tools"))
from loopback import wait_for  # noqa: E402
from loopback_case import LoopbackCase  # noqa: E402

HELPER = os.environ.get("VIGIE_GIT", "")
VIGIE = os.environ.get("VIGIE_BIN", "")
DEADLINE = 60
BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
PERSON = "Alice <alice@example.org>"
WHEN = 1700000000  # 2023-11-14


def string(data):
    return len(data).to_bytes(4, "big") + data


def dearmor(armor):
    return base64.b64decode("".join(armor.strip().splitlines()[1:-1]))


def armor(blob):
    text = base64.b64encode(blob).decode()
    return "\n".join([BEGIN, *(text[i:i + 70] for i in range(0, len(text), 70)), END]) + "\n"


class Signing:
    """Keys, allowed signers, and a repository into which any object can be put."""

    def __init__(self, top):
        self.top, self.work = top, top / "work"
        (top / "home").mkdir()
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(top / "home"), "TMPDIR": str(top), "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC",
            "GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "alice@example.org", "GIT_AUTHOR_DATE": f"{WHEN} +0100",
            "GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": "alice@example.org", "GIT_COMMITTER_DATE": f"{WHEN} +0100",
        }
        self.env.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
        self.signers = top / "allowed_signers"
        for name in ("alice", "bob", "old", "new", "window", "files", "notgit", "both", "authority", "pattern"):
            self.key(name)
        self.key("rsa", "-t", "rsa", "-b", "2048")
        self.key("ecdsa", "-t", "ecdsa")
        self.allow(
            "# people who may sign", "", f"alice@example.org {self.public('alice')}", f"old@example.org valid-before=\"20230101Z\" {self.public('old')}",
            f"new@example.org valid-after=\"20240101Z\" {self.public('new')}",
            f"window@example.org valid-after=\"20230101\",valid-before=\"202401010000Z\" {self.public('window')}",
            f"files@example.org namespaces=\"file,mail\" {self.public('files')}", f"notgit@example.org namespaces=\"*,!git\" {self.public('notgit')}",
            f"both@example.org namespaces=\"file,git\" {self.public('both')}", f"ca@example.org cert-authority {self.public('authority')}",
            f"\"*@example.org,!mallory@example.org\" {self.public('pattern')} a comment", f"rsa@example.org {self.public('rsa')}",
            f"ecdsa@example.org {self.public('ecdsa')}")
        self.git("init", "--quiet", "--initial-branch=main", str(self.work), cwd=top)
        self.git("config", "gpg.format", "ssh")
        self.git("config", "gpg.ssh.allowedSignersFile", str(self.signers))
        (self.work / "stack.yaml").write_text("kind: MonitoringStack\n")
        self.git("add", "-A")
        self.git("commit", "--quiet", "-m", "base")
        self.base = self.git("rev-parse", "HEAD")
        self.tree = self.git("rev-parse", "HEAD^{tree}")

    def key(self, name, *kind):
        subprocess.run(["ssh-keygen", "-q", *(kind or ("-t", "ed25519")), "-N", "", "-C", name, "-f", str(self.top / name)], check=True)

    def public(self, name):
        return " ".join((self.top / f"{name}.pub").read_text().split()[:2])

    def allow(self, *lines):
        self.signers.write_text("\n".join(lines) + "\n")
        self.signers.chmod(0o644)

    def git(self, *arguments, cwd=None, data=None):
        return subprocess.run(["git", *arguments], cwd=cwd or self.work, env=self.env, check=True, capture_output=True, input=data,
                              timeout=DEADLINE).stdout.decode().strip()

    def sign(self, payload, key="alice", namespace="git", options=()):
        return subprocess.run(["ssh-keygen", "-q", "-Y", "sign", *options, "-n", namespace, "-f", str(self.top / key)], input=payload,
                              check=True, capture_output=True, timeout=DEADLINE).stdout.decode()

    def store(self, kind, raw):
        return self.git("hash-object", "-t", kind, "-w", "--stdin", "--literally", data=raw)

    def payload(self, message="change\n", parents=None, tree=None, author=PERSON, when=WHEN, extra=""):
        lines = [f"tree {tree or self.tree}", *(f"parent {p}" for p in ([self.base] if parents is None else parents)),
                 f"author {author} {when} +0100", f"committer {PERSON} {when} +0100"]
        return ("\n".join(lines) + "\n" + extra + "\n" + message).encode()

    def commit(self, payload, *signatures, header="gpgsig"):
        """The payload with a header for each signature; a signature may be a pair with another header."""
        head, _, body = payload.partition(b"\n\n")
        for signature in signatures:
            name, text = signature if isinstance(signature, tuple) else (header, signature)
            head += b"\n" + f"{name} ".encode() + text.rstrip("\n").replace("\n", "\n ").encode()
        return self.store("commit", head + b"\n\n" + body)

    def good(self, key="alice", **fields):
        payload = self.payload(**fields)
        return self.commit(payload, self.sign(payload, key))

    def tag_payload(self, name="v1", target=None, kind="commit", message="release\n", when=WHEN):
        return f"object {target or self.base}\ntype {kind}\ntag {name}\ntagger {PERSON} {when} +0100\n\n{message}".encode()

    def tag(self, payload, signature=""):
        return self.store("tag", payload + signature.encode())

    def good_tag(self, key="alice", **fields):
        payload = self.tag_payload(**fields)
        return self.tag(payload, self.sign(payload, key))

    # --- the two verdicts

    def ask(self, **request):
        out = subprocess.run([HELPER], input=json.dumps(request).encode(), env=self.env, check=True, capture_output=True, timeout=DEADLINE)
        return json.loads(out.stdout)

    def ours(self, commit, **check):
        """`Verified`, or the reason against it."""
        answer = self.ask(op="verify", repository=str(self.work / ".git"), commit=commit, check={"allowedSigners": str(self.signers), **check})
        return answer, answer.get("reason") or ("Verified" if answer.get("signer") else answer["error"])

    def gits(self, command, oid):
        return subprocess.run(["git", command, oid], cwd=self.work, env=self.env, capture_output=True, timeout=DEADLINE).returncode == 0


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = Path(tempfile.mkdtemp(prefix="vigie-trust-test."))
        cls.addClassCleanup(shutil.rmtree, cls.top)
        cls.make = Signing(cls.top)

    def judge(self, commit, wanted, git=None, command="verify-commit", subject=None, **check):
        """`git` is what git says of it where that is not what we say, with the reason why."""
        answer, verdict = self.make.ours(commit, **check)
        self.assertEqual(verdict, wanted, answer)
        if verdict != "Verified":
            self.assertTrue(answer["error"] and answer["hint"] and answer["kind"] == "untrusted", answer)
        expected = (wanted == "Verified") if git is None else git[0]
        self.assertEqual(self.make.gits(command, subject or commit), expected, f"git says otherwise of: {answer}")
        return answer


class Commits(Case):
    def test_a_commit_signed_by_git_is_verified_and_its_principal_named(self):
        m = self.make
        m.git("-c", f"user.signingKey={self.top}/alice", "commit", "--quiet", "--allow-empty", "-S", "-m", "by git itself")
        answer = self.judge(m.git("rev-parse", "HEAD"), "Verified")
        self.assertEqual(answer["signer"], "alice@example.org")

    def test_signed_commits_of_many_forms_are_verified(self):
        m = self.make
        other = m.good(message="the other side\n")
        for name, fields in {"plain": {}, "no parent": {"parents": []}, "a merge": {"parents": [m.base, other]}, "no message": {"message": ""},
                             "CRLF in the message": {"message": "one\r\ntwo\r\n"}, "no line end": {"message": "cut"},
                             "a signature quoted in the message": {"message": f"see\n{BEGIN}\nAAAA\n{END}\n"},
                             "a header in the message": {"message": "gpgsig nonsense\n"}, "an encoding": {"extra": "encoding ISO-8859-1\n"},
                             "a continued header": {"extra": "mergetag object " + m.base + "\n type commit\n tag x\n"},
                             "a long message": {"message": "x" * 200000 + "\n"}, "a byte that is no text": {"message": "\x01\x7f\n"}}.items():
            with self.subTest(name):
                self.judge(m.good(**fields), "Verified")

    def test_an_unsigned_commit_is_refused(self):
        m = self.make
        quoted = m.sign(m.payload())
        self.judge(m.commit(m.payload()), "NotSigned")
        self.judge(m.commit(m.payload(message=quoted)), "NotSigned")
        self.judge(m.commit(m.payload(message="gpgsig " + quoted.replace("\n", "\n "))), "NotSigned")
        answer, _ = m.ours(m.base)
        self.assertIn("git config gpg.format ssh", answer["hint"])

    def test_a_key_that_is_not_allowed_is_refused_with_its_fingerprint(self):
        answer = self.judge(self.make.good("bob"), "UnknownSigner")
        shown = subprocess.run(["ssh-keygen", "-lf", str(self.top / "bob.pub")], capture_output=True, check=True, text=True).stdout.split()[1]
        self.assertIn(shown, answer["error"])

    def test_a_signature_for_another_namespace_is_refused(self):
        m = self.make
        for namespace in ("file", "git ", "gi", "gitx"):
            payload = m.payload(message=namespace)
            self.judge(m.commit(payload, m.sign(payload, namespace=namespace)), "BadSignature")

    def test_a_commit_changed_after_signing_is_refused(self):
        m = self.make
        signature = m.sign(m.payload())
        empty = m.git("mktree", data=b"")
        for name, fields in {"message": {"message": "another\n"}, "a line end": {"message": "change\n\n"}, "tree": {"tree": empty},
                             "author": {"author": "Mallory <m@example.org>"}, "parent": {"parents": [m.good()]}, "no parent": {"parents": []},
                             "one parent more": {"parents": [m.base, m.base]}, "date": {"when": WHEN + 1}, "a header more": {"extra": "encoding x\n"},
                             "CRLF": {"message": "change\r\n"}}.items():
            with self.subTest(name):
                self.judge(m.commit(m.payload(**fields), signature), "BadSignature")

    def test_the_signature_of_another_commit_is_refused(self):
        m = self.make
        self.judge(m.commit(m.payload(message="mine\n"), m.sign(m.payload(message="theirs\n"))), "BadSignature")
        tag = m.tag_payload()
        self.judge(m.commit(m.payload(), m.sign(tag)), "BadSignature")

    def test_a_commit_with_several_signature_headers_is_refused(self):
        m = self.make
        payload = m.payload()
        good, bad = m.sign(payload), m.sign(payload, "bob")
        why = "git takes the first of several signatures"
        self.judge(m.commit(payload, good, good), "Malformed", git=(True, why))
        self.judge(m.commit(payload, good, bad), "Malformed", git=(True, why))
        self.judge(m.commit(payload, bad, good), "Malformed")
        self.judge(m.commit(payload, good, header="gpgsig-sha256"), "Malformed")
        why = "git leaves every header that begins with gpgsig out of what is verified: nobody has signed it"
        self.judge(m.commit(payload, good, ("gpgsig-sha256", good)), "Malformed", git=(True, why))
        self.judge(m.commit(payload, good, ("gpgsigning", "anything")), "Malformed", git=(True, why))

    def test_gpg_and_x509_signatures_are_refused_with_a_hint(self):
        m = self.make
        for kind, text in {"GPG": "PGP SIGNATURE", "X.509": "SIGNED MESSAGE"}.items():
            answer = self.judge(m.commit(m.payload(), f"-----BEGIN {text}-----\n\niQEzBAABCAAdFiEE\n-----END {text}-----\n"), "UnsupportedSignature")
            self.assertIn(kind, answer["error"])
            self.assertIn("gpg.format ssh", answer["hint"])

    def test_keys_other_than_ed25519_are_refused_by_type_even_if_allowed(self):
        for key, kind in {"rsa": "ssh-rsa", "ecdsa": "ecdsa-sha2-nistp256"}.items():
            answer = self.judge(self.make.good(key), "UnsupportedSignature", git=(True, "only Ed25519 is checked here"))
            self.assertIn(kind, answer["error"])

    def test_a_signature_blob_in_another_form_than_ssh_keygens_is_refused(self):
        m = self.make
        payload = m.payload()
        good = m.sign(payload)
        blob = dearmor(good)
        # magic, version, then five strings
        parts, rest = [], blob[10:]
        while rest:
            size = int.from_bytes(rest[:4], "big")
            parts.append(rest[4:4 + size])
            rest = rest[4 + size:]
        key, namespace, reserved, digest, signature = parts

        def build(magic=b"SSHSIG", version=1, key=key, namespace=namespace, reserved=reserved, digest=digest, signature=signature, tail=b""):
            return armor(magic + version.to_bytes(4, "big") + b"".join(map(string, (key, namespace, reserved, digest, signature))) + tail)

        self.assertEqual(build(), good)
        raw = signature[-64:]
        cases = {
            "another magic": (build(magic=b"SSHSIH"), "Malformed"), "version 0": (build(version=0), "Malformed"),
            "version 2": (build(version=2), "Malformed"), "trailing bytes": (build(tail=b"\0"), "Malformed"),
            "a trailing string": (build(tail=string(b"")), "Malformed"),
            "sha256 in name only": (build(digest=b"sha256"), "BadSignature"), "an unknown hash": (build(digest=b"md5"), "BadSignature"),
            "another namespace in name only": (build(namespace=b"file"), "BadSignature"),
            "a short signature": (build(signature=string(b"ssh-ed25519") + string(raw[:63])), "Malformed"),
            "a long signature": (build(signature=string(b"ssh-ed25519") + string(raw + b"\0")), "Malformed"),
            "a tail in the signature": (build(signature=signature + b"\0"), "Malformed"),
            "a signature of another kind": (build(signature=string(b"ssh-rsa") + string(raw)), "Malformed"),
            "a tail in the key": (build(key=key + b"\0"), "UnsupportedSignature"),
            "a key of another kind": (build(key=string(b"ssh-ed448") + key[15:]), "UnsupportedSignature"),
            "no key": (build(key=b""), "UnsupportedSignature"),
            "a signature of zeros": (build(signature=string(b"ssh-ed25519") + string(bytes(64))), "BadSignature"),
            "something reserved": (build(reserved=b"x"), "BadSignature"), "nothing": (armor(b""), "Malformed"),
        }
        loose = {"version 0": (True, "ssh-keygen refuses later versions only"),
                 "something reserved": (True, "ssh-keygen skips the field, and nobody has signed what stands in it")}
        for name, (text, wanted) in cases.items():
            with self.subTest(name):
                self.judge(m.commit(payload, text), wanted, git=loose.get(name))

    def test_a_signature_armor_in_another_form_than_ssh_keygens_is_refused(self):
        m = self.make
        payload = m.payload()
        good = m.sign(payload)
        loose = "ssh-keygen reads base64 with white space and nothing after the END line; git writes neither"
        for name, text, git in (
                ("CRLF", good.replace("\n", "\r\n"), None), ("a tail", good + "more\n", (True, loose)),
                ("an indented line", good.replace("\n", "\n ", 1), (True, loose)), ("no END", good.replace(END, ""), None),
                ("no BEGIN", good.replace(BEGIN + "\n", ""), None), ("no base64", armor(b"x").replace("=", "*"), None),
                ("cut in the middle", BEGIN + "\n" + "".join(good.splitlines()[1:3]) + "\n" + END, None), ("nonsense", "signed, Alice", None)):
            with self.subTest(name):
                self.judge(m.commit(payload, text), "Malformed", git=git)

    def test_a_signature_over_sha256_is_refused(self):
        m = self.make
        payload = m.payload()
        self.judge(m.commit(payload, m.sign(payload, options=("-O", "hashalg=sha256"))), "BadSignature",
                   git=(True, "git never writes it: one form less to get right"))

    def test_keys_are_valid_only_in_their_time_by_the_committers_date(self):
        m = self.make
        answer = self.judge(m.good("old"), "SignerNotAllowed")
        self.assertIn("valid-before", answer["error"])
        self.judge(m.good("old", when=1600000000), "Verified")
        answer = self.judge(m.good("new"), "SignerNotAllowed")
        self.assertIn("valid-after", answer["error"])
        self.judge(m.good("new", when=1710000000), "Verified")
        for when, wanted in ((1672531199, "SignerNotAllowed"), (1672531200, "Verified"), (1704067200, "Verified"), (1704067201, "SignerNotAllowed")):
            self.judge(m.good("window", when=when), wanted)

    def test_keys_count_only_for_their_namespaces(self):
        for key, wanted in {"files": "SignerNotAllowed", "notgit": "SignerNotAllowed", "both": "Verified"}.items():
            self.judge(self.make.good(key), wanted)

    def test_a_certificate_authoritys_own_signature_is_refused(self):
        answer = self.judge(self.make.good("authority"), "SignerNotAllowed")
        self.assertIn("certificate authorities are not supported", answer["error"])

    def test_principals_may_be_quoted_patterns(self):
        self.assertEqual(self.judge(self.make.good("pattern"), "Verified")["signer"], "*@example.org,!mallory@example.org")

    def test_commit_headers_that_git_does_not_write_are_refused(self):
        m = self.make
        lines = m.payload().decode().split("\n")
        why = "git verifies the bytes and does not read them"
        for name, raw in {
                "two trees": "\n".join(lines[:1] + lines[:1] + lines[1:]), "two committers": "\n".join(lines[:4] + lines[3:]),
                "no author": "\n".join(lines[:2] + lines[3:]), "no date": "\n".join(lines).replace(f"{WHEN} +0100\n\n", "\n\n"),
                "a negative date": "\n".join(lines).replace(f" {WHEN} +0100\n\n", f" -{WHEN} +0100\n\n"),
                "a date of words": "\n".join(lines).replace(f" {WHEN} +0100\n\n", " yesterday\n\n")}.items():
            with self.subTest(name):
                oid = m.commit(raw.encode(), m.sign(raw.encode()))
                answer, verdict = m.ours(oid)
                self.assertTrue(verdict == "Malformed" or answer.get("kind") == "repository", answer)  # libgit2 refuses some itself
                self.assertNotIn("signer", answer, why)

    def test_a_signature_with_a_flipped_byte_is_refused(self):
        m = self.make
        payload = m.payload()
        blob = bytearray(dearmor(m.sign(payload)))
        head, _, body = payload.partition(b"\n\n")
        for at in range(0, len(blob), 7):  # each of them in the unit tests, without git
            blob[at] ^= 1
            answer, verdict = m.ours(m.commit(payload, armor(bytes(blob))))
            self.assertNotEqual(verdict, "Verified", at)
            self.assertIn("reason", answer)
            blob[at] ^= 1


class Tags(Case):
    def verdict(self, tag, wanted, git=None, name="v1", commit=None):
        return self.judge(commit or self.make.base, wanted, git, "verify-tag", tag, tag=tag, tagName=name)

    def test_a_signed_tag_verifies_the_commit_it_points_to(self):
        m = self.make
        m.git("-c", f"user.signingKey={self.top}/alice", "tag", "-s", "-m", "by git itself", "v1", m.base)
        self.assertEqual(self.verdict(m.git("rev-parse", "v1"), "Verified")["signer"], "alice@example.org")
        self.verdict(m.good_tag(), "Verified")
        self.verdict(m.good_tag(message="one\r\ntwo\r\n"), "Verified")
        quoted = m.sign(b"something else")
        self.verdict(m.good_tag(message="an older signature:\n" + quoted), "Verified")

    def test_unsigned_and_wrongly_signed_tags_are_refused(self):
        m = self.make
        payload, signature = m.tag_payload(), m.sign(m.tag_payload())
        self.verdict(m.tag(payload), "NotSigned")
        self.verdict(m.good_tag("bob"), "UnknownSigner")
        self.verdict(m.good_tag("old"), "SignerNotAllowed")
        self.verdict(m.good_tag("old", when=1600000000), "Verified")
        self.verdict(m.tag(m.tag_payload(message="another\n"), signature), "BadSignature")
        self.verdict(m.tag(payload, m.sign(payload, namespace="file")), "BadSignature")
        other = m.good()
        self.verdict(m.tag(m.tag_payload(target=other), signature), "BadSignature", commit=other)
        self.verdict(m.tag(payload, m.sign(m.payload())), "BadSignature")
        self.verdict(m.tag(payload, "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n"), "UnsupportedSignature")
        self.verdict(m.good_tag("rsa"), "UnsupportedSignature", git=(True, "only Ed25519 is checked here"))
        self.verdict(m.tag(payload, signature + "something after it\n"), "Malformed", git=(True, "ssh-keygen ignores what comes after END"))
        self.verdict(m.tag(payload, "not at the beginning of a line " + signature), "NotSigned")

    def test_a_signed_tag_served_under_another_name_is_refused(self):
        m = self.make
        answer = self.verdict(m.good_tag(name="v1"), "BadSignature", name="v2",
                              git=(True, "git is given the object and does not ask under which name it was served"))
        self.assertIn("'v1'", answer["error"])

    def test_a_signed_tag_of_a_tag_is_verified(self):
        m = self.make
        inner = m.tag(m.tag_payload(name="inner"))
        self.verdict(m.good_tag(target=inner, kind="tag"), "Verified")

    def test_a_tag_that_points_to_another_commit_is_refused(self):
        m = self.make
        tag = m.good_tag()
        self.judge(m.good(message="not what was tagged\n"), "Malformed", git=(True, "the tag itself is fine"), command="verify-tag", subject=tag,
                   tag=tag, tagName="v1")

    def test_for_a_lightweight_tag_the_commit_must_be_signed(self):
        m = self.make
        m.git("tag", "light", m.base)
        self.assertFalse(m.gits("verify-tag", "light"))
        self.judge(m.base, "NotSigned", tagName="light")
        self.judge(m.good(), "Verified", tagName="light")


class Histories(Case):
    def history(self, commit, wanted, **check):
        answer, verdict = self.make.ours(commit, **check)
        self.assertEqual(verdict, wanted, answer)
        return answer

    def test_every_commit_since_the_applied_one_must_be_signed(self):
        m = self.make
        one = m.good()
        two = m.good(parents=[one])
        self.history(two, "Verified", base=m.base)
        unsigned = m.commit(m.payload(parents=[one]))
        tip = m.good(parents=[unsigned])
        answer = self.history(tip, "NotSigned", base=m.base)
        self.assertIn(unsigned[:12], answer["error"])
        self.history(tip, "NotSigned", base=one)
        self.history(tip, "Verified", base=unsigned)
        self.history(tip, "Verified")  # at first only the tip
        self.history(m.good(parents=[m.good("bob", parents=[one])]), "UnknownSigner", base=m.base)

    def test_an_unsigned_commit_is_refused_through_any_parent_of_a_merge(self):
        m = self.make
        main, side = m.good(message="main\n"), m.commit(m.payload(message="side\n"))
        for parents in ([main, side], [side, main]):
            self.history(m.good(parents=parents), "NotSigned", base=m.base)
            self.history(m.good(parents=parents), "NotSigned", base=main)
        far = m.good(parents=[m.commit(m.payload(message="another root\n", parents=[]))])
        self.history(m.good(parents=[main, far]), "NotSigned", base=main)
        signed = m.good(message="a signed side\n")
        self.history(m.good(parents=[main, signed]), "Verified", base=main)
        # What the applied commit contains already was looked at then.
        applied = m.good(parents=[main, side])
        self.history(m.good(parents=[applied, side]), "Verified", base=applied)

    def test_an_unsigned_commit_with_a_forged_date_is_refused(self):
        m = self.make
        one = m.good(when=WHEN + 1000)
        for when in (1, WHEN - 10**8, WHEN + 10**8):
            unsigned = m.commit(m.payload(parents=[one], when=when))
            for tip_when in (1, WHEN + 10**8):
                self.history(m.good(parents=[unsigned], when=tip_when), "NotSigned", base=one)
                self.history(m.good(parents=[one, unsigned], when=tip_when), "NotSigned", base=one)

    def test_a_rewound_or_replaced_history_is_refused_until_it_is_allowed(self):
        m = self.make
        one = m.good()
        two = m.good(parents=[one])
        other = m.good(message="another history\n")
        for signers in (str(m.signers), ""):
            answer = self.history(one, "Rewound", base=two, allowedSigners=signers)
            self.assertIn("source.allowRewind", answer["hint"])
            self.history(other, "Replaced", base=two, allowedSigners=signers)
            self.history(two, "Replaced", base="12" * 20, allowedSigners=signers)
        for base in (two, "12" * 20):
            self.history(one, "Verified", base=base, allowRewind=True)
            self.history(other, "Verified", base=base, allowRewind=True)
        self.history(m.good(parents=[m.commit(m.payload(message="unsigned\n"))]), "NotSigned", base=two, allowRewind=True)

    def test_an_untrusted_commit_is_not_exported(self):
        m = self.make
        out = self.top / "out"
        request = {"op": "export", "repository": str(m.work / ".git"), "path": ".", "out": str(out)}
        for commit, check in ((m.base, {}), (m.good("bob"), {}), (m.good(), {"base": m.good(message="applied\n")})):
            answer = m.ask(commit=commit, check={"allowedSigners": str(m.signers), **check}, **request)
            self.assertEqual(answer["kind"], "untrusted")
            self.assertFalse(out.exists())
        answer = m.ask(commit=m.good(), check={"allowedSigners": str(m.signers)}, **request)
        self.assertEqual((answer["signer"], answer["files"]), ("alice@example.org", 1))


class Signers(Case):
    def setUp(self):
        text = self.make.signers.read_text()
        self.addCleanup(lambda: self.make.allow(text.rstrip("\n")))

    def refused(self, *parts):
        answer, verdict = self.make.ours(self.commit)
        self.assertEqual(verdict, "SignersUnusable", answer)
        for part in (str(self.make.signers), *parts):
            self.assertIn(part, answer["error"])

    @property
    def commit(self):
        return self.make.good()

    def test_a_signers_file_that_others_can_write_or_that_is_missing_is_refused(self):
        for mode in (0o664, 0o646):
            self.make.signers.chmod(mode)
            self.refused("can be written by others")
        self.make.signers.unlink()
        self.refused("cannot be read")
        self.make.signers.mkdir()
        self.refused("not a regular file")
        self.make.signers.rmdir()

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a file away")
    def test_a_signers_file_of_another_user_is_refused(self):
        os.chown(self.make.signers, 12345, -1)
        self.refused("can be written by others")

    def test_all_mistakes_in_the_signers_file_are_reported_with_their_lines(self):
        m = self.make
        good = m.public("alice")
        m.allow(f"alice@example.org {good}", "bob@example.org", f"carol@example.org tomorrow {good}", f"dave@example.org valid-before=\"soon\" {good}",
                f"eve@example.org {good[:40]}", f"frank@example.org namespaces=git {good}")
        self.refused("line 2: ", "line 3: ", "line 4: ", "line 5: ", "line 6: ")

    def test_a_signers_file_without_a_usable_key_is_refused(self):
        m = self.make
        m.allow("# nobody")
        self.refused("no allowed signers")
        m.allow(f"rsa@example.org {m.public('rsa')}")
        self.refused("ssh-rsa are not supported")

    def test_the_first_line_that_allows_the_key_names_the_signer(self):
        m = self.make
        m.allow(f"old@example.org valid-before=\"20200101Z\" {m.public('alice')}", f"alice@example.org {m.public('alice')}")
        self.assertEqual(self.judge(self.commit, "Verified")["signer"], "alice@example.org")


class CommandLine(Case):
    def vigie(self, *arguments):
        return subprocess.run([VIGIE, "verify", "--allowed-signers", str(self.make.signers), *map(str, arguments)], capture_output=True, text=True,
                              timeout=DEADLINE, env=self.make.env)

    def test_verify_shows_the_signer_of_a_commit_and_of_a_tag(self):
        m = self.make
        m.git("update-ref", "refs/heads/signed", m.good())
        done = self.vigie(m.work, "signed")
        self.assertEqual((done.returncode, done.stdout), (0, f"commit {m.git('rev-parse', 'signed')} is signed by alice@example.org\n"), done.stderr)
        m.git("update-ref", "refs/tags/v1", m.good_tag())
        done = self.vigie(m.work, "v1")
        self.assertEqual((done.returncode, done.stdout), (0, f"tag v1 of commit {m.base} is signed by alice@example.org\n"), done.stderr)

    def test_verify_exits_1_for_an_untrusted_commit_and_2_for_an_error(self):
        m = self.make
        done = self.vigie(m.work)
        self.assertEqual(done.returncode, 1)
        self.assertIn("NotSigned", done.stdout)
        self.assertIn("hint", done.stderr)
        self.assertEqual(self.vigie(m.work, "nowhere").returncode, 2)
        done = subprocess.run([VIGIE, "verify", "--allowed-signers", str(self.top / "absent"), str(m.work)], capture_output=True, text=True, timeout=DEADLINE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot be read", done.stderr)


class Controller(LoopbackCase):
    """Controllers that follow signed repositories."""

    def setUp(self):
        super().setUp()
        for name in ("alice", "mallory"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.lab.base / name)], check=True)
        self.signers = self.lab.base / "allowed_signers"
        self.allow("alice")

    def allow(self, *names):
        lines = [f"{name}@example.org {(self.lab.base / f'{name}.pub').read_text()}" for name in names]
        new = self.signers.with_name("allowed_signers.new")
        new.write_text("".join(lines))
        new.chmod(0o644)
        new.rename(self.signers)

    def push(self, message, key="alice", *options):
        """Signed by `key`; unsigned when it is empty."""
        sign = ["-c", "gpg.format=ssh", "-c", f"user.signingKey={self.lab.base / key}"] if key else []
        self.lab.git("add", "-A")
        self.lab.git(*sign, "commit", "--quiet", "--allow-empty", *(["-S"] if key else []), "-m", message, *options)
        self.lab.git("push", "--quiet", "--force", "origin", "HEAD:main")
        return self.lab.git("rev-parse", "HEAD").strip()

    def scrape(self, interval):
        import re
        text = self.lab.document.read_text()
        self.lab.document.write_text(re.sub(r"scrapeInterval: \d+s", f"scrapeInterval: {interval}s", text, count=1))

    def run_controller(self, followed="branch: main", mode="ssh", more=""):
        config = self.lab.root("vm") / "etc/vigie/vigie.yaml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(f"host: vm\nroot: {self.lab.root('vm')}\n"
                          f"source: {{ url: \"{self.lab.remote}\", {followed}, interval: 1s, timeout: 10s{more} }}\n"
                          f"apply: {{ activate: none }}\nverify: {{ mode: {mode}, allowedSigners: {self.signers} }}\n")
        if "vm" in self.lab.processes:
            self.lab.stop("vm")
        self.lab.start("vm", [VIGIE, "run", "--config", str(config)])

    def verified(self):
        return self.lab.condition("vm", "SourceVerified")

    def wait_applied(self, commit):
        wait_for(f"vm at {commit}\n{self.lab.log('vm')[-3000:]}", lambda: self.lab.at_revision("vm", commit))

    def wait_refused(self, commit, reason, applied):
        status = lambda: self.lab.status("vm")  # noqa: E731
        wait_for(f"{reason}\n{self.lab.log('vm')[-3000:]}", lambda: self.verified().get("reason") == reason
                 and status().get("lastAttemptedRevision") == commit)
        self.assertEqual(status()["lastAppliedRevision"], applied)
        for kind, wanted in (("Ready", "False"), ("Stalled", "True"), ("Reconciling", "False")):
            self.assertEqual(self.lab.condition("vm", kind)["status"], wanted)
        self.assertEqual(self.lab.condition("vm", "Ready")["reason"], reason)
        self.assertIn(("Refused", commit), [(each["result"], each["revision"]) for each in status()["history"]])
        self.assertFalse((self.lab.root("vm") / "var/lib/vigie/source/trees" / commit).exists(), "its tree was written")

    def files(self):
        return {name: data for name, data in self.lab.files("vm").items() if not name.startswith("etc/vigie/")}

    def test_a_signed_revision_is_applied_and_an_unsigned_one_changes_nothing(self):
        good = self.push("signed")
        self.run_controller()
        self.wait_applied(good)
        self.assertEqual((self.verified()["status"], self.verified()["reason"]), ("True", "Verified"))
        self.assertIn("alice@example.org", self.verified()["message"])
        before = self.files()

        self.scrape(7)
        self.wait_refused(self.push("not signed", ""), "NotSigned", good)
        self.assertEqual(self.files(), before)
        compose = self.lab.root("vm") / "opt/monitoring/compose.yaml"
        text = compose.read_bytes()
        compose.write_text("services: {}\n")
        wait_for("the repair at the last applied revision", lambda: compose.read_bytes() == text)

        # A signed commit on top does not make good what came in below it.
        self.wait_refused(self.push("signed again"), "NotSigned", good)
        self.assertEqual(self.files(), before)

        self.lab.git("reset", "--quiet", "--hard", good)
        self.scrape(8)
        self.wait_refused(self.push("by somebody else", "mallory"), "UnknownSigner", good)
        self.assertEqual(self.files(), before)
        log_lines = self.lab.log("vm").count("not among the allowed signers")
        self.assertEqual(log_lines, 1, "a lasting refusal is logged once")

        # The operator lets mallory in: the file is read again without a restart.
        self.allow("alice", "mallory")
        self.wait_applied(self.lab.git("rev-parse", "HEAD").strip())
        self.assertIn("mallory@example.org", self.verified()["message"])
        self.assertNotEqual(self.files(), before)

    def test_a_document_by_an_unknown_signer_is_not_parsed(self):
        good = self.push("signed")
        self.run_controller()
        self.wait_applied(good)
        self.lab.document.write_text("a: &a [*a\n")
        self.wait_refused(self.push("not YAML", "mallory"), "UnknownSigner", good)
        self.assertNotIn("VG0", self.lab.log("vm"))

    def test_a_force_push_is_refused_until_the_operator_allows_it(self):
        first = self.push("first")
        self.scrape(5)
        second = self.push("second")
        self.run_controller()
        self.wait_applied(second)
        self.lab.git("reset", "--quiet", "--hard", first)
        self.lab.git("push", "--quiet", "--force", "origin", "HEAD:main")
        self.wait_refused(first, "Rewound", second)
        self.scrape(6)
        other = self.push("another second")
        self.wait_refused(other, "Replaced", second)
        self.run_controller(more=", allowRewind: true")
        self.wait_applied(other)

    def test_a_rewind_that_the_operator_allowed_once_must_be_signed(self):
        first = self.push("first")
        self.scrape(5)
        second = self.push("second")
        self.run_controller()
        self.wait_applied(second)
        self.lab.git("reset", "--quiet", "--hard", first)
        self.scrape(6)
        self.lab.git("commit", "--quiet", "-am", "not signed")
        self.lab.git("push", "--quiet", "--force", "origin", "HEAD:main")
        other = self.lab.git("rev-parse", "HEAD").strip()
        self.wait_refused(other, "Replaced", second)
        self.lab.vigie("reconcile", "--root", self.lab.root("vm"), "--allow-rewind", other)
        self.wait_refused(other, "NotSigned", second)

    def test_a_rewritten_history_is_refused_also_without_verification(self):
        first = self.push("first", "")
        second = self.push("second", "")
        self.run_controller(mode='"off"')
        self.wait_applied(second)
        self.assertEqual((self.verified()["status"], self.verified()["reason"]), ("Unknown", "NotChecked"))
        self.lab.git("reset", "--quiet", "--hard", first)
        self.lab.git("push", "--quiet", "--force", "origin", "HEAD:main")
        self.wait_refused(first, "Rewound", second)

    def test_a_deleted_branch_changes_nothing_on_the_host(self):
        good = self.push("signed")
        self.run_controller()
        self.wait_applied(good)
        before = self.files()
        self.lab.git("config", "receive.denyDeleteCurrent", "ignore", cwd=self.lab.remote)
        self.lab.git("push", "--quiet", "origin", "HEAD:refs/heads/other", ":main")
        wait_for("the failure", lambda: self.lab.condition("vm", "Ready").get("reason") == "SourceFailed")
        self.assertIn("has no branch main", self.lab.condition("vm", "Ready")["message"])
        self.assertEqual(self.files(), before)
        self.assertEqual(self.lab.status("vm")["lastAppliedRevision"], good)
        self.lab.git("push", "--quiet", "origin", "HEAD:main")
        self.wait_applied(good)

    def test_verification_enabled_later_refuses_the_applied_unsigned_revision(self):
        unsigned = self.push("unsigned", "")
        self.run_controller(mode='"off"')
        self.wait_applied(unsigned)
        self.run_controller()
        wait_for("the refusal", lambda: self.verified().get("reason") == "NotSigned")
        self.assertEqual(self.lab.condition("vm", "Ready")["status"], "False")
        compose = self.lab.root("vm") / "opt/monitoring/compose.yaml"
        text = compose.read_bytes()
        compose.write_text("services: {}\n")
        wait_for("the repair goes on", lambda: compose.read_bytes() == text)
        self.wait_applied(self.push("signed on top"))

    def test_an_unusable_signers_file_refuses_new_revisions_only(self):
        good = self.push("signed")
        self.run_controller()
        self.wait_applied(good)
        self.signers.chmod(0o666)
        self.signers.write_text("nonsense\n")
        self.scrape(9)
        commit = self.push("signed too")
        self.wait_refused(commit, "SignersUnusable", good)
        self.assertEqual(self.verified()["status"], "Unknown")
        self.allow("alice")
        self.wait_applied(commit)

    def test_a_moved_signed_tag_is_followed(self):
        def tag(key, *options):
            self.lab.git("-c", "gpg.format=ssh", "-c", f"user.signingKey={self.lab.base / key}", "tag", "-f", "-s", "-m", "release", "prod", *options)
            self.lab.git("push", "--quiet", "--force", "origin", "refs/tags/prod")

        first = self.push("unsigned commits, signed tags", "")
        tag("alice")
        self.run_controller("tag: prod")
        self.wait_applied(first)
        self.assertIn("tag prod is signed by alice@example.org", self.verified()["message"])
        self.scrape(5)
        second = self.push("more", "")
        tag("mallory")
        self.wait_refused(second, "UnknownSigner", first)
        tag("alice")
        self.wait_applied(second)

    def test_a_pinned_commit_is_applied_regardless_of_the_branch(self):
        first = self.push("first")
        self.scrape(5)
        second = self.push("second")
        self.run_controller(f"commit: \"{second}\"")
        self.wait_applied(second)
        self.push("third")
        self.run_controller(f"commit: \"{first}\"")
        self.wait_applied(first)  # the operator says so on the host: no rewind to be refused
        self.run_controller(f"commit: \"{'12' * 20}\"")
        wait_for("the failure", lambda: "no branch and no tag" in self.lab.condition("vm", "Ready").get("message", ""))
        self.assertEqual(self.lab.status("vm")["lastAppliedRevision"], first)

    def test_a_lost_source_tree_of_the_applied_revision_is_exported_again(self):
        good = self.push("signed")
        self.run_controller()
        self.wait_applied(good)
        self.scrape(9)
        self.wait_refused(self.push("not signed", ""), "NotSigned", good)
        self.lab.stop("vm")
        shutil.rmtree(self.lab.root("vm") / "var/lib/vigie/source/trees" / good)
        compose = self.lab.root("vm") / "opt/monitoring/compose.yaml"
        text = compose.read_bytes()
        compose.write_text("services: {}\n")
        self.run_controller()
        wait_for("the repair out of the repository", lambda: compose.read_bytes() == text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
