"""The real situation, in namespaces: the stack of examples/moments on a public vps and on a vm behind a home router, and what
both of them need of the internet: a git server, a mail server, a name server.

    with World() as world:
        world.bring_up()
        commit = world.push("the whole stack")
        world.wait_ready(commit)

What a host lacks here is systemd: `boot` starts what its units would start."""

import contextlib
import copy
import datetime
import itertools
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import images
import moments
import yaml
from hosts import ENVIRONMENT, SOURCE, Failed, Lab, wait_for
from loopback import VIGIE
from observe import Prometheus
from services import GitServer, MailServer, NameServer, make_ca, use_name_server

EXAMPLE = SOURCE / "examples/moments"
# What the unit would forbid is forbidden here, too: a capability that is missing is seen here and not on somebody's host.
AS_THE_UNIT = ["/usr/bin/python3", "-B", SOURCE / "tests/lab/sandbox.py", SOURCE / "manifests/systemd/vigie.service", "--"]
STATS_PASSWORD = "p?W6@x%y $b/1"  # of every sort that has to be escaped somewhere
MAIL_USER, MAIL_PASSWORD = "alertmanager@example.org", "s3cr#t 'mail'"
LOGS = SOURCE / "build/lab-logs"
SECRETS = {"pgbouncer-stats": STATS_PASSWORD, "smtp": MAIL_PASSWORD}
VPN = {"vps": "10.66.66.1", "vm": "10.66.66.2"}
INTERVAL = 2  # seconds between two looks of a controller
WINDOW = "20s"
PATH = ENVIRONMENT["PATH"]


