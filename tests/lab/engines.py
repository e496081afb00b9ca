"""What container engines really do, asked of those that people run: the distribution's, and the one of Debian's newest suite.

A module of `engine_*` scenarios has its own `Facts`; each of its functions is one fact, with the sentence that says it:

    facts = Facts("what of a reload the engine decides")

    @facts.fact("a signal through the engine switches the restart policy off")
    def policy(world): …
"""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import sys
import time
import traceback
from pathlib import Path

import images
import newest
import programs
from hosts import SOURCE, Failed, Lab, wait_for
from loopback import VIGIE
from scenario import ALL, Scenario, same

CLIENT = Path(os.environ.get("VIGIE_ATTACH_CLIENT", Path(VIGIE).resolve().with_name("attach-client")))
HELPER = Path(os.environ.get("VIGIE_ATTACH", Path(VIGIE).resolve().parent.parent / "libexec/vigie/vigie-attach"))
PROMETHEUS, WITH_SHELL, ALERTMANAGER = "prom/prometheus:v3.5.0", "lab/prometheus-with-shell:v3.5.0", "prom/alertmanager:v0.33.1"
CONFIG = "global: { scrape_interval: 1s }\nrule_files: [ rules/*.yml ]\n"
COMMAND = ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]


def rules(name):
    """A rule file with one rule, whose name shows that it is loaded."""
    return f"groups: [ {{ name: all, rules: [ {{ record: {name}, expr: vector(1) }} ] }} ]\n"


class Facts:
    """The facts of one scenario, which is registered twice, for the two engines."""

    def __init__(self, title, prepare=None):
        self._facts, self._prepare = [], prepare
        group = sys._getframe(1).f_globals["__name__"].rpartition(".")[2]  # as `scenario` names it
        for which, newer in (("distribution", False), ("newest", True)):
            ALL.append(Scenario(f"{group}_{which}", group, f"{title} ({which} engine)",
                                lambda report, newer=newer: self._try(newer), True))

    def fact(self, sentence):
        def register(function):
            self._facts.append((sentence, function))
            return function
        return register

    def _try(self, newer):
        """One that does not hold does not hide the others."""
        failed = []
        with EngineWorld(newer) as world:
            print(f"      engine {world.version('Server')}, Compose {world.compose}", flush=True)
            if self._prepare:
                self._prepare(world)
            for sentence, function in self._facts:
                try:
                    function(world)
                    print(f"      holds: {sentence}", flush=True)
                except Exception as error:  # the next one is tried all the same
                    failed.append(sentence)
                    print(f"      DOES NOT HOLD: {sentence}\n{''.join(traceback.format_exception(error))}{world.logs()}", flush=True)
                finally:
                    world.clear()
        same(failed, [], "facts that do not hold")


