// When a peer of the tunnel would have to be dialled anew.
#pragma once

#include "plan/observed.hpp"
#include "render/resource.hpp"

#include <cstdint>
#include <optional>

namespace vigie::controller {

/// Milliseconds until there may be something to do for a peer that can be dialled somewhere else than now:
/// the end of its session, if it is not renewed before; soon, where it has ended and its endpoint is a name,
/// which may mean something else by then. Nothing: every peer is where it is dialled, or calls us.
std::optional<std::int64_t> untilStale(const render::Tunnel& wanted, const plan::ObservedWireguard& is);

}  // namespace vigie::controller
