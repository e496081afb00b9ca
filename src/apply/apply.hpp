#pragma once

#include "plan/plan.hpp"
#include "render/resource.hpp"
#include "state/store.hpp"
#include "system/system.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace vigie::apply {

/// What is to be applied on a host.
struct Target {
    std::string stack;
    std::string host;
    std::string revision;  ///< a commit, or empty
    std::vector<render::Resource> desired;
    plan::Options options;
};

struct Settings {
    std::string stateDirectory;                        ///< as the host sees it
    std::chrono::milliseconds reloadTimeout{60'000};   ///< until a reload is proven
    std::function<void(const std::string&)> progress;  ///< one line for each step; may be empty
};

/// The plan for `target` on this host, and what it was computed from. Mutates nothing.
plan::Plan planFor(const Target& target, const state::Inventory& inventory, const system::System& system);

/// Makes the host what `plan` says, as one transaction: check with the tools, write, reload, observe. On
/// failure after the first change, everything is put back, the programs reload what they had, and Error is
/// thrown. What was achieved is recorded in `store`; a refused or failed attempt as well. The caller holds
/// the root's lock.
void apply(const Target& target, const plan::Plan& plan, state::Store& store, const Settings& settings,
           const system::System& system);

}  // namespace vigie::apply
