#include "render/topology.hpp"

#include "spec/topology.hpp"

namespace vigie::render {

bool isHub(const spec::Stack& stack, const spec::Host& host) {
    return spec::hubOf(stack) == &host;
}

std::vector<WireguardPeer> peersOf(const spec::Stack& stack, const spec::Host& host) {
    std::vector<WireguardPeer> out;
    for (const auto& other : stack.hosts) {
        if (!spec::arePeers(stack, host, other)) {
            continue;
        }
        WireguardPeer peer;
        peer.name = other.name;
        peer.publicKey = other.publicKey;
        peer.nextPublicKey = other.nextPublicKey;
        if (spec::reachable(other)) {
            // As `wg` prints it.
            const auto address = spec::parseIp(other.endpoint);
            peer.endpoint = spec::hostPort(address ? spec::toText(*address) : other.endpoint,
                                           spec::listenPortOf(stack, other));
        }
        peer.allowedIps = spec::allowedIpsOf(stack, host, other);
        peer.persistentKeepalive = spec::keepaliveTo(stack, host, other);
        out.push_back(std::move(peer));
    }
    return out;
}

}  // namespace vigie::render
