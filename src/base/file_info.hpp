#pragma once

#include "base/owner.hpp"

#include <cstdint>

namespace vigie {

/// What a path is, without following symbolic links.
struct FileInfo {
    enum class Type : std::uint8_t { missing, regular, directory, symlink, other };

    Type type = Type::missing;
    unsigned mode = 0;  ///< permission bits only
    Owner owner;
    std::uint64_t size = 0;

    [[nodiscard]] bool exists() const { return type != Type::missing; }
};

}  // namespace vigie
