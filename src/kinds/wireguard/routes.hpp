// Compares the host's routes with those that the tunnel needs.
#pragma once

#include "render/resource.hpp"
#include "system/system.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace vigie::apply {

/// The list that `ip -json ARGUMENTS` prints. Throws Error.
nlohmann::json ipJson(const std::vector<std::string>& arguments, const system::System& system);

/// Throws Error when the tunnel would route a network that this host reaches in another way: what is near
/// would be sought far away. A route that the tunnel has already is left alone.
void keepOwnNetworks(const render::Tunnel& wanted, const system::System& system);

/// Throws Error when the kernel would forget this host's way into the IPv6 internet at the moment in which it
/// begins to forward: it then drops the default routes that it learned from router advertisements, unless
/// `accept_ra` is 2 (Linux, Documentation/networking/ip-sysctl).
void keepDefaultRoute6(const system::System& system);

}  // namespace vigie::apply
