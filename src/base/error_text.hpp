// How a program of ours says on standard error why it ends.
#pragma once

#include "base/one_line.hpp"

#include <string>

namespace vigie {

/// `vigie: WHAT`, and `  hint: HINT` in a line of its own where there is one; without the last line end.
inline std::string errorText(const std::string& what, const std::string& hint) {
    return shownLines("vigie: " + what + (hint.empty() ? "" : "\nhint: " + hint), "  ");
}

}  // namespace vigie
