// What becomes of what is no longer desired: deleted, or given back.

#pragma once

#include "plan/plan.hpp"

#include <string>
#include <vector>

namespace vigie::plan {

/// As far as the id tells, and for a container whether it is the user's, to which something was added.
Change removalOf(const std::string& id, bool usersContainer);

/// Whether `id` is a file that was ours and that `desired` says is the host's own.
bool becameTheHosts(const std::vector<render::Resource>& desired, const std::string& id);

}  // namespace vigie::plan
