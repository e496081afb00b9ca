// The tunnel: addresses, keys, endpoints and peers.

#include "lint/host_addresses.hpp"
#include "lint/rules.hpp"
#include "spec/address.hpp"
#include "spec/network_set.hpp"
#include "spec/topology.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace vigie::lint {
namespace {

using spec::FieldPath;

const FieldPath kHosts{"spec", "hosts"};

std::string canonical(const std::string& text) {
    const auto address = spec::parseIp(text);
    return address ? spec::toText(*address) : text;
}

bool isFirstOrLast(const spec::IpNetwork& network, const spec::IpAddress& address) {
    const unsigned bits = address.bits();
    const unsigned hostBits = bits - network.prefix;
    constexpr unsigned kPointToPoint = 1;  // in a /31 both addresses are hosts (RFC 3021)
    if (address.v6 || hostBits <= kPointToPoint) {
        return false;
    }
    bool zeros = true;
    bool ones = true;
    for (unsigned i = network.prefix; i < bits; ++i) {
        const bool set = address.bit(i);
        zeros = zeros && !set;
        ones = ones && set;
    }
    return zeros || ones;
}

/// An address of a host, and the network of its field.
struct Placed {
    const std::string& address;
    const std::string& network;
    const char* networkField;
    bool allOutside = false;  ///< reported for the network instead
};

/// True if all of several addresses are outside `text`: then the network is probably wrong, and is reported.
bool allOutside(const std::string& text, std::string spec::Host::*address, const char* field,
                const spec::Stack& stack, const spec::Reporter& report) {
    const auto network = spec::parseNetwork(text);
    const bool out = network && noneInside(stack, *network, address);
    if (out) {
        report.error(code::VG0301, {"spec", "wireguard", field},
                     "no host has an address in the tunnel's network " + text,
                     "write the network that contains the addresses of the hosts");
    }
    return out;
}

void lintAddress(const Placed& placed, const FieldPath& at, const spec::Reporter& report) {
    const auto network = spec::parseNetwork(placed.network);
    const auto address = spec::parseIp(placed.address);
    if (!network || !address) {
        return;
    }
    if (!network->contains(*address)) {
        if (!placed.allOutside) {
            report.error(
                code::VG0301, at,
                "the address `" + placed.address + "` is not in the tunnel's network " + placed.network,
                std::string("choose an address inside it, or a wider `wireguard.") + placed.networkField +
                    "`");
        }
    } else if (isFirstOrLast(*network, *address)) {
        report.error(code::VG0305, at,
                     "`" + placed.address + "` is the first or last address of " + placed.network,
                     "choose an address in between: these two are the network and broadcast addresses");
    }
}

/// The networks behind all hosts.
struct Routes {
    spec::NetworkSet networks;
    std::vector<std::pair<const spec::Host*, const std::string*>> of;  ///< in the order of `networks`

