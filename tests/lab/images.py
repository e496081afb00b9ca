"""Container images without a registry: a program of the distribution and the libraries that it needs, under the name that a
document asks for. Each says in a label that it is a stand-in."""

import functools
import io
import json
import os
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from hosts import Failed
from programs import DIRECTORY, find

LABEL = "dev.vigie.standin"
PROGRAMS = Path(__file__).resolve().with_name("programs")
PYTHON = "/usr/bin/python3"  # the distribution's, whose packages we use; the first of PATH may be another
BACKEND_PACKAGES = ("fastapi", "uvicorn", "h11", "idna", "prometheus_client", "psycopg2")
# What no service needs of the standard library, most of all its size.
LEFT_OUT = {"__phello__", "config-*", "distutils", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "tests", "tkinter",
            "turtle.*", "turtledemo", "venv", "_*test*.so", "_curses*.so", "_dbm*.so", "nis.*.so", "ossaudiodev.*.so",
            "readline.*.so", "*xx*.so"}
NOBODY = 65534
PASSWD = "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
GROUP = "root:x:0:\nnogroup:x:65534:\n"
NSSWITCH = "hosts: files dns\n"


def make_image(host, name, *, entrypoint, programs=None, files=None, user="", workdir="/", env=None, label=""):
    """Imports an image on a host whose engine runs. `programs` maps paths in the image to programs of this machine, `files`
    paths to text or to a Path of this machine. `user` is "" or "nobody", whose `workdir` then is. `label` says what it really is."""
    changes = [f"ENTRYPOINT {json.dumps(entrypoint)}", f"WORKDIR {workdir}",
               f'LABEL {LABEL}={json.dumps(label or "made from packages of the distribution")}']
    changes += [f"USER {user}"] if user else []
    changes += [f"ENV {key}={json.dumps(value)}" for key, value in (env or {}).items()]
    packed = host.path(f"/tmp/image-{os.getpid()}.tar")
    try:
        _pack(packed, programs or {}, files or {}, workdir if user else None)
        host.run(["docker", "import", *(word for change in changes for word in ("--change", change)), f"/tmp/{packed.name}", name])
    finally:
        packed.unlink(missing_ok=True)


def make_prometheus(host, name="prom/prometheus:v3.5.0"):
    """Laid out as the project's own image, so that the same command line works in it."""
    make_image(host, name, programs={"/bin/prometheus": find("prometheus"), "/bin/promtool": find("promtool")},
               entrypoint=["/bin/prometheus"], user="nobody", workdir="/prometheus", label="Debian's prometheus")


def make_alertmanager(host, name="prom/alertmanager:v0.33.1", trusts=None):
    """`trusts` is the path of certificates that it accepts of a mail server."""
    # Debian's reads its default templates from files, which have to be those of the program.
    program, where = find("prometheus-alertmanager"), "/usr/share/prometheus/alertmanager"
    root = DIRECTORY if program.is_relative_to(DIRECTORY) else Path("/")
    templates = {f"{where}/{path.name}": path for path in (root / where.lstrip("/")).glob("*.tmpl")}
    make_image(host, name, programs={"/bin/alertmanager": program, "/bin/amtool": find("amtool")},
               files=templates | ({"/etc/ssl/certs/ca-certificates.crt": Path(trusts)} if trusts else {}),
               entrypoint=["/bin/alertmanager"], user="nobody", workdir="/alertmanager", label="Debian's prometheus-alertmanager")


def make_node_exporter(host, name="prom/node-exporter:v1.9.1"):
    make_image(host, name, programs={"/bin/node_exporter": find("prometheus-node-exporter")}, entrypoint=["/bin/node_exporter"],
               user="nobody", label="Debian's prometheus-node-exporter")


def make_redis(host, name="redis:7"):
    make_image(host, name, programs={"/bin/redis-server": "/usr/bin/redis-server"}, user="nobody", workdir="/data",
               entrypoint=["/bin/redis-server", "--protected-mode", "no", "--save", ""], label="Debian's redis-server")


