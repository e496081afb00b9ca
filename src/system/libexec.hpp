// Where helper programs are.
#pragma once

#include <string>

namespace vigie::system {

/// The path of a helper program, found beside this program: `bin/vigie` → `libexec/vigie/NAME`. The
/// environment has no say in it.
std::string helperPath(const std::string& name);

}  // namespace vigie::system
