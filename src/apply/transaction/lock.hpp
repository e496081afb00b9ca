// The lock that lets one process change a root.
#pragma once

#include "system/descriptor.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace vigie::apply {

/// Whether the programs that the holder starts hold the lock as well.
enum class WithTools : std::uint8_t { no, yes };

/// A kernel lock on a file of the state directory; it ends with its holder, whatever happens to it. With its
/// tools it ends with the last of them: `docker compose up` goes on when we are killed, and whoever recovers
/// must not meet it.
class Lock {
public:
    /// Throws Error with the holder's pid when somebody else has it. `what` names the lock in that message.
    Lock(const std::string& path, const std::string& what, WithTools tools = WithTools::no);
    /// The lock that the program before had kept over its `execve` as `descriptor`; taken anew when that is
    /// another file's.
    static Lock kept(int descriptor, const std::string& path, const std::string& what);
    /// Keeps the lock when this process becomes another program, which is told the number: nobody may see, or
    /// take, a place that is free for a moment.
    [[nodiscard]] int keep() const;

    /// The pid that holds the lock at `path`, or 0. Throws Error when that cannot be seen: what may not be
    /// looked at is not absent.
    static int holder(const std::string& path);
    /// Kills every process that holds the lock at `path`: the holder, stopped or not, and the tools that it
    /// has started. A process that only looks at the file is left alone.
    static void endHolders(const std::string& path);

private:
    explicit Lock(system::Descriptor fd) : fd_(std::move(fd)) {}

    system::Descriptor fd_;
};

}  // namespace vigie::apply
