"""A host on which a person runs a compose project of eight services, monitoring and what is monitored, and vigie is told of it.

    with Theirs() as world:
        world.bring_up()                                   # the project runs, as its user has started it
        world.start_controllers()
        world.wait_ready(world.push("what there is"))

`monitoring/` has the project as its user wrote it, and the document. The host has no tunnel; what it lacks of systemd is the socket of
vigie-attach, which is made here."""

import json
import shutil
import subprocess
from pathlib import Path

import images
import yaml
from hosts import CLONE_NEWNET, SOURCE, Failed, Host, inside
from loopback import VIGIE
from observe import Prometheus
from services import GitServer
from world import World

HERE = Path(__file__).resolve().parent / "monitoring"
DIRECTORY = "/opt/monitoring"
ATTACH_UNIT = SOURCE / "manifests/systemd/vigie-attach@.service"
ATTACH_SOCKET = "/run/vigie/attach.sock"
PASS = 1  # seconds between two passes of the controller
INTERVAL = 2  # seconds between two scrapes, as their prometheus.yml says
FIRST = "attached:monitoring/prometheus/prometheus.yml"  # the one file that has to be adopted: it gets the proof's entry


class Inside:
    """Somebody in the network of a service's container, as `observe` wants a host: most ports are published nowhere."""

    http_get = Host.http_get

    def __init__(self, world, service):
        self.world, self.service = world, service

    def network(self):
        pid = self.world.inspect(self.service)["State"]["Pid"]
        if not pid:
            raise OSError(f"{self.service} does not run")
        return inside("net", CLONE_NEWNET, f"{self.world.vm.pid}/root/proc/{pid}")


class Repository(GitServer):
    """A bare repository on the host itself: how it gets to a host is the other world's."""

    def __init__(self, host):
        self.repository, self.work = host.path("/srv/git/monitoring.git"), host.directory.with_name("git-work")
        self._make_repository()


