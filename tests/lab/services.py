"""What lives on the lab's internet beside the hosts under test: a git server, a mail server, a name server, an authority.

    ca = make_ca(lab.directory / "ca")
    names = NameServer(lab.host("dns"), {"git.example.org": "198.18.0.9"})
    git = GitServer(lab.host("git", "198.18.0.9"), ca)
    commit = git.push({"stack.yaml": "…"}, "the first")
    use_name_server(vm, names.host.address)                  # before its Docker engine starts

Each is the real program on a host of its own, started at once. `stop` makes it refuse connections and `hang` makes it accept
and never answer; after a power cut of the host, `start` brings it back with everything that it knew.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
from pathlib import Path

from hosts import ENVIRONMENT, SOURCE, Failed, wait_for

PROGRAMS = ("sshd", "ssh-keygen", "git", "nginx", "fcgiwrap", "openssl", "dnsmasq", "iptables-restore")
MAIL_SINK = SOURCE / "tests/lab/programs/mail_sink.py"


def _run(*argv, cwd=None):
    """A program on the machine, without the settings of whoever runs the test."""
    environment = ENVIRONMENT | {"GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent"}
    result = subprocess.run(list(map(str, argv)), cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, timeout=600)
    if result.returncode != 0:
        raise Failed(f"{' '.join(map(str, argv))}: exit {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout.strip()


def _write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


class Authority:
    """A certificate authority in a directory. `pem` is the path of its certificate."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.pem = self.directory / "ca.pem"
        self.directory.mkdir(mode=0o700)
        self._openssl("req", "-x509", *self._new_key("ca"), "-days", "3650", "-subj", "/CN=the lab's authority",
                      "-addext", "keyUsage=critical,keyCertSign", "-out", self.pem)

    def issue(self, name):
        """(certificate, key): the paths of a certificate for a host name and of its key."""
        certificate, request = self.directory / f"{name}.pem", self.directory / f"{name}.csr"
        extensions = _write(self.directory / f"{name}.ext", f"subjectAltName=DNS:{name}\n")
        self._openssl("req", *self._new_key(name), "-subj", f"/CN={name}", "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.pem, "-CAkey", self.directory / "ca.key", "-CAcreateserial",
                      "-days", "3650", "-extfile", extensions, "-out", certificate)
        return certificate, self.directory / f"{name}.key"

    def _new_key(self, name):  # of a curve: an RSA key takes up to a second
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self.directory / f"{name}.key"

    def _openssl(self, *arguments):
        _run("openssl", *arguments)


def make_ca(directory):
    """The lab's own authority in a new directory, which is below the lab's so that its hosts see it."""
    return Authority(directory)


def _children():
    """{parent: [child]} of every process of this machine."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # has ended
            found.setdefault(int(path.read_text().rpartition(")")[2].split()[1]), []).append(int(path.parent.name))
    return found


class Service:
    """Programs on a host that serve together, on these TCP ports. What they say is in the host's /var/log."""

    ports = ()

    def __init__(self, host):
        self.host = host
        self._programs = []

    def _commands(self):
        """Prepares what a boot took away; the command lines of the programs."""
        raise NotImplementedError

    def _ready(self):
        return all(self._listens(port) for port in self.ports)

    def start(self):
        """Starts what does not run, and returns when it listens."""
        self.host.start()
        if any(program.poll() is None for program in self._programs):
            return
        self._programs = [self._start(argv) for argv in self._commands()]
        wait_for(f"{self} listens", lambda: self._ended() or self._ready())
        if self._ended():
            raise Failed(f"{self} ended\n{self.log()}")

    def stop(self):
        """The programs and all conversations end at once; connections are refused from now on."""
        self.hang()
        self._signal(signal.SIGKILL)
        for program in self._programs:
            program.wait(30)
        self._programs = []

    def hang(self):
        """The programs stand still: the kernel accepts connections for them, and nobody answers."""
        stopped = None
        while stopped != (family := self._family()):  # whoever was not yet stopped may have had one more child
            self._signal(signal.SIGSTOP)
            stopped = family

    def resume(self):
        self._signal(signal.SIGCONT)

    def log(self):
        """The end of what the programs said."""
        return "".join(path.read_text(errors="replace")[-3000:]
                       for path in sorted(self.host.path("/var/log").glob(f"{self}-*.log")))

    def __str__(self):
        return type(self).__name__

    def _start(self, argv):
        with open(self.host.path(f"/var/log/{self}-{Path(argv[0]).name}.log"), "ab") as log:
            return self.host.popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _ended(self):
        return any(program.poll() is not None for program in self._programs)

    def _family(self):
        """The programs and all that descends from them; sshd gives every conversation a session of its own."""
        children = _children()
        found = [program.pid for program in self._programs if program.poll() is None]
        for pid in found:
            found += children.get(pid, [])
        return found

    def _signal(self, number):
        for pid in self._family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _listens(self, port):
        with self.host.network(), socket.socket() as client:
            client.settimeout(2)
            return client.connect_ex(("127.0.0.1", port)) == 0


