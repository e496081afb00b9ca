"""The Moments application on a host of the lab: its compose project as its user would have it, at /opt/moments. Before its
first `docker compose up`, the engine needs make_backend, make_pgbouncer and make_postgres of `images`."""

import os
import shutil
from pathlib import Path

import images
from hosts import wait_for

HERE = Path(__file__).resolve().parent
DIRECTORY = "/opt/moments"
FILES = ("docker-compose.prod.yml", "Dockerfile", ".dockerignore", ".env", ".env.monitoring", "pgbouncer/pgbouncer.ini")
COMPOSE = ["docker", "compose", "--file", "docker-compose.prod.yml"]
# As the runbook redeploys by hand, with what vigie adds.
REDEPLOY = [*COMPOSE, "--file", "docker-compose.monitoring.yml", "--env-file", ".env", "--env-file", ".env.monitoring", "up", "-d"]


def install_project(host, stats_password):
    """Copies the project to the host, with PgBouncer's statistics user and what a build of the backend needs."""
    project = host.path(DIRECTORY)
    (project / "pgbouncer").mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(HERE / "moments" / name, project / name)
    (project / ".env").chmod(0o600)
    shutil.copyfile(HERE / "programs/backend.py", project / "backend.py")
    images.pack_python_base(project / "base.tar", images.BACKEND_PACKAGES)
    _write_userlist(project, stats_password)


def set_stats_password(host, password):
    """Gives PgBouncer's user `stats` another password, and returns when PgBouncer knows it."""
    _write_userlist(host.path(DIRECTORY), password)
    before = _reloads(host)
    # Not `docker kill --signal HUP`: for the engine the container is stopped by hand from then on, and stays down after a boot.
    host.run([*COMPOSE, "exec", "-T", "pgbouncer", "sh", "-c", "kill -HUP 1"], cwd=DIRECTORY)
    wait_for("PgBouncer's reload", lambda: _reloads(host) > before)


def _reloads(host):
    return host.run([*COMPOSE, "logs", "--no-log-prefix", "pgbouncer"], cwd=DIRECTORY).stdout.count("got SIGHUP")


def _write_userlist(project, stats_password):
    application = (project / ".env").read_text().split("POSTGRES_PASSWORD=")[1].split("\n")[0]
    lines = [" ".join('"%s"' % word.replace('"', '""') for word in user) + "\n"
             for user in (("moments", application), ("stats", stats_password))]
    userlist = project / "pgbouncer/userlist.txt"
    new = userlist.with_suffix(".new")
    new.write_text("".join(lines))
    new.chmod(0o600)
    os.chown(new, images.NOBODY, images.NOBODY)  # who PgBouncer is in its container
    new.replace(userlist)
