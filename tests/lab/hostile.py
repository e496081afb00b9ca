"""A host whose user attaches vigie to a container that wishes the host no good.

    with Hostile() as world:
        world.bring_up()
        world.takes()                  # vigie has taken it over, while it behaved
        world.do("…")                  # what the program in the container does from now on, in Python

`prometheus` of the project is `programs/hostile.py`; `promtool` of its image is the real one, or `checker`, in Python."""

import copy
import json
import re

import images
import yaml
from hosts import Failed
from images import PROGRAMS, PYTHON, find
from theirs import DIRECTORY, FIRST, Inside, Repository, Theirs

IMAGE = "prom/prometheus:v3.5.0"
CONFIGURATION = "global: {}\nscrape_configs: []\nrule_files: [ rules/*.yml ]\n"
PROJECT = {"services": {"prometheus": {
    "image": IMAGE, "user": "65534:65534", "restart": "unless-stopped", "command": ["--config.file=/etc/prometheus/prometheus.yml"],
    "volumes": ["./prometheus:/etc/prometheus", "./control:/control"]}}}


class Hostile(Theirs):
    """`project` is what its user's compose file says."""

    def __init__(self):
        super().__init__()
        self.project = copy.deepcopy(PROJECT)
        self.document["spec"] = {
            "hosts": [{"name": "vm", "sealingKey": ""}],
            "projects": [{"name": "monitoring", "host": "vm", "directory": DIRECTORY, "composeFiles": ["docker-compose.yml"]}],
            "prometheus": {"project": "monitoring", "attach": "prometheus", "configFrom": {"file": "prometheus/prometheus.yml"}},
            "adopt": [FIRST]}
        self.files = {"prometheus/prometheus.yml": CONFIGURATION}
        self.rule("Quiet")

    def rule(self, name):
        self.files["prometheus/rules/a.yml"] = f"groups: [ {{ name: a, rules: [ {{ alert: {name}, expr: up == 0 }} ] }} ]\n"

    def bring_up(self):
        self.vm = self.hosts["vm"] = self.lab.host("vm")
        self.git = Repository(self.vm)
        self.vm.start_docker()
        self.make_image()
        for name in ("prometheus/rules", "control"):
            self.vm.path(f"{DIRECTORY}/{name}").mkdir(parents=True)
        self.place("prometheus/prometheus.yml").write_text(CONFIGURATION)
        self.place("control/do.py").write_text("")
        self.up()
        self.take_keys(self.host_entry("vm"), self.vm)
        self.start_attach()

    def make_image(self, checker=None):
        programs, files = images._python_base(())
        programs = {path: program for path, program in programs.items() if path != PYTHON}
        programs |= {"/bin/prometheus": PYTHON, "/bin/promtool": PYTHON if checker else find("promtool")}
        files = files | {"/app/hostile.py": PROGRAMS / "hostile.py"} | ({"/check": checker} if checker else {})  # `promtool check …`
        images.make_image(self.vm, IMAGE, programs=programs, files=files, entrypoint=["/bin/prometheus", "/app/hostile.py"],
                          env={"PYTHONHOME": "/usr", "PYTHONUNBUFFERED": "1"}, label="an impostor, in Python")

    def up(self, *words):
        self.place("docker-compose.yml").write_text(yaml.safe_dump(self.project))
        self.compose("up", "-d", *words)
        for service in self.project["services"]:
            self.wait(f"{service} answers", lambda service=service: self.heard(service) is not None)

    def takes(self):
        """vigie takes over what there is."""
        self.configure(self.vm)
        self.apply()
        self.spec.pop("adopt", None)
        said = self.apply()
        if "nothing to do" not in said:
            raise Failed(f"it is not taken over: {said}")

    def apply(self, code=0):
        self.write_document()
        return self.vigie(self.vm, "apply", "--host", "vm", "--yes", self.checkout, code=code)

    def plans(self):
        self.write_document()
        return self.vigie_says("plan", "--host", "vm", self.checkout)

    def seal(self, secret, value):
        self.write_document()
        said = self.vigie(self.vm, "seal", secret, self.checkout, input=value)
        sealed = dict(re.findall(r'^ {4}(\S+): "([^"]+)"', said, re.M))
        next(entry for entry in self.spec["secrets"] if entry["name"] == secret)["sealed"] = sealed

    # --- what the container does

    def port(self, service):
        return self.project["services"][service].get("environment", {}).get("PORT", "9090")

    def heard(self, service="prometheus"):
        """What the program was asked: [[method, path, headers, who]], or None when it does not answer."""
        try:
            answer = Inside(self, service).http_get(f"http://127.0.0.1:{self.port(service)}/heard")
        except (OSError, KeyError):
            return None
        return json.loads(answer[1]) if answer and answer[0] == 200 else None

    def do(self, text, service="prometheus", control="control"):
        """Its program does that from now on, and nothing of what it was told before."""
        new, told = self.place(f"{control}/new.py"), self.place(f"{control}/do.py")
        self.times_told = getattr(self, "times_told", 0) + 1
        new.write_text(f"{text}\nstate['obeyed'] = {self.times_told}\n")
        new.rename(told)
        self.wait("it obeys", lambda: (self.heard(service) or {}).get("obeyed") == self.times_told)

    def answers(self, body):
        """`body` is what its pages do, `page` being the path: lines that return True have answered."""
        self.do("def answer(h, path):\n    page = path.partition('?')[0]\n"
                + "".join(f"    {line}\n" for line in body.splitlines()) + "    return False\nhooks['answer'] = answer")

    def says(self, *arguments):
        """Its command line is another from now on."""
        words = ", ".join(map(repr, ("/bin/prometheus", "/app/hostile.py", *arguments)))
        self.place("control/new.py").write_text(f"if {arguments[0]!r} not in sys.argv:\n    os.execv('/bin/prometheus', [{words}])\n")
        self.place("control/new.py").rename(self.place("control/do.py"))
        pid = self.inspect("prometheus")["State"]["Pid"]
        line = self.inside(self.vm, f"/proc/{pid}/cmdline")
        self.wait("its command line is another", lambda: arguments[0].encode() in line.read_bytes())

    def behaves(self):
        """It is what it was at first."""
        self.place("control/do.py").write_text("")
        self.compose("restart", "-t", "0", "prometheus")
        self.wait("prometheus answers", lambda: self.heard() is not None)
