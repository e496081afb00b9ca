// The programs that an apply needs, and what is missing of them.
#pragma once

#include "cli/host_system.hpp"

#include <string>
#include <vector>

namespace vigie::cli {

/// The version that `docker compose` says, or empty.
std::string composeVersion(HostSystem& here);

/// What of the programs that an apply needs is missing here or too old, each with its cure.
std::vector<std::string> toolProblems(HostSystem& here);

}  // namespace vigie::cli
