// The codes that findings have.
#pragma once

#include <span>
#include <string_view>

namespace vigie::lint {

struct Code {
    std::string_view name;
    bool canBeSilenced = false;  ///< a warning or an info, at least sometimes
};

/// Those of docs/codes/README.md.
std::span<const Code> codes();

}  // namespace vigie::lint
