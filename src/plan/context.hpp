// What a plan is computed from, one resource after the other.
#pragma once

#include "plan/change.hpp"
#include "plan/observed.hpp"
#include "render/resource.hpp"
#include "state/inventory.hpp"

#include <set>
#include <string>

namespace vigie::plan {

/// What a plan is computed from, for one resource after the other.
struct Context {
    const Observed& observed;
    const state::Inventory& inventory;
    const Options& options;

    [[nodiscard]] bool ours(const std::string& id) const { return inventory.count(id) != 0; }
    /// It was applied as the document still has it: a difference is drift.
    [[nodiscard]] bool applied(const render::Resource& resource) const;
    /// The fields of a resource that are not compared; none when nothing is said of it.
    [[nodiscard]] const std::set<std::string>& ignoredOf(const std::string& id) const;
    [[nodiscard]] bool mayAdopt(const std::string& id) const { return options.adopt.count(id) != 0; }
};

/// What is no longer desired, behind everything else.
void planRemovals(const Context& context, const std::vector<render::Resource>& desired, Plan& plan);

constexpr const char* kIgnored = "ignored (spec.ignore)";
constexpr const char* kKept = "no longer in the document; kept (spec.prune)";
constexpr const char* kHostsOwn = "is the host's own from now on; kept";
constexpr const char* kNowhere = "/dev/null";

}  // namespace vigie::plan
