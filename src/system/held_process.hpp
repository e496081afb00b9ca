// A process that is held by a descriptor, so that its number cannot become another's while it is looked at.
#pragma once

#include "attach/process.hpp"
#include "system/descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace vigie::system {

/// Holds a process by a pidfd and its directory in /proc. All members throw AttachError: `gone` when it
/// ended.
class HeldProcess {
public:
    /// First the pidfd, then the directory: what is read through the directory while the pidfd lives is this
    /// process'.
    explicit HeldProcess(std::int64_t pid);

    [[nodiscard]] attach::ProcessId identity() const;
    /// Throws `changed` unless it is the one that `expected` names.
    void demand(const attach::ProcessId& expected) const;
    /// Throws `gone` unless it still runs.
    void demandAlive() const;

    /// What a file of /proc/PID holds, at most `limit` bytes.
    [[nodiscard]] std::string read(const char* name, std::size_t limit) const;
    /// Where a link of /proc/PID leads; empty for a process of the kernel.
    [[nodiscard]] std::string link(const char* name) const;
    /// A file of /proc/PID, or what a link of it leads to.
    [[nodiscard]] Descriptor open(const char* name, int flags) const;

    void signal(int number) const;

private:
    std::int64_t pid_;
    Descriptor process_;
    Descriptor directory_;
};

}  // namespace vigie::system
