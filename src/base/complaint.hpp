// What a program said about a configuration, as it may be shown.
#pragma once

#include <string>
#include <string_view>

namespace vigie {

/// What a program said about a configuration that it refuses, as it may be shown: such words quote the very
/// value that is wrong, and it can be a secret. Masked are the address that Go could not parse (`parse "…":
/// …`), the scalar that YAML could not turn into another type (`` cannot unmarshal !!str `…` ``), and what
/// `redactLine` masks.
std::string showableComplaint(std::string_view said);

}  // namespace vigie
