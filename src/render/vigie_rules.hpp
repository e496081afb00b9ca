// The alerts about vigie itself, compiled in.
#pragma once

#include <string_view>

namespace vigie::render {

/// manifests/prometheus/vigie-rules.yaml, compiled in: the alerts about vigie itself.
std::string_view vigieRules();

}  // namespace vigie::render
