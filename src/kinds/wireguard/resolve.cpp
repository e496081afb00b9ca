// Resolves the names of endpoints on this host.

#include "kinds/wireguard/resolve.hpp"

#include "kinds/wireguard/endpoints.hpp"

namespace vigie::apply {

void resolveEndpoints(const std::vector<std::string>& endpoints, system::Names& names,
                      plan::ObservedWireguard& out) {
    for (const auto& endpoint : endpoints) {
        const auto name = plan::nameIn(endpoint);
        if (!name.empty() && out.names.count(name) == 0) {
            auto resolved = names.resolve(name);
            out.names[name] = {std::move(resolved.addresses), std::move(resolved.problem)};
        }
    }
}

void resolveEndpoints(const render::Tunnel& wanted, system::Names& names, plan::ObservedWireguard& out) {
    std::vector<std::string> endpoints;
    for (const auto& peer : wanted.peers) {
        endpoints.push_back(peer.endpoint);
    }
    resolveEndpoints(endpoints, names, out);
}

}  // namespace vigie::apply
