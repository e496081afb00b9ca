#!/usr/bin/python3
"""What vigie-attach.socket is to a host with systemd: listens, and starts one vigie-attach for each connection, in the sandbox of its unit.

    attach_socket.py SOCKET UNIT HELPER

The sandbox is made once, around the listener, for it takes longer to make than a helper runs."""

import os
import signal
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from sandbox import enter  # noqa: E402


def main():
    path, unit, helper = sys.argv[1:]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        os.unlink(path)
    before = os.umask(0o177)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    os.umask(before)
    enter(unit)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener.listen(16)
    while True:
        client, _ = listener.accept()
        with client:
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.dup2(client.fileno(), 0)
                os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
                os.execve(helper, [helper], {"LANG": "C.UTF-8"})


if __name__ == "__main__":
    main()
