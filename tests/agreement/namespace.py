"""A network of its own, in which there is nothing but loopback: no packet leaves the machine, no port is another's."""

import os
import subprocess
import sys

_MARK = "VIGIE_AGREEMENT_INSIDE"
_SCRIPT = 'ip link set lo up && exec "$@"'


def enter():
    """Starts this program again inside of it; returns when it is inside. Throws OSError when there can be none here."""
    if os.environ.get(_MARK):
        return
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    said = subprocess.run([*unshare, "sh", "-c", _SCRIPT, "sh", "true"], capture_output=True, text=True)
    if said.returncode != 0:
        raise OSError(f"no network namespace can be had here: {said.stderr.strip()}")
    os.environ[_MARK] = "1"
    os.execvp("unshare", [*unshare, "sh", "-c", _SCRIPT, "sh", sys.executable, *sys.argv])
