"""Container images without a registry: a program of the distribution and the libraries that it needs, under the name that a
document asks for. Each says in a label that it is a stand-in."""

import io
import json
import os
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from hosts import Failed

LABEL = "dev.vigie.standin"
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
    make_image(host, name, programs={"/bin/prometheus": "/usr/bin/prometheus", "/bin/promtool": "/usr/bin/promtool"},
               entrypoint=["/bin/prometheus"], user="nobody", workdir="/prometheus", label="Debian's prometheus")


def make_alertmanager(host, name="prom/alertmanager:v0.28.1"):
    # Debian's reads its default templates from files.
    templates = {str(path): path for path in Path("/usr/share/prometheus/alertmanager").glob("*.tmpl")}
    make_image(host, name, programs={"/bin/alertmanager": "/usr/bin/prometheus-alertmanager", "/bin/amtool": "/usr/bin/amtool"},
               files=templates, entrypoint=["/bin/alertmanager"], user="nobody", workdir="/alertmanager",
               label="Debian's prometheus-alertmanager")


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


def _pack(archive, programs, files, nobodys_folder):
    """Writes the root file system as a tar."""
    files = {"/etc/passwd": PASSWD, "/etc/group": GROUP, "/etc/nsswitch.conf": NSSWITCH} | files
    wanted = dict(programs)
    for program in programs.values():
        wanted |= {library: library for library in libraries(program)}
    with tarfile.open(archive, "w") as tar:
        # Folders that are not named are made by the engine, with the storage driver vfs so that only root may enter.
        for folder in sorted({parent for path in (*files, *wanted) for parent in PurePosixPath(path).parents}):
            _add(tar, f"{folder}/.", tarfile.DIRTYPE, 0o755)
        _add(tar, "/tmp", tarfile.DIRTYPE, 0o1777)
        if nobodys_folder:
            _add(tar, nobodys_folder, tarfile.DIRTYPE, 0o755, owner=65534)
        for path, content in files.items():
            _add(tar, path, tarfile.REGTYPE, 0o644, content.read_bytes() if isinstance(content, Path) else content.encode())
        for path, original in wanted.items():  # read: a link's target under the link's name
            _add(tar, path, tarfile.REGTYPE, 0o755, Path(original).read_bytes())


def _add(tar, path, kind, mode, content=b"", owner=0):
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.type, entry.mode, entry.uid, entry.gid, entry.size = kind, mode, owner, owner, len(content)
    tar.addfile(entry, io.BytesIO(content))


def libraries(program):
    """The shared libraries and the loader of a program; none of a static one."""
    said = subprocess.run(["ldd", str(program)], capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    if "not found" in said.stdout:
        raise Failed(f"{program}: {said.stdout}")
    return re.findall(r"(/\S+) \(0x", said.stdout)
