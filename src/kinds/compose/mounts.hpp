// What the kernel says of the mounts of a process.

#pragma once

#include <set>
#include <string>
#include <string_view>

namespace vigie::apply {

/// The mount points, as the process sees them, whose source was removed or replaced after they were made.
/// Source: proc(5), `/proc/PID/mountinfo`: the fourth field, the root of the mount within its file system,
/// then ends in `//deleted`.
std::set<std::string> deletedMounts(std::string_view mountinfo);

}  // namespace vigie::apply
