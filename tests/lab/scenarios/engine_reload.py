"""A: what a signal, a reload and a restart policy really do."""

import images
from engines import ALERTMANAGER, COMMAND, CONFIG, WITH_SHELL, Facts, pause, prometheus, rules, wait_for
from scenario import check, same

facts = Facts("signals, reloads and restart policies", lambda world: images.make_alertmanager(world.host, ALERTMANAGER))
FILES = {"prometheus/prometheus.yml": CONFIG, "prometheus/rules/all.yml": rules("first")}
ALERTS = {"image": ALERTMANAGER, "volumes": ["./alertmanager:/etc/alertmanager:ro"],
          "command": ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager", "--cluster.listen-address="]}
NOBODY = "route: { receiver: nobody }\nreceivers: [ { name: nobody } ]\n"
POLICIES = ("always", "unless-stopped", "on-failure")
EXIT_OF_HUP = 129
LOADED_AT = "prometheus_config_last_reload_success_timestamp_seconds"


def started(world, name, service=None, **more):
    """A project with one Prometheus that answers: (the project, its container)."""
    project = world.project(name, {"prometheus": prometheus(**(service or {}))}, FILES, **more).up()
    world.wait_ready(project.container())
    return project, project.container()


def loads(world, container, name):
    wait_for(f"{container} has loaded {name}", lambda: world.loaded(container) == {name})


@facts.fact("a signal through the engine switches the restart policy off; vigie's own, and any other to the process, does not")
def policy_is_lost(world):
    names = [f"{how}-{policy}" for how in ("engine", "vigie", "control") for policy in POLICIES]
    project = world.project("policy", {name: prometheus(restart=name.partition("-")[2]) for name in names}, FILES).up()
    container = project.container
    for name in names:
        world.wait_ready(container(name))
        if name.startswith("engine"):
            same(world.hup_by_engine(container(name)), 204, "the engine's answer")
        elif name.startswith("vigie"):
            world.found("policy", name, signal=True)
    before = {name: world.state(container(name))["StartedAt"] for name in names}
    for name in names:
        world.kill(container(name))
    for name in names:
        if name.startswith("engine"):
            wait_for(f"{name} ends", lambda name=name: world.state(container(name))["Status"] == "exited")
        else:
            wait_for(f"{name} runs again", lambda name=name: world.state(container(name))["Running"]
                     and world.state(container(name))["StartedAt"] != before[name])
    for name in names[:3]:
        same((world.state(container(name))["Status"], world.inspect(container(name))["RestartCount"]), ("exited", 0), name)
    # The way to mend it.
    world.docker("start", container("engine-always"))
    world.kill(container("engine-always"))
    wait_for("a start has repaired the policy", lambda: world.inspect(container("engine-always"))["RestartCount"] == 1)


def after_signals(world, name, again, expected):
    """Which of six containers run when the engine is there again: three were signalled by it, three by vigie."""
    names = [f"{how}-{policy}" for how in ("engine", "vigie") for policy in POLICIES]
    project = world.project(name, {each: prometheus(restart=each.partition("-")[2]) for each in names}, FILES).up()
    for each in names:
        world.wait_ready(project.container(each))
        if each.startswith("engine"):
            same(world.hup_by_engine(project.container(each)), 204, "the engine's answer")
        else:
            world.found(name, each, signal=True)
    again()
    world.host.start_docker()

    def run():
        return {each for each in names if world.state(project.container(each))["Running"]}
    wait_for(f"{', '.join(expected)} run again", lambda: run() >= expected)
    pause()
    same(run(), expected, "what runs again")


@facts.fact("after a signal through the engine, `unless-stopped` stays down when the engine is started again")
def policy_at_restart(world):
    # All ended well, so `on-failure` comes back in neither case.
    after_signals(world, "again", world.host.stop_docker, {"engine-always", "vigie-always", "vigie-unless-stopped"})


@facts.fact("after a signal through the engine, `unless-stopped` stays down after a power cut")
def policy_at_boot(world):
    def cut():
        world.host.kill_all()
        world.host.start()
    # Of a failure the engine remembers no signal.
    after_signals(world, "boot", cut, {f"{how}-{policy}" for how in ("engine", "vigie") for policy in POLICIES} - {"engine-unless-stopped"})


# Sends the signal to the next process of a program as soon as there is one.
AT_ITS_START = """
docker start "$0" >/dev/null &
until pid=$(pgrep -n -x "$1"); do :; done
kill -HUP "$pid"
wait
"""


def dies_at_its_start(world, container, program):
    """Whether one of ten starts is ended by a signal; seen is nearly every one."""
    def dies():
        world.docker("stop", "--time", "0", container)
        world.host.run(["sh", "-c", AT_ITS_START, container, program])
        pause(0.5)
        return world.state(container)["ExitCode"] == EXIT_OF_HUP and not world.state(container)["Running"]
    return any(dies() for _ in range(10))


@facts.fact("a HUP before the program is up ends it with 129; one after its first 200 of /-/healthy never does")
def too_early(world):
    alerts = world.project("alerts", {"alertmanager": ALERTS}, {"alertmanager/alertmanager.yml": NOBODY}).up()
    check(dies_at_its_start(world, alerts.container("alertmanager"), "alertmanager"), "ten Alertmanagers that were signalled at their start live")
    _, container = started(world, "early")
    check(dies_at_its_start(world, container, "prometheus"), "ten servers that were signalled at their start live")
    world.docker("start", container)
    for _ in range(4):
        world.docker("restart", "--time", "0", container)
        world.wait_ready(container, "/-/healthy")
        before = world.metric(container, LOADED_AT)
        world.found("early", signal=True)
        wait_for("it has loaded again", lambda before=before: world.metric(container, LOADED_AT) not in (None, before))
        check(world.state(container)["Running"], "it was ended by a signal after it was up")


@facts.fact("a shell as process 1 swallows the engine's HUP; vigie finds the program behind it")
def behind_a_shell(world):
    shell = {"image": WITH_SHELL, "command": [], "entrypoint": ["/bin/sh", "-c", f"true && /bin/prometheus {' '.join(COMMAND)}; echo"]}
    project, container = started(world, "shell", shell)
    project.write({"prometheus/rules/all.yml": rules("second")})
    same(world.hup_by_engine(container), 204, "the engine's answer")
    pause()
    same(world.loaded(container), {"first"}, "rules after the engine's HUP")
    told = world.found("shell", signal=True)
    check(told["process"]["pid"] != world.pid(container), "vigie signals the shell")
    loads(world, container, "second")


@facts.fact("with `init: true` a HUP to a shell kills it, and the container with it; to the program itself it reloads")
def shell_and_init(world):
    shell = {"image": WITH_SHELL, "init": True, "command": [],
             "entrypoint": ["/bin/sh", "-c", f"/bin/prometheus {' '.join(COMMAND)}; echo"]}
    project, container = started(world, "init", shell)
    project.write({"prometheus/rules/all.yml": rules("second")})
    world.found("init", signal=True)
    loads(world, container, "second")
    same(world.hup_by_engine(container), 204, "the engine's answer")
    wait_for("the container ends", lambda: world.state(container)["Status"] == "exited")
    same(world.state(container)["ExitCode"], EXIT_OF_HUP, "exit code")


@facts.fact("`init: true` without a shell passes a HUP on")
def init_alone(world):
    project, container = started(world, "tini", {"init": True})
    for name, signal in (("second", lambda: world.hup_by_engine(container)), ("third", lambda: world.found("tini", signal=True))):
        project.write({"prometheus/rules/all.yml": rules(name)})
        signal()
        loads(world, container, name)


@facts.fact("without --web.enable-lifecycle a POST to /-/reload is refused, and a HUP reloads")
def lifecycle(world):
    project, container = started(world, "lifecycle")
    project.write({"prometheus/rules/all.yml": rules("second")})
    same(world.post(container, "/-/reload", 9090)[0], 403, "a POST")
    same(world.found("lifecycle")["reload"], "signal", "how vigie would reload it")
    world.found("lifecycle", signal=True)
    loads(world, container, "second")
    project.compose["services"]["prometheus"]["command"] = [*COMMAND, "--web.enable-lifecycle"]
    project.save()
    project.up()
    world.wait_ready(container)
    same(world.post(container, "/-/reload", 9090)[0], 200, "a POST")
    same(world.found("lifecycle")["reload"], "http", "how vigie would reload it")


@facts.fact("Alertmanager takes a POST to /-/reload always, and says why it does not load a configuration")
def alertmanager(world):
    project = world.project("alertmanager", {"alertmanager": ALERTS}, {"alertmanager/alertmanager.yml": NOBODY}).up()
    container = project.container("alertmanager")
    world.wait_ready(container, port=9093)
    told = world.found("alertmanager", "alertmanager", kind="alertmanager")
    same(told["reload"], "http", "how vigie would reload it")
    world.same_file(told, "/opt/alertmanager/alertmanager/alertmanager.yml")
    same(world.post(container, "/-/reload", 9093)[0], 200, "a POST")
    project.write({"alertmanager/alertmanager.yml": NOBODY.replace("nobody }\n", "somebody }\n")})
    status, text = world.post(container, "/-/reload", 9093)
    check(status == 500 and "somebody" in text, f"{status} {text}")
    check("nobody" in world.get(container, "/api/v2/receivers", 9093)[1], "the old configuration is gone")


@facts.fact("a HUP through the engine wakes a paused container; one to the process waits until it goes on; to a stopped one it is refused")
def paused(world):
    project, container = started(world, "paused")
    project.write({"prometheus/rules/all.yml": rules("second")})
    world.docker("pause", container)
    same(world.hup_by_engine(container), 204, "the engine's answer for a paused one")
    loads(world, container, "second")
    same(world.state(container)["Paused"], False, "paused after the engine's HUP")
    project.write({"prometheus/rules/all.yml": rules("third")})
    world.docker("pause", container)
    world.found("paused", signal=True)
    same(world.state(container)["Paused"], True, "paused after vigie's HUP")
    world.docker("unpause", container)
    loads(world, container, "third")
    world.docker("stop", "--time", "0", container)
    same(world.hup_by_engine(container), 409, "the engine's answer for a stopped one")
    same(world.found("paused")["pin"]["host"], "/opt/paused/prometheus/prometheus.yml", "the file of the stopped one")


@facts.fact("a good configuration with a bad rule file: not successful, and yet shown and scraped at once, with the old rules")
def partly_applied(world):
    project, container = started(world, "partly")
    job = "scrape_configs: [ { job_name: fresh, static_configs: [ { targets: ['localhost:9090'] } ] } ]\n"
    project.write({"prometheus/prometheus.yml": CONFIG + job,
                   "prometheus/rules/all.yml": "groups: [ { name: all, rules: [ { record: 'no name', expr: ')' } ] } ]\n"})
    world.found("partly", signal=True)
    wait_for("the reload fails", lambda: world.reload_succeeded(container) == 0)
    check("fresh" in world.api(container, "status/config")["yaml"], "status/config shows the old configuration")
    same(world.loaded(container), {"first"}, "the rules")
    wait_for("the new job is scraped", lambda: any(target["labels"]["job"] == "fresh" and target["health"] == "up"
                                                    for target in world.api(container, "targets").get("activeTargets", [])))


@facts.fact("a configuration that is none: the metric says 0, the old one stays, the reason is in the log only")
def bad_configuration(world):
    project, container = started(world, "bad")
    project.write({"prometheus/prometheus.yml": "global: [\n"})
    same(world.hup_by_engine(container), 204, "the engine's answer")
    wait_for("the reload fails", lambda: world.reload_succeeded(container) == 0)
    check("1s" in world.api(container, "status/config")["yaml"], "status/config does not show the old configuration")
    check("Error reloading config" in world.log(container), world.log(container)[-1000:])
    same(world.api(container, "status/runtimeinfo")["reloadConfigSuccess"], False, "reloadConfigSuccess")


@facts.fact("a directory of rules that the program cannot enter: the reload is successful, and all rules are gone")
def unreadable_directory(world):
    project, container = started(world, "unreadable")
    project.path("prometheus/rules/all.yml").chmod(0o600)
    world.found("unreadable", signal=True)
    wait_for("a rule file that cannot be read fails the reload", lambda: world.reload_succeeded(container) == 0)
    same(world.loaded(container), {"first"}, "the rules that were there")
    project.path("prometheus/rules/all.yml").chmod(0o644)
    project.path("prometheus/rules").chmod(0o700)
    told = world.found("unreadable", place="/etc/prometheus/rules")["place"]
    same(told.get("refused"), "Unreadable", f"vigie's answer {told}")
    world.found("unreadable", signal=True)
    wait_for("a directory that cannot be entered does not", lambda: world.reload_succeeded(container) == 1)
    same(world.loaded(container), set(), "the rules")


@facts.fact("a configuration that the program's user cannot read fails the reload; vigie says so before")
def unreadable_file(world):
    project, container = started(world, "mode")
    project.path("prometheus/prometheus.yml").chmod(0o600)
    told = world.attach("mode", signal=True)
    same(told.get("refused"), "Unreadable", f"vigie's answer {told}")
    check("0600 root" in told["sentence"], told["sentence"])
    world.kill(container, "HUP")
    wait_for("the reload fails", lambda: world.reload_succeeded(container) == 0)


@facts.fact("from its own network namespace every server is reached: not published, `none`, `host`, internal, behind a prefix")
def reached_everywhere(world):
    def server(port=9090, *more, **keys):
        return prometheus(command=[*COMMAND, f"--web.listen-address=:{port}", *more], **keys)
    services = {"plain": server(), "none": server(network_mode="none"), "host": server(19090, network_mode="host"),
                "internal": server(networks=["inner"]), "prefix": server(9090, "--web.route-prefix=/prom")}
    project = world.project("reach", services, FILES, networks={"inner": {"internal": True}}).up()
    for name in services:
        path = "/prom/-/healthy" if name == "prefix" else "/-/healthy"
        same(world.found("reach", name)["pin"]["host"], "/opt/reach/prometheus/prometheus.yml", name)
        wait_for(f"vigie reaches {name}", lambda name=name, path=path: world.found("reach", name, get=path)["answer"].get("status") == 200)
    same(world.found("reach", "prefix", get="/-/healthy")["answer"]["status"], 404, "without the prefix")
    same(world.found("reach", "prefix", get="/")["answer"]["status"], 302, "the root leads to the prefix")
    same([each for each in services if world.inspect(project.container(each))["NetworkSettings"]["Ports"]
          and any(world.inspect(project.container(each))["NetworkSettings"]["Ports"].values())], [], "published")
    world.wait_ready(project.container("internal"))  # by its address on the bridge, too


@facts.fact("a server that loads by itself is not touched, nor one that asks for a password")
def refused(world):
    web = "basic_auth_users: { }\n"
    project = world.project("refused", {
        "auto": prometheus(command=[*COMMAND, "--enable-feature=auto-reload-config", "--config.auto-reload-interval=1s"]),
        "password": prometheus(command=[*COMMAND, "--web.config.file=/etc/prometheus/web.yml"])},
        FILES | {"prometheus/web.yml": web}).up()
    same(world.attach("refused", "auto").get("refused"), "AutoReload", "vigie's answer")
    same(world.attach("refused", "password").get("refused"), "Password", "vigie's answer")
    world.wait_ready(project.container("auto"))
    project.replace("prometheus/rules/all.yml", rules("second"))
    loads(world, project.container("auto"), "second")
