// Says what the hooks of a wg-quick file do.
#pragma once

#include "base/wg_lines.hpp"
#include "import/seen.hpp"

#include <string>

namespace vigie::imports {

/// What is lost with a `PostUp`, `PostDown`, `PreUp` or `PreDown` of `interface`, as far as it is known what
/// it does. The command itself is not told: it may hold a secret.
Finding hookFinding(const WgLine& line, const std::string& file, const std::string& interface);

}  // namespace vigie::imports
