#pragma once

#include <string>
#include <vector>

#include "render/resource.hpp"
#include "system/system.hpp"

namespace vigie::apply {

/// Stages the configurations of Prometheus and Alertmanager below `stagingDirectory` and asks promtool and amtool what
/// they think. Throws Error with the tool's own words when one refuses, and when a tool is missing: what was not
/// checked is not applied. Secrets are staged as `***`. Changes nothing else.
void checkWithTools(const std::vector<render::Resource>& desired, const std::string& stagingDirectory,
                    const system::System& system);

}  // namespace vigie::apply