class Theirs(World):
    """`compose` does to the project what its user does, `theirs` is what vigie may never change of it."""

    compose_file = "docker-compose.yml"
    vps = None  # who pulls by ssh in the other world

    def __init__(self):
        super().__init__()
        self.document = yaml.safe_load((HERE / "stack.yaml").read_text())
        self.files = {str(path.relative_to(HERE)): path.read_text() for name in ("prometheus", "alertmanager")
                      for path in (HERE / name).rglob("*.yml")}

    # --- set-up

    def bring_up(self):
        self.vm = self.hosts["vm"] = self.lab.host("vm")
        self.git = Repository(self.vm)
        self.vm.start_docker()
        images.make_prometheus(self.vm)
        images.make_alertmanager(self.vm)
        images.make_node_exporter(self.vm)
        images.make_redis(self.vm)
        images.make_redis_exporter(self.vm)
        images.make_standin(self.vm, "shop/web:1")
        self.vm.run(["docker", "tag", "shop/web:1", "grafana/grafana:12.0.0"])  # which no distribution has
        self.install_project()
        self.compose("up", "-d")
        self.prometheus = Prometheus(Inside(self, "prometheus"), "http://127.0.0.1:9090")
        self.take_keys(self.host_entry("vm"), self.vm)
        self.start_attach()
        self.wait("all their targets are up", self.prometheus.up, 60)

    def install_project(self):
        directory = self.vm.path(DIRECTORY)
        shutil.copytree(HERE, directory, ignore=shutil.ignore_patterns("stack.yaml"))

    def take_keys(self, entry, host):
        entry["vpn"] = {}
        super().take_keys(entry, host)
        del entry["vpn"]

    def start_attach(self):
        """As vigie-attach.socket does."""
        helper = Path(VIGIE).parent.parent / "libexec/vigie/vigie-attach"
        log = open(self.vm.path("/var/log/attach.log"), "ab")
        with log:
            self.attach_socket = self.vm.popen([images.PYTHON, "-B", SOURCE / "tests/lab/attach_socket.py", ATTACH_SOCKET, ATTACH_UNIT, helper],
                                               stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.wait("the socket of vigie-attach", lambda: self.vm.path(ATTACH_SOCKET).exists())

    def write_document(self):
        """As the other world's, but what the document no longer has is gone."""
        for name in ("prometheus", "alertmanager"):
            shutil.rmtree(self.checkout / name, ignore_errors=True)
        super().write_document()

    def configure(self, host):
        etc = host.path("/etc/vigie")
        etc.mkdir(exist_ok=True)
        config = {"host": "vm", "apply": {"timeout": "20s"},
                  "source": {"url": "file:///srv/git/monitoring.git", "branch": "main", "interval": f"{PASS}s", "timeout": "5s"}}
        (etc / "vigie.yaml").write_text(yaml.safe_dump(config))

    # --- what their user does

    def compose(self, *words, check=True):
        said = self.vm.run(["docker", "compose", "--file", self.compose_file, *words], cwd=DIRECTORY, check=check)
        return said.stdout + said.stderr

    def place(self, relative):
        """A path of the project."""
        return self.vm.path(f"{DIRECTORY}/{relative}")

    # --- what is observed

    def inspect(self, service):
        """What the engine says of a service's container; {} when there is none."""
        names = self.vm.run(["docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", "label=com.docker.compose.project=monitoring",
                             "--filter", f"label=com.docker.compose.service={service}"]).stdout.split()
        if not names:
            return {}
        return json.loads(self.vm.run(["docker", "inspect", names[0]]).stdout)[0]

    def theirs(self):
        """{service: what is its user's} of the whole project."""
        names = self.vm.run(["docker", "ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=monitoring"]).stdout.split()
        found = json.loads(self.vm.run(["docker", "inspect", *names]).stdout)
        return {each["Config"]["Labels"]["com.docker.compose.service"]: {
            "id": each["Id"], "started": each["State"]["StartedAt"], "restarts": each["RestartCount"], "status": each["State"]["Status"],
            "policy": each["HostConfig"]["RestartPolicy"], "binds": each["HostConfig"]["Binds"], "labels": each["Config"]["Labels"],
            "networks": sorted(each["NetworkSettings"]["Networks"])} for each in found}

    def tree(self):
        """{path: (bytes, mode, owner, group, inode)} of everything in the project."""
        top, out = self.vm.path(DIRECTORY), {}
        for path in sorted(top.rglob("*")):
            about = path.lstat()
            out[str(path.relative_to(top))] = (path.read_bytes() if path.is_file() else None, about.st_mode, about.st_uid, about.st_gid, about.st_ino)
        return out

    def vigie_says(self, *words):
        """What a command says, whatever it exits with."""
        said = self.vm.run([self.program, *words], check=False)
        return said.stdout + said.stderr

    def changes(self):
        """{id: (action, whether bytes change)} of what `vigie plan` on the host would do."""
        self.write_document()
        said = self.vm.run([self.program, "plan", "--host", "vm", "-o", "json", self.checkout], check=False)
        try:
            plan = json.loads(said.stdout)
        except ValueError:
            raise Failed(f"no plan: {said.stdout}{said.stderr}") from None
        return {change["id"]: (change["action"], bool(change.get("diff"))) for change in plan["hosts"][0]["changes"] if change["action"] != "none"}

    def alertmanager_config(self):
        answer = Inside(self, "alertmanager").http_get("http://127.0.0.1:9093/api/v2/status")
        return json.loads(answer[1])["config"]["original"] if answer and answer[0] == 200 else ""

    def gaps(self, since):
        """{job: the longest time without a sample of `up`, in seconds} since then, beginning and end included."""
        now = float(self.prometheus.api("query?query=time()")["result"][1])
        found = self.prometheus.api(f"query?query=up[{int(now - since) + 1}s]")["result"]
        out = {}
        for series in found:
            times = [when for when, _ in series["values"] if when >= since]
            steps = [later - earlier for earlier, later in zip([since, *times], [*times, now])]
            out[series["metric"]["job"]] = round(max(steps), 1)
        return out

    def said_by(self, service):
        return self.compose("logs", "--no-log-prefix", service)

    def situation(self):
        log = self.vm.path("/var/log/attach.log")
        return "\n".join([super().situation(), "--- vigie-attach", log.read_text(errors="replace")[-1500:] if log.exists() else "",
                          "--- prometheus", self.compose("logs", "--tail", "8", "prometheus", "alertmanager", check=False)])


