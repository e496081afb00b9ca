"""A container that lies, swaps what is mounted and answers garbage: what vigie does with it stays where the document put it."""

import os

from hostile import Hostile
from scenario import check, same, scenario
from theirs import PASS

OUTSIDE = "/srv/outside"
PASSWORD, PUSHED = "pages-4f1c", "pushed-9d27"


def hostile_world():
    """The container is root, and may write what is mounted."""
    world = Hostile()
    world.project["services"]["prometheus"]["user"] = "0:0"
    return world


def untouched(world, attempt, does, refused=()):
    """An attempt after which vigie looks and applies: nothing of the project or beside it is another."""
    before, outside = world.tree(), listing(world)
    does()
    made = world.tree()
    said = world.plans()
    for words in refused:
        check(words in said, f"{attempt}: the plan does not say {words!r}: {said}")
    check("internal" not in said and "cannot be sent" not in said, f"{attempt}: {said}")
    applied = world.vm.run([world.program, "apply", "--host", "vm", "--yes", world.checkout], check=False)
    after = world.tree()
    same({path for path in made.keys() | after.keys() if made.get(path) != after.get(path)}, set(), f"{attempt}: what is written ({applied.stdout})")
    same(listing(world), outside, f"{attempt}: what lies outside")
    return before


def listing(world):
    top = world.vm.path(OUTSIDE)
    return {path.name: path.read_bytes() for path in top.iterdir()} if top.exists() else {}


@scenario("a container whose program lies about its command line", own_world=True)
def lies(_):
    with hostile_world() as world:
        world.bring_up()
        world.takes()
        config = "--config.file=/etc/prometheus/prometheus.yml"
        for attempt, words, refused in (
                ("another file", ["--config.file=/etc/passwd"], ["is not believed"]),
                ("a step upwards", ["--config.file=/etc/prometheus/../../etc/passwd"], ["is not believed"]),
                ("another mount", ["--config.file=/control/do.py"], ["is not believed"]),
                ("an address of others", ["--web.listen-address=198.18.0.1:80", config], ["no address of that container"]),
                ("a prefix with blanks", ["--web.route-prefix=/a b", config], []),
                ("a prefix with a header", ["--web.route-prefix=/a\r\nX-Evil: 1", config], [])):
            untouched(world, attempt, lambda words=words: world.says(*words), refused)
            check(not any("X-Evil" in headers for _, _, headers, _ in world.heard()["heard"]), f"{attempt}: a header was sent")
            world.behaves()
        second = "import subprocess; subprocess.Popen(['/bin/prometheus', '-c', 'import time; time.sleep(1000)'])"
        untouched(world, "two of that name", lambda: world.do(second), ["2 processes prometheus"])
        world.behaves()
        world.rule("Later")
        world.apply()


@scenario("a container that puts other things in the place of its files", own_world=True)
def other_things(_):
    with hostile_world() as world:
        world.bring_up()
        world.takes()
        world.vm.path(OUTSIDE).mkdir()
        world.vm.path(f"{OUTSIDE}/a.yml").write_text("kept-marker\n")
        rule = "/etc/prometheus/rules/a.yml"
        for attempt, code, refused in (
                ("a pipe", f"os.mkfifo({rule!r})", "is in the way"),
                ("a device", f"os.mknod({rule!r}, 0o20666, os.makedev(1, 3))", "is in the way"),
                ("a socket", f"import socket; socket.socket(socket.AF_UNIX).bind({rule!r})", "is in the way"),
                ("a directory", f"os.mkdir({rule!r})", "is in the way"),
                ("a link to the host", f"os.symlink('/etc/shadow', {rule!r})", "outside of the mounted directory"),
                ("a link to the project", f"os.symlink('../../docker-compose.yml', {rule!r})", "outside of the mounted directory"),
                ("a link to nothing", f"os.symlink('nowhere', {rule!r})", "outside of the mounted directory"),
                ("a link to a process", f"os.symlink('/proc/self/environ', {rule!r})", "outside of the mounted directory"),
                ("a link to its configuration", f"os.symlink('../prometheus.yml', {rule!r})", "does not follow")):
            untouched(world, attempt, lambda code=code: world.do(f"os.rename({rule!r}, '/etc/prometheus/kept'); {code}"), [refused])
            world.do(f"import shutil; shutil.rmtree({rule!r}) if os.path.isdir({rule!r}) and not os.path.islink({rule!r}) else os.remove({rule!r})\n"
                     f"os.rename('/etc/prometheus/kept', {rule!r})")
        # One that has ended, so that nothing of it can be asked.
        world.vm.path("/opt/monitoring/app").mkdir()
        world.files["prometheus/rules/new.yml"] = world.files["prometheus/rules/a.yml"]
        for target in ("../app", OUTSIDE, ".."):
            world.do(f"os.rename('/etc/prometheus/rules', '/etc/prometheus/kept'); os.symlink({target!r}, '/etc/prometheus/rules')")
            untouched(world, f"ended, with a link to {target}", lambda: world.compose("stop", "-t", "0", "prometheus"),
                      ["outside of the mounted directory"] if target == "../app" else [])
            world.vm.run(["sh", "-c", "cd /opt/monitoring/prometheus && rm rules && mv kept rules"])
            world.behaves()
        world.apply()