class World:
    """Hosts, services and the document that is in git. `document` is the parsed stack.yaml, `files` what stands beside it: change
    them and `push`."""

    program = VIGIE
    numbers = itertools.count(1)

    def __init__(self):
        self.number = next(self.numbers)
        self.lab = Lab(way_out=True)
        self.controllers = {}
        self.document = yaml.safe_load((EXAMPLE / "stack.yaml").read_text())
        self.files = {str(path.relative_to(EXAMPLE)): path.read_text() for path in (EXAMPLE / "rules").iterdir()}
        self.pushed_at = {}
        self.tip = ""
        self.hosts = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends everything. Afterwards nothing is left of it but the controllers' logs."""
        LOGS.mkdir(parents=True, exist_ok=True)
        for host in self.hosts.values():
            (LOGS / f"{os.getpid()}-{self.number}-{host.name}.log").write_text(self.log(host))
        self.lab.close()

    # --- set-up

    def bring_up(self, application=True):
        """Everything that is there before vigie: hosts, engines, images, services and the user's own application."""
        lab = self.lab
        self.ca = make_ca(lab.directory / "ca")
        self.names = NameServer(lab.host("dns"), {})
        self.git = GitServer(lab.host("git"), self.ca)
        self.mail = MailServer(lab.host("mail"), self.ca, MAIL_USER, MAIL_PASSWORD)
        self.router = lab.router("router", home := lab.network())
        self.vps = self.hosts["vps"] = lab.host("vps")
        self.vm = self.hosts["vm"] = lab.host("vm", network=home)
        for name, host in {"git.example.org": self.git.host, "smtp.example.org": self.mail.host}.items():
            self.names.set(name, host.address)
        workers = [threading.Thread(target=self._guarded, args=(work,)) for work in (self._prepare_vps, self._prepare_vm)]
        self._failures = []
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if self._failures:
            raise self._failures[0]
        self.before_vigie()
        self.prometheus = Prometheus(self.vm, f"http://{VPN['vm']}:9090")
        self._fill_in()
        if application:
            self.vps.run([*moments.COMPOSE, "up", "-d"], cwd=moments.DIRECTORY)
        self.write_document()
        for name, value in SECRETS.items():
            self.seal(name, value)

    def before_vigie(self):
        """For worlds in which there was something already."""

    def _guarded(self, work):
        try:
            work()
        except Exception as error:  # of another thread
            self._failures.append(error)

    def _prepare_vps(self):
        host = self.prepare(self.vps)
        images.make_backend(host)
        images.make_pgbouncer(host)
        images.make_postgres(host)
        images.make_pgbouncer_exporter(host)
        moments.install_project(host, STATS_PASSWORD)

    def _prepare_vm(self):
        host = self.prepare(self.vm)
        images.make_prometheus(host)
        images.make_alertmanager(host, trusts=self.ca.pem)
        images.make_jaeger_standin(host)

    def prepare(self, host):
        """A machine with a name server, a firewall that lets ssh in, and an engine."""
        use_name_server(host, self.names.host.address)
        host.run(["ufw", "allow", "22/tcp"])
        host.run(["ufw", "--force", "enable"])
        host.start_docker()
        return host

    def _fill_in(self):
        """What stands in for something in the example becomes what there is here."""
        spec = self.document["spec"]
        for entry in spec["hosts"]:
            self.take_keys(entry, self.hosts[entry["name"]])
        spec["hosts"][0]["endpoint"] = self.vps.address
        spec["wireguard"]["tunnelWindow"] = WINDOW
        spec["prometheus"] |= {"scrapeInterval": "2s", "evaluationInterval": "2s"}
        spec["jaeger"]["image"] = "lab/jaeger-stand-in:2.9.0"
        spec["exporters"][0]["image"] = "prometheuscommunity/pgbouncer-exporter:v0.12.0"
        spec["alertmanager"]["route"] |= {"groupWait": "1s", "groupInterval": "2s"}
        spec["alertmanager"]["image"] = "prom/alertmanager:v0.33.1"
        for secret in spec["secrets"]:
            secret["sealed"] = {}

    def take_keys(self, entry, host):
        """`vigie keys init` on a host; its public keys go into its entry of the document, as a person would paste them."""
        said = self.vigie(host, "keys", "init")
        entry["vpn"]["publicKey"] = re.search(r'publicKey: "([^"]+)"', said)[1]
        entry["sealingKey"] = re.search(r'sealingKey: "([^"]+)"', said)[1]

    # --- the document

    @property
    def spec(self):
        return self.document["spec"]

    def host_entry(self, name):
        return next(host for host in self.spec["hosts"] if host["name"] == name)

    @contextlib.contextmanager
    def changed(self):
        """Afterwards the document and its files are what they were; they have to be pushed again."""
        before = copy.deepcopy((self.document, self.files))
        try:
            yield
        finally:
            self.document, self.files = before

    @property
    def checkout(self):
        """The directory that holds the document as a person has it; the hosts see it too."""
        return self.lab.directory / "checkout"

    def write_document(self):
        for name, text in {"stack.yaml": yaml.safe_dump(self.document, sort_keys=False), **self.files}.items():
            path = self.checkout / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def seal(self, secret, value):
        """`vigie seal`, and the result into the document."""
        self.write_document()
        said = self.vigie(self.vps, "seal", secret, self.checkout, input=value)
        sealed = dict(re.findall(r'^ {4}(\S+): "([^"]+)"', said, re.M))
        next(entry for entry in self.spec["secrets"] if entry["name"] == secret)["sealed"] = sealed

    def push(self, message):
        """The document and its files become the tip of the repository; returns the commit."""
        self.write_document()
        began = time.time()
        commit = self.git.push(self.checkout, message)
        self.pushed_at[commit] = began
        self.tip = commit
        return commit

    # --- vigie

    def vigie(self, host, *words, input="", code=0):
        """Runs the command line on a host and returns all that it said."""
        result = host.run([VIGIE, *words], input=input, check=False, timeout=600)
        said = result.stdout + result.stderr
        refuse_secrets(said, f"what `vigie {words[0]}` says")
        if result.returncode != code:
            raise Failed(f"vigie {' '.join(map(str, words))} on {host.name}: exit {result.returncode}\n{said}")
        return said

    def configure(self, host):
        """/etc/vigie on a host: the vps pulls by ssh with a deploy key, everybody else by https with a token."""
        etc = host.path("/etc/vigie")
        etc.mkdir(exist_ok=True)
        if host is self.vps:
            auth = {"sshKey": self._private(etc / "deploy_key", self.git.make_deploy_key(host.name)),
                    "knownHosts": self._private(etc / "known_hosts", self.git.known_hosts)}
        else:
            auth = {"tokenFile": self._private(etc / "git_token", self.git.token),
                    "caFile": self._private(etc / "git_ca.pem", Path(self.ca.pem).read_text())}
        config = {"host": host.name, "auth": auth, "apply": {"timeout": "20s"},
                  "source": {"url": self.git.ssh_url if host is self.vps else self.git.https_url, "branch": "main",
                             "interval": f"{INTERVAL}s", "timeout": "5s"}}
        (etc / "vigie.yaml").write_text(yaml.safe_dump(config))

    def _private(self, path, text):
        path.write_text(text)
        path.chmod(0o600)
        return f"/etc/vigie/{path.name}"

    def start_controller(self, host, env=None):
        """Starts it as the unit does, and returns when it has begun to look."""
        before = len(self.log(host))
        log = open(host.path("/var/log/vigie.log"), "ab")
        with log:
            self.controllers[host.name] = host.popen([*AS_THE_UNIT, VIGIE, "run", "--config", "/etc/vigie/vigie.yaml"], stdout=log,
                                                     stderr=log, stdin=subprocess.DEVNULL, env=env)
        self.wait(f"the controller on {host.name} starts", lambda: "follows branch" in self.log(host)[before:])

    def stop_controller(self, host, how=signal.SIGTERM):
        process = self.controllers.pop(host.name, None)
        if process and process.poll() is None:
            process.send_signal(how)
            return process.wait(60)
        return None

    def start_controllers(self):
        for host in self.hosts.values():
            self.configure(host)
            self.start_controller(host)

    def boot(self, host):
        """Power on. systemd would start the firewall, the engine and vigie, and the tunnel at some time beside them."""
        host.start()
        host.run(["/lib/ufw/ufw-init", "start"])
        host.start_docker()
        self.start_controller(host)

    def power_cut(self, host):
        host.kill_all()
        self.controllers.pop(host.name, None)

    # --- what is observed

    def inside(self, host, path):
        """A file of a host as its own programs see it: also on a disk that was mounted there."""
        return Path(f"/proc/{host.pid}/root{path}")

    def log(self, host):
        path = host.path("/var/log/vigie.log")
        return path.read_text(errors="replace") if path.exists() else ""

    def status(self, host):
        try:
            return json.loads(self.inside(host, "/var/lib/vigie/status.json").read_text())
        except (OSError, ValueError, Failed):
            return {}

    def condition(self, host, kind):
        found = [each for each in self.status(host).get("conditions", []) if each["type"] == kind]
        return found[0] if found else {"status": "", "reason": "", "message": ""}

    def is_ready(self, host, commit):
        return (self.status(host).get("lastAppliedRevision") == commit and self.condition(host, "Ready")["status"] == "True")

    def wait_ready(self, commit, seconds=90, hosts=None):
        for host in hosts or self.hosts.values():
            self.wait(f"{host.name} is ready at {commit[:12]}", lambda host=host: self.is_ready(host, commit), seconds)

    def wait(self, what, condition, seconds=30):
        """`wait_for` that says at its end what the controllers said."""
        try:
            return wait_for(what, condition, seconds)
        except Failed as failure:
            raise Failed(f"{failure}\n{self.situation()}") from None

    def situation(self):
        """What somebody would want to know who has to find out why."""
        parts = []
        for host in self.hosts.values():
            parts.append(f"--- {host.name}: the end of vigie's log\n{self.log(host)[-2500:]}")
            with contextlib.suppress(Failed):
                parts.append(host.run(["wg", "show"], check=False).stdout)
                parts.append(host.run(["docker", "ps", "-a", "--format", "{{.Names}} {{.Image}} {{.Status}}"], check=False).stdout)
        return "\n".join(parts)

    def containers(self, host):
        """{name: (id, state)}"""
        said = host.run(["docker", "ps", "--all", "--no-trunc", "--format", "{{.Names}} {{.ID}} {{.State}}"]).stdout
        return {line.split()[0]: tuple(line.split()[1:]) for line in said.splitlines()}

    def written(self, host):
        """{path: (bytes, mode, owner, group)} of every file that vigie has made on a host."""
        out = {}
        for each in self.status(host).get("inventory", []):
            path = self.inside(host, each.partition(":")[2])
            if each.startswith("file:"):
                try:
                    about = path.stat()
                    out[each] = (path.read_bytes(), about.st_mode, about.st_uid, about.st_gid)
                except FileNotFoundError:
                    out[each] = None
        return out

    def tunnel_config(self, host):
        """Everything of the live tunnel that does not move by itself."""
        lines = host.run(["wg", "showconf", "wg0"], check=False).stdout.splitlines()
        addresses = host.run(["ip", "-4", "-brief", "address", "show", "wg0"], check=False).stdout
        return [line for line in lines if not line.startswith(("Endpoint", "PrivateKey"))] + [addresses]

    def plan(self, host):
        """What `vigie plan` says on a host, of the document as it was pushed."""
        return self.vigie(host, "plan", "--host", host.name, self.checkout)

    def alertmanager_config(self):
        answer = self.vm.http_get(f"http://{VPN['vm']}:9093/api/v2/status")
        return json.loads(answer[1])["config"]["original"] if answer and answer[0] == 200 else ""

    def request(self, url, method="GET"):
        """An HTTP request by somebody in whose network this thread is; the answer, whatever its status."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            return opener.open(urllib.request.Request(url, method=method), timeout=10)
        except urllib.error.HTTPError as error:
            return error

    def check_invariants(self):
        """What holds after every scenario."""
        # What is for the other end of the tunnel while there is no tunnel follows the default route, as it does everywhere.
        escaped = {address: packets for address, packets in self.lab.internet.escaped().items()
                   if not address.startswith("10.66.66.")}
        if escaped:
            raise Failed(f"somebody wanted to leave the lab: {escaped}")
        for host in self.hosts.values():
            refuse_secrets(self.log(host), f"the log of {host.name}")
        for name, process in self.controllers.items():
            if process.poll() is not None:
                raise Failed(f"the controller on {name} has ended: {process.returncode}")

    def pause(self, seconds):
        """For what must not happen: nothing can be waited for then."""
        time.sleep(seconds)

    def times(self, commit):
        """Seconds from the push until each host had its plan and had applied it: the later of them, from the controllers' logs."""
        short, began = commit[:12], self.pushed_at[commit]
        found = {"push → plan": f"plan for host .* at revision {short}",
                 "push → applied": f"applied and verified: .*{short}|{short}: a handshake proved"}
        out = {}
        for name, pattern in found.items():
            said = [when for host in self.hosts.values() for when in self._said_at(host, pattern)]
            if said:
                out[name] = round(max(said) - began, 1)
        return out

    def _said_at(self, host, pattern):
        for line in self.log(host).splitlines():
            if re.search(pattern, line):
                yield log_time(line)


def refuse_secrets(text, where):
    """Fails when a secret is in a text: as it is, or as an address would hold it."""
    for name, secret in SECRETS.items():
        if secret in text or urllib.parse.quote(secret, safe="") in text:
            raise Failed(f"the secret {name} is in {where}")


def log_time(line):
    """When a controller wrote this line of its log, as Unix time."""
    return datetime.datetime.fromisoformat(line.split()[0]).timestamp()
