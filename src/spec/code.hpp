// What the code of a finding is. The codes themselves are in spec/codes.hpp, which the build makes of
// docs/codes/.
#pragma once

#include <string_view>

namespace vigie {

/// `VG0401`. It has a page, docs/codes/VG0401.md: without the page there is no such constant.
struct Code {
    const char* name;
    bool canBeSilenced = false;  ///< a warning or an info, at least sometimes
};

constexpr bool operator==(Code a, Code b) {
    return std::string_view(a.name) == b.name;
}
constexpr bool operator==(std::string_view text, Code code) {
    return text == code.name;
}

}  // namespace vigie
