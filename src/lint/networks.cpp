// Networks and addresses that must not overlap, and what goes through them.

#include "lint/rules.hpp"
#include "spec/address.hpp"
#include "spec/network_set.hpp"
#include "spec/topology.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::IpNetwork;

const FieldPath kHosts{"spec", "hosts"};
const FieldPath kWireguard{"spec", "wireguard"};

bool inside(const std::optional<IpNetwork>& network, const spec::IpAddress& address) {
    return network && network->contains(address);
}

/// A network that must not overlap others.
struct Claim {
    IpNetwork network;
    std::string text;
    std::string owner;
    FieldPath at;  ///< of a route
};

/// All networks that must not overlap: those of the tunnel, and those behind hosts.
std::vector<Claim> claimsOf(const spec::Stack& stack) {
    std::vector<Claim> out;
    for (const auto& text : {stack.wireguard.network, stack.wireguard.network6}) {
        if (const auto network = spec::parseNetwork(text)) {
            out.push_back({*network, text, "the tunnel itself", {}});
        }
    }
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        const auto& host = stack.hosts[i];
        for (std::size_t j = 0; j < host.routes.size(); ++j) {
            if (const auto network = spec::parseNetwork(host.routes[j])) {
                out.push_back(
                    {*network, host.routes[j], "host `" + host.name + "`", (kHosts[i] / "routes")[j]});
            }
        }
    }
    return out;
}

void lintFamily(const Claim& route, const spec::Wireguard& wireguard, const spec::Reporter& report) {
    const bool v6 = wireguard.network.find(':') != std::string::npos;
    if (wireguard.exists() && route.network.address.v6 != v6 &&
        !(route.network.address.v6 && !wireguard.network6.empty())) {
        report.error(code::VG0313, route.at,
                     "`" + route.text +
                         (route.network.address.v6 ? "` is IPv6, but the tunnel has only an IPv4 network"
                                                   : "` is IPv4, but the tunnel has only an IPv6 network"),
                     route.network.address.v6 ? "add `wireguard.network6` and each host's `vpn.address6`"
                                              : "give the tunnel an IPv4 `network`");
    }
}

void lintRoutes(const spec::Stack& stack, const spec::Reporter& report) {
    auto claims = claimsOf(stack);
    const auto everything = std::stable_partition(claims.begin(), claims.end(), [](const Claim& claim) {
        return claim.at.steps().empty() || claim.network.prefix != 0;
    });
    for (auto it = everything; it != claims.end(); ++it) {
        report.error(code::VG0324, it->at, "the default route `" + it->text + "` is not supported",
                     "name the networks behind this host, such as 192.168.1.0/24");
    }
    claims.erase(everything, claims.end());
    std::vector<IpNetwork> networks;
    for (const auto& claim : claims) {
        networks.push_back(claim.network);
    }
    const auto firsts = spec::firstOverlaps(networks);
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const auto& claim = claims[i];
        if (claim.at.steps().empty()) {
            continue;
        }
        if (firsts[i]) {
            report.error(code::VG0312, claim.at,
                         "`" + claim.text + "` behind " + claim.owner + " overlaps " +
                             claims[*firsts[i]].text + " of " + claims[*firsts[i]].owner,
                         "make the networks disjoint: an address can be routed to one host only");
        }
        lintFamily(claim, stack.wireguard, report);
    }
}

/// The default pools from which the engine takes the networks of its bridges, a /16 or a /20 each. Source:
/// Docker's libnetwork, `ipamutils`.
void lintDockerPools(const spec::Stack& stack, const spec::Reporter& report) {
    struct Pool {
        const char* first;
        const char* last;
        const char* text;
        bool homes;  ///< homes use it as well, so that a LAN in it is no mistake
    };
    static constexpr std::array<Pool, 2> kPools = {
        Pool{"172.17.0.0/16", "172.31.0.0/16", "172.17.0.0 to 172.31.255.255", false},
        Pool{"192.168.0.0/20", "192.168.240.0/20", "192.168.0.0/16", true}};
    const auto check = [&](const FieldPath& at, const std::string& text, bool lan) {
        const auto network = spec::parseNetwork(text);
        if (!network || network->address.v6 || network->prefix == 0) {
            return;
        }
        for (const auto& pool : kPools) {
            const auto low = spec::parseNetwork(pool.first)->address.bytes;
            const auto high = spec::parseNetwork(pool.last)->address.bytes;
            // A wider network is one that holds the pool's first address.
            const bool within = network->address.bytes[0] == low[0] && network->address.bytes[1] >= low[1] &&
                                network->address.bytes[1] <= high[1];
            if ((within || network->contains(spec::parseNetwork(pool.first)->address)) &&
                !(lan && pool.homes)) {
                report.warning(code::VG0315, at,
                               "`" + text + "` overlaps " + pool.text +
                                   ", from which Docker allocates its bridge networks",
                               "choose another network, such as 10.66.66.0/24, or set other "
                               "`default-address-pools` in Docker on every host");
                return;
            }
        }
    };
    check(kWireguard / "network", stack.wireguard.network, false);
    check(FieldPath{"spec", "network", "subnet"}, stack.network.subnet, true);
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        for (std::size_t j = 0; j < stack.hosts[i].routes.size(); ++j) {
            check((kHosts[i] / "routes")[j], stack.hosts[i].routes[j], true);
        }
    }
}

