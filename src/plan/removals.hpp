// What becomes of what is no longer desired: deleted, or given back.

#pragma once

#include "plan/plan.hpp"

#include <string>
#include <vector>

namespace vigie::plan {

/// As far as the id and its record in the inventory tell.
Change removalOf(const std::string& id, const std::string& record);

/// Whether `id` is a file that was ours and that `desired` says is the host's own.
bool becameTheHosts(const std::vector<render::Resource>& desired, const std::string& id);

}  // namespace vigie::plan
