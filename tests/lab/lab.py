#!/usr/bin/python3
"""The lab: two real hosts, real tunnel, real containers.

    lab.py run [NAME…]       tries scenarios and prints what was measured: all, or those and the groups named (after `bootstrap`)
    lab.py list              their groups and names
    lab.py up                for people: makes the lab, pushes the stack, and keeps it until `down`
    lab.py shell HOST        a shell on a host of it, or `shell HOST -- COMMAND…`
    lab.py push              makes what stands in its checkout the tip of its repository
    lab.py down              ends it
    lab.py transcript        what a person sees who uses it, as Markdown

Needs root; exit code 2 where there can be no lab, 1 when a scenario failed."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import hosts  # noqa: E402
from hosts import SOURCE, wait_for  # noqa: E402

STATE = Path(os.environ.get("VIGIE_LAB_STATE", SOURCE / "build/lab.json"))
SUMMARY = Path(os.environ.get("VIGIE_LAB_SUMMARY", os.devnull))
PROGRAMS = ("dnsmasq", "nginx", "fcgiwrap", "pgbouncer", "faketime", "sshd")


def require():
    why = hosts.missing(PROGRAMS)
    if why:
        SUMMARY.write_text(f"The lab: not tried, {why}\n")
    hosts.require(PROGRAMS)


# --- scenarios


def chosen(names):
    from scenario import ALL
    import scenarios  # noqa: F401, registers them
    unknown = set(names) - {name for each in ALL for name in (each.name, each.group)}
    if unknown:
        sys.exit(f"no scenario {', '.join(sorted(unknown))}; `lab.py list` names them")
    wanted = [each for each in ALL if not names or {each.name, each.group} & set(names)]
    needs_world = any(not each.own_world for each in wanted)
    return [each for each in ALL if each in wanted or (each.name == "bootstrap" and needs_world)]


def run(names):
    """Tries scenarios one after the other in one world; after a failure in a new one. Returns the exit code."""
    wanted, results, world = chosen(names), [], None
    for old in (SOURCE / "build/lab-logs").glob("*.log"):
        if not Path(f"/proc/{old.name.split('-')[0]}").exists():
            old.unlink(missing_ok=True)
    began = time.monotonic()
    try:
        for each in wanted:
            passed, report, world = attempt(each, world)
            results.append((each, passed, report))
    finally:
        if world:
            world.close()
        tell(summary(results, time.monotonic() - began))
        SUMMARY.write_text(summary(results, time.monotonic() - began) + "\n")
    return 0 if all(passed for _, passed, _ in results) and len(results) == len(wanted) else 1


def new_world(first):
    """A world that is up; unless the scenario that comes does it, with the stack pushed."""
    from scenarios import bootstrap
    from world import World
    began = time.monotonic()
    world = World()
    try:
        world.bring_up()
        if first.name != "bootstrap":
            bootstrap.bootstrap(world, {})
    except BaseException:
        world.close()
        raise
    tell(f"      the lab is up after {time.monotonic() - began:.0f} s")
    return world


def attempt(scenario, world):
    """(passed, what was measured, the world for the next one)"""
    report = {}
    began = time.monotonic()
    try:
        if scenario.own_world:
            scenario.run(report)
        else:
            world = world or new_world(scenario)
            scenario.run(world, report)
            world.check_invariants()
        passed = True
    except Exception as error:  # the next one is tried all the same
        passed = False
        tell(f"FAIL  {scenario.name}: {scenario.title}\n{''.join(traceback.format_exception(error))}")
        if world and not scenario.own_world:
            world.close()
            world = None
    tell(line(scenario, passed, report) + f"   ({time.monotonic() - began:.0f} s)")
    return passed, report, world


def line(scenario, passed, report):
    measured = ", ".join(f"{name} {seconds:g} s" for name, seconds in report.items())
    return f"{'ok  ' if passed else 'FAIL'}  {scenario.title}" + (f": {measured}" if measured else "")


def summary(results, seconds):
    passed = sum(1 for _, good, _ in results if good)
    return "\n".join(["", f"The lab: {passed} of {len(results)} scenarios hold ({seconds:.0f} s)",
                      *(line(*result) for result in results)])


def tell(text):
    print(text, flush=True)


# --- for people


def hold():
    """Makes the world, writes down where it is, and keeps it until a signal comes."""
    from scenarios import bootstrap
    from world import World
    with World() as world:
        world.bring_up()
        bootstrap.bootstrap(world, {})
        wanted = []
        signal.signal(signal.SIGUSR1, lambda *_: wanted.append("push"))
        if str(STATE) != os.devnull:
            STATE.parent.mkdir(exist_ok=True)
            known = {"pid": os.getpid(), "started": hosts._started(os.getpid()), "checkout": str(world.checkout),
                     "hosts": {name: host.pid for name, host in world.lab.hosts.items()}}
            STATE.write_text(json.dumps(known))
        try:
            while True:
                signal.sigtimedwait([], 1)
                if wanted:
                    wanted.clear()
                    push_checkout(world)
        finally:
            if str(STATE) != os.devnull:
                STATE.unlink(missing_ok=True)


def push_checkout(world):
    try:
        tell(f"pushed {world.git.push(world.checkout, 'by hand')}")
    except (hosts.Failed, OSError) as error:  # a person's mistake does not end his lab
        tell(f"not pushed: {error}")


def held():
    """What is known of the lab that somebody brought up, or nothing."""
    try:
        known = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return None
    return known if hosts._started(known["pid"]) == known["started"] else None


def up():
    if held():
        tell("the lab is up already")
        return
    log = STATE.with_suffix(".log")
    log.parent.mkdir(exist_ok=True)
    with open(log, "wb") as output:
        keeper = subprocess.Popen([sys.executable, __file__, "hold"], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                  start_new_session=True)
    tell("bringing the lab up …")
    try:
        wait_for("the lab", lambda: held() or keeper.poll() is not None, 300)
    except BaseException:
        keeper.terminate()
        keeper.wait()
        raise
    if not held():
        sys.exit(f"the lab did not come up:\n{log.read_text()}")
    tell(f"""the lab is up: {', '.join(held()['hosts'])}
  make lab-shell HOST=vm              a shell on a host; `vigie status`, `wg show`, `docker ps`
  {held()['checkout']}/stack.yaml     the document that both hosts pull
  make lab-push                       pushes it after you have edited it
  make lab-down                       ends it""")


def push():
    """Makes what stands in the checkout of the lab that is up the tip of its repository."""
    known = held() or sys.exit("no lab is up; `make lab-up`")
    os.kill(known["pid"], signal.SIGUSR1)


def shell(host, command):
    known = held() or sys.exit("no lab is up; `make lab-up`")
    pid = known["hosts"].get(host) or sys.exit(f"no host {host}: {', '.join(known['hosts'])}")
    enter = ["nsenter", f"--target={pid}", "--mount", "--net", "--uts", "--ipc", "--pid", "--wdns=/root", "--"]
    environment = hosts.ENVIRONMENT | {"TERM": os.environ.get("TERM", "dumb"), "PS1": f"{host}:\\w# ",
                                       "PATH": f"{SOURCE}/build/dev/bin:{hosts.ENVIRONMENT['PATH']}"}
    os.execvpe("nsenter", enter + (command or ["sh", "-i"]), environment)


def down():
    known = held()
    if known:
        os.kill(known["pid"], signal.SIGTERM)
        wait_for("the lab ends", lambda: hosts._started(known["pid"]) != known["started"], 120)
    hosts.cleanup_leftovers()
    STATE.unlink(missing_ok=True)
    tell("the lab is down")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run").add_argument("name", nargs="*")
    for name in ("list", "up", "down", "push", "hold", "transcript"):
        commands.add_parser(name)
    in_host = commands.add_parser("shell")
    in_host.add_argument("host")
    in_host.add_argument("argv", nargs="*")
    arguments = parser.parse_args()
    require()
    if arguments.command == "run":
        sys.exit(run(arguments.name))
    elif arguments.command == "list":
        for each in chosen([]):
            tell(f"{each.group:18} {each.name:32} {each.title}")
    elif arguments.command == "shell":
        shell(arguments.host, arguments.argv)
    elif arguments.command == "transcript":
        import transcript
        tell(transcript.record())
    else:
        {"up": up, "down": down, "push": push, "hold": hold}[arguments.command]()


if __name__ == "__main__":
    main()
