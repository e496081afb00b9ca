#!/usr/bin/python3
"""The CRD on a real API server: `make kubernetes`. Not part of the gate: from nothing it takes about ten minutes and 3 GB.

    kubernetes.py build   Debian's newest suite below build/kubernetes, and in it the server: kube-apiserver's own code for custom
                          resources (server.go), with etcd. Does nothing when it is there.
    kubernetes.py test    installs the CRD, applies every example strictly, twice, and what must be refused

Needs root and mmdebstrap. Everything listens on loopback in a network of its own; every process is ended by its id."""

import contextlib
import copy
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import yaml

SOURCE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / "tools"))
from debian_packages import source_of  # noqa: E402
from loopback import Failed, wait_for  # noqa: E402

ROOT = SOURCE / "build/kubernetes/root"
SUITE = "sid"
PACKAGES = ("ca-certificates", "etcd-server", "golang-go", "golang-k8s-apiextensions-apiserver-dev")
CRD = SOURCE / "crd/monitoringstacks.vigie.dev.yaml"
SERVER = "/root/vigie-server"
API, ETCD = 26543, 23791
DEFINITIONS = "apis/apiextensions.k8s.io/v1/customresourcedefinitions"
RESOURCES = "apis/vigie.dev/v1alpha1/namespaces/default/monitoringstacks"


def run(argv, **options):
    result = subprocess.run(list(map(str, argv)), stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if result.returncode != 0:
        raise Failed(f"{' '.join(map(str, argv))}: exit {result.returncode}\n{result.stdout[-2000:]}{result.stderr[-4000:]}")
    return result.stdout


# --- build


def build():
    if not (ROOT / "usr/bin/etcd").exists():
        make_root()
    program = Path(__file__).with_name("server.go")
    package = ROOT / "root/go/src/vigie-server"
    built = ROOT / SERVER.lstrip("/")
    if built.exists() and (package / "main.go").read_text() == program.read_text():
        return
    package.mkdir(parents=True, exist_ok=True)
    shutil.copy(program, package / "main.go")
    with mounted_proc():
        chroot(["go", "build", "-o", SERVER, "vigie-server"], timeout=1800)


def make_root():
    ROOT.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT.parent) as work:
        name, text = source_of(SUITE)
        source = Path(work) / name
        source.write_text(text)
        half = Path(work) / "root"
        # A mirror may lag behind the date until which its index is valid; its signature is checked all the same.
        run(["mmdebstrap", "--variant=minbase", "--aptopt=APT::Install-Recommends false", "--aptopt=Acquire::Check-Valid-Until false",
             f"--include={','.join(PACKAGES)}", SUITE, half, source], timeout=1800)
        half.rename(ROOT)


@contextlib.contextmanager
def mounted_proc():
    run(["mount", "-t", "proc", "proc", ROOT / "proc"])
    try:
        yield
    finally:
        run(["umount", ROOT / "proc"])


def inside():
    """The beginning of a command line in the root: Go finds the packages, and no network is asked for any."""
    environment = ("HOME=/root", "GO111MODULE=off", "GOFLAGS=", "CGO_ENABLED=0", "GOCACHE=/root/gocache",
                   "GOPATH=/root/go:/usr/share/gocode", "PATH=/usr/lib/go/bin:/usr/bin:/bin")
    return ["chroot", ROOT, "/usr/bin/env", "-i", *environment]


def chroot(argv, **options):
    return run([*inside(), *argv], **options)


# --- the server


