// What a host must not lose by accident: a whole server, or the tunnel.

#pragma once

#include "plan/plan.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::plan {

/// A part of a stack whose removal from a host has to be asked for by name.
struct GuardedComponent {
    std::string_view name;   ///< as `spec.allowRemoval` and `--allow-removal` call it
    std::string_view words;  ///< as a sentence calls it
};

/// All of them; docs/decisions/0017 says why these.
const std::vector<GuardedComponent>& guardedComponents();

/// Their names, for options under which nothing is guarded: somebody asked for the removal itself.
std::set<std::string> everyGuardedComponent();

/// The components that a host has: resource id → name; only ids by which a component is known. Of what vigie
/// owns there, or of what was rendered for it.
using Components = std::map<std::string, std::string>;
Components componentsOf(const state::Inventory& inventory);
Components componentsOf(const std::vector<render::Resource>& resources);

/// Refuses the removal of a guarded component that the host `had` and does not have anywhere in `desired`,
/// unless `options.allowRemoval` names it. What moves to another place on the host is replaced, not lost.
void guardComponents(const Components& had, const std::vector<render::Resource>& desired,
                     const Options& options, Plan& plan);

}  // namespace vigie::plan
