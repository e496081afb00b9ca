"""F: how the exporters of PgBouncer that people run find their password, and what they do when it is wrong."""

import os

import images
import newest
from debian_packages import unpack
from engines import Facts, wait_for
from scenario import check, same

EXPORTER, OLD_EXPORTER = "prometheuscommunity/pgbouncer-exporter:v0.12.0", "prometheuscommunity/pgbouncer-exporter:v0.10.2"
POOLER = "moments/pgbouncer:1.18"
OLD_SUITE = "trixie"
PASSWORD = "p@s s:w#x%1"  # of every sort that has to be escaped somewhere
IN_FILE, IN_URL = r"p@s s\:w#x%1", "p%40s%20s%3Aw%23x%251"
DSN = "postgres://stats@pooler:6432/pgbouncer?sslmode=disable"
SETTINGS = """[databases]
down = host=127.0.0.1 port=5433
[pgbouncer]
listen_addr = *
listen_port = 6432
unix_socket_dir =
auth_type = scram-sha-256
auth_file = /etc/pgbouncer/userlist.txt
stats_users = stats
"""
IGNORE = "ignore_startup_parameters = extra_float_digits\n"
WRONG_PASSWORD = "pq: SASL authentication failed"


def prepare(world):
    images.make_pgbouncer(world.host, POOLER)
    images.make_pgbouncer_exporter(world.host, EXPORTER)
    old = newest.kept(newest.CACHE / "pgbouncer-exporter-old",
                      lambda work, root: unpack(OLD_SUITE, ["prometheus-pgbouncer-exporter"], work, root))
    images.make_pgbouncer_exporter(world.host, OLD_EXPORTER, old / "usr/bin/prometheus-pgbouncer-exporter")


facts = Facts("the password of PgBouncer's exporter", prepare)


def exporter(image=EXPORTER, dsn=DSN, **environment):
    return {"image": image, "environment": {"PGBOUNCER_EXPORTER_CONNECTION_STRING": dsn} | environment, "volumes": ["./secrets:/secrets:ro"]}


def with_file(name="good", **more):
    return exporter(PGPASSFILE=f"/secrets/{name}", **more)


def written(world, name, services):
    """A project with a PgBouncer, another that ignores no parameter, and exporters."""
    pooler = {"image": POOLER, "volumes": ["./pgbouncer:/etc/pgbouncer:ro"]}
    strict = {"image": POOLER, "volumes": ["./strict:/etc/pgbouncer:ro"]}
    users = "".join(f'"{user}" "{PASSWORD}"\n' for user in ("stats", "other"))
    project = world.project(name, {"pooler": pooler, "strict": strict} | services,
                            {"pgbouncer/pgbouncer.ini": SETTINGS + IGNORE, "strict/pgbouncer.ini": SETTINGS,
                             "pgbouncer/userlist.txt": users, "strict/userlist.txt": users})
    passwords = {"good": (0o400, f"*:*:*:stats:{IN_FILE}\n"), "mode-0600": (0o600, f"*:*:*:stats:{IN_FILE}\n"),
                 "mode-0440": (0o440, f"*:*:*:stats:{IN_FILE}\n"), "of-root": (0o400, f"*:*:*:stats:{IN_FILE}\n"),
                 "other-host": (0o400, f"127.0.0.1:*:*:stats:{IN_FILE}\n"), "not-escaped": (0o400, f"*:*:*:stats:{PASSWORD}\n"),
                 "wrong": (0o400, "*:*:*:*:wrong\n"), "of-other": (0o400, f"*:*:*:other:{IN_FILE}\n")}
    for file, (mode, text) in passwords.items():
        path = project.path(f"secrets/{file}")
        project.write({f"secrets/{file}": text})
        os.chown(path, *([0, 0] if file == "of-root" else [images.NOBODY] * 2))
        path.chmod(mode)
    return project


def started(world, name, services):
    project = written(world, name, services).up("pooler", "strict")
    for each in ("pooler", "strict"):
        wait_for(f"{each} is up", lambda each=each: "process up" in world.log(project.container(each)))
    return project.up()


def metrics(world, container):
    return (world.get(container, "/metrics", 9127) or (0, ""))[1]


