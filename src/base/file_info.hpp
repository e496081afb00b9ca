// What a path is: type, owner, mode and size.
#pragma once

#include "base/owner.hpp"

#include <cstdint>

namespace vigie {

/// What a path is, without following symbolic links.
struct FileInfo {
    enum class Type : std::uint8_t {
        missing,
        regular,
        directory,
        symlink,
        other,
        behindLink  ///< a directory above it is a link of others: not looked at
    };

    Type type = Type::missing;
    unsigned mode = 0;  ///< permission bits only
    Owner owner;
    std::uint64_t size = 0;
    /// Stays when it is renamed, and is another one's when it is replaced. Of one file system: what is moved
    /// stays in it, and the number of a device is another after each start.
    std::uint64_t inode = 0;
    bool shared = false;  ///< somebody else than root may write it, or put another one in its place

    [[nodiscard]] bool exists() const { return type != Type::missing; }
};

}  // namespace vigie