SSHD = """
Port 22
HostKey /srv/server/host_key
PidFile none
AuthorizedKeysFile /srv/server/authorized_keys
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin forced-commands-only
AcceptEnv GIT_PROTOCOL
LogLevel VERBOSE
"""

# A deploy key may run nothing else.
READ_ONLY = """#!/bin/sh
case $SSH_ORIGINAL_COMMAND in
"git-upload-pack "*) exec git-shell -c "$SSH_ORIGINAL_COMMAND" ;;
esac
echo "this key may only read" >&2
exit 1
"""
READ_WRITE = """#!/bin/sh
exec git-shell -c "$SSH_ORIGINAL_COMMAND"
"""

NGINX = """
user root;
daemon off;
worker_processes 1;
pid /run/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log /var/log/nginx/access.log;
    server {{
        listen 443 ssl;
        server_name {name};
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        client_max_body_size 0;
        location / {{
            auth_basic git;
            auth_basic_user_file /srv/server/tokens;
            include /etc/nginx/fastcgi_params;
            fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
            fastcgi_param GIT_PROJECT_ROOT /srv/git;
            fastcgi_param GIT_HTTP_EXPORT_ALL 1;
            fastcgi_param PATH_INFO $uri;
            fastcgi_param REMOTE_USER $remote_user;
            fastcgi_pass unix:/run/fcgiwrap.socket;
        }}
    }}
}}
"""


