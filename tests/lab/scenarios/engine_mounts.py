"""B: which file of the host a program in a container reads, and what is in the hash of a service."""

import contextlib

from engines import COMMAND, CONFIG, PROMETHEUS, WITH_SHELL, Facts, pause, prometheus, rules, wait_for
from scenario import check, same

facts = Facts("mounts, and what compose says about a service")
PLACE = "/etc/prometheus/prometheus.yml"
FILES = {"prometheus/prometheus.yml": CONFIG, "prometheus/rules/all.yml": rules("first")}
BAKED = "lab/prometheus-baked:v3.5.0"


def read_from(*volumes, **more):
    return prometheus(volumes=list(volumes), **more)


def volume(world, name, *options, files=None):
    """A volume that is there before the project: where it is on the host."""
    world.docker("volume", "create", *options, name)
    place = world.docker("volume", "inspect", "--format", "{{.Mountpoint}}", name)
    for path, text in (files or {}).items():
        target = world.host.path(f"{place}/{path}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return place


@contextlib.contextmanager
def volumes(world, *names):
    """They are removed afterwards, with what uses them."""
    try:
        yield
    finally:
        world.clear()
        world.docker("volume", "rm", "--force", *names)


@facts.fact("of every spelling of a mount vigie names the file that the program sees: the same device and inode")
def spellings(world):
    directory = "/opt/mounts"
    with volumes(world, "config", "elsewhere"):
        place = volume(world, "config", files={"prometheus.yml": CONFIG})
        world.docker("volume", "create", "--opt", "type=none", "--opt", "o=bind", "--opt", f"device={directory}/prometheus", "elsewhere")
        shell = ["/bin/sh", "-c", "/bin/prometheus --config.file=$$CONFIG --storage.tsdb.path=/prometheus; echo"]
        own = f"{directory}/prometheus/prometheus.yml"
        spelled = {
            "directory-ro": (read_from("./prometheus:/etc/prometheus:ro"), own),
            "directory-rw": (read_from("./prometheus:/etc/prometheus"), own),
            "shared-label": (read_from("./prometheus:/etc/prometheus:ro,z"), own),
            "long-syntax": (read_from({"type": "bind", "source": "./prometheus", "target": "/etc/prometheus", "read_only": True}), own),
            "file": (read_from(f"./prometheus/prometheus.yml:{PLACE}:ro"), own),
            "volume": (read_from("config:/etc/prometheus"), f"{place}/prometheus.yml"),
            "bind-volume": (read_from("elsewhere:/etc/prometheus"), own),
            "configs-file": (read_from(configs=[{"source": "main", "target": PLACE}]), own),
            "link": (read_from("./link:/etc/prometheus:ro"), f"{directory}/link/prometheus.yml"),
            "space": (read_from("./with space:/etc/prometheus:ro"), f"{directory}/with space/prometheus.yml"),
            "file-over-directory": (read_from("./prometheus:/etc/prometheus", f"./other.yml:{PLACE}"), f"{directory}/other.yml"),
            "relative": (prometheus(working_dir="/etc/prometheus", command=["--config.file=prometheus.yml", COMMAND[1]]), own),
            "two-words": (prometheus(command=["--config.file", PLACE, COMMAND[1]]), own),
            "variable": (prometheus(image=WITH_SHELL, command=[], entrypoint=shell, environment={"CONFIG": PLACE}), own),
            "host-network": (prometheus(network_mode="host", command=[*COMMAND, "--web.listen-address=127.0.0.1:19090"]), own),
            "profile": (prometheus(profiles=["seldom"]), own)}
        world.host.path(f"{directory}/link").parent.mkdir(parents=True)
        world.host.path(f"{directory}/link").symlink_to("prometheus")
        project = world.project("mounts", {name: service for name, (service, _) in spelled.items()},
                                FILES | {"with space/prometheus.yml": CONFIG, "other.yml": CONFIG},
                                volumes={name: {"external": True} for name in ("config", "elsewhere")},
                                configs={"main": {"file": "./prometheus/prometheus.yml"}})
        project.run("--profile", "seldom", "up", "-d")
        wrong = {}
        for name, (_, expected) in spelled.items():
            try:
                wait_for(f"the program of {name}", lambda name=name: world.attach("mounts", name).get("refused") not in ("NoProgram", "RemoteEngine"))
                world.same_file(world.found("mounts", name), expected)
            except Exception as error:  # all of them are told
                wrong[name] = str(error)
        same(wrong, {}, "spellings that are not seen through")


@facts.fact("while a container is stopped, the directory of a volume that binds another is empty; vigie names the one that is bound")
def stopped_volume(world):
    directory = "/opt/stopped"
    with volumes(world, "bound"):
        world.docker("volume", "create", "--opt", "type=none", "--opt", "o=bind", "--opt", f"device={directory}/prometheus", "bound")
        project = world.project("stopped", {"prometheus": read_from("bound:/etc/prometheus")}, FILES, volumes={"bound": {"external": True}}).up()
        world.wait_ready(project.container())
        source = world.inspect(project.container())["Mounts"][0]["Source"]
        check(source.endswith("/volumes/bound/_data"), source)
        world.docker("stop", "--time", "0", project.container())
        same(list(world.host.path(source).iterdir()), [], "what is in the volume of a stopped container")
        same(world.found("stopped")["pin"]["host"], f"{directory}/prometheus/prometheus.yml", "the file that vigie names")


@facts.fact("a part of a volume (subpath) is mounted by newer engines; 20.10 mounts all of it without a word; vigie names what is mounted")
def subpath(world):
    with volumes(world, "whole"):
        place = volume(world, "whole", files={"part/prometheus.yml": CONFIG})
        world.project("subpath", {"prometheus": read_from({"type": "volume", "source": "whole", "target": "/etc/prometheus",
                                                           "volume": {"subpath": "part"}})}, volumes={"whole": {"external": True}}).up()
        container = "subpath-prometheus-1"
        if world.engine_at_least((25, 0)):
            world.wait_ready(container)
            world.same_file(world.found("subpath"), f"{place}/part/prometheus.yml")
        else:
            wait_for("the server ends", lambda: world.state(container)["Status"] == "exited")
            world.host.path(f"{place}/prometheus.yml").write_text(CONFIG)
            world.docker("start", container)
            world.wait_ready(container)
            world.same_file(world.found("subpath"), f"{place}/prometheus.yml")


@facts.fact("projects that are spelled otherwise: another directory, .env, include, extends, standard input, no compose at all")
def projects(world):
    host, opt = world.host, "/opt/projects"
    server = {"image": PROMETHEUS, "command": COMMAND, "volumes": ["./prometheus:/etc/prometheus:ro"]}

    def write(directory, **more):
        project = world.project(directory, {"prometheus": server}, FILES)
        project.write(more)
        return project.directory

    def up(*argv, cwd, **options):
        host.run(["docker", "compose", *argv, "up", "-d"], cwd=cwd, **options)

    def seen(project, expected, directory):
        wait_for(f"the program of {project}", lambda: world.attach(project, directory=directory).get("refused") not in ("NoProgram", "RemoteEngine"))
        world.same_file(world.found(project, directory=directory), f"{expected}/prometheus/prometheus.yml")

    def label(project, name):
        return world.inspect(f"{project}-prometheus-1")["Config"]["Labels"].get(f"com.docker.compose.project.{name}")
    spaced = write("projects/with space")
    up("-p", "spaced", cwd=spaced)
    seen("spaced", spaced, spaced)

    elsewhere, files = write("projects/elsewhere"), write("projects/files")
    up("-p", "elsewhere", "--project-directory", elsewhere, "-f", f"{files}/compose.yaml", cwd="/")
    seen("elsewhere", elsewhere, elsewhere)
    same((label("elsewhere", "working_dir"), label("elsewhere", "config_files")), (elsewhere, f"{files}/compose.yaml"), "labels")

    named = write("projects/env")
    host.path(f"{named}/one.yaml").write_text("services: { prometheus: { image: '%s', command: %s } }\n" % (PROMETHEUS, COMMAND))
    host.path(f"{named}/two.yaml").write_text("services: { prometheus: { volumes: ['$WHERE:/etc/prometheus'] } }\n")
    host.path(f"{named}/.env").write_text("COMPOSE_FILE=one.yaml:two.yaml\nCOMPOSE_PROJECT_NAME=named\nWHERE=./prometheus\n")
    up(cwd=named)
    seen("named", named, named)
    same(label("named", "config_files"), f"{named}/one.yaml,{named}/two.yaml", "config_files")

    included = write("projects/outer/inner")
    outer = included.rpartition("/")[0]
    host.path(f"{outer}/compose.yaml").write_text("include: [ inner/compose.yaml ]\n")
    up("-p", "included", cwd=outer)
    seen("included", included, outer)
    same(label("included", "config_files"), f"{outer}/compose.yaml", "config_files, which do not tell of an include")

    extended, extends = write("projects/base"), f"{opt}/extends"
    host.path(extends).mkdir()
    host.path(f"{extends}/compose.yaml").write_text("services: { prometheus: { extends: { file: ../base/compose.yaml, service: prometheus } } }\n")
    up("-p", "extended", cwd=extends)
    seen("extended", extended, opt)

    standard = write("projects/input")
    up("-p", "standard", "-f", "-", cwd=standard, input=host.path(f"{standard}/compose.yaml").read_text())
    seen("standard", standard, standard)
    same(label("standard", "config_files"), "-", "config_files")

    plain = write("projects/plain")
    run = ["docker", "run", "--detach", "--volume", f"{plain}/prometheus:/etc/prometheus:ro"]
    host.run([*run, PROMETHEUS, *COMMAND])
    same(world.attach("plain").get("refused"), "NoContainer", "without labels there is no service")
    labels = [word for pair in ("project=plain", "service=prometheus") for word in ("--label", f"com.docker.compose.{pair}")]
    host.run([*run, *labels, PROMETHEUS, *COMMAND])
    seen("plain", plain, plain)


@facts.fact("what no mount brings is refused: from the image, `configs: content`, generated into a tmpfs")
def no_mount(world):
    world.make_with_shell(BAKED, files={PLACE: CONFIG})
    generates = ["/bin/sh", "-c", "echo 'global: {}' >/gen/p.yml; exec /bin/prometheus --config.file=/gen/p.yml --storage.tsdb.path=/prometheus"]
    world.project("nomount", {
        "baked": {"image": BAKED, "command": COMMAND},
        "content": {"image": PROMETHEUS, "command": COMMAND, "configs": [{"source": "main", "target": PLACE}]},
        "generated": {"image": WITH_SHELL, "entrypoint": generates, "tmpfs": ["/gen:mode=1777"]}},
        configs={"main": {"content": CONFIG}}).up()
    for name, reason in {"baked": "NoMount", "content": "NoMount", "generated": "Generated"}.items():
        wait_for(f"the program of {name}", lambda name=name: world.attach("nomount", name).get("refused") not in ("NoProgram", "RemoteEngine"))
        same(world.attach("nomount", name).get("refused"), reason, name)


@facts.fact("`config --hash` is the label config-hash while nothing has changed, but not of a service with `env_file`")
def hashes(world):
    server = prometheus()
    project = world.project("hashes", {"plain": server, "environment": server | {"env_file": "some.env"}}, FILES | {"some.env": "A=1\n"}).up()

    def hashed(service):
        label = world.inspect(project.container(service))["Config"]["Labels"]["com.docker.compose.config-hash"]
        argv = ("-p", "hashes", "--project-directory", project.directory, "-f", f"{project.directory}/compose.yaml", "--profile", "*")
        return label, project.run(*argv, "config", "--hash", service).split()[-1]
    same(*hashed("plain"), "the hash of a service")
    label, said = hashed("environment")
    check(label != said, "the hash of a service with env_file is its label")
    before = project.id("environment")
    project.write({"some.env": "A=2\n"})
    same(hashed("environment"), (label, said), "hashes after a change in the env_file")
    project.up()
    check(project.id("environment") != before, "`up` does not make it anew after a change in the env_file")


@facts.fact("`configs: content` is not in the hash: after a change `up` says Running, and the old content stays")
def content(world):
    project = world.project("content", {"prometheus": {"image": PROMETHEUS, "command": COMMAND, "configs": [{"source": "main", "target": PLACE}]}},
                            configs={"main": {"content": CONFIG}}).up()
    world.wait_ready(project.container())
    before = project.id()
    project.compose["configs"]["main"]["content"] = "global: { scrape_interval: 7s }\n"
    project.save()
    said = project.run("up", "-d")
    check("Running" in said, said)
    same(project.id(), before, "the container")
    world.kill(project.container(), "HUP")
    pause()
    check("7s" not in world.api(project.container(), "status/config")["yaml"], "the new content is loaded")


@facts.fact("renaming over a file of the host that is a mount's place in the container detaches that mount without a word; so do unlink and rmdir")
def detached(world):
    def points(name):
        found = world.host.run(["cat", f"/proc/{world.pid(project.container(name))}/mountinfo"]).stdout.splitlines()
        return [line.split()[4] for line in found if line.split()[4].startswith("/etc/prometheus")]
    file_over = ["./{0}:/etc/prometheus", f"./other.yml:{PLACE}"]
    project = world.project("nested", {
        "rename": read_from(*(each.format("a") for each in file_over)), "unlink": read_from(*(each.format("b") for each in file_over)),
        "rmdir": read_from("./c:/etc/prometheus", "./rules:/etc/prometheus/rules")},
        {"a/prometheus.yml": CONFIG, "b/prometheus.yml": CONFIG, "c/prometheus.yml": CONFIG, "other.yml": "global: { scrape_interval: 3s }\n",
         "rules/all.yml": rules("first")}).up()
    for name in ("rename", "unlink", "rmdir"):
        world.wait_ready(project.container(name))
    for name in ("rename", "unlink"):
        same(points(name), ["/etc/prometheus", PLACE], f"mounts of {name}")
        told = world.found("nested", name, replace=PLACE)
        same((told["pin"]["host"], told["detaches"]), ("/opt/nested/other.yml", PLACE), f"vigie's answer for {name}")
    same(points("rmdir"), ["/etc/prometheus", "/etc/prometheus/rules"], "mounts of rmdir")
    same(world.found("nested", "rmdir", replace="/etc/prometheus/rules")["detaches"], "/etc/prometheus/rules", "vigie's answer for rmdir")
    same(list(project.path("c/rules").iterdir()), [], "the place of the inner mount on the host")
    project.replace("a/prometheus.yml", CONFIG)
    project.path("b/prometheus.yml").unlink()
    project.path("c/rules").rmdir()
    for name in ("rename", "unlink", "rmdir"):
        same(points(name), ["/etc/prometheus"], f"mounts of {name} afterwards")
    told = world.attach("nested", "rename")
    same(told.get("refused"), "Stale", f"vigie's answer {told}")  # a restart would mount it again
    check("detached" in told["sentence"], told["sentence"])
    world.kill(project.container("rmdir"), "HUP")
    wait_for("the rules of the inner mount are gone", lambda: world.loaded(project.container("rmdir")) == set())


@facts.fact("a mounted file that was replaced stays the old one for the container until a restart; one that was written in place does not")
def replaced_file(world):
    project = world.project("replaced", {
        "mounted": read_from(f"./prometheus.yml:{PLACE}"), "config": read_from(configs=[{"source": "main", "target": PLACE}])},
        {"prometheus.yml": CONFIG}, configs={"main": {"file": "./prometheus.yml"}}).up()

    def interval(name):
        return world.api(project.container(name), "status/config").get("yaml", "").partition("scrape_interval: ")[2].partition("\n")[0]
    for name in ("mounted", "config"):
        world.wait_ready(project.container(name))
    project.write({"prometheus.yml": CONFIG.replace("1s", "3s")})
    for name in ("mounted", "config"):
        check(world.found("replaced", name, signal=True)["singleFile"], "vigie does not say that it is a single file")
        wait_for("what was written in place is loaded", lambda name=name: interval(name) == "3s")
    project.replace("prometheus.yml", CONFIG.replace("1s", "5s"))
    check("Running" in project.run("up", "-d"), "`up` makes it anew")
    for name in ("mounted", "config"):
        same(world.attach("replaced", name).get("refused"), "Stale", f"vigie's answer for {name}")
        world.kill(project.container(name), "HUP")
    pause()
    same([interval(name) for name in ("mounted", "config")], ["3s", "3s"], "what is loaded of the replaced file")
    project.run("restart", "--timeout", "0")
    for name in ("mounted", "config"):
        wait_for("a restart mounts the new one", lambda name=name: interval(name) == "5s")
        world.same_file(world.found("replaced", name), "/opt/replaced/prometheus.yml")


@facts.fact("a mounted directory that was replaced, or the link to it, shows the old tree until a restart; the engine names the new one")
def replaced_directory(world):
    directory = "/opt/tree"
    world.host.path(f"{directory}/new").mkdir(parents=True)
    world.host.path(f"{directory}/link").symlink_to("prometheus")
    project = world.project("tree", {"directory": prometheus(), "link": read_from("./link:/etc/prometheus")},
                            FILES | {"new/prometheus.yml": CONFIG, "new/rules/all.yml": rules("second")}).up()
    for name in ("directory", "link"):
        world.wait_ready(project.container(name))
    project.path("link").unlink()
    project.path("link").symlink_to("new")
    same(world.attach("tree", "link").get("refused"), "Stale", "vigie's answer for the link")
    same(world.inspect(project.container("link"))["Mounts"][0]["Source"], f"{directory}/link", "the engine's answer")
    project.path("prometheus").rename(project.path("old"))
    project.path("new").rename(project.path("prometheus"))
    project.path("link").unlink()
    project.path("link").symlink_to("prometheus")
    for name in ("directory", "link"):
        same(world.attach("tree", name).get("refused"), "Stale", f"vigie's answer for {name}")
        world.kill(project.container(name), "HUP")
    pause()
    for name in ("directory", "link"):
        same(world.loaded(project.container(name)), {"first"}, f"rules of {name}")
    project.run("restart", "--timeout", "0")
    for name in ("directory", "link"):
        wait_for("a restart mounts the new one", lambda name=name: world.loaded(project.container(name)) == {"second"})
        check("pin" in world.attach("tree", name), f"vigie does not find {name} again")


@facts.fact("a link that leads out of the mount is nothing for the container; one inside is followed")
def links(world):
    project = world.project("links", {"out": read_from("./out:/etc/prometheus"), "inside": read_from("./inside:/etc/prometheus")},
                            {"shared.yml": CONFIG, "out/prometheus.yml": CONFIG, "inside/real.yml": CONFIG})
    project.path("inside/prometheus.yml").symlink_to("real.yml")
    project.up()
    for name in ("out", "inside"):
        world.wait_ready(project.container(name))
    world.same_file(world.found("links", "inside"), "/opt/links/inside/real.yml")
    project.path("out/prometheus.yml").unlink()
    project.path("out/prometheus.yml").symlink_to("../shared.yml")
    same(world.host.run(["cat", f"{project.directory}/out/prometheus.yml"]).stdout, CONFIG, "what the host sees")
    same(world.attach("links", "out").get("refused"), "LinkOut", "vigie's answer")
    world.kill(project.container("out"), "HUP")
    wait_for("the reload fails", lambda: world.reload_succeeded(project.container("out")) == 0)
