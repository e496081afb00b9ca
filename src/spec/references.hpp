// Checks that what the document names exists.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

namespace vigie::spec {

/// Checks that whatever the document names exists: hosts, projects, secrets, receivers.
void checkReferences(const Stack& stack, const Reporter& report);

}  // namespace vigie::spec
