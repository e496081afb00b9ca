#pragma once

#include "system/descriptor.hpp"

#include <string>

namespace vigie::apply {

/// A kernel lock on a file of the state directory; it ends with its holder, whatever happens to it.
class Lock {
public:
    /// Throws Error with the holder's pid when somebody else has it. `what` names the lock in that message.
    Lock(const std::string& path, const std::string& what);

    /// The pid that holds the lock at `path`, or 0.
    static int holder(const std::string& path);

private:
    system::Descriptor fd_;
};

}  // namespace vigie::apply
