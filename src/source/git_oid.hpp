// The names of git's objects as text.
#pragma once

#include <git2.h>

#include <array>
#include <string>

namespace vigie::source {

/// The 40 hexadecimal digits of an object's name.
inline std::string hex(const git_oid& oid) {
    std::array<char, 41> text{};
    return git_oid_tostr(text.data(), text.size(), &oid);
}

}  // namespace vigie::source