class Server:
    """etcd and the API server, from an empty store."""

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        self._processes = []
        try:
            self._stack.enter_context(mounted_proc())
            self._data = Path(self._stack.enter_context(tempfile.TemporaryDirectory(dir=ROOT / "tmp")))
            data = f"/tmp/{self._data.name}"
            self._start("etcd", ["/usr/bin/etcd", "--data-dir", f"{data}/etcd", *self._etcd_urls()])
            wait_for("etcd is ready", lambda: self._listens(f"http://127.0.0.1:{ETCD}/health"))
            self._start("server", [SERVER, "--etcd-servers", f"http://127.0.0.1:{ETCD}", "--secure-port", str(API),
                                   "--bind-address", "127.0.0.1", "--cert-dir", f"{data}/certificates",
                                   "--kubeconfig", self._own_kubeconfig()])
            # /readyz waits for services, which only a cluster has.
            wait_for("the API server is ready", lambda: self._listens(f"https://127.0.0.1:{API}/{DEFINITIONS}"), 60)
        except BaseException:
            self._tell_logs()
            self._stack.close()
            raise
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _own_kubeconfig(self):
        """Whom the server takes for its cluster: itself."""
        cluster = {"server": f"https://127.0.0.1:{API}", "insecure-skip-tls-verify": True}
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "own", "clusters": [{"name": "own", "cluster": cluster}],
                  "contexts": [{"name": "own", "context": {"cluster": "own", "user": "own"}}], "users": [{"name": "own", "user": {}}]}
        (self._data / "kubeconfig").write_text(json.dumps(config))
        return f"/tmp/{self._data.name}/kubeconfig"

    def _tell_logs(self):
        for log in sorted(self._data.glob("*.log")):
            print(f"--- the end of {log.name}\n{log.read_text(errors='replace')[-3000:]}", file=sys.stderr)

    @staticmethod
    def _etcd_urls():
        client, peer = f"http://127.0.0.1:{ETCD}", f"http://127.0.0.1:{ETCD + 1}"
        return ("--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}")

    def _start(self, name, argv):
        log = open(self._data / f"{name}.log", "wb")
        process = subprocess.Popen([*map(str, inside()), *argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self._stack.callback(self._stop, process)
        self._processes.append(process)

    @staticmethod
    def _stop(process):
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _listens(self, url):
        need(all(process.poll() is None for process in self._processes), "a server has ended")
        try:
            return self._open(urllib.request.Request(url)).status == 200
        except OSError:
            return False

    @staticmethod
    def _open(request):
        trusting = ssl._create_unverified_context()  # its certificate is of its own making, and it is on loopback
        handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
        return urllib.request.build_opener(*handlers).open(request, timeout=600)

    def ask(self, method, path, body=None, kind="application/json"):
        """(status, parsed answer, warnings) of a request."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"https://127.0.0.1:{API}/{path}", data, {"Content-Type": kind}, method=method)
        try:
            with self._open(request) as answer:
                return answer.status, json.load(answer), answer.headers.get_all("Warning") or []
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read()), error.headers.get_all("Warning") or []

    def apply(self, document):
        """Server-side apply, strictly: an unknown or duplicate field is an error."""
        path = f"{RESOURCES}/{document['metadata']['name']}?fieldManager=vigie&fieldValidation=Strict"
        return self.ask("PATCH", path, document, "application/apply-patch+yaml")

    def create(self, document):
        return self.ask("POST", f"{RESOURCES}?fieldValidation=Strict", document)


# --- the test


def need(condition, message):
    if not condition:
        raise Failed(message)


def install_crd(server):
    definition = yaml.safe_load(CRD.read_text())
    status, said, warnings = server.ask("POST", DEFINITIONS, definition)
    need(status == 201, f"the CRD is refused: {said.get('message', said)}")
    name = definition["metadata"]["name"]

    def conditions():
        found = server.ask("GET", f"{DEFINITIONS}/{name}")[1]
        return {each["type"]: each for each in (found["status"].get("conditions") or [])}

    wait_for("the CRD is established", lambda: conditions().get("Established", {}).get("status") == "True")
    structural = conditions().get("NonStructuralSchema")
    need(structural is None, f"the schema is not structural: {structural}")
    print(f"the CRD is installed ({len(warnings)} warnings)")
    wait_for("its resources are served", lambda: server.ask("GET", RESOURCES)[0] == 200)


def examples():
    for directory in sorted((SOURCE / "examples").iterdir()):
        yield directory.name, yaml.safe_load((directory / "stack.yaml").read_text())


def accepts_examples(server):
    """Each is accepted, and applied once more nothing changes: no default of the schema moves."""
    for name, document in examples():
        status, first, _ = server.apply(document)
        need(status in (200, 201), f"examples/{name} is refused: {first.get('message')}")
        status, second, _ = server.apply(document)
        need(status == 200, f"examples/{name} is refused the second time: {second.get('message')}")
        versions = [each["metadata"]["resourceVersion"] for each in (first, second)]
        need(versions[0] == versions[1], f"examples/{name}: applied twice, it is another object")
        print(f"examples/{name}: accepted, twice")


def refuses_mistakes(server):
    """The server reads the schema: it is not accepted for want of looking."""
    name, good = next(iter(examples()))
    for what, change in {
            "a field that does not exist": lambda spec: spec.update(wireguards={}),
            "a text for a number": lambda spec: spec["hosts"][0].update(labels="room"),
            "an empty reference": lambda spec: spec["projects"][0].update(host=""),
            "no hosts": lambda spec: spec.pop("hosts")}.items():
        document = copy.deepcopy(good)
        document["metadata"]["name"] = "mistake"
        change(document["spec"])
        status, said, _ = server.create(document)
        need(status in (400, 422), f"{what} in examples/{name} is accepted: {said}")
        print(f"refused: {what}")


def test():
    with Server() as server:
        install_crd(server)
        accepts_examples(server)
        refuses_mistakes(server)


def main():
    if os.geteuid() != 0 or shutil.which("mmdebstrap") is None:
        sys.exit("this needs root and mmdebstrap: apt-get install mmdebstrap")
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    if command == "build":
        build()
    elif command == "test":
        test()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"FAILED: {failure}")
