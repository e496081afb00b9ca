// Reads the texts of /proc/PID.
#pragma once

#include "attach/process.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::attach {

/// Of /proc/PID/stat. Source: proc_pid_stat(5).
struct ProcStat {
    char state = '?';
    std::int64_t parent = 0;
    std::uint64_t startTime = 0;
};
std::optional<ProcStat> readStat(std::string_view stat);

/// Of /proc/PID/status.
std::optional<Credentials> readStatus(std::string_view status);

/// Of /proc/PID/cmdline: arguments, each behind a zero byte. At most `most` of them.
std::vector<std::string> readArguments(std::string_view cmdline, std::size_t most);

/// The container, or the unit, that /proc/PID/cgroup names: 64 hexadecimal digits, or `NAME.service`; of
/// several inside of each other the innermost. Nothing when it names none, or when its hierarchies name
/// different containers.
std::optional<std::string> readGroup(std::string_view cgroup);

/// Whether `group` has a form that `readGroup` may answer.
bool isContainerId(std::string_view group);
bool isUnitName(std::string_view group);

/// One line of /proc/PID/mountinfo.
struct MountPoint {
    std::uint64_t id = 0;
    std::string root;   ///< in the file system: which of its directories is mounted
    std::string point;  ///< where
    std::string type;   ///< of the file system
    /// What is mounted was replaced or removed where it came from.
    bool deleted = false;
};
/// In their order: a later one at the same point hides the earlier ones. Lines that are none are left away.
std::vector<MountPoint> readMountinfo(std::string_view mountinfo);

/// The inodes of the sockets that listen at one of `addresses`, as /proc/PID/net/tcp and tcp6 spell them
/// (`0100007F:2382`). Source: proc_pid_net(5).
std::vector<std::uint64_t> readListeners(std::string_view table, const std::vector<std::string>& addresses);

}  // namespace vigie::attach
