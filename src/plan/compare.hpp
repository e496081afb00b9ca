// Compares two rendered hosts, for a review without the host.
#pragma once

#include "plan/plan.hpp"

namespace vigie::plan {

/// Rendered against rendered, for review before a push: what of `head` is not in `base`.
/// `options` say what is left alone.
Plan compare(const std::vector<render::Resource>& base, const std::vector<render::Resource>& head,
             const Options& options = {});

/// Says in the notes what of the plan is ignored, which its changes do not show where nothing changes.
void noteIgnored(const Options& options, Plan& plan);

/// Says in the notes what is no longer desired and stays ours, which no change shows.
void noteKept(Plan& plan);

/// Of what was compared and what follows from it; no clocks, no counters.
std::string digestOfPlan(const Plan& plan, const std::vector<render::Resource>& desired);

}  // namespace vigie::plan
