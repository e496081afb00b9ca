// Rules about the tunnel.
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

/// The first host with each value; reports the later ones.
class Unique {
public:
    Unique(const spec::Reporter& report, Code code, std::string what, std::string hint)
        : report_(report), code_(code), what_(std::move(what)), hint_(std::move(hint)) {}

    void see(const FieldPath& at, const std::string& value, const std::string& host) {
        if (value.empty()) {
            return;
        }
        const auto [first, inserted] = seen_.emplace(value, host);
        if (!inserted) {
            report_.error(code_, at,
                          "hosts `" + first->second + "` and `" + host + "` have the same " + what_, hint_);
        }
    }

private:
    const spec::Reporter& report_;
    Code code_;
    std::string what_;
    std::string hint_;
    std::map<std::string, std::string> seen_;
};

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
    bool allOutside = false;  ///< which is told of the network, once
};

/// Whether each of several addresses lies outside `text`: then it is the network that is wrong.
bool allOutside(const std::string& text, std::string spec::Host::*address, const char* field,
                const spec::Stack& stack, const spec::Reporter& report) {
    const auto network = spec::parseNetwork(text);
    const auto known = [&](const spec::Host& host) { return spec::parseIp(host.*address).has_value(); };
    const bool out = network && std::count_if(stack.hosts.begin(), stack.hosts.end(), known) > 1 &&
                     std::none_of(stack.hosts.begin(), stack.hosts.end(), [&](const spec::Host& host) {
                         return known(host) && network->contains(*spec::parseIp(host.*address));
                     });
    if (out) {
        report.error(code::VG0301, {"spec", "wireguard", field},
                     "no host's address lies in the tunnel's network " + text,
                     "write the network that the addresses of the hosts are in");
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
            report.error(code::VG0301, at,
                         "`" + placed.address + "` lies outside the tunnel's network " + placed.network,
                         std::string("choose an address inside it, or a wider `wireguard.") +
                             placed.networkField + "`");
        }
    } else if (isFirstOrLast(*network, *address)) {
        report.error(code::VG0305, at,
                     "`" + placed.address + "` is the first or last address of " + placed.network,
                     "these are the network's own and the broadcast address: choose one between them");
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

/// What lies behind a host is reached through the tunnel; a host that is dialled there is not.
void lintRouted(const Routes& routes, const spec::IpAddress& endpoint, const FieldPath& at,
                const spec::Reporter& report) {
    if (const auto found = routes.networks.firstHolding(endpoint)) {
        const auto& [host, route] = routes.of[*found];
        report.error(code::VG0307, at,
                     "the endpoint `" + spec::toText(endpoint) + "` lies inside " + *route +
                         ", which the tunnel carries to host `" + host->name + "`",
                     "take the endpoint's network out of `routes`, or write a narrower one: the tunnel "
                     "cannot be dialled through itself");
    }
}

/// Without a hub nobody forwards between two hosts that cannot dial each other.
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
        report.error(code::VG0311, at / "topology", "several hosts have an endpoint: which one is the hub?",
                     "name it in `hub`");
    } else if (named != nullptr && !spec::reachable(*named) && endpoints != 0) {
        report.error(code::VG0311, at / "hub",
                     "the hub `" + named->name + "` has no `endpoint` to be dialled at",
                     "give it one, or choose another hub");
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
                               "` is behind NAT and keeps no mapping open: peers reach it "
                               "only for a while after it spoke",
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
            report.error(code::VG0318, at, "hosts `" + a->name + "` and `" + b->name + "` are no peers",
                         "name two different hosts that dial each other; spokes have the hub as only peer");
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
        report.error(code::VG0313, at, "`" + wireguard.network6 + "` is no network of IPv6",
                     "write it into `network`");
    } else if (network6 && wireguard.network.find(':') != std::string::npos) {
        report.error(code::VG0313, at, "both networks of the tunnel are of IPv6",
                     "`network6` is for a second network beside one of IPv4");
    }
    bool told = false;
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        const bool has = !stack.hosts[i].vpnAddress6.empty();
        if (has && wireguard.network6.empty()) {
            if (std::exchange(told, true)) {
                continue;
            }
            report.error(code::VG0313, kHosts[i] / "vpn" / "address6", "the tunnel has no `network6`",
                         "add it, or remove `address6`");
        } else if (!has && network6 && !stack.hosts[i].vpnAddress.empty()) {
            report.error(code::VG0313, kHosts[i] / "vpn",
                         "host `" + stack.hosts[i].name + "` has no address in " + wireguard.network6,
                         "add `address6`, or remove `wireguard.network6`");
        }
    }
}

/// What a document without a tunnel may not have, and the ends of one that has it.
bool lintEnds(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.wireguard.exists()) {
        if (stack.hosts.size() > 1 && !report.written({"spec", "wireguard"})) {
            report.error(code::VG0310, kHosts, "several hosts, and no tunnel joins them",
                         "add `spec.wireguard`; only a single host needs none");
        }
        return false;
    }
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        if (!stack.hosts[i].name.empty() && stack.hosts[i].vpnAddress.empty() &&
            stack.hosts[i].publicKey.empty() && !report.written(kHosts[i] / "vpn")) {
            report.error(
                code::VG0309, kHosts[i],
                "host `" + stack.hosts[i].name + "` has no `vpn`, and so no end of the tunnel",
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
    Unique addresses(report, code::VG0302, "VPN address", "each end of the tunnel has an address of its own");
    Unique keys(report, code::VG0303, "public key",
                "WireGuard drops a peer with its own key without a word: copy each key from `vigie keys "
                "show` on its host");
    Unique endpoints(report, code::VG0306, "endpoint", "each host is dialled at an address of its own");
    const Routes routes(stack);
    const auto network = spec::parseNetwork(stack.wireguard.network);
    auto network6 = spec::parseNetwork(stack.wireguard.network6);
    const bool family = !network6 || network6->address.v6;  // else it is told, and means nothing
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
                         "the endpoint `" + host.endpoint + "` lies inside the tunnel itself",
                         "write the host's public address: the tunnel cannot be dialled through itself");
        }
        if (endpoint) {
            lintRouted(routes, *endpoint, kHosts[i] / "endpoint", report);
        }
        const FieldPath vpn = kHosts[i] / "vpn";
        addresses.see(vpn / "address", canonical(host.vpnAddress), host.name);
        addresses.see(vpn / "address6", canonical(host.vpnAddress6), host.name);
        keys.see(vpn / "publicKey", host.publicKey, host.name);
        if (!host.nextPublicKey.empty() && host.nextPublicKey == host.publicKey) {
            report.error(
                code::VG0322, vpn / "nextPublicKey", "the next key is the one that the host has",
                "remove `nextPublicKey`: the change is over, or paste what `vigie keys rotate` printed");
        } else {
            keys.see(vpn / "nextPublicKey", host.nextPublicKey, host.name);
        }
        lintAddress({host.vpnAddress, stack.wireguard.network, "network", outside}, vpn / "address", report);
        if (family) {
            lintAddress({host.vpnAddress6, stack.wireguard.network6, "network6", outside6}, vpn / "address6",
                        report);
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
