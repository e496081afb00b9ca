// Does everything of an apply that may fail before the host changes.
#pragma once

#include "apply/apply.hpp"

namespace vigie::apply {

/// Whether the plan touches what an operator may be connected through.
bool touchesTheWayIn(const plan::Plan& plan);

/// Everything that can go wrong before something changes: the checkers, compose, images that have to be
/// pulled or built, and whether the firewall would close a door. Throws Error; the host is as it was.
void prepare(const DesiredState& target, const plan::Plan& plan, const state::Inventory& inventory,
             const Settings& settings, const system::System& system);

}  // namespace vigie::apply
