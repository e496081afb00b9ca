#pragma once

#include "plan/plan.hpp"
#include "render/resource.hpp"
#include "system/system.hpp"

#include <vector>

namespace vigie::apply {

/// Reads from the host what a plan compares. Mutates nothing.
plan::Observed observe(const std::vector<render::Resource>& desired, const state::Inventory& inventory,
                       const plan::Options& options, const system::System& system);

}  // namespace vigie::apply
