"""C: what makes a container of the user's anew, and what becomes of an override."""

import json

from engines import Facts, prometheus
from scenario import check, same

facts = Facts("overrides on a service of the user's")
FILES = {"prometheus/prometheus.yml": "global: {}\n"}
USERS, OURS = ("-f", "compose.yaml"), ("-f", "compose.yaml", "-f", "ours.yaml")


def started(world, name, **more):
    return world.project(name, {"prometheus": prometheus()}, FILES, **more).up()


def override(project, service):
    project.write({"ours.yaml": json.dumps({"services": {"prometheus": service}})})


def label(world, project, name):
    return world.inspect(project.container())["Config"]["Labels"].get(f"com.docker.compose.{name}")


@facts.fact("labels alone make the container anew, with another hash; so do an annotation, a volume, a network, a command")
def recreates(world):
    project = started(world, "labels", networks={"default": {}, "more": {}})
    for what in ({"labels": {"a": "1"}}, {"labels": {"a": "2"}}, {"annotations": {"a": "1"}}, {"volumes": ["./prometheus:/more:ro"]},
                 {"networks": ["default", "more"]}, {"command": [*prometheus()["command"], "--web.enable-lifecycle"]}):
        before = project.id(), label(world, project, "config-hash")
        override(project, what)
        project.run(*OURS, "up", "-d")
        check(project.id() != before[0], f"the same container with {what}")
        check(label(world, project, "config-hash") != before[1], f"the same hash with {what}")


@facts.fact("keys that begin with x- make nothing anew, and leave no trace on the container")
def extensions(world):
    project = started(world, "extension")
    before = project.id()
    override(project, {"x-vigie": "here"})
    project.run(*OURS, "up", "-d")
    same(project.id(), before, "the container")
    check("x-vigie" not in world.docker("inspect", before), "there is a trace of it")


@facts.fact("nothing puts a label on a container that runs: the engine says 200, and changes nothing")
def no_label(world):
    project = started(world, "update")
    before = world.inspect(project.id())["Config"]["Labels"]
    same(world.call("POST", f"/containers/{project.id()}/update", json.dumps({"Labels": {"a": "1"}}))[0], 200, "the engine's answer")
    same(world.inspect(project.id())["Config"]["Labels"], before, "labels")


@facts.fact("a command in an override replaces the user's: the place of the configuration is gone")
def replaced_command(world):
    project = started(world, "command")
    override(project, {"command": ["--web.enable-lifecycle"]})
    project.run(*OURS, "up", "-d")
    same(world.inspect(project.container())["Args"], ["--web.enable-lifecycle"], "arguments")


@facts.fact("the user's next plain `docker compose up` drops our override, and makes the container anew without it")
def dropped(world):
    project = started(world, "dropped")
    override(project, {"labels": {"vigie": "here"}})
    project.run(*OURS, "up", "-d")
    same(world.inspect(project.container())["Config"]["Labels"].get("vigie"), "here", "our label")
    same(label(world, project, "project.config_files"), f"{project.directory}/compose.yaml,{project.directory}/ours.yaml", "config_files")
    before = project.id()
    project.up()
    check(project.id() != before, "the container stays")
    same(world.inspect(project.container())["Config"]["Labels"].get("vigie"), None, "our label after the user's up")
    same(label(world, project, "project.config_files"), f"{project.directory}/compose.yaml", "config_files after the user's up")
    # These survive.
    project.path("ours.yaml").rename(project.path("compose.override.yml"))
    project.up()
    same(world.inspect(project.container())["Config"]["Labels"].get("vigie"), "here", "our label in compose.override.yml")
    project.path("compose.override.yml").rename(project.path("ours.yaml"))
    project.write({".env": "COMPOSE_FILE=compose.yaml:ours.yaml\n"})
    project.up()
    same(world.inspect(project.container())["Config"]["Labels"].get("vigie"), "here", "our label by COMPOSE_FILE")


@facts.fact("a dependency that is made anew: 2.26 makes what depends on it anew as well, 2.40 does not; --no-deps spares it in both")
def dependents(world):
    project = world.project("depends", {"prometheus": prometheus(), "dependent": prometheus(depends_on=["prometheus"])}, FILES).up()
    for number, argv in enumerate(((), ("--no-deps", "prometheus"))):
        before = project.id(), project.id("dependent")
        override(project, {"labels": {"a": str(number)}})
        project.run(*OURS, "up", "-d", *argv)
        check(project.id() != before[0], "the dependency stays")
        anew = project.id("dependent") != before[1]
        same(anew, not argv and not world.compose_at_least((2, 40)), f"the dependent is made anew by up {' '.join(argv)}")


@facts.fact("a network that is connected by hand needs no new container, survives restart and up, and is lost with the container")
def connected(world):
    project = started(world, "connect")
    world.docker("network", "create", "by-hand")

    def networks():
        return set(world.inspect(project.container())["NetworkSettings"]["Networks"])
    before = project.id()
    world.docker("network", "connect", "by-hand", before)
    for argv in (("restart", "--timeout", "0"), ("up", "-d")):
        project.run(*argv)
        same((project.id(), networks()), (before, {"connect_default", "by-hand"}), f"after {argv[0]}")
    project.run("up", "-d", "--force-recreate")
    same(networks(), {"connect_default"}, "networks of the new container")


@facts.fact("a one-off container has the labels of the service, and says oneoff; vigie takes the service's own, and refuses two of them")
def one_off(world):
    project = started(world, "oneoff")
    project.run("run", "--detach", "prometheus")
    containers = world.docker("ps", "--quiet", "--no-trunc", "--filter", "label=com.docker.compose.service=prometheus").split()
    labels = [world.inspect(each)["Config"]["Labels"] for each in containers]
    same(sorted(each["com.docker.compose.oneoff"] for each in labels), ["False", "True"], "oneoff")
    number = next(each for each in labels if each["com.docker.compose.oneoff"] == "True").get("com.docker.compose.container-number")
    same(number, None if world.compose_at_least((2, 40)) else "1", "container-number of the one-off container")
    told = world.found("oneoff")
    same(told["process"]["group"], world.inspect(project.container())["Id"], "the container that vigie finds")
    project.run("up", "-d", "--scale", "prometheus=2")
    same(world.attach("oneoff").get("refused"), "SeveralContainers", "vigie's answer for two")
    world.docker("rm", "--force", *world.docker("ps", "--quiet").split())
    same(world.attach("oneoff").get("refused"), "NoContainer", "vigie's answer for none")