    explicit Routes(const spec::Stack& stack) {
        for (const auto& host : stack.hosts) {
            for (const auto& route : host.routes) {
                const auto network = spec::parseNetwork(route);
                if (network && network->prefix != 0) {
                    networks.add(*network);
                    of.emplace_back(&host, &route);
                }
            }
        }
    }
};

/// Networks behind a host are reached through the tunnel, so an endpoint cannot be in one of them.
void lintRouted(const Routes& routes, const spec::IpAddress& endpoint, const FieldPath& at,
                const spec::Reporter& report) {
    if (const auto found = routes.networks.firstHolding(endpoint)) {
        const auto& [host, route] = routes.of[*found];
        report.error(code::VG0307, at,
                     "the endpoint `" + spec::toText(endpoint) + "` is in " + *route +
                         ", which is routed through the tunnel to host `" + host->name + "`",
                     "remove the endpoint's network from `routes`, or write a narrower one: the tunnel "
                     "cannot be reached through itself");
    }
}

/// Without a hub, no host forwards between two hosts that cannot dial each other.
void lintPairs(const spec::Stack& stack, const spec::Reporter& report) {
    std::vector<const spec::Host*> behindNat;
    for (const auto& host : stack.hosts) {
        if (!spec::reachable(host)) {
            behindNat.push_back(&host);
        }
    }
    constexpr std::size_t kTwo = 2;
    const bool nobody = behindNat.size() == stack.hosts.size();  // VG0304
    if (behindNat.size() >= kTwo && !nobody && spec::hubOf(stack) == nullptr &&
        stack.wireguard.topology != spec::TunnelTopology::hubAndSpoke) {
        const bool several = stack.hosts.size() - behindNat.size() >= kTwo;
        report.error(code::VG0308, kHosts,
                     "hosts `" + behindNat[0]->name + "` and `" + behindNat[1]->name +
                         "` are both behind NAT, and " + (several ? "with several endpoints" : "in a mesh") +
                         " no host forwards between them",
                     "write `topology: hubAndSpoke` and a `hub`, or give one of the two an endpoint");
    }
}

void lintHub(const spec::Stack& stack, const spec::Reporter& report) {
    const FieldPath at{"spec", "wireguard"};
    const auto& wireguard = stack.wireguard;
    if (wireguard.topology != spec::TunnelTopology::hubAndSpoke) {
        if (!wireguard.hub.empty()) {
            report.error(code::VG0311, at / "hub", "only `topology: hubAndSpoke` has a hub",
                         "write that topology, or remove `hub`");
        }
        return;
    }
    const auto* named = stack.host(wireguard.hub);
    const auto endpoints = std::count_if(stack.hosts.begin(), stack.hosts.end(), spec::reachable);
    if (wireguard.hub.empty() && endpoints > 1 && !report.refused(at / "hub")) {
        report.error(code::VG0311, at / "topology",
                     "several hosts have an `endpoint`, and `hub` names none of them",
                     "name one of them in `hub`");
    } else if (named != nullptr && !spec::reachable(*named) && endpoints != 0) {
        report.error(code::VG0311, at / "hub", "the hub `" + named->name + "` has no `endpoint`",
                     "add its `endpoint`, or choose another hub");
    }
}

/// Mappings of a router and sessions of a firewall are forgotten after a minute or less of silence.
void lintKeepalive(const spec::Stack& stack, const spec::Reporter& report) {
    for (std::size_t i = 0; i < stack.hosts.size() && stack.hosts.size() > 1; ++i) {
        const auto& host = stack.hosts[i];
        if (!spec::reachable(host) && spec::keepaliveOf(stack, host) == 0) {
            const FieldPath at = host.persistentKeepalive
                                     ? kHosts[i] / "persistentKeepalive"
                                     : FieldPath{"spec", "wireguard", "persistentKeepalive"};
            report.warning(code::VG0314, at,
                           "host `" + host.name +
                               "` is behind NAT and sends no keepalives: peers reach it only shortly after "
                               "it sent a packet",
                           "write 25");
            if (!host.persistentKeepalive) {
                return;  // one field, one warning
            }
        }
    }
}

void lintPresharedKeys(const spec::Stack& stack, const spec::Reporter& report) {
    const spec::Peering peering(stack);
    std::set<std::set<std::string>> seen;
    for (std::size_t i = 0; i < stack.wireguard.presharedKeys.size(); ++i) {
        const auto& key = stack.wireguard.presharedKeys[i];
        const FieldPath at = FieldPath{"spec", "wireguard", "presharedKeys"}[i] / "hosts";
        if (key.hosts.size() != 2) {
            continue;
        }
        const auto* a = stack.host(key.hosts[0]);
        const auto* b = stack.host(key.hosts[1]);
        if (a == nullptr || b == nullptr) {
            continue;
        }
        if (!peering.arePeers(*a, *b)) {
            report.error(code::VG0318, at, "hosts `" + a->name + "` and `" + b->name + "` are not peers",
                         "name two different hosts that are peers; the only peer of a spoke is the hub");
        } else if (!seen.insert({a->name, b->name}).second) {
            report.error(code::VG0318, at,
                         "hosts `" + a->name + "` and `" + b->name + "` have two preshared keys",
                         "remove one of them");
        }
    }
}

void lintFamilies(const spec::Stack& stack, const spec::Reporter& report) {
    const auto& wireguard = stack.wireguard;
    const auto network6 = spec::parseNetwork(wireguard.network6);
    const FieldPath at{"spec", "wireguard", "network6"};
    if (report.refused(at)) {
        return;
    }
    if (network6 && !network6->address.v6) {
        report.error(code::VG0313, at, "`" + wireguard.network6 + "` is not an IPv6 network",
                     "write it into `network`");
    } else if (network6 && wireguard.network.find(':') != std::string::npos) {
        report.error(code::VG0313, at, "`network` and `network6` are both IPv6 networks",
                     "use `network6` only beside an IPv4 `network`");
    }
    bool told = false;
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        const bool has = !stack.hosts[i].vpnAddress6.empty();
        if (has && wireguard.network6.empty()) {
            if (std::exchange(told, true)) {
                continue;
            }
            report.error(
                code::VG0313, kHosts[i] / "vpn" / "address6",
                "host `" + stack.hosts[i].name + "` has an `address6`, but the tunnel has no `network6`",
                "add `wireguard.network6`, or remove `address6`");
        } else if (!has && network6 && !stack.hosts[i].vpnAddress.empty()) {
            report.error(code::VG0313, kHosts[i] / "vpn",
                         "host `" + stack.hosts[i].name + "` has no address in " + wireguard.network6,
                         "add `address6`, or remove `wireguard.network6`");
        }
    }
}

