#include "render/topology.hpp"

#include "spec/address.hpp"

#include <algorithm>

namespace vigie::render {
namespace {

bool reachable(const spec::Host& host) {
    return !host.endpoint.empty();
}

/// The only host with an endpoint among three or more: hub and spoke. Null otherwise.
const spec::Host* hubOf(const spec::Stack& stack) {
    const spec::Host* hub = nullptr;
    for (const auto& host : stack.hosts) {
        if (reachable(host)) {
            if (hub != nullptr) {
                return nullptr;
            }
            hub = &host;
        }
    }
    constexpr std::size_t kTwoNodes = 2;
    return stack.hosts.size() > kTwoNodes ? hub : nullptr;
}

std::string hostRoute(const std::string& address) {
    return address + (address.find(':') == std::string::npos ? "/32" : "/128");
}

}  // namespace

bool isHub(const spec::Stack& stack, const spec::Host& host) {
    return hubOf(stack) == &host;
}

std::vector<WireguardPeer> peersOf(const spec::Stack& stack, const spec::Host& host) {
    std::vector<WireguardPeer> out;
    const spec::Host* hub = hubOf(stack);
    for (const auto& other : stack.hosts) {
        const bool joined = reachable(host) || reachable(other);
        if (&other == &host || !joined) {
            continue;
        }
        WireguardPeer peer;
        peer.name = other.name;
        peer.publicKey = other.publicKey;
        peer.nextPublicKey = other.nextPublicKey;
        if (reachable(other)) {
            peer.endpoint = spec::hostPort(other.endpoint, stack.wireguard.listenPort);
        }
        peer.allowedIps = {&other == hub ? stack.wireguard.network : hostRoute(other.vpnAddress)};
        // Only the host behind NAT has a mapping to keep open.
        peer.persistentKeepalive = reachable(host) ? 0 : stack.wireguard.persistentKeepalive;
        out.push_back(std::move(peer));
    }
    return out;
}

}  // namespace vigie::render