class GitServer(Service):
    """One bare repository, by ssh with deploy keys and by https with a token that may only read."""

    ports = (22, 443)
    user = "git"

    def __init__(self, host, ca, name="git.example.org"):
        super().__init__(host)
        self.name = name
        self.ca_file = ca.pem
        self.repository = host.path("/srv/git/monitoring.git")
        self.ssh_url = f"ssh://{self.user}@{name}/srv/git/monitoring.git"
        self.https_url = f"https://{name}/monitoring.git"
        self.work = host.directory.with_name(f"{host.name}-work")
        self._keys = {}
        self._make_repository()
        self._configure(*ca.issue(name))
        self.start()

    @property
    def known_hosts(self):
        """The line that pins the host key, as `ssh-keyscan` prints it."""
        return f"{self.name} {' '.join(self.host.path('/srv/server/host_key.pub').read_text().split()[:2])}\n"

    def make_deploy_key(self, name, write=False):
        """A new key that may read the repository, with `write` also push: the private key as a file's text."""
        with tempfile.TemporaryDirectory(dir=self.host.path("/root")) as directory:
            key = Path(directory) / "key"
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key)
            command = "git-read-write" if write else "git-read-only"
            self._keys[name] = f'restrict,command="/usr/local/bin/{command}" {key.with_suffix(".pub").read_text()}'
            self._write_keys()
            return key.read_text()

    def remove_deploy_key(self, name):
        del self._keys[name]
        self._write_keys()

    def set_token(self, token):
        """From now on this one is right, and no other."""
        self.token = token
        _write(self.host.path("/srv/server/tokens"), f"{self.user}:{{PLAIN}}{token}\n", 0o600)

    def push(self, files, message, branch="main"):
        """A commit on top of the last: `files` is {path: text, or None to remove} or a directory that replaces everything.
        Returns the commit. Works as well while the server is down."""
        if isinstance(files, dict):
            self._change(files)
        else:
            self.git("rm", "-rq", "--ignore-unmatch", ".")
            shutil.copytree(files, self.work, dirs_exist_ok=True)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        self.git("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments):
        """git in the work tree that `push` pushes from; for a force push, or a branch that goes."""
        return _run("git", "-c", "user.name=A Person", "-c", "user.email=person@example.org", *arguments, cwd=self.work)

    def _change(self, files):
        for name, text in files.items():
            if text is None:
                (self.work / name).unlink()
            else:
                _write(self.work / name, text)

    def _make_repository(self):
        self.work.mkdir()
        _run("git", "init", "--quiet", "--bare", "--initial-branch=main", self.repository)
        _run("git", "config", "http.receivepack", "false", cwd=self.repository)
        _run("git", "init", "--quiet", "--initial-branch=main", self.work)
        self.git("remote", "add", "origin", self.repository)

    def _configure(self, certificate, key):
        own = self.host.path("/srv/server")
        _write(own / "sshd_config", SSHD)
        _write(own / "nginx.conf", NGINX.format(name=self.name, certificate=certificate, key=key))
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", own / "host_key")
        for name, text in {"git-read-only": READ_ONLY, "git-read-write": READ_WRITE}.items():
            _write(self.host.path(f"/usr/local/bin/{name}"), text, 0o755)
        for directory in ("/var/lib/nginx", "/var/log/nginx"):
            self.host.path(directory).mkdir()
        with open(self.host.path("/etc/passwd"), "a") as users:  # by another name root, who owns what `push` writes
            users.write(f"{self.user}:x:0:0::/srv/git:/bin/sh\n")
        self.set_token(f"token-{os.urandom(12).hex()}")
        self._write_keys()

    def _write_keys(self):
        _write(self.host.path("/srv/server/authorized_keys"), "".join(self._keys.values()), 0o600)

    def _commands(self):
        self.host.path("/run/sshd").mkdir(exist_ok=True)
        self.host.path("/run/fcgiwrap.socket").unlink(missing_ok=True)
        return (["/usr/sbin/sshd", "-D", "-e", "-f", "/srv/server/sshd_config"],
                ["fcgiwrap", "-f", "-c", "2", "-s", "unix:/run/fcgiwrap.socket"],
                ["nginx", "-c", "/srv/server/nginx.conf"])

    def _ready(self):
        return super()._ready() and self.host.path("/run/fcgiwrap.socket").exists()


class MailServer(Service):
    """Submission on port 587: STARTTLS, one user and a password. Keeps the mails and passes nothing on."""

    ports = (587,)

    def __init__(self, host, ca, user="alerts@example.org", password="mail-password", name="smtp.example.org"):
        super().__init__(host)
        self.name = name
        self.ca_file = ca.pem
        self._certificate = ca.issue(name)
        self.directory = host.path("/srv/mail")
        self.set_login(user, password)
        self.start()

    def set_login(self, user, password):
        """From now on this one is right, and no other."""
        self.user, self.password = user, password
        _write(self.directory / "login", f"{user}\n{password}\n", 0o600)

    def mails(self):
        """[{from, to, subject, body}] of what was accepted, oldest first."""
        return self._entries("mails")

    def refusals(self):
        """[{user, mechanism}] of the logins with a wrong user or password."""
        return self._entries("refusals")

    def clear(self):
        for name in ("mails", "refusals"):
            (self.directory / name).unlink(missing_ok=True)

    def _entries(self, name):
        path = self.directory / name
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]  # the last may be half written

    def _commands(self):
        return (["/usr/bin/python3", "-B", MAIL_SINK, *self._certificate, "/srv/mail"],)


class NameServer(Service):
    """Knows the names that it was told, {name: address}; every other does not exist."""

    ports = (53,)

    def __init__(self, host, names=None):
        super().__init__(host)
        self.names = dict(names or {})
        self._write_names()
        self.start()

    def set(self, name, address):
        """The new address of a name, None when it is gone; returns when a server that runs answers so."""
        self.names[name] = address
        self._write_names()
        if self._programs:
            self._programs[0].send_signal(signal.SIGHUP)
            wait_for(f"the name server says {address} for {name}", lambda: self.ask(name) == address)

    def ask(self, name):
        """The address of a name, None when there is none; TimeoutError or ConnectionError when nobody answers."""
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
        # RFC 1035: a question for type A, class IN; the answer repeats it.
        query = struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
        with self.host.network(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(2)
            client.connect(("127.0.0.1", 53))
            client.send(query)
            answer = client.recv(512)
        record = answer[len(query):]
        return socket.inet_ntoa(record[12:16]) if struct.unpack_from(">H", answer, 6)[0] else None

    def _write_names(self):
        lines = [f"{address} {name}\n" for name, address in self.names.items() if address]
        _write(self.host.path("/srv/names"), "".join(lines))

    def _commands(self):
        return (["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--pid-file=", "--no-resolv",
                 "--no-hosts", "--local=/#/", "--addn-hosts=/srv/names", "--log-facility=-"],)


def use_name_server(host, address):
    """The host asks there for names. Containers do as well, if it is said before the Docker engine starts."""
    _write(host.path("/etc/resolv.conf"), f"nameserver {address}\n")
