// The peers of a host, as its interface has them.

#include "render/topology.hpp"

#include "spec/topology.hpp"

namespace vigie::render {

bool isHub(const spec::Stack& stack, const spec::Host& host) {
    return spec::hubOf(stack) == &host;
}

bool forwardsForGuests(const spec::Stack& stack, const spec::Host& host) {
    return stack.hosts.size() > 1 && !spec::Peering(stack).guestsOf(host).empty();
}

std::vector<WireguardPeer> peersOf(const spec::Stack& stack, const spec::Host& host) {
    const spec::Peering peering(stack);
    std::vector<WireguardPeer> out;
    for (const auto& other : stack.hosts) {
        if (!peering.arePeers(host, other)) {
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
        peer.allowedIps = peering.allowedIpsOf(host, other);
        peer.persistentKeepalive = peering.keepaliveTo(host, other);
        out.push_back(std::move(peer));
    }
    for (const auto* guest : peering.guestsOf(host)) {  // it dials us, whenever it is awake
        WireguardPeer peer;
        peer.name = guest->name;
        peer.publicKey = guest->publicKey;
        peer.allowedIps = spec::networksOf(*guest);
        peer.guest = true;
        out.push_back(std::move(peer));
    }
    return out;
}

}  // namespace vigie::render
