// Going back when an operator says so.
#pragma once

#include "controller/reconcile/context.hpp"
#include "controller/reconcile/state.hpp"

#include <string>

namespace vigie::controller {

/// Goes back to a generation (a number, a revision, or empty for the one before), or rolls back what waits to
/// be confirmed, and suspends. Failures are logged and told as events.
void rollBack(Context& on, State& state, const std::string& to);

}  // namespace vigie::controller
