// The numeric user and group of a file.
#pragma once

namespace vigie {

/// A file's numeric user and group. Numbers, because the names of a container's users are not known on its
/// host.
struct Owner {
    unsigned uid = 0;
    unsigned gid = 0;
    bool operator==(const Owner&) const = default;
};

}  // namespace vigie
