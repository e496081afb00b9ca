// What the kernel says of a process and of the files that it sees: what vigie-attach answers.
#pragma once

#include "spec/describable.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Everything here is a claim of whoever runs in the container, but for numbers: a process writes its own
/// command line, and its directories are named as it likes. Command lines may hold passwords: they are shown
/// to nobody.
namespace vigie::attach {

/// One process, and nobody who comes after it under its number.
struct ProcessId {
    std::int64_t pid = 0;         ///< as the host counts
    std::uint64_t startTime = 0;  ///< clock ticks since the machine started: field 22 of /proc/PID/stat
    std::string group = {};  ///< of its control group: a container's id (64 hexadecimal digits), or a unit
    std::string exe = {};    ///< the program's file, as the process sees it; another one after an execve

    bool operator==(const ProcessId&) const = default;
};

VIGIE_DESCRIBE(ProcessId) {
    io.field("pid", value.pid);
    io.field("startTime", value.startTime);
    io.field("group", value.group);
    io.field("exe", value.exe);
}

/// As whom a process opens files. Source: proc_pid_status(5).
struct Credentials {
    std::uint32_t uid = 0;  ///< of the file system (fsuid), as the host counts
    std::uint32_t gid = 0;
    std::vector<std::uint32_t> groups = {};
    std::uint64_t capabilities = 0;  ///< effective ones, a bit each: capability(7)

    bool operator==(const Credentials&) const = default;
};

VIGIE_DESCRIBE(Credentials) {
    io.field("uid", value.uid);
    io.field("gid", value.gid);
    io.field("groups", value.groups);
    io.field("capabilities", value.capabilities);
}

struct Process {
    ProcessId id = {};
    std::int64_t parent = 0;
    std::string state = {};  ///< one letter, as ps(1) has it
    // Only of a process of the program that was asked for.
    std::string directory = {};               ///< the working directory
    std::vector<std::string> arguments = {};  ///< with the program's own name first
    bool cut = false;                         ///< it has more arguments than are told
    Credentials user = {};
};

VIGIE_DESCRIBE(Process) {
    io.field("id", value.id);
    io.field("parent", value.parent);
    io.field("state", value.state);
    io.field("directory", value.directory);
    io.field("arguments", value.arguments);
    io.field("cut", value.cut);
    io.field("user", value.user);
}

/// What a control group runs.
struct Processes {
    std::vector<Process> processes = {};
    bool cut = false;  ///< there are more of them
};

VIGIE_DESCRIBE(Processes) {
    io.field("processes", value.processes);
    io.field("cut", value.cut);
}

/// A path, with its links followed, and whether it is one itself.
struct PathFacts {
    std::string path = {};      ///< as it was asked for
    std::string type = {};      ///< `file`, `directory`, `other`; empty: nothing is there
    std::string resolved = {};  ///< without links
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t mount = 0;  ///< the id of its mount: the first field of mountinfo; 0: the kernel is too old
    std::uint32_t mode = 0;   ///< permission bits
    std::uint32_t uid = 0;    ///< as the host counts
    std::uint32_t gid = 0;
    std::uint64_t links = 0;
    std::string target = {};      ///< of the link that the last component is; else empty
    std::uint64_t linkMount = 0;  ///< the mount in which that link is

    [[nodiscard]] bool exists() const { return !type.empty(); }
    [[nodiscard]] bool sameFile(const PathFacts& other) const {
        return exists() && other.exists() && device == other.device && inode == other.inode;
    }
};

VIGIE_DESCRIBE(PathFacts) {
    io.field("path", value.path);
    io.field("type", value.type);
    io.field("resolved", value.resolved);
    io.field("device", value.device);
    io.field("inode", value.inode);
    io.field("mount", value.mount);
    io.field("mode", value.mode);
    io.field("uid", value.uid);
    io.field("gid", value.gid);
    io.field("links", value.links);
    io.field("target", value.target);
    io.field("linkMount", value.linkMount);
}

/// What a process and the host see at some paths at one time.
struct PathsSeen {
    std::vector<PathFacts> inside = {};  ///< by the process, below its root
    std::vector<PathFacts> host = {};
    std::string mountinfo = {};  ///< of the process: proc_pid_mountinfo(5)
};

VIGIE_DESCRIBE(PathsSeen) {
    io.field("inside", value.inside);
    io.field("host", value.host);
    io.field("mountinfo", value.mountinfo);
}

}  // namespace vigie::attach