/// Reports several hosts without a tunnel, and hosts without `vpn`. Returns true if there is a tunnel.
bool lintEnds(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.wireguard.exists()) {
        if (stack.hosts.size() > 1 && !report.written({"spec", "wireguard"}) &&
            !report.written({"spec", "network"})) {
            report.error(
                code::VG0310, kHosts, "the document has several hosts, but no network joins them",
                "add `spec.wireguard`, or `spec.network` for a network that is there already; only a "
                "document with a single host needs neither");
        }
        return false;
    }
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        if (!stack.hosts[i].name.empty() && stack.hosts[i].vpnAddress.empty() &&
            stack.hosts[i].publicKey.empty() && !report.written(kHosts[i] / "vpn")) {
            report.error(
                code::VG0309, kHosts[i],
                "host `" + stack.hosts[i].name + "` has no `vpn`: it cannot join the tunnel",
                "add `vpn: { address: …, publicKey: … }` with the key that `vigie keys show` prints");
        }
    }
    return true;
}

}  // namespace

void lintTunnel(const spec::Stack& stack, const spec::Reporter& report) {
    if (!lintEnds(stack, report)) {
        return;
    }
    Unique addresses(report, code::VG0302, "VPN address", "give each host its own address");
    Unique keys(report, code::VG0303, "public key",
                "WireGuard silently drops a peer that has its own key: copy each key from `vigie keys "
                "show` on its host");
    Unique endpoints(report, code::VG0306, "endpoint", "give each host its own public address");
    const Routes routes(stack);
    const auto network = spec::parseNetwork(stack.wireguard.network);
    auto network6 = spec::parseNetwork(stack.wireguard.network6);
    const bool family = !network6 || network6->address.v6;  // otherwise already reported, and ignored here
    if (!family) {
        network6.reset();
    }
    const bool outside =
        allOutside(stack.wireguard.network, &spec::Host::vpnAddress, "network", stack, report);
    const bool outside6 =
        family && allOutside(stack.wireguard.network6, &spec::Host::vpnAddress6, "network6", stack, report);
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        const auto& host = stack.hosts[i];
        endpoints.see(kHosts[i] / "endpoint",
                      host.endpoint.empty()
                          ? ""
                          : host.endpoint + " " + std::to_string(spec::listenPortOf(stack, host)),
                      host.name);
        const auto endpoint = spec::parseIp(host.endpoint);
        const auto in = [&](const auto& each) { return each && each->contains(*endpoint); };
        if (endpoint && (in(network) || in(network6))) {
            report.error(code::VG0307, kHosts[i] / "endpoint",
                         "the endpoint `" + host.endpoint + "` is an address inside the tunnel",
                         "write the host's public address: the tunnel cannot be reached through itself");
        }
        if (endpoint) {
            lintRouted(routes, *endpoint, kHosts[i] / "endpoint", report);
        }
        const FieldPath vpn = kHosts[i] / "vpn";
        addresses.see(vpn / "address", canonical(host.vpnAddress), host.name);
        addresses.see(vpn / "address6", canonical(host.vpnAddress6), host.name);
        keys.see(vpn / "publicKey", host.publicKey, host.name);
        if (!host.nextPublicKey.empty() && host.nextPublicKey == host.publicKey) {
            report.error(code::VG0322, vpn / "nextPublicKey",
                         "`nextPublicKey` is the same key as `publicKey`",
                         "remove `nextPublicKey` if the rotation is finished, or paste what `vigie keys "
                         "rotate` printed");
        } else {
            keys.see(vpn / "nextPublicKey", host.nextPublicKey, host.name);
        }
        lintAddress({host.vpnAddress, stack.wireguard.network, "network", outside}, vpn / "address", report);
        if (family) {
            lintAddress({host.vpnAddress6, stack.wireguard.network6, "network6", outside6}, vpn / "address6",
                        report);
        }
    }
    for (std::size_t i = 0; i < stack.wireguard.guests.size();
         ++i) {  // behind all hosts, who were there first
        const auto& guest = stack.wireguard.guests[i];
        const FieldPath at = FieldPath{"spec", "wireguard", "guests"}[i];
        addresses.see(at / "address", canonical(guest.address), guest.name, true);
        addresses.see(at / "address6", canonical(guest.address6), guest.name, true);
        keys.see(at / "publicKey", guest.publicKey, guest.name, true);
        lintAddress({guest.address, stack.wireguard.network, "network", false}, at / "address", report);
        lintAddress({guest.address6, stack.wireguard.network6, "network6", !family}, at / "address6", report);
        if (!guest.address6.empty() && stack.wireguard.network6.empty() &&
            !report.refused({"spec", "wireguard", "network6"})) {
            report.error(code::VG0313, at / "address6",
                         "guest `" + guest.name + "` has an `address6`, but the tunnel has no `network6`",
                         "add `wireguard.network6`, or remove `address6`");
        }
    }
    const bool nobody = std::none_of(stack.hosts.begin(), stack.hosts.end(),
                                     [](const spec::Host& host) { return !host.endpoint.empty(); });
    lintPairs(stack, report);
    lintHub(stack, report);
    lintKeepalive(stack, report);
    lintPresharedKeys(stack, report);
    lintFamilies(stack, report);
    if (stack.hosts.size() > 1 && nobody) {
        report.error(code::VG0304, kHosts,
                     "no host has an `endpoint`: all are behind NAT, and none can dial another",
                     "give the host with a public address its `endpoint`");
    }
}

}  // namespace vigie::lint
