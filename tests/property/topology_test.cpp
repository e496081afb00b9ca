// Properties of who is whose peer, over every topology that lint accepts.

#include "render/topology.hpp"

#include "kinds/guests/model.hpp"
#include "lint/lint.hpp"
#include "render/host.hpp"
#include "spec/address.hpp"
#include "spec/guests.hpp"
#include "spec/topology.hpp"
#include "tests/property/holds.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/model_tables.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

namespace vigie::tests {
namespace {

using rc::gen::arbitrary;
using rc::gen::element;
using rc::gen::inRange;
using spec::Stack;

/// Prometheus somewhere, and guests of whom some reach it.
void addGuests(Stack& out, bool six, bool dual) {
    const auto anyHost = [&] {
        return out.hosts[static_cast<std::size_t>(*inRange(0, static_cast<int>(out.hosts.size())))].name;
    };
    out.projects = {{"monitoring", anyHost(), "/opt/monitoring", {}, "", ""}};
    out.prometheus = spec::Prometheus{};
    out.prometheus->project = "monitoring";
    out.prometheus->port = 9090;
    const int count = *inRange(0, 4);
    for (int i = 0; i < count; ++i) {
        const std::string number = std::to_string(100 + i);
        spec::Guest guest{.name = "guest" + number,
                          .address = (six ? "fd66::" : "10.66.66.") + number,
                          .publicKey = "guest-key" + number};
        guest.address6 = dual && *arbitrary<bool>() ? "fd67::" + number : "";
        if (*arbitrary<bool>()) {
            guest.reaches = {spec::Reached::prometheus};
        }
        if (spec::commonGatewayOf(out) == nullptr) {
            guest.host = anyHost();
        }
        out.wireguard.guests.push_back(std::move(guest));
    }
}

/// Tunnels of any shape; not all of them are ones that lint accepts.
Stack anyTunnel() {
    Stack out;
    out.name = "generated";
    out.firewallProvider = spec::FirewallProvider::ufw;
    out.wireguard = {"wg0", "10.66.66.0/24", 51820, 25, 0};
    out.wireguard.topology = *element<spec::TunnelTopology>(
        spec::TunnelTopology::automatic, spec::TunnelTopology::hubAndSpoke, spec::TunnelTopology::mesh);
    const bool six = *arbitrary<bool>();
    const bool dual = !six && *arbitrary<bool>();
    out.wireguard.network = six ? "fd66::/64" : "10.66.66.0/24";
    out.wireguard.network6 = dual ? "fd67::/64" : "";
    const int count = *inRange(2, 8);
    for (int i = 0; i < count; ++i) {
        const std::string number = std::to_string(i + 1);
        spec::Host host{"host" + number, "", (six ? "fd66::" : "10.66.66.") + number, "key" + number, "", ""};
        host.vpnAddress6 = dual ? "fd67::" + number : "";
        host.endpoint = *arbitrary<bool>() ? "203.0.113." + number : "";
        host.listenPort = *element(0, 51000 + i);
        if (*inRange(0, 4) == 0) {
            host.routes.push_back(six ? "fd00:" + number + "::/32" : "10." + number + ".0.0/16");
        }
        if (dual && *inRange(0, 4) == 0) {
            host.routes.push_back("fd00:" + number + "::/32");
        }
        if (!six && *inRange(0, 4) == 0) {
            host.routes.push_back("192.168." + number + ".0/24");
        }
        out.hosts.push_back(std::move(host));
    }
    if (out.wireguard.topology == spec::TunnelTopology::hubAndSpoke && *arbitrary<bool>()) {
        out.wireguard.hub = out.hosts[static_cast<std::size_t>(*inRange(0, count))].name;
    }
    addGuests(out, six, dual);
    return out;
}

bool accepted(const Stack& stack) {
    spec::Diagnostics diagnostics;
    lint::lint(stack, spec::Reporter(diagnostics, "generated.yaml"));
    return !diagnostics.hasErrors();
}

/// A tunnel that lint accepts. Few are refused: for two hosts behind NAT, a family, or an unclear hub.
Stack goodTunnel() {
    return *rc::gen::suchThat(rc::gen::exec(anyTunnel), accepted);
}

bool overlap(const spec::IpNetwork& a, const spec::IpNetwork& b) {
    return a.address.v6 == b.address.v6 &&
           (a.prefix <= b.prefix ? a.contains(b.address) : b.contains(a.address));
}

/// The peer that WireGuard on `host` sends a packet for `address` to: the longest prefix wins.
const spec::Host* nextHop(const Stack& stack, const spec::Host& host, const spec::IpAddress& address) {
    const spec::Host* best = nullptr;
    unsigned longest = 0;
    for (const auto& peer : render::peersOf(stack, host)) {
        for (const auto& allowed : peer.allowedIps) {
            const auto network = spec::parseNetwork(allowed);
            if (network && network->contains(address) && (best == nullptr || network->prefix > longest)) {
                best = stack.host(peer.name);
                longest = network->prefix;
            }
        }
    }
    return best;
}

/// Whether a packet for `address` gets from one to the other, and each on the way would accept its source.
bool arrives(const Stack& stack, const spec::Host& from, const spec::Host& to, const spec::IpAddress& address,
             const spec::IpAddress& source) {
    const spec::Host* at = &from;
    for (std::size_t hops = 0; hops <= stack.hosts.size(); ++hops) {
        if (at == &to) {
            return true;
        }
        const spec::Host* next = nextHop(stack, *at, address);
        if (next == nullptr || nextHop(stack, *next, source) != at) {
            return false;
        }
        if (at != &from && !render::isHub(stack, *at) && !render::forwardsForGuests(stack, *at)) {
            return false;  // it would not forward
        }
        at = next;
    }
    return false;
}

TEST_CASE("no two peers of a host share an address, and no host is its own peer", "[property][topology]") {
    holds([] {
        const Stack stack = goodTunnel();
        for (const auto& host : stack.hosts) {
            std::vector<spec::IpNetwork> seen;
            for (const auto& peer : render::peersOf(stack, host)) {
                RC_ASSERT(peer.name != host.name);
                RC_ASSERT(peer.publicKey != host.publicKey);
                RC_ASSERT(!peer.allowedIps.empty());
                for (const auto& text : peer.allowedIps) {
                    const auto network = spec::parseNetwork(text);
                    RC_ASSERT(network.has_value());
                    RC_ASSERT(!network->hasHostBits());
                    RC_ASSERT(std::none_of(seen.begin(), seen.end(),
                                           [&](const auto& each) { return overlap(each, *network); }));
                    seen.push_back(*network);
                }
            }
        }
    });
}

TEST_CASE("peers are mutual, and of any two peers one has an endpoint to dial", "[property][topology]") {
    holds([] {
        const Stack stack = goodTunnel();
        std::map<std::string, std::set<std::string>> peers;
        for (const auto& host : stack.hosts) {
            for (const auto& peer : render::peersOf(stack, host)) {
                if (peer.guest) {
                    RC_ASSERT(!host.endpoint.empty());  // it dials
                    continue;
                }
                peers[host.name].insert(peer.name);
                RC_ASSERT(!peer.endpoint.empty() || !host.endpoint.empty());
            }
        }
        for (const auto& [host, others] : peers) {
            for (const auto& other : others) {
                RC_ASSERT(peers[other].count(host) == 1);
            }
        }
    });
}

TEST_CASE("any two hosts reach each other and the networks behind them, in every IP family",
          "[property][topology]") {
    holds([] {
        const Stack stack = goodTunnel();
        for (const auto& from : stack.hosts) {
            for (const auto& to : stack.hosts) {
                if (&from == &to) {
                    continue;
                }
                RC_ASSERT(
                    arrives(stack, from, to, *spec::parseIp(to.vpnAddress), *spec::parseIp(from.vpnAddress)));
                if (!to.vpnAddress6.empty()) {
                    RC_ASSERT(arrives(stack, from, to, *spec::parseIp(to.vpnAddress6),
                                      *spec::parseIp(from.vpnAddress6)));
                }
                for (const auto& route : to.routes) {
                    const auto network = spec::parseNetwork(route)->address;
                    const bool first = network.v6 == spec::parseIp(from.vpnAddress)->v6;
                    RC_ASSERT(arrives(stack, from, to, network,
                                      *spec::parseIp(first ? from.vpnAddress : from.vpnAddress6)));
                }
            }
        }
    });
}

/// The packet filter of a gateway, as a reboot loads it.
struct Gateway {
    Gateway(const Stack& stack, const spec::Host& host) {
        const auto resources = render::renderHost(stack, host, {});
        const auto found = std::find_if(resources.begin(), resources.end(),
                                        [](const auto& each) { return each.id == "guests:wg0"; });
        const auto rules = std::get<render::GuestRules>(found->what);
        for (const bool v6 : {false, true}) {
            const auto& family = v6 ? rules.rules6 : rules.rules;
            if (!family.empty()) {
                const auto jump = "-I PREROUTING 1 " + render::guestJump(rules.interface);
                static_cast<void>(tables.run({{v6 ? "ip6tables-restore" : "iptables-restore", "--noflush"},
                                              render::guestTable(rules.interface, family, {jump}),
                                              {}}));
            }
        }
    }
    [[nodiscard]] bool passes(const std::string& from, const std::string& to, int port) const {
        return tables.passes({.interface = "wg0", .from = from, .to = to, .port = port});
    }
    Fuse fuse;
    ModelTables tables{fuse};
};

/// The addresses of one family that both have.
std::vector<std::pair<std::string, std::string>> ways(const spec::Guest& guest, const spec::Host& host) {
    std::vector<std::pair<std::string, std::string>> out{{guest.address, host.vpnAddress}};
    if (!guest.address6.empty() && !host.vpnAddress6.empty()) {
        out.emplace_back(guest.address6, host.vpnAddress6);
    }
    return out;
}

/// Whether a packet of the guest gets from its gateway to a host, and the answer back to the guest.
bool bothWays(const Stack& stack, const spec::Host& gateway, const spec::Host& host, const std::string& guest,
              const std::string& address) {
    const auto to = *spec::parseIp(address);
    const auto from = *spec::parseIp(guest);
    const spec::Host* at = &gateway;
    while (at != &host) {
        const auto* next = nextHop(stack, *at, to);
        if (next == nullptr || nextHop(stack, *next, from) != at) {  // the answer would go another way
            return false;
        }
        at = next;
    }
    const auto peers = render::peersOf(stack, gateway);
    return std::any_of(peers.begin(), peers.end(), [&](const render::WireguardPeer& peer) {
        return peer.guest &&
               std::any_of(peer.allowedIps.begin(), peer.allowedIps.end(),
                           [&](const auto& allowed) { return spec::parseNetwork(allowed)->contains(from); });
    });
}

TEST_CASE("a guest reaches what it may, answers come back, and it reaches nothing else",
          "[property][topology][guests]") {
    holds([] {
        const Stack stack = goodTunnel();
        for (const auto& guest : stack.wireguard.guests) {
            const auto* gateway = spec::gatewayOf(stack, guest);
            RC_ASSERT(gateway != nullptr);
            const Gateway filter(stack, *gateway);
            for (const auto& host : stack.hosts) {
                const bool serves = stack.prometheusOn(host).has_value() && !guest.reaches.empty();
                for (const auto& [from, to] : ways(guest, host)) {
                    RC_ASSERT(filter.passes(from, to, 9090) == serves);
                    RC_ASSERT(!filter.passes(from, to, 9469));  // vigie's API
                    RC_ASSERT(!filter.passes(from, to, 22));
                    RC_ASSERT(filter.passes(to, from, 22));  // hosts are not confined
                    RC_ASSERT(filter.passes(from, to, 0));   // an answer to a host
                    RC_ASSERT(bothWays(stack, *gateway, host, from, to));
                }
            }
            for (const auto& other : stack.wireguard.guests) {
                RC_ASSERT(!filter.passes(guest.address, other.address, 9090));
            }
            RC_ASSERT(!filter.passes(guest.address, gateway->endpoint, 443));
        }
    });
}

TEST_CASE("every topology renders twice to the same resources, each after its dependencies",
          "[property][topology]") {
    holds([] {
        const Stack stack = goodTunnel();
        for (const auto& host : stack.hosts) {
            const auto first = render::renderHost(stack, host, {});
            RC_ASSERT(render::digestOf(first) == render::digestOf(render::renderHost(stack, host, {})));
            std::set<std::string> earlier;
            for (const auto& resource : first) {
                for (const auto& id : resource.dependsOn) {
                    RC_ASSERT(earlier.count(id) == 1);
                }
                RC_ASSERT(earlier.insert(resource.id).second);
            }
        }
    });
}

}  // namespace
}  // namespace vigie::tests
