// The names of endpoints, as this host resolves them.
#pragma once

#include "plan/observed.hpp"
#include "render/resource.hpp"
#include "system/names.hpp"

#include <string>
#include <vector>

namespace vigie::apply {

/// Adds to `out` what the names in `endpoints` (`HOST:PORT`, some of them addresses) mean now.
void resolveEndpoints(const std::vector<std::string>& endpoints, system::Names& names,
                      plan::ObservedWireguard& out);

/// The same for the peers of `wanted`.
void resolveEndpoints(const render::Tunnel& wanted, system::Names& names, plan::ObservedWireguard& out);

}  // namespace vigie::apply
