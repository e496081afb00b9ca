"""Prometheus and Alertmanager in a project of eight services of the user's own: configured and proven, their containers never touched."""

import time

import yaml
from scenario import Stopwatch, check, same, scenario
from theirs import FIRST, INTERVAL, Theirs

PROOF = "vigie-render-info.yml"


def loaded(world, rule, receiver):
    """What the running programs say themselves."""
    check(rule in world.prometheus.rules(), f"the rule {rule} is not loaded: {world.prometheus.rules()}")
    names = [each["name"] for each in yaml.safe_load(world.alertmanager_config())["receivers"]]
    check(receiver in names, f"the receiver {receiver} is not loaded: {names}")


def taken(world):
    """The first push: what is there is only looked at, but for the one file that gets the proof's entry, which has to be adopted."""
    before, tree = world.theirs(), world.tree()
    same(world.changes().get(FIRST), ("refuse", True), f"what becomes of {FIRST}")
    world.spec["adopt"] = [FIRST]
    changes = world.changes()
    same({name: action for name, (action, differs) in changes.items() if differs}, {FIRST: "adopt", f"attached:monitoring/prometheus/{PROOF}": "create"},
         f"what is written ({changes})")
    check({action for action, _ in changes.values()} <= {"adopt", "create", "reload"}, f"what is done: {changes}")
    world.start_controllers()
    commit = world.push("what there is")
    world.wait_ready(commit)
    same(world.theirs(), before, "the user's containers after the first push")
    after = world.tree()
    same({path for path in tree.keys() | after.keys() if tree.get(path) != after.get(path)},
         {"prometheus/prometheus.yml", f"prometheus/{PROOF}"}, "what of the project's files is not as it was")
    same(set(after["prometheus/prometheus.yml"][0].splitlines()) - set(tree["prometheus/prometheus.yml"][0].splitlines()),
         {b'rule_files: ["rules/*.yml", vigie-render-info.yml]'}, "new lines of their configuration")
    check("nothing to do" in world.plan(world.vm), world.plan(world.vm))
    return commit


def changed(world, report):
    """A rule and a receiver, by one push."""
    world.files["prometheus/rules/shop.yml"] = world.files["prometheus/rules/shop.yml"].replace("ShopDown", "ShopAway")
    config = world.files["alertmanager/config.yml"]
    world.files["alertmanager/config.yml"] = config + '  - name: owners\n    webhook_configs: [ { url: "http://stock:8001/owners" } ]\n'
    watch = Stopwatch()
    commit = world.push("another rule, another receiver")
    world.wait_ready(commit)
    report["push → proven"] = watch.seconds()
    loaded(world, "ShopAway", "owners")
    check("ShopDown" not in world.prometheus.rules(), "the old rule is still loaded")
    return commit


def refused(world):
    """What cannot be loaded is refused before anything is written; what nobody could know before is rolled back."""
    tree = world.tree()
    with world.changed():
        world.files["prometheus/rules/shop.yml"] = world.files["prometheus/rules/shop.yml"].replace("== 0", "== == 0")
        world.push("a rule that cannot be read")
        world.wait("it is refused", lambda: "rules/shop.yml" in world.condition(world.vm, "Ready")["message"], 60)
        same(world.tree(), tree, "the project's files")
        loaded(world, "ShopAway", "owners")
    with world.changed():
        config = world.files["prometheus/prometheus.yml"]
        world.files["prometheus/prometheus.yml"] = config + (
            'remote_write: [ { url: "http://stock:8001/write", tls_config: { ca_file: /etc/prometheus/nowhere.pem } } ]\n')
        commit = world.push("a certificate that is not there")
        world.wait("it is rolled back", lambda: world.condition(world.vm, "Stalled").get("reason") == "Quarantined", 60)
        same(world.status(world.vm)["lastAttemptedRevision"], commit, "the revision that was tried")
        check("nowhere.pem" in world.condition(world.vm, "Stalled")["message"], f"the cause: {world.condition(world.vm, 'Stalled')}")
        check("remote_write" not in world.prometheus.config(), "the wrong configuration is loaded")
        loaded(world, "ShopAway", "owners")


def replaced(world):
    """The mounted directory is another one: that is said with the cure, nothing is written, reloaded or quarantined."""
    directory = world.place("prometheus")
    directory.rename(world.place("aside"))
    world.vm.run(["cp", "-a", "/opt/monitoring/aside", "/opt/monitoring/prometheus"])
    world.wait("the stale mount is named", lambda: "docker compose restart prometheus" in world.vigie_says("status"), 60)
    check("docker compose restart prometheus" in world.vigie_says("plan", "--host", "vm", world.checkout), "the plan does not name it")
    loaded(world, "ShopAway", "owners")
    world.vm.run(["rm", "-rf", "/opt/monitoring/prometheus"])
    world.place("aside").rename(directory)
    world.wait("all is well again", lambda: world.condition(world.vm, "Healthy")["status"] == "True")
    same(world.condition(world.vm, "Ready")["status"], "True", "Ready")


def rolled_back(world):
    said = world.vigie(world.vm, "rollback", "--yes", "1")
    check("suspended" in said, said)
    check("ShopDown" in world.prometheus.rules() and "ShopAway" not in world.prometheus.rules(), f"the rules: {world.prometheus.rules()}")
    check("owners" not in world.alertmanager_config(), "the receiver is still loaded")
    commit = world.push("as before")
    world.vigie(world.vm, "resume")
    world.wait_ready(commit)
    loaded(world, "ShopAway", "owners")


def released(world):
    world.stop_controller(world.vm)
    said = world.vigie(world.vm, "uninstall", "--keep", "--yes")
    check(not world.place(f"prometheus/{PROOF}").exists(), f"the proof is still there: {said}")
    same(world.place("prometheus/rules/shop.yml").read_text(), world.files["prometheus/rules/shop.yml"], "the rule's file")
    loaded(world, "ShopAway", "owners")
    check("vigie" not in " ".join(world.prometheus.rules()) and PROOF not in world.prometheus.config(), "something of vigie is loaded")


@scenario("a project of eight services of the user's own is attached: configured and proven, no container is touched", own_world=True)
def attached(report):
    with Theirs() as world:
        world.bring_up()
        watch = Stopwatch()
        before, began = world.theirs(), time.time()
        same(len(before), 8, "services")
        taken(world)
        changed(world, report)
        replaced(world)
        refused(world)
        rolled_back(world)
        released(world)
        same(world.theirs(), before, "the user's containers at the end")
        gaps = world.gaps(began)
        same(set(gaps), {"prometheus", "alertmanager", "node", "redis", "shop", "stock", "grafana"}, "jobs")
        check(max(gaps.values()) <= 2 * INTERVAL, f"seconds without a sample: {gaps}")
        report["all of it"] = watch.seconds()