SWAPS = """
import ctypes, random
def exchange(a, b):
    ctypes.CDLL(None).syscall(316, -100, a, -100, b, 2)  # renameat2(RENAME_EXCHANGE)
if not os.path.lexists('/etc/prometheus/other'):
    os.symlink('%s', '/etc/prometheus/other')
going = hooks['going'] = [True]
def swap():
    while going[0]:
        time.sleep(random.uniform(0.01, 0.06)); exchange(b'/etc/prometheus/other', b'/etc/prometheus/rules')
        time.sleep(random.uniform(0.001, 0.01)); exchange(b'/etc/prometheus/other', b'/etc/prometheus/rules')
thread = hooks['thread'] = threading.Thread(target=swap, daemon=True)
thread.start()
"""


@scenario("a container that swaps a directory for a link while vigie writes, puts back and gives back", own_world=True)
def swaps(_):
    with hostile_world() as world:
        world.bring_up()
        world.takes()
        world.vm.path(OUTSIDE).mkdir()
        world.do(SWAPS % OUTSIDE)
        for number in range(12):
            world.rule(f"Swapped{number}")
            world.write_document()
            world.vm.run([world.program, "apply", "--host", "vm", "--yes", world.checkout], check=False)
            same(listing(world), {}, f"what is written outside at the {number}th time")
        world.behaves()
        check(not world.place("prometheus/rules").is_symlink(), "it ended between two swaps; try again")
        world.apply()
        world.vm.path(f"{OUTSIDE}/a.yml").write_text("kept-marker\n")
        world.do(SWAPS % OUTSIDE)
        world.vm.run([world.program, "uninstall", "--purge", "--yes"], check=False)
        same(listing(world), {"a.yml": b"kept-marker\n"}, "what is outside")


RULES = "if page == '/api/v1/rules': h.say(200, json.dumps({'data': {'groups': groups}})); return True"
GARBAGE = {
    "no JSON": "if page == '/api/v1/rules': h.say(200, '[' * 100000); return True",
    "no text": "if page == '/api/v1/rules': h.say(200, b'{\"data\": \"\\xff\\xfe\"}'); return True",
    "other types": "groups = [1, {'rules': {'a': 1}}, {'rules': [3, {'name': 5}]}]\n" + RULES,
    "another digest": "groups = [{'rules': [{'name': 'vigie_render_info', 'labels': {'digest': 'f' * 64}}]}]\n" + RULES,
    "a redirect": "h.send_response(302); h.send_header('Location', 'http://198.18.0.1/'); h.end_headers(); return True",
    "no end": "h.send_response(200); h.end_headers()\ntry:\n    while True: h.wfile.write(b'x' * 65536)\nexcept OSError: pass\nreturn True",
    "many headers": "h.send_response(200)\nfor n in range(2000): h.send_header(f'X-{n}', 'y' * 200)\nh.end_headers(); return True",
    "deep YAML": "if page == '/api/v1/status/config': h.say(200, json.dumps({'data': {'yaml': '[' * 1000000}})); return True",
    "laughs": "laughs = ['a%d: &a%d [%s]' % (n, n, ', '.join(['*a%d' % (n - 1)] * 9 if n else ['x'] * 9)) for n in range(12)]\n"
              "if page == '/api/v1/status/config': h.say(200, json.dumps({'data': {'yaml': '\\n'.join(laughs)}})); return True",
    "no number": "if page == '/metrics': h.say(200, 'prometheus_config_last_reload_successful NaN\\n'); return True",
    "nothing": "time.sleep(20); return True",
}

