// vigie's own state on a host, which no document may reach.

#pragma once

#include "plan/plan.hpp"

#include <vector>

namespace vigie::plan {

/// Refuses resources that are, read or show to a container something at or below `options.stateDirectory`
/// (VG0475), and data of programs around it. Where it is as usual, `spec::neverWritten` has refused the
/// document already, and what is left is vigie's own. `plan.changes` begins with those of `desired`, in its
/// order.
void refuseInOwnState(const std::vector<render::Resource>& desired, const Options& options, Plan& plan);

}  // namespace vigie::plan
