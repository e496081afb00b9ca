"""D: joining a network of the user's."""

from engines import WITH_SHELL, Facts, prometheus, wait_for
from hosts import Failed
from scenario import check, same

facts = Facts("joined networks")
FILES = {"prometheus/prometheus.yml": "global: {}\n"}
# The user's, and ours in its network.
THEIRS = {"image": WITH_SHELL, "entrypoint": ["/bin/sleep", "100000"], "init": True}
JOINED = {"theirs": {"external": True, "name": "theirs_default"}}


def theirs(world, **services):
    return world.project("theirs", services or {"app": THEIRS}).up()


def ours(world, service=None):
    joined = THEIRS | {"networks": ["default", "theirs"]} | (service or {})
    return world.project("ours", {"prometheus": joined}, networks={"default": {}} | JOINED)


def refused(project, *argv):
    """What compose said when it failed."""
    try:
        said = project.run(*argv)
    except Failed as failure:
        return str(failure)
    raise AssertionError(f"{' '.join(argv)} did not fail: {said}")


def resolved(world, container, name):
    said = world.host.run(["docker", "exec", container, "/bin/getent", "ahostsv4", name], check=False).stdout
    return {line.split()[0] for line in said.splitlines()}


def theirs_for_us(world, user, own):
    """Whether our container finds their service where it is."""
    return resolved(world, own.container(), "app") == {address(world, user.container("app"), "theirs_default")}


def address(world, container, network):
    return world.inspect(container)["NetworkSettings"]["Networks"][network]["IPAddress"]


@facts.fact("services have their names in a joined network; two of one name in two projects share it, their containers' names do not")
def names(world):
    user = theirs(world, app=THEIRS, prometheus=THEIRS)
    own = ours(world).up()
    mine, other = (address(world, each.container(), "theirs_default") for each in (own, user))
    check(theirs_for_us(world, user, own), "their service, for us")
    wait_for("one name has both addresses", lambda: resolved(world, user.container("app"), "prometheus") == {mine, other})
    same(resolved(world, user.container("app"), "prometheus.theirs_default"), {mine, other}, "SERVICE.NETWORK does not tell them apart")
    same(resolved(world, user.container("app"), own.container()), {mine}, "the name of our container")
    same(resolved(world, user.container("app"), user.container()), {other}, "the name of their container")


@facts.fact("a network that is not there: `up` says so, each version in its own words")
def absent(world):
    said = refused(ours(world), "up", "-d")
    words = "declared as external, but could not be found" if world.compose_at_least((2, 40)) else "network theirs_default not found"
    check(words in said, said)


@facts.fact("the user's `down` while ours runs leaves the network and ours; their `up` uses it again")
def down_meanwhile(world):
    user, own = theirs(world), ours(world).up()
    before = world.docker("network", "inspect", "--format", "{{.Id}}", "theirs_default")
    said = world.host.run(["docker", "compose", "down", "--timeout", "0"], cwd=user.directory, check=False)
    check("in use" in said.stdout + said.stderr or "active endpoints" in said.stdout + said.stderr, said)
    check(world.state(own.container())["Running"], "ours has ended")
    user.up()
    same(world.docker("network", "inspect", "--format", "{{.Id}}", "theirs_default"), before, "the network's id")
    wait_for("their name is known again", lambda: theirs_for_us(world, user, own))
    user.run("up", "-d", "--force-recreate", "--timeout", "0")
    wait_for("and after a new container", lambda: theirs_for_us(world, user, own))


@facts.fact("ours stopped, the user's `down` and `up`: the network is another one; `start` and `up` of ours fail for ever, --force-recreate cures")
def new_id(world):
    user, own = theirs(world), ours(world).up()
    before = world.docker("network", "inspect", "--format", "{{.Id}}", "theirs_default")
    own.run("stop", "--timeout", "0")
    user.run("down", "--timeout", "0")
    user.up()
    after = world.docker("network", "inspect", "--format", "{{.Id}}", "theirs_default")
    check(before != after, "the network's id")
    same(world.inspect(own.container())["NetworkSettings"]["Networks"]["theirs_default"]["NetworkID"], before, "the id that our container knows")
    for _ in range(2):
        said = world.host.run(["docker", "start", own.container()], check=False)
        check(said.returncode != 0 and "not found" in said.stderr, f"docker start: {said}")
        check("not found" in refused(own, "up", "-d"), "what up says")
    own.run("up", "-d", "--force-recreate")
    check(theirs_for_us(world, user, own), "their service, for us")


@facts.fact("the user changes an option of the network: 2.40 makes it anew, 2.26 ignores the change")
def options(world):
    user = theirs(world)
    before = world.docker("network", "inspect", "--format", "{{.Id}}", "theirs_default")
    user.compose["networks"] = {"default": {"labels": {"a": "1"}, "driver_opts": {"com.docker.network.driver.mtu": "1400"}}}
    user.save()
    user.run("up", "-d", "--timeout", "0")
    anew = world.docker("network", "inspect", "--format", "{{.Id}}", "theirs_default") != before
    same(anew, world.compose_at_least((2, 40)), "the network is made anew")


@facts.fact("depends_on does not reach into another project, not even with `required: false`")
def depends(world):
    theirs(world)
    for wanted in (["app"], {"app": {"condition": "service_started", "required": False}}):
        said = refused(ours(world, {"depends_on": wanted}), "up", "-d")
        check("undefined service" in said, said)


@facts.fact("after a start of the engine both projects are there again, ours in their network too")
def engine_restart(world):
    user = theirs(world, app=THEIRS | {"restart": "always"})
    own = ours(world, {"restart": "always"}).up()
    world.host.stop_docker()
    world.host.start_docker()
    for container in (user.container("app"), own.container()):
        wait_for(f"{container} runs again", lambda container=container: world.state(container)["Running"])
    wait_for("their service, for us", lambda: theirs_for_us(world, user, own))


@facts.fact("an internal network alone: a published port is not published, without a message, and there is no way out; one more network mends both")
def internal(world):
    neighbour = world.lab.host("neighbour")
    service = prometheus(ports=["19090:9090"], networks=["inner"])
    project = world.project("inner", {"prometheus": service}, FILES, networks={"inner": {"internal": True}, "outer": {}})
    said = project.run("up", "-d")
    check("port" not in said.lower(), said)
    world.wait_ready(project.container())

    def ports():
        return [each for each in (world.inspect(project.container())["NetworkSettings"]["Ports"] or {}).values() if each]

    def reaches_out():
        enter = ["nsenter", f"--net=/proc/{world.pid(project.container())}/ns/net"]
        return world.host.run([*enter, "ping", "-c", "1", "-W", "1", neighbour.address], check=False).returncode == 0
    same(ports(), [], "published ports")
    same(world.host.http_get("http://127.0.0.1:19090/-/healthy"), None, "the port")
    check(not reaches_out(), "there is a way out of an internal network")
    service["networks"] = ["inner", "outer"]
    project.save()
    project.up()
    wait_for("the port is published", lambda: (world.host.http_get("http://127.0.0.1:19090/-/healthy") or [0])[0] == 200)
    check(ports(), "nothing is published")
    wait_for("a way out", reaches_out)
