#pragma once

#include "render/resource.hpp"
#include "system/system.hpp"

#include <functional>
#include <string>
#include <vector>

namespace vigie::apply {

/// For each program of which something in `changed` (ids) is a file or the reload: stages its configuration
/// below `stagingDirectory` and asks promtool or amtool what it thinks. Throws Error with the tool's own
/// words when one refuses, and when a tool is missing: what was not checked is not applied. Secrets are
/// staged as `***`. Changes nothing else.
void checkWithTools(const std::vector<render::Resource>& desired, const std::vector<std::string>& changed,
                    const std::string& stagingDirectory, const system::System& system,
                    const std::function<void(const std::string&)>& progress);

}  // namespace vigie::apply
