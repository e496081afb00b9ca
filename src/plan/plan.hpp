// A plan: desired against observed.
#pragma once

#include "plan/change.hpp"
#include "plan/observed.hpp"
#include "render/resource.hpp"
#include "spec/choices.hpp"
#include "state/inventory.hpp"

#include <vector>

namespace vigie::plan {

/// Desired against observed. Pure. Resources of the inventory that are no longer desired are removed last.
Plan makePlan(const std::vector<render::Resource>& desired, const Observed& observed,
              const state::Inventory& inventory, const Options& options);

}  // namespace vigie::plan