def judged(world, container):
    """pgbouncer_up, once it is told."""
    wait_for(f"{container} tells of PgBouncer", lambda: "\npgbouncer_up " in metrics(world, container))
    return int(metrics(world, container).partition("\npgbouncer_up ")[2].split()[0])


# What cannot be had of PgBouncer, and the words in the log.
REASONS = {
    "wrong": (with_file("wrong"), WRONG_PASSWORD),
    "unknown": (with_file("wrong", dsn=DSN.replace("stats@", "nobody@")), WRONG_PASSWORD),
    "no-statistics": (with_file("of-other", dsn=DSN.replace("stats@", "other@")), "pq: not allowed"),
    "no-sslmode": (with_file(dsn=DSN.partition("?")[0]), "pq: SSL is not enabled on the server"),
    "parameter": (with_file(dsn=DSN.replace("@pooler", "@strict")), "pq: unsupported startup parameter: extra_float_digits"),
    "down": (with_file(dsn=DSN.replace(":6432", ":6433")), "connect: connection refused")}


@facts.fact("a password file 0400 or 0600 of the reading user works, with both versions; so do PGPASSWORD and one in the address")
def found(world):
    spelled = {"file": with_file(), "file-0600": with_file("mode-0600"), "variable": exporter(PGPASSWORD=PASSWORD),
               "address": exporter(dsn=DSN.replace("stats@", f"stats:{IN_URL}@"))}
    services = spelled | {f"old-{name}": service | {"image": OLD_EXPORTER} for name, service in spelled.items()}
    project = started(world, "found", services)
    same({name: judged(world, project.container(name)) for name in services}, dict.fromkeys(services, 1), "pgbouncer_up")


@facts.fact("a password file is ignored silently: 0440, of root, missing, the host spelled otherwise, `:` not escaped; only `password wrong` is said")
def ignored(world):
    names = ("mode-0440", "of-root", "missing", "other-host", "not-escaped")
    project = started(world, "ignored", {name: with_file(name) for name in names})
    for name in names:
        same(judged(world, project.container(name)), 0, f"pgbouncer_up with {name}")
        log = world.log(project.container(name))
        check(WRONG_PASSWORD in log, log)
        check("pass" not in log.lower().replace("pgpass", "pass").replace(WRONG_PASSWORD.lower(), ""), f"the log says more: {log}")


@facts.fact("0.12 lives on without PgBouncer and says `pgbouncer_up 0`, with the reason in its log")
def new_lives(world):
    project = started(world, "new", {name: service for name, (service, _) in REASONS.items()})
    for name, (_, words) in REASONS.items():
        same(judged(world, project.container(name)), 0, f"pgbouncer_up with {name}")
        check(words in world.log(project.container(name)), f"{name}: {world.log(project.container(name))}")
        check(world.state(project.container(name))["Running"], name)


@facts.fact("0.10.2 ends with 1 at its start in each of these cases")
def old_ends(world):
    project = started(world, "old", {name: service | {"image": OLD_EXPORTER} for name, (service, _) in REASONS.items()})
    for name, (_, words) in REASONS.items():
        wait_for(f"{name} ends", lambda name=name: world.state(project.container(name))["Status"] == "exited")
        same(world.state(project.container(name))["ExitCode"], 1, f"exit code with {name}")
        check(words in world.log(project.container(name)), f"{name}: {world.log(project.container(name))}")


@facts.fact("a database other than `pgbouncer` whose server is down: /metrics never answers, and nothing is in the log")
def silent(world):
    project = written(world, "silent", {"exporter": with_file(dsn=DSN.replace("/pgbouncer?", "/down?"))}).up("exporter")
    container = project.container("exporter")
    wait_for("the exporter listens", lambda: world.get(container, "/", 9127))
    project.up("pooler")
    wait_for("the pooler is up", lambda: "process up" in world.log(project.container("pooler")))
    before = world.log(container)
    same(world.get(container, "/metrics", 9127), None, "the answer of /metrics within five seconds")
    check(world.get(container, "/", 9127), "the exporter has ended")
    same(world.log(container), before, "the log")
