// Tests spec/guests: whose peers guests are, and what they reach.

#include "spec/guests.hpp"

#include "spec/secret_uses.hpp"
#include "spec/topology.hpp"
#include "tests/support/catch.hpp"

namespace vigie::spec {
namespace {

using Words = std::vector<std::string>;

/// Hosts `a`, `b`, …; the letters in `reachable` have an endpoint.
Stack tunnel(std::size_t hosts, const std::string& reachable) {
    Stack out;
    out.wireguard = {"wg0", "10.0.0.0/24", 51820, 25, 0};
    out.wireguard.topology = TunnelTopology::automatic;
    for (std::size_t i = 0; i < hosts; ++i) {
        const std::string name(1, static_cast<char>('a' + i));
        const bool has = reachable.find(name) != std::string::npos;
        out.hosts.push_back(
            {name, has ? name + ".example.org" : "", "10.0.0." + std::to_string(i + 1), "key-" + name, ""});
    }
    out.wireguard.guests.push_back({.name = "phone", .address = "10.0.0.10", .publicKey = "key-phone"});
    return out;
}

std::string gateway(const Stack& stack) {
    const auto* host = gatewayOf(stack, stack.wireguard.guests.front());
    return host == nullptr ? "" : host->name;
}

TEST_CASE("a guest is a peer of the hub, of the only host that can be dialled, or of the one it names",
          "[spec][guests]") {
    CHECK(gateway(tunnel(3, "b")) == "b");  // the hub
    CHECK(gateway(tunnel(2, "a")) == "a");
    CHECK(gateway(tunnel(1, "a")) == "a");
    auto stack = tunnel(3, "ab");
    CHECK(gateway(stack).empty());
    stack.wireguard.guests[0].host = "b";
    CHECK(gateway(stack) == "b");
    stack.wireguard.topology = TunnelTopology::hubAndSpoke;
    stack.wireguard.hub = "a";
    CHECK(gateway(stack) == "a");
    stack = tunnel(2, "");
    CHECK(gateway(stack).empty());
    stack = tunnel(2, "a");
    stack.wireguard.network.clear();  // no tunnel
    CHECK(gateway(stack).empty());
}

TEST_CASE("guests change no topology, and lie behind their gateway for everybody else", "[spec][guests]") {
    auto stack = tunnel(2, "a");
    stack.wireguard.guests[0].address6 = "FD00::0:A";
    CHECK(hubOf(stack) == nullptr);
    const Peering peering(stack);
    CHECK(peering.allowedIpsOf(stack.hosts[1], stack.hosts[0]) ==
          Words{"10.0.0.1/32", "10.0.0.10/32", "fd00::a/128"});
    CHECK(peering.allowedIpsOf(stack.hosts[0], stack.hosts[1]) == Words{"10.0.0.2/32"});
    const auto hub = tunnel(3, "a");
    CHECK(Peering(hub).allowedIpsOf(hub.hosts[1], hub.hosts[0]) == Words{"10.0.0.0/24"});
    CHECK(Peering(hub).guestsOf(hub.hosts[0]).size() == 1);
    CHECK(Peering(hub).guestsOf(hub.hosts[1]).empty());
}

TEST_CASE("a guest reaches every replica of what it names, each once", "[spec][guests]") {
    auto stack = tunnel(2, "a");
    stack.projects = {{"one", "a", "/opt/one", {}, "", ""}, {"two", "b", "/opt/two", {}, "", ""}};
    stack.prometheus = Prometheus{};
    stack.prometheus->port = 9090;
    stack.prometheus->replicas = {{"one", {}}, {"two", {}}};
    auto& guest = stack.wireguard.guests[0];
    CHECK(reachedPorts(stack, guest).empty());
    guest.reaches = {Reached::prometheus, Reached::prometheus, Reached::grafana};
    const auto reached = reachedPorts(stack, guest);
    REQUIRE(reached.size() == 2);  // there is no Grafana
    CHECK(reached[0].host == &stack.hosts[0]);
    CHECK(reached[1].host == &stack.hosts[1]);
    CHECK(reached[1].port == 9090);
}

TEST_CASE("a guest's preshared key is a secret of its gateway alone", "[spec][guests]") {
    auto stack = tunnel(2, "a");
    stack.wireguard.guests[0].presharedKeyFrom = SecretReference{"psk"};
    const auto uses = secretUses(stack);
    REQUIRE(uses.size() == 1);
    CHECK(uses[0].secret == "psk");
    CHECK_FALSE(uses[0].pair);
    REQUIRE(uses[0].hosts.size() == 1);
    CHECK(uses[0].hosts[0]->name == "a");
}

}  // namespace
}  // namespace vigie::spec