def make_redis_exporter(host, name="oliver006/redis_exporter:v1.74.0"):
    make_image(host, name, programs={"/redis_exporter": find("prometheus-redis-exporter")}, entrypoint=["/redis_exporter"],
               user="nobody", label="Debian's prometheus-redis-exporter")


def make_standin(host, name, ports=(), post_ports=(), exit_after=None):
    """`standin.c` under any name; the environment of a container can tell it otherwise."""
    env = {"STANDIN_PORTS": " ".join(map(str, ports)), "STANDIN_POST_PORTS": " ".join(map(str, post_ports))}
    if exit_after is not None:
        env["STANDIN_EXIT_AFTER"] = str(exit_after)
    with tempfile.TemporaryDirectory() as work:
        program = f"{work}/standin"
        subprocess.run(["gcc", "-O1", "-static", "-o", program, str(Path(__file__).with_name("standin.c"))], check=True)
        make_image(host, name, programs={"/standin": program}, entrypoint=["/standin"], env=env,
                   label="answers on its ports and does nothing else")


def make_jaeger(host, name="jaegertracing/jaeger:2.9.0"):
    """Jaeger is in no distribution: this accepts traces over HTTP and forgets them."""
    make_standin(host, name, ports=(16686, 4317, 13133), post_ports=(4318,))


def make_jaeger_standin(host, name="lab/jaeger-stand-in:2.9.0"):
    """Keeps the traces that it gets as OTLP JSON, and shows them through Jaeger's query API."""
    make_python(host, name, PROGRAMS / "jaeger_stand_in.py", label="a stand-in for Jaeger, in memory")


def make_backend(host, name="moments/backend:1", metrics=True):
    """The FastAPI application. Without `metrics` it is an image from before there were any."""
    make_python(host, name, PROGRAMS / "backend.py", BACKEND_PACKAGES, env={"ENABLE_METRICS": "true" if metrics else "false"},
                label="a FastAPI application for tests")


def make_pgbouncer_exporter(host, name="prometheuscommunity/pgbouncer-exporter:v0.12.0", program=None):
    """Debian 12's package of that name is another program. `program` is one of another version."""
    make_image(host, name, programs={"/bin/pgbouncer_exporter": program or find("prometheus-pgbouncer-exporter")},
               entrypoint=["/bin/pgbouncer_exporter"], user="nobody", label="Debian's prometheus-pgbouncer-exporter")


def make_pgbouncer(host, name="moments/pgbouncer:1.18"):
    """Reads /etc/pgbouncer/pgbouncer.ini, which a mount brings. It has a shell, as every image of it."""
    make_image(host, name, programs={"/usr/sbin/pgbouncer": "/usr/sbin/pgbouncer", "/bin/sh": "/bin/sh"}, user="nobody",
               workdir="/var/run/pgbouncer", entrypoint=["/usr/sbin/pgbouncer", "/etc/pgbouncer/pgbouncer.ini"],
               label="Debian's pgbouncer")


def make_postgres(host, name="moments/postgres:15"):
    """Its cluster is in /var/lib/postgresql/data and belongs to nobody."""
    home = max(Path("/usr/lib/postgresql").glob("[0-9]*"))
    share = Path("/usr/share/postgresql") / home.name
    programs = [home / "bin" / program for program in ("initdb", "pg_ctl", "pg_isready", "postgres", "psql")]
    programs += [home / "lib" / library for library in ("plpgsql.so", "dict_snowball.so")]
    programs += map(Path, ("/bin/sh", "/bin/rm", "/bin/mv"))
    files = [path for path in share.rglob("*") if path.is_file() and path.relative_to(share).parts[0] not in ("contrib", "man")
             and (path.parent.name != "extension" or path.name.startswith("plpgsql"))] + [Path("/usr/share/zoneinfo/UTC")]
    make_image(host, name, programs={str(path): path for path in programs},
               files={str(path): path for path in files} | {"/postgres.sh": PROGRAMS / "postgres.sh"},
               entrypoint=["/bin/sh", "/postgres.sh"], user="nobody", workdir="/var/lib/postgresql/data",
               env={"PATH": f"{home}/bin:/bin"}, label="Debian's postgresql")


