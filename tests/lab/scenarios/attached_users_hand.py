"""What the user does to a project of his own while vigie is attached to it, at any moment, and what becomes of it when vigie goes."""

import contextlib

from scenario import Stopwatch, check, same, scenario
from scenarios.attached import PROOF, loaded
from theirs import FIRST, PASS, Theirs

MONITORING = ("prometheus", "alertmanager")


@contextlib.contextmanager
def attached_world(kind=Theirs, adopt=(FIRST,)):
    """The project runs, and vigie is attached to it."""
    with kind() as world:
        world.bring_up()
        world.spec["adopt"] = list(adopt)
        world.start_controllers()
        world.wait_ready(world.push("what there is"))
        yield world
        world.check_invariants()


def rule(world, name):
    """The document has a rule of that name, and a receiver."""
    world.files["prometheus/rules/new.yml"] = f"groups: [ {{ name: new, rules: [ {{ alert: {name}, expr: up == 0 }} ] }} ]\n"
    world.files["alertmanager/config.yml"] = f"route: {{ receiver: {name} }}\nreceivers: [ {{ name: {name} }} ]\n"


def policies(world):
    return {service: each["policy"] for service, each in world.theirs().items()}


def begun(world, before):
    """The controller is about to change files, or has begun to."""
    world.wait("a transaction", lambda: "plan for host" in world.log(world.vm)[before:], 60)


@scenario("the user's own up, restart, stop and start, pull, down and up, in the middle of a push", own_world=True)
def users_commands(report):
    with attached_world() as world:
        before = policies(world)
        hands = {"up": [["up", "-d"]], "restart": [["restart", *MONITORING]], "stop": [["stop", *MONITORING], ["start", *MONITORING]],
                 "pull": [["pull", "--ignore-pull-failures"], ["up", "-d"]], "recreate": [["up", "-d", "--force-recreate", *MONITORING]],
                 "down": [["down"], ["up", "-d"]]}
        for delay in (0, 0.3, 0.8, 1.5):
            for name, commands in hands.items():
                said = len(world.log(world.vm))
                alert = f"{name.capitalize()}{int(delay * 10)}"
                rule(world, alert)
                commit = world.push(f"a rule while the user says {name}")
                watch = Stopwatch()
                begun(world, said)
                world.pause(delay)
                for words in commands:
                    world.compose(*words, check=False)
                world.wait_ready(commit, 120)
                report["push → proven"] = max(report.get("push → proven", 0), watch.seconds())
                loaded(world, alert, alert)
                same(policies(world), before, f"restart policies after {name}")
                check(all(each["status"] == "running" for each in world.theirs().values()), f"after {name}: {world.theirs()}")


@scenario("a restart policy still works after a reload: the engine was not asked to signal", own_world=True)
def policy_works(_):
    with attached_world() as world:
        rule(world, "Reloaded")
        world.wait_ready(world.push("a rule"))
        for service in MONITORING:
            pid = world.inspect(service)["State"]["Pid"]
            world.vm.run(["kill", "-KILL", str(pid)])
            world.wait(f"the engine starts {service} again", lambda service=service, pid=pid: world.inspect(service)["State"]["Pid"] not in (0, pid))
        world.wait("everything is loaded", lambda: "Reloaded" in world.prometheus.rules() and "Reloaded" in world.alertmanager_config())
        world.wait_ready(world.tip)


@scenario("a container that the user has stopped: written, not proven, and proven when he starts it", own_world=True)
def stopped(report):
    with attached_world() as world:
        world.compose("stop", *MONITORING)
        rule(world, "Later")
        commit = world.push("a rule for what does not run")
        world.wait("the proof is pending", lambda: world.condition(world.vm, "Ready")["reason"] == "ProofPending", 60)
        same(world.status(world.vm)["lastAppliedRevision"], commit, "the revision that is applied")
        same(world.place("prometheus/rules/new.yml").read_text(), world.files["prometheus/rules/new.yml"], "the rule's file")
        world.pause(2 * PASS)
        check({each["status"] for name, each in world.theirs().items() if name in MONITORING} == {"exited"}, "vigie has started it")
        world.compose("start", *MONITORING)
        watch = Stopwatch()
        world.wait_ready(commit)
        report["start → proven"] = watch.seconds()
        loaded(world, "Later", "Later")


@scenario("a crash loop because of the very file that a push mends", own_world=True)
def mended(report):
    with attached_world() as world:
        world.stop_controller(world.vm)
        world.place("prometheus/prometheus.yml").write_text("global: [ broken\n")
        world.compose("restart", "prometheus")
        world.wait("it crashes", lambda: world.theirs()["prometheus"]["restarts"] > 1)
        rule(world, "Mended")
        commit = world.push("as it was, and a rule")
        watch = Stopwatch()
        world.start_controller(world.vm)
        world.wait_ready(commit, 150)
        report["mended"] = watch.seconds()
        loaded(world, "Mended", "Mended")


@scenario("the mounted directory is cloned anew: the user's restart is asked for, and mends it", own_world=True)
def cloned(_):
    with attached_world() as world:
        before = world.theirs()
        world.vm.run(["cp", "-a", "/opt/monitoring/prometheus", "/opt/monitoring/clone"])
        world.vm.run(["rm", "-rf", "/opt/monitoring/prometheus"])
        world.place("clone").rename(world.place("prometheus"))
        world.wait("the restart is asked for", lambda: "docker compose restart prometheus" in world.vigie_says("status"), 60)
        rule(world, "Cloned")
        commit = world.push("a rule for a directory that nobody sees")
        world.pause(3 * PASS)
        check(world.status(world.vm)["lastAppliedRevision"] != commit, "it was applied")
        check(world.condition(world.vm, "Stalled")["reason"] != "Quarantined", "it is quarantined")
        check("Cloned" not in world.place("prometheus/rules").joinpath("shop.yml").read_text(), "a file was written")
        same(world.theirs(), before, "the containers")
        world.compose("restart", "prometheus")
        world.wait_ready(commit, 120)
        loaded(world, "Cloned", "Cloned")


