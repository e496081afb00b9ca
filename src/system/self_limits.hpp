// What a process gives up by itself when it starts, because of what it is going to read or to hold.
#pragma once

#include <cstdint>
#include <optional>

namespace vigie::system {

/// Refuses this process, and what it starts, more than `bytes` of memory of its own from now on: heap, stacks
/// and private mappings (RLIMIT_DATA of setrlimit(2), since Linux 4.7). Files that are mapped to be read do
/// not count: the kernel can take those pages back. Asked for more, `malloc` returns null and `new` throws.
/// May be called again, also with more. Does nothing under a sanitizer, whose own mappings are huge.
void limitMemory(std::uint64_t bytes);

/// The limit that `limitMemory` set; nothing when there is none.
std::optional<std::uint64_t> memoryLimit();

/// Nobody but root may look into the memory of this process (/proc/PID/mem, ptrace), and no core of it is
/// written, whatever the limits say: PR_SET_DUMPABLE of prctl(2). For who holds keys. Does nothing under a
/// sanitizer, which looks for leaks in that way.
void closeMemory();

}  // namespace vigie::system
