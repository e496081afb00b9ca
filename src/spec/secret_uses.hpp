#pragma once

#include "spec/settings.hpp"

namespace vigie::spec {

/// Every place of the document that names a secret, with the hosts that need its value there. References,
/// lint and rendering all walk these.
std::vector<SecretUse> secretUses(const Stack& stack);

}  // namespace vigie::spec
