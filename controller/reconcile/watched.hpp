// What must be looked at when it changes.
#pragma once

#include "controller/reconcile/context.hpp"
#include "controller/reconcile/state.hpp"

#include <set>
#include <string>
#include <vector>

namespace vigie::controller {

/// Paths as the host sees them.
std::vector<std::string> watchedPaths(const Context& on, const State& state);
/// Compose projects.
std::set<std::string> watchedProjects(const State& state);

}  // namespace vigie::controller
