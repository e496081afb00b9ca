// Says whether committed facts are older than the host.
#pragma once

#include "facts/model.hpp"
#include "system/files.hpp"

#include <string>
#include <vector>

namespace vigie::apply {

/// What a plan notes of facts that were made of other compose files than those that are on the host now.
/// Reads each of the files once, and starts no program.
std::vector<std::string> outdatedFacts(const facts::HostFacts& facts, const std::string& host,
                                       const system::Files& files);

}  // namespace vigie::apply