def make_python(host, name, program, packages=(), *, env=None, label=""):
    """An image that runs a Python program as nobody. `packages` are modules of the distribution that it imports; what these
    import comes with them."""
    programs, files = _python_base(tuple(packages))
    path = f"/app/{Path(program).name}"
    make_image(host, name, programs=programs, files=files | {path: Path(program)}, entrypoint=[PYTHON, path], user="nobody",
               workdir="/app", env={"PYTHONUNBUFFERED": "1"} | (env or {}), label=label)


def pack_python_base(archive, packages=()):
    """The root file system of a Python image as a tar, for a Dockerfile."""
    _pack(archive, *_python_base(tuple(packages)), None)


# Says where the standard library is and which files and folders outside of it the modules on its command line come from.
FIND_MODULES = """
import importlib, sys, sysconfig
for name in sys.argv[1:]:
    importlib.import_module(name)
library = sysconfig.get_path("stdlib")
print(library)
for name in {name.partition(".")[0] for name in sys.modules}:
    file = getattr(sys.modules.get(name), "__file__", None) or ""
    if "/dist-packages/" in file:
        print(file.removesuffix("/__init__.py"))
"""


@functools.cache
def _python_base(packages):
    """Programs and files of an image for make_image: the interpreter, the standard library and these packages."""
    said = subprocess.run([PYTHON, "-I", "-c", FIND_MODULES, *packages], check=True, capture_output=True, text=True).stdout
    found = [path for top in said.splitlines() for path in _python_files(Path(top))]
    programs = {str(path): path for path in found if path.suffix == ".so"}
    return programs | {PYTHON: PYTHON}, {str(path): path for path in found if path.suffix != ".so"}


def _python_files(top):
    """Modules and what was compiled of them: a container could not write that, and would compile at each start."""
    if top.is_file():
        yield top
        yield from top.parent.glob(f"__pycache__/{top.stem}.*.pyc")
        return
    for path in top.iterdir():
        if any(path.match(pattern) for pattern in LEFT_OUT):
            continue
        if path.is_dir() and path.name != "dist-packages":
            yield from _python_files(path)
        elif path.suffix in (".py", ".pyc", ".so"):
            yield path


def _pack(archive, programs, files, nobodys_folder):
    """Writes the root file system as a tar."""
    files = {"/etc/passwd": PASSWD, "/etc/group": GROUP, "/etc/nsswitch.conf": NSSWITCH} | files
    wanted = dict(programs)
    wanted |= {library: library for library in libraries(*programs.values())} if programs else {}
    with tarfile.open(archive, "w") as tar:
        # Folders that are not named are made by the engine, with the storage driver vfs so that only root may enter.
        folders = {str(parent) for path in (*files, *wanted, nobodys_folder or "/") for parent in PurePosixPath(path).parents}
        for folder in sorted(folders | {nobodys_folder or "/"}):
            _add(tar, f"{folder}/.", tarfile.DIRTYPE, 0o755, owner=NOBODY if folder == nobodys_folder else 0)
        _add(tar, "/tmp", tarfile.DIRTYPE, 0o1777)
        for path, content in files.items():
            if isinstance(content, Path):  # with its time: Python goes by it whether a module is compiled already
                _add(tar, path, tarfile.REGTYPE, 0o644, content.read_bytes(), time=int(content.stat().st_mtime))
            else:
                _add(tar, path, tarfile.REGTYPE, 0o644, content.encode())
        for path, original in wanted.items():  # read: a link's target under the link's name
            _add(tar, path, tarfile.REGTYPE, 0o755, Path(original).read_bytes())


def _add(tar, path, kind, mode, content=b"", owner=0, time=0):
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.type, entry.mode, entry.uid, entry.gid, entry.size, entry.mtime = kind, mode, owner, owner, len(content), time
    tar.addfile(entry, io.BytesIO(content))


def libraries(*programs):
    """The shared libraries and the loader of programs; none of a static one."""
    said = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True,
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    if "not found" in said.stdout:
        raise Failed(f"{' '.join(map(str, programs))}: {said.stdout}")
    return list(dict.fromkeys(re.findall(r"(/\S+) \(0x", said.stdout)))
