// Rewrites a dual-stack rule so that ufw adds it for one address family only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vigie::plan {

/// What `ufw` takes to write a rule of both families into the file of one of them alone: an address that is
/// every address says which. Nothing for a rule that is not understood or is of one family already.
std::optional<std::string> ufwHalf(std::string_view rule, bool v6);

}  // namespace vigie::plan