class FileMounts(Theirs):
    """Alertmanager's configuration is a mount of its own, and Prometheus has all of its in a named volume."""

    def install_project(self):
        super().install_project()
        compose = self.place(self.compose_file)
        text = compose.read_text().replace("./alertmanager:/etc/alertmanager", "./alertmanager/config.yml:/etc/alertmanager/config.yml")
        text = text.replace("./prometheus:/etc/prometheus:ro", "prometheus-config:/etc/prometheus:ro")
        compose.write_text(text + "  prometheus-config:\n")
        self.vm.run(["docker", "volume", "create", "monitoring_prometheus-config", "--label", "com.docker.compose.project=monitoring",
                     "--label", "com.docker.compose.volume=prometheus-config"])
        self.vm.run(["cp", "-a", "/opt/monitoring/prometheus/.", "/var/lib/docker/volumes/monitoring_prometheus-config/_data"])


@scenario("a mounted file is written in place; a named volume is found", own_world=True)
def file_mounts(report):
    with attached_world(FileMounts) as world:
        before = world.theirs()
        file = world.place("alertmanager/config.yml")
        inode = file.stat().st_ino
        rule(world, "InPlace")
        world.wait_ready(world.push("a rule and a receiver"))
        loaded(world, "InPlace", "InPlace")
        same(file.stat().st_ino, inode, "the inode of what is mounted")
        check("InPlace" not in world.place("prometheus").joinpath("rules/shop.yml").read_text(), "the wrong place")
        check(world.vm.path("/var/lib/docker/volumes/monitoring_prometheus-config/_data/rules/new.yml").exists(), "it is not in the volume")
        same(world.theirs(), before, "the containers")


@scenario("a program that leaves the document is released: it stays as it is, without the proof", own_world=True)
def leaves(_):
    with attached_world() as world:
        rule(world, "Stays")
        world.wait_ready(world.push("a rule"))
        before, files = world.theirs(), world.tree()
        prometheus = world.spec.pop("prometheus")
        world.spec["allowRemoval"] = ["prometheus"]
        commit = world.push("no Prometheus any more")
        world.wait_ready(commit)
        loaded(world, "Stays", "Stays")
        check(not world.place(f"prometheus/{PROOF}").exists(), "the proof is still there")
        same(world.tree()["prometheus/rules/new.yml"], files["prometheus/rules/new.yml"], "the rule's file")
        check(PROOF not in world.prometheus.config(), "the proof is still loaded")
        same(world.theirs(), before, "the containers")
        world.spec["prometheus"] = prometheus
        world.wait_ready(world.push("and back"))
        loaded(world, "Stays", "Stays")


@scenario("a rule's file that leaves the document goes when vigie made it, and gets back what it was when not", own_world=True)
def rule_leaves(_):
    with attached_world() as world:
        theirs = world.place("prometheus/rules/shop.yml").read_text()
        rule(world, "Goes")
        world.files["prometheus/rules/shop.yml"] = theirs.replace("ShopDown", "ShopAway")
        world.wait_ready(world.push("rules"))
        loaded(world, "Goes", "Goes")
        del world.files["prometheus/rules/new.yml"]
        world.wait_ready(world.push("one rule less"))
        check("Goes" not in world.prometheus.rules() and not world.place("prometheus/rules/new.yml").exists(), "the rule is still there")


@scenario("`uninstall --purge` gives back what was taken over", own_world=True)
def purge(_):
    with Theirs() as world:
        world.bring_up()
        before, files = world.theirs(), world.tree()
        world.spec["adopt"] = [FIRST]
        world.start_controllers()
        world.wait_ready(world.push("what there is"))
        rule(world, "Gone")
        world.wait_ready(world.push("a rule"))
        world.stop_controller(world.vm)
        world.vigie(world.vm, "uninstall", "--purge", "--yes")
        after = world.tree()
        for path, (content, mode, uid, gid, _) in files.items():
            if content is not None:
                same(after[path][:4], (content, mode, uid, gid), path)
        same(set(after), set(files), "paths")
        check("Gone" not in world.prometheus.rules() and "Gone" not in world.alertmanager_config(), "it is still loaded")
        same(world.theirs(), before, "the containers")


@scenario("the state is lost: what is equal is taken over, what differs has to be adopted, nothing goes", own_world=True)
def state_lost(_):
    with attached_world() as world:
        rule(world, "Known")
        world.wait_ready(world.push("a rule"))
        before = world.tree()
        world.stop_controller(world.vm)
        world.vm.run(["sh", "-c", "rm -f /var/lib/vigie/vigie.db*"])
        world.spec["adopt"] = []
        world.start_controller(world.vm)
        commit = world.push("with a new state")
        world.wait_ready(commit)
        same(world.tree(), before, "files")
        loaded(world, "Known", "Known")
        world.stop_controller(world.vm)
        world.vm.run(["sh", "-c", "rm -f /var/lib/vigie/vigie.db*"])
        world.place("prometheus/rules/new.yml").write_text("groups: []\n")
        world.start_controller(world.vm)
        world.wait("it wants to be told", lambda: "attached:monitoring/prometheus/rules/new.yml" in world.condition(world.vm, "Ready")["message"], 60)
        same(world.place("prometheus/rules/new.yml").read_text(), "groups: []\n", "the user's file")


