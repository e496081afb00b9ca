#!/usr/bin/env python3
"""Becomes a program as the unit would start it: its capability bounding set, system call filter, read-only mounts, no new privileges.

    sandbox.py UNIT -- PROGRAM [ARGUMENT…]

What is read from the unit file is what systemd would do; there is no systemd on the lab's hosts. The process stays the same one, so signals
reach the program. Mount namespaces and seccomp need root; a directive of these kinds that is not known here is an error, not a gap.
"""

import ctypes
import errno
import os
import re
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
# Flags of mountinfo(5) that a remount has to repeat.
FLAGS = {"nosuid": 2, "nodev": 4, "noexec": 8, "noatime": 1024, "nodiratime": 2048, "relatime": 1 << 21}
NOTHING = "/run/systemd-inaccessible"
KERNEL = ("/proc", "/sys", "/dev")  # ProtectSystem=strict leaves these to other directives


def checked(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def directives(path):
    out = {}
    for line in open(path, encoding="utf-8"):
        name, equals, value = line.strip().partition("=")
        if equals and re.fullmatch(r"[A-Za-z]+", name):
            out.setdefault(name, []).append(value)
    return out


def mount(source, target, flags):
    checked(libc.mount(source and os.fsencode(source), os.fsencode(target), None, flags, None), f"mount {target}")


def below(path, tops):
    return any(path == top or path.startswith(top + "/") for top in tops)


def mounts():
    for line in open("/proc/self/mountinfo", encoding="utf-8"):
        fields = line.split()
        yield re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), fields[4]), fields[5].split(",")


def protect(unit):
    """ProtectSystem=strict: everything is read-only, but what ReadWritePaths= and StateDirectory= name."""
    assert unit["ProtectSystem"] == ["strict"], unit["ProtectSystem"]
    checked(libc.unshare(CLONE_NEWNS), "unshare")
    mount(None, "/", MS_REC | MS_PRIVATE)
    os.makedirs(NOTHING, 0o000, exist_ok=True)
    writable = [f"/var/lib/{name}" for value in unit.get("StateDirectory", []) for name in value.split()]
    for path in writable:
        os.makedirs(path, 0o700, exist_ok=True)
    for path in " ".join(unit.get("ReadWritePaths", [])).split():
        optional, path = path.startswith("-"), path.lstrip("-")
        if os.path.exists(path):
            writable.append(os.path.realpath(path))
        elif not optional:
            raise FileNotFoundError(errno.ENOENT, f"ReadWritePaths={path}")
    writable += ["/tmp", "/var/tmp"] if unit.get("PrivateTmp") == ["yes"] else []
    for path in writable:
        if not below(path, KERNEL):
            mount(path, path, MS_BIND | MS_REC)
    for path, options in list(mounts()):
        if not below(path, writable) and not below(path, KERNEL) and os.path.lexists(path):
            try:
                mount(None, path, MS_REMOUNT | MS_BIND | MS_RDONLY | sum(FLAGS.get(option, 0) for option in options))
            except OSError as error:
                if error.errno != errno.EINVAL:  # hidden below another mount, which is read-only itself
                    raise
    for path in " ".join(unit.get("InaccessiblePaths", [])).split():
        path = path.lstrip("-")
        if os.path.isdir(path):
            mount(NOTHING, path, MS_BIND)
        elif os.path.exists(path):
            mount("/dev/null", path, MS_BIND)


def bound(unit):
    """CapabilityBoundingSet=: what is not named is dropped for good."""
    names = " ".join(unit["CapabilityBoundingSet"]).lower().split()
    numbers = {name: number for number, name in enumerate(CAPABILITIES)}
    kept = {numbers[name] for name in names}
    last = int(open("/proc/sys/kernel/cap_last_cap", encoding="ascii").read())
    for number in range(last + 1):
        if number not in kept:
            checked(libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0), f"drop capability {number}")


CAPABILITIES = ("cap_chown cap_dac_override cap_dac_read_search cap_fowner cap_fsetid cap_kill cap_setgid cap_setuid cap_setpcap cap_linux_immutable "
                "cap_net_bind_service cap_net_broadcast cap_net_admin cap_net_raw cap_ipc_lock cap_ipc_owner cap_sys_module cap_sys_rawio "
                "cap_sys_chroot cap_sys_ptrace cap_sys_pacct cap_sys_admin cap_sys_boot cap_sys_nice cap_sys_resource cap_sys_time cap_sys_tty_config "
                "cap_mknod cap_lease cap_audit_write cap_audit_control cap_setfcap cap_mac_override cap_mac_admin cap_syslog cap_wake_alarm "
                "cap_block_suspend cap_audit_read cap_perfmon cap_bpf cap_checkpoint_restore").split()


def members(group):
    """The system calls of `@group`, from systemd itself; groups may name groups."""
    text = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", group], capture_output=True, text=True, check=True).stdout
    out = set()
    for line in text.splitlines()[1:]:
        name = line.split("#")[0].strip()
        if name:
            out |= members(name) if name.startswith("@") else {name}
    return out


def allowed_calls(unit):
    out = set()
    for value in unit["SystemCallFilter"]:
        without, value = value.startswith("~"), value.lstrip("~")
        for name in value.split():
            calls = members(name) if name.startswith("@") else {name}
            out = out - calls if without else out | calls
    # systemd adds these to every list.
    return out | members("@default")


def filter_calls(calls):
    """A seccomp filter that answers EPERM (SystemCallErrorNumber=) to every other call."""
    seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EPERM
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(refuse)))
    for name in sorted(calls):
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # negative: not of this architecture
            seccomp.seccomp_rule_add(context, ctypes.c_uint32(allow), number, 0)
    if seccomp.seccomp_load(context) != 0:
        raise OSError("the system call filter cannot be loaded")


def enter(path):
    """From now on this process, and whatever it starts, is what the unit at `path` would start."""
    unit = directives(path)
    calls = allowed_calls(unit)
    if unit.get("PrivateNetwork") == ["yes"]:
        checked(libc.unshare(CLONE_NEWNET), "unshare")
    protect(unit)
    bound(unit)
    assert unit["NoNewPrivileges"] == ["yes"] and unit["SystemCallErrorNumber"] == ["EPERM"]
    checked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    filter_calls(calls)


def main():
    unit, dashes, program = sys.argv[1], sys.argv[2], sys.argv[3:]
    assert dashes == "--"
    enter(unit)
    os.execvp(program[0], program)


if __name__ == "__main__":
    main()