/// WireGuard's own header takes 60 bytes over IPv4 and 80 over IPv6. What a name resolves to is not known.
void lintMtu(const spec::Stack& stack, const spec::Reporter& report) {
    const auto& wireguard = stack.wireguard;
    constexpr int kSmallestV6 = 1280;  // RFC 8200, section 5
    const bool over6 = std::any_of(stack.hosts.begin(), stack.hosts.end(), [](const spec::Host& host) {
        const auto endpoint = spec::parseIp(host.endpoint);
        return endpoint && endpoint->v6;
    });
    const int largest = over6 ? 1420 : 1440;
    const bool v6 = wireguard.network.find(':') != std::string::npos || !wireguard.network6.empty();
    const std::string text = std::to_string(wireguard.mtu);
    if (wireguard.mtu != 0 && v6 && wireguard.mtu < kSmallestV6) {
        report.error(code::VG0316, kWireguard / "mtu", "IPv6 needs an MTU of 1280 or more, not " + text,
                     "write 1280 or more, or omit `mtu`");
    } else if (wireguard.mtu > largest) {
        report.warning(code::VG0317, kWireguard / "mtu",
                       "packets of " + text + " bytes and WireGuard's header" +
                           (over6 ? ", 80 bytes to an IPv6 endpoint," : "") + " do not fit into 1500 bytes",
                       "write 1420, or omit `mtu` to let WireGuard choose");
    }
}

void lintEndpoints(const spec::Stack& stack, const spec::Reporter& report) {
    // RFC 1918, RFC 6598, RFC 3927, loopback; RFC 4193, RFC 4291.
    static constexpr std::array<const char*, 9> kPrivate = {
        "10.0.0.0/8",  "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
        "127.0.0.0/8", "fc00::/7",      "fe80::/10",      "::1/128"};
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        const auto address = spec::parseIp(stack.hosts[i].endpoint);
        const bool inTunnel = address && (inside(spec::parseNetwork(stack.wireguard.network), *address) ||
                                          inside(spec::parseNetwork(stack.wireguard.network6), *address));
        if (address && !inTunnel && std::any_of(kPrivate.begin(), kPrivate.end(), [&](const char* each) {
                return inside(spec::parseNetwork(each), *address);
            })) {
            report.warning(code::VG0320, kHosts[i] / "endpoint",
                           "`" + stack.hosts[i].endpoint +
                               "` is a private address, which hosts of other networks cannot dial",
                           "write the public address; for a host behind NAT, omit `endpoint`");
        }
    }
}

/// The networks that a host reaches through the tunnel. They are the same for all hosts that can be dialled,
/// and for all others.
class Reached {
public:
    explicit Reached(const spec::Stack& stack) : stack_(stack), peering_(stack) {}

    bool from(const spec::Host& host, const spec::IpAddress& address) {
        const Kind kind{spec::reachable(host), peering_.hub() == &host, host.vpnAddress.empty()};
        const auto known = sets_.find(kind);
        const auto& all =
            known == sets_.end() ? sets_.emplace(kind, like(host)).first->second : known->second;
        spec::NetworkSet own;
        add(own, spec::networksOf(host));
        return all.firstHolding(address) || own.firstHolding(address);
    }

private:
    using Kind = std::tuple<bool, bool, bool>;  ///< can be dialled, is the hub, has no end of the tunnel

    static void add(spec::NetworkSet& to, const std::vector<std::string>& networks) {
        for (const auto& text : networks) {
            if (const auto network = spec::parseNetwork(text)) {
                to.add(*network);
            }
        }
    }

    /// What every host like this one reaches. Of each other one it is a peer itself, or is reached through
    /// the hub, unless neither can be dialled.
    [[nodiscard]] spec::NetworkSet like(const spec::Host& host) const {
        spec::NetworkSet out;
        for (const auto& other : stack_.hosts) {
            if (peering_.arePeers(host, other)) {
                add(out, peering_.allowedIpsOf(host, other));
            }
        }
        if (!host.vpnAddress.empty() && (peering_.hub() != nullptr || spec::reachable(host))) {
            add(out, spec::networksOf(host));
        }
        return out;
    }

    const spec::Stack& stack_;
    const spec::Peering peering_;
    std::map<Kind, spec::NetworkSet> sets_;
};

void lintNameServers(const spec::Stack& stack, const spec::Reporter& report) {
    Reached reached(stack);
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        const auto& host = stack.hosts[i];
        for (std::size_t j = 0; j < host.dns.size(); ++j) {
            const auto address = spec::parseIp(host.dns[j]);
            if (address && !reached.from(host, *address)) {
                report.warning(code::VG0321, (kHosts[i] / "vpn" / "dns")[j],
                               "the name server " + host.dns[j] + " is not reachable through the tunnel",
                               "name one inside the tunnel or behind a host's `routes`, or none");
            }
        }
    }
}

}  // namespace

void lintNetworks(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.wireguard.exists()) {
        lintDockerPools(stack, report);
        return;
    }
    lintRoutes(stack, report);
    lintDockerPools(stack, report);
    lintMtu(stack, report);
    lintEndpoints(stack, report);
    lintNameServers(stack, report);
}

}  // namespace vigie::lint
