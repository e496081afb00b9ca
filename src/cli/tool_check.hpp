#pragma once

#include "cli/host_system.hpp"

#include <string>
#include <vector>

namespace vigie::cli {

/// The version that `docker compose` says, or empty.
std::string composeVersion(HostSystem& here);

/// Whether a version such as `2.26.1` (or `v2.26.1-desktop`) understands `!override`: 2.24.4 or later.
bool composeIsNewEnough(const std::string& version);

/// What of the programs that an apply needs is missing here or too old, each with its cure.
std::vector<std::string> toolProblems(HostSystem& here);

}  // namespace vigie::cli
