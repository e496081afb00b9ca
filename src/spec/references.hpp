// Checks that what the document names exists.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

namespace vigie::spec {

/// Checks that whatever the document names exists: hosts, projects, secrets, receivers.
void checkReferences(const Stack& stack, const Reporter& report);

/// The names that the routes of an Alertmanager use: of a document whose `configFrom` has been read.
void checkAlertmanagerNames(const Stack& stack, const Reporter& report);

}  // namespace vigie::spec