class EngineWorld:
    """One host with an engine, and Prometheus in images with and without a shell. `newer`: of Debian's newest suite."""

    def __init__(self, newer):
        self.lab = Lab()
        try:
            self.host = self.lab.host("vm", system=newest.find(newest.CACHE) if newer else None)
            self._install_helper()
            self.host.start_docker()
            self.compose = self.docker("compose", "version", "--short").lstrip("v")
            self.newer = newer
            images.make_prometheus(self.host, PROMETHEUS)
            self.make_with_shell(WITH_SHELL)
        except BaseException:
            self.lab.close()
            raise
        self.compose_at_least = tuple(map(int, re.findall(r"\d+", self.compose)[:2])).__ge__
        self.engine_at_least = tuple(map(int, re.findall(r"\d+", self.version("Server"))[:2])).__ge__

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lab.close()

    def _install_helper(self):
        """Programs that were built here find in the host what its suite does not have of their libraries."""
        if not self.host.system:
            return
        for library in map(Path, images.libraries(CLIENT, HELPER)):
            if not any(path.exists() for path in (self.host.system / "usr").glob(f"lib*/**/{library.name}")):
                place = self.host.path("/usr/local/lib") / library.name
                place.parent.mkdir(exist_ok=True)
                shutil.copy(library, place)
        self.host.run(["ldconfig"])

    def make_with_shell(self, name, files=None):
        """Prometheus beside a shell and what asks the resolver, as images of the user's own have it."""
        images.make_image(self.host, name, files=files, programs={
            "/bin/prometheus": programs.find("prometheus"), "/bin/sh": "/bin/sh", "/bin/sleep": "/bin/sleep", "/bin/getent": "/usr/bin/getent"},
                          entrypoint=["/bin/prometheus"], user="nobody", workdir="/prometheus", label="Debian's prometheus")

    def version(self, of):
        return self.docker("version", "--format", f"{{{{.{of}.Version}}}}").partition("+")[0]

    # --- the engine

    def docker(self, *argv, **options):
        return self.host.run(["docker", *argv], **options).stdout.strip()

    def project(self, name, services, files=None, **more):
        """A compose project at /opt/NAME; nothing of it runs yet. `services` is its section of the file."""
        return Project(self, name, services, files or {}, more)

    def inspect(self, container):
        return json.loads(self.docker("inspect", container))[0]

    def state(self, container):
        return self.inspect(container)["State"]

    def pid(self, container):
        return self.state(container)["Pid"]

    def log(self, container):
        """Of the container: what its programs said."""
        result = self.host.run(["docker", "logs", container])
        return result.stdout + result.stderr

    def address(self, container):
        networks = self.inspect(container)["NetworkSettings"]["Networks"].values()
        return next((each["IPAddress"] for each in networks if each["IPAddress"]), None)

    def call(self, method, path, body=None):
        """A request to the engine's API: (status, body)."""
        connection = http.client.HTTPConnection("docker", timeout=600)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.host.path("/run/docker.sock")))
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def hup_by_engine(self, container):
        """204 when the engine took it."""
        return self.call("POST", f"/containers/{container}/kill?signal=HUP")[0]

    def kill(self, container, signal="KILL"):
        """To the container's first process, not through the engine."""
        self.host.run(["kill", f"-{signal}", str(self.pid(container))])

    def clear(self):
        """No containers, networks and projects are left of a fact."""
        containers = self.docker("ps", "--all", "--quiet").split()
        if containers:
            self.docker("rm", "--force", "--volumes", *containers)
        self.docker("network", "prune", "--force")
        for path in self.host.path("/opt").iterdir():
            shutil.rmtree(path)

    def logs(self):
        """What the containers said last, for who looks for the cause of a failure."""
        containers = self.docker("ps", "--all", "--format", "{{.Names}}").split()
        return "".join(f"--- {each}\n{self.log(each)[-1500:]}\n" for each in containers[:6])

    # --- a Prometheus in a container

    def get(self, container, path, port=9090):
        """(status, text), asked from the host; None when nobody answers."""
        address = self.address(container)
        return self.host.http_get(f"http://{address}:{port}{path}") if address else None

    def post(self, container, path, port):
        """(status, text) of a POST without a body."""
        with self.host.network(), contextlib.closing(http.client.HTTPConnection(self.address(container), port, timeout=600)) as connection:
            connection.request("POST", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def wait_ready(self, container, path="/-/ready", port=9090):
        """Its configuration is loaded; /-/healthy is answered before that."""
        wait_for(f"{container} is up", lambda: (self.get(container, path, port) or [0])[0] == 200, 30)

    def api(self, container, path):
        answer = self.get(container, f"/api/v1/{path}")
        return json.loads(answer[1])["data"] if answer and answer[0] == 200 else {}

    def loaded(self, container):
        """The names of the rules that it has loaded."""
        return {rule["name"] for group in self.api(container, "rules").get("groups", []) for rule in group["rules"]}

    def metric(self, container, name):
        found = re.search(rf"(?m)^{name} (\S+)$", (self.get(container, "/metrics") or (0, ""))[1])
        return float(found[1]) if found else None

    def reload_succeeded(self, container):
        """1 or 0: the last one."""
        return self.metric(container, "prometheus_config_last_reload_successful")

    # --- vigie

    def attach(self, project, service="prometheus", directory=None, **more):
        """What vigie finds, on the host, with its own client and helper."""
        request = {"engine": "/run/docker.sock", "socket": "", "helper": str(HELPER), "project": project, "service": service,
                   "directory": str(directory or f"/opt/{project}"), **more}
        told = json.loads(self.host.run([CLIENT, json.dumps(request)]).stdout)
        if "failed" in told:
            raise Failed(told["failed"])
        return told

    def found(self, *argv, **more):
        told = self.attach(*argv, **more)
        if "pin" not in told:
            raise AssertionError(f"not found: {told}")
        return told

    def same_file(self, told, expected):
        """vigie named `expected`, and the kernel says that the program sees this very file."""
        same(told["pin"]["host"], expected, "the file that vigie names")
        inside = f"/proc/{told['process']['pid']}/root{told['pin']['inside']}"
        seen = self.host.run(["stat", "--dereference", "--format=%d:%i", inside, told["pin"]["host"]]).stdout.split()
        same(seen[0], seen[1], f"device and inode of {inside} and of {expected}")


class Project:
    """A compose project of the user's."""

    def __init__(self, world, name, services, files, more):
        self.world, self.name, self.directory = world, name, f"/opt/{name}"
        self.compose = more | {"services": services}
        self.write(files)
        self.save()

    def path(self, name=""):
        return self.world.host.path(f"{self.directory}/{name}")

    def save(self):
        self.write({"compose.yaml": json.dumps(self.compose, indent=1)})  # which is YAML as well

    def write(self, files):
        """In place: the file stays the one that it was."""
        for name, text in files.items():
            self.path(name).parent.mkdir(parents=True, exist_ok=True)
            self.path(name).write_text(text)

    def replace(self, name, text):
        """By renaming a new file over it."""
        fresh = self.path(name + ".new")
        fresh.write_text(text)
        fresh.rename(self.path(name))

    def run(self, *argv, **options):
        """A `docker compose` command, in the project's directory: what it said."""
        result = self.world.host.run(["docker", "compose", *argv], cwd=self.directory, **options)
        return result.stdout + result.stderr

    def up(self, *services):
        self.run("up", "-d", *services)
        return self

    def id(self, service="prometheus"):
        """Of its container; empty when there is none."""
        return self.run("ps", "--all", "--quiet", service).strip()

    def container(self, service="prometheus"):
        return f"{self.name}-{service}-1"


def prometheus(**more):
    """A service as in many files."""
    return {"image": PROMETHEUS, "command": COMMAND, "volumes": ["./prometheus:/etc/prometheus:ro"]} | more


def pause(seconds=1.5):
    """For what must not happen: it would be seen by now."""
    time.sleep(seconds)
