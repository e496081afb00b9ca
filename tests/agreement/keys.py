"""Keys of the two hosts, secrets that are sealed to them, and the files of a document's directory: made anew for each run."""

import base64
import copy
import os
import re
import shutil

import texts
from processes import run

HOSTS = ("vm", "vps")


class Keys:
    """`tables` is documents.yaml, `program` the vigie that makes the keys; they lie below `directory`."""

    def __init__(self, tables, program, directory, versions):
        self._directory = directory
        (directory / "tls").mkdir(parents=True)
        self._made = {**_certificate(directory / "tls"), "PRESHARED": base64.b64encode(os.urandom(32)).decode()}
        self._words = {**versions, **self._host_keys(program)}
        self.files = {name: self._made.get(text, text) for name, text in tables["files"].items()}
        self.tables = self._filled(tables)
        self._secrets = {name: self._sealed(program, name, self._made.get(text, text)) for name, text in tables["secrets"].items()}

    def root(self, host):
        """A root directory that has the host's keys; not to be changed."""
        return self._directory / "roots" / host

    def fresh_root(self, host, path):
        """A copy of it."""
        shutil.copytree(self.root(host), path)
        return path

    def with_secrets(self, spec):
        """The document with those secrets that it names."""
        named = [self._secrets[name] for name in sorted(set(_secret_names(spec)) & set(self._secrets))]
        return {**spec, "secrets": copy.deepcopy(named)} if named and "secrets" not in spec else spec

    def write_files(self, directory):
        for name, text in self.files.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def _host_keys(self, program):
        words = {}
        for host in HOSTS:
            said = run([program, "keys", "init", "--root", self.root(host)])
            words[f"KEY_{host}"], words[f"SEALING_{host}"] = re.findall(r"[A-Za-z0-9+/]{43}=", said.out)[:2]
        return words

    def _filled(self, tables):
        text = texts.dump(tables)
        for word, value in self._words.items():
            text = text.replace(word, value)
        return texts.load(text)

    def _sealed(self, program, name, value):
        document = self._directory / "document"
        document.mkdir(exist_ok=True)
        (document / "stack.yaml").write_text(texts.document(self.tables["always"]))
        said = run([program, "seal", name, document, *(word for host in HOSTS for word in ("--host", host))], value.encode())
        if said.code != 0:
            raise RuntimeError(f"vigie seal: {said.words}")
        return texts.load(said.out)[0]


def _secret_names(value):
    if isinstance(value, dict):
        for key, below in value.items():
            if key == "secret" and isinstance(below, str):
                yield below
            yield from _secret_names(below)
    elif isinstance(value, list):
        for each in value:
            yield from _secret_names(each)


def _certificate(directory):
    said = run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=a.example",
                "-days", "3650", "-keyout", directory / "key.pem", "-out", directory / "cert.pem"])
    if said.code != 0:
        raise RuntimeError(f"openssl: {said.words}")
    return {"CERTIFICATE": (directory / "cert.pem").read_text(), "KEY": (directory / "key.pem").read_text()}
