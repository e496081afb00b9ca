// Who of the tunnel peers with whom.
#include "spec/topology.hpp"

#include <algorithm>
#include <functional>

namespace vigie::spec {
namespace {

std::string canonicalAddress(const std::string& text) {
    const auto address = parseIp(text);
    return address ? toText(*address) : text;
}

std::string canonicalNetwork(const std::string& text) {
    const auto network = parseNetwork(text);
    return network ? toText(network->address) + "/" + std::to_string(network->prefix) : text;
}

void addNetworks(const Host& host, std::vector<std::string>& to) {
    for (const auto& route : host.routes) {
        to.push_back(canonicalNetwork(route));
    }
}

}  // namespace

bool reachable(const Host& host) {
    return !host.endpoint.empty();
}

const Host* hubOf(const Stack& stack) {
    const auto& wireguard = stack.wireguard;
    if (!wireguard.exists() || wireguard.topology == TunnelTopology::mesh) {
        return nullptr;
    }
    const bool asked = wireguard.topology == TunnelTopology::hubAndSpoke;
    if (asked && !wireguard.hub.empty()) {
        return stack.host(wireguard.hub);
    }
    const auto can = std::count_if(stack.hosts.begin(), stack.hosts.end(), reachable);
    constexpr std::size_t kTwoNodes = 2;
    if (can != 1 || (!asked && stack.hosts.size() <= kTwoNodes)) {
        return nullptr;
    }
    return &*std::find_if(stack.hosts.begin(), stack.hosts.end(), reachable);
}

int listenPortOf(const Stack& stack, const Host& host) {
    return host.listenPort == 0 ? stack.wireguard.listenPort : host.listenPort;
}

int keepaliveOf(const Stack& stack, const Host& host) {
    // Only the host behind NAT has a mapping to keep open, unless it says otherwise.
    return host.persistentKeepalive.value_or(reachable(host) ? 0 : stack.wireguard.persistentKeepalive);
}

JoinedBy joinedBy(const Stack& stack) {
    return stack.wireguard.exists() ? JoinedBy::tunnel
           : stack.network.exists() ? JoinedBy::network
                                    : JoinedBy::nothing;
}

std::optional<IpNetwork> joiningNetwork(const Stack& stack) {
    return parseNetwork(stack.wireguard.exists() ? stack.wireguard.network : stack.network.subnet);
}

std::string addressOf(const Stack& stack, const Host& host) {
    if (!joined(stack)) {
        return {};
    }
    return canonicalAddress(stack.wireguard.exists() ? host.vpnAddress : host.address);
}

bool joinedByV6(const Stack& stack) {
    if (const auto network = joiningNetwork(stack)) {
        return network->address.v6;
    }
    return stack.network.exists() &&
           std::any_of(stack.hosts.begin(), stack.hosts.end(),
                       [](const auto& host) { return host.address.find(':') != std::string::npos; });
}

std::vector<std::string> tunnelAddressesOf(const Stack& stack, const Host& host) {
    std::vector<std::string> out;
    const auto add = [&](const std::string& address, const std::string& network) {
        if (!address.empty()) {
            const auto prefix = parseNetwork(network).value_or(IpNetwork{}).prefix;
            out.push_back(canonicalAddress(address) + "/" + std::to_string(prefix));
        }
    };
    add(host.vpnAddress, stack.wireguard.network);
    add(host.vpnAddress6, stack.wireguard.network6);
    return out;
}

std::vector<std::string> networksOf(const Host& host) {
    std::vector<std::string> out;
    for (const auto& address : {host.vpnAddress, host.vpnAddress6}) {
        if (!address.empty()) {
            out.push_back(canonicalAddress(address) +
                          (address.find(':') == std::string::npos ? "/32" : "/128"));
        }
    }
    addNetworks(host, out);
    return out;
}

Peering::Peering(const Stack& stack) : stack_(stack), hub_(hubOf(stack)) {
    const Gateways gateways(stack);
    for (const auto& guest : stack.wireguard.guests) {
        if (const auto* gateway = gateways.of(guest)) {
            guests_[gateway].push_back(&guest);
        }
    }
    for (const auto& key : stack.wireguard.presharedKeys) {
        for (const auto& a : key.hosts) {
            for (const auto& b : key.hosts) {
                keys_.emplace(std::pair<std::string_view, std::string_view>(a, b), &key);
            }
        }
    }
}

bool Peering::arePeers(const Host& a, const Host& b) const {
    return stack_.wireguard.exists() && &a != &b && !a.vpnAddress.empty() && !b.vpnAddress.empty() &&
           (reachable(a) || reachable(b)) && (hub_ == nullptr || hub_ == &a || hub_ == &b);
}

int Peering::keepaliveTo(const Host& host, const Host& peer) const {
    const int own = keepaliveOf(stack_, host);
    const bool both = reachable(host) && reachable(peer);
    if (own != 0 || host.persistentKeepalive || !both || keepaliveOf(stack_, peer) != 0) {
        return own;
    }
    return std::less<>()(&peer, &host) ? stack_.wireguard.persistentKeepalive : 0;
}

std::vector<std::string> Peering::allowedIpsOf(const Host& host, const Host& peer) const {
    if (hub_ != &peer) {
        auto own = networksOf(peer);
        for (const auto* guest : guestsOf(peer)) {  // behind it, as its networks are
            const auto theirs = networksOf(*guest);
            own.insert(own.end(), theirs.begin(), theirs.end());
        }
        return own;
    }
    // Whatever lies beyond the hub goes to it.
    std::vector<std::string> out{canonicalNetwork(stack_.wireguard.network)};
    if (!stack_.wireguard.network6.empty()) {
        out.push_back(canonicalNetwork(stack_.wireguard.network6));
    }
    for (const auto& other : stack_.hosts) {
        if (&other != &host) {
            addNetworks(other, out);
        }
    }
    return out;
}

std::vector<const Guest*> Peering::guestsOf(const Host& host) const {
    const auto it = guests_.find(&host);
    return it == guests_.end() ? std::vector<const Guest*>() : it->second;
}

const PresharedKey* Peering::presharedKeyOf(const Host& a, const Host& b) const {
    const auto it = keys_.find({a.name, b.name});
    return &a == &b || it == keys_.end() ? nullptr : it->second;
}

}  // namespace vigie::spec