# Nothing is to be reloaded, so that metrics are not asked for; and of a configuration that cannot be read no job is known: the document has none.
QUIET = {"no number", "deep YAML", "laughs"}


def files(world):
    """What of the project is not the program's to be told."""
    return {path: about for path, about in world.tree().items() if not path.startswith("control")}


def well(world):
    return world.condition(world.vm, "Healthy")["status"] != "False" and world.condition(world.vm, "Ready")["status"] == "True"


def told(world):
    return " ".join(each["message"] for each in world.status(world.vm)["conditions"])


@scenario("a program that answers garbage is told, and changes nothing", own_world=True)
def garbage(_):
    with hostile_world() as world:
        world.bring_up()
        world.takes()
        world.start_controllers()
        commit = world.push("what there is")
        world.wait_ready(commit)
        before = files(world)
        for attempt, body in GARBAGE.items():
            world.answers(body)
            if attempt in QUIET:
                world.pause(3 * PASS)
            else:
                world.wait(f"{attempt}: it is told", lambda: not well(world) and "prometheus" in told(world), 60)
            world.do("")
            world.wait(f"after {attempt}: it is well again", lambda: well(world), 60)
            same(files(world), before, f"{attempt}: the project's files")
        world.wait_ready(commit)
        check(world.controllers["vm"].poll() is None, "the controller has ended")


@scenario("a port that somebody else has got in the container's network: no password is sent", own_world=True)
def borrowed_port(_):
    with hostile_world() as world:
        world.project["services"]["thief"] = {
            "image": "prom/prometheus:v3.5.0", "user": "0:0", "network_mode": "service:prometheus", "environment": {"PORT": "9091"},
            "command": ["--config.file=/etc/prometheus/prometheus.yml"], "volumes": ["./prometheus:/etc/prometheus:ro", "./thief:/control"]}
        world.spec["secrets"] = [{"name": "pages", "sealed": {}}]
        world.spec["prometheus"]["attach"] = {"service": "prometheus", "web": {"username": "vigie", "passwordFrom": {"secret": "pages"}}}
        world.bring_up()
        world.seal("pages", PASSWORD)
        world.takes()
        check(any("Authorization" in headers for _, _, headers, _ in world.heard()["heard"]), "the password is sent to nobody")
        untouched(world, "the thief's port", lambda: world.says("--web.listen-address=:9091", "--config.file=/etc/prometheus/prometheus.yml"),
                  ["is not the program"])
        check(not any("Authorization" in headers for _, _, headers, _ in world.heard("thief")["heard"]), "the thief got the password")
        world.behaves()
        world.up("--force-recreate")
        world.apply()


@scenario("a user of the host whose process has the program's name, in a control group that has the container's", own_world=True)
def named_alike(_):
    with hostile_world() as world:
        world.bring_up()
        world.takes()
        group = f"/sys/fs/cgroup/unified/vigie-lab-{os.getpid()}"
        if not os.path.isdir("/sys/fs/cgroup/unified"):
            group = f"/sys/fs/cgroup/vigie-lab-{os.getpid()}"
        scope = f"{group}/docker-{world.inspect('prometheus')['Id']}.scope"
        world.vm.run(["sh", "-c", "mkdir -p /opt/eve && cp /bin/sleep /opt/eve/prometheus"])
        os.makedirs(scope)
        eve = world.vm.popen(["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "/opt/eve/prometheus", "1000"])
        try:
            with open(f"{scope}/cgroup.procs", "w", encoding="ascii") as file:
                file.write(str(eve.pid))
            world.rule("Mine")
            check("processes prometheus" not in world.plans(), world.plans())
            world.apply()
            check("Mine" in world.place("prometheus/rules/a.yml").read_text(), "the rule is not there")
        finally:
            eve.kill()
            eve.wait()
            for path in (scope, group):
                world.wait("its group is empty", lambda path=path: not os.path.exists(path) or gone(path))


def gone(path):
    try:
        os.rmdir(path)
    except OSError:
        return False
    return True


CHECKER = """
import os, socket, sys
out = []
for folder in ('/', '/etc/prometheus', '/etc/prometheus/rules', '/control', '/tmp'):
    try:
        open(folder + '/x', 'w')
        out.append('WRITES-' + folder)
    except OSError:
        pass
if sorted(os.listdir('/sys/class/net')) != ['lo']:
    out.append('HAS-NETWORK')
if open('/proc/self/status').read().split('CapEff:')[1].split()[0].strip('0'):
    out.append('HAS-RIGHTS')
out.append('tries ' + open(sys.argv[-1]).read().replace('\\n', ' '))
sys.exit('  FAILED: \\x1b[31m\\x1b]0;title\\x07 ' + ' '.join(out) + ' \\u202e')
"""


@scenario("a promtool of the container's image gets nothing but what it is to check, and no secret", own_world=True)
def checker(_):
    with hostile_world() as world:
        world.bring_up()
        world.takes()
        world.make_image(CHECKER)
        world.spec["secrets"] = [{"name": "push", "sealed": {}}]
        world.files["prometheus/prometheus.yml"] += (
            'remote_write: [ { url: "http://x:1/", basic_auth: { username: u, password: !secret push } } ]\n')
        world.seal("push", PUSHED)
        world.up("--force-recreate")
        said = world.apply(code=2)
        check("tries" in said, f"the checker did not try: {said}")
        for words in ("WRITES", "HAS-", PUSHED, "\x1b", "\x07", "\u202e"):
            check(words not in said, f"{words!r} in {said}")
        same([name for name in world.containers(world.vm) if "check" in name], [], "what is left of the check")


@scenario("secrets in an attached configuration are seen by its program alone", own_world=True)
def secrets_seen(_):
    with hostile_world() as world:
        world.project["services"]["prometheus"]["user"] = "65534:65534"
        world.bring_up()
        world.takes()
        world.spec["secrets"] = [{"name": "push", "sealed": {}}]
        world.files["prometheus/prometheus.yml"] += (
            'remote_write: [ { url: "http://x:1/", basic_auth: { username: u, password: !secret push } } ]\n')
        world.seal("push", PUSHED)
        world.start_controllers()
        said = world.plans()
        world.wait_ready(world.push("a secret"))
        about = world.place("prometheus/prometheus.yml").stat()
        same((about.st_uid, about.st_mode & 0o7777), (65534, 0o400), "whose the configuration is")
        check(PUSHED in world.place("prometheus/prometheus.yml").read_text(), "the secret is not there")
        # The program says it itself, where it is quoted.
        world.do(f"hooks['fails'] = 'Error reloading config err=\"\\x1b[31mred\\x07 password: {PUSHED}\"'")
        world.rule("Failing")
        world.push("what is not loaded")
        world.wait("it is rolled back", lambda: world.condition(world.vm, "Stalled").get("status") == "True", 90)
        said += world.log(world.vm) + world.vigie_says("status") + world.vigie_says("history") + world.vigie_says("status", "-o", "json")
        check(PUSHED not in said, "the secret is told")
        check("Error reloading config" in said, f"the reason is not told: {said}")
        check("\x1b[31m" not in said and "\x07" not in said, "colours of the container")
        found = world.vm.run(["grep", "-rl", "-e", PUSHED, "/var/lib/vigie", "/run", "/etc/vigie", "/var/log"], check=False).stdout
        same(found, "", "where the secret is found")
