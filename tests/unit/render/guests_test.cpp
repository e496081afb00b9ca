// Tests render/guests: what confines guests, and what brings it back after a reboot.

#include "render/guests.hpp"

#include "kinds/models.hpp"
#include "kinds/wireguard/model.hpp"
#include "render/topology.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::render {
namespace {

using Words = std::vector<std::string>;
using tests::contains;

/// `a` can be dialled, Prometheus is on `b`; one guest that reaches it.
spec::Stack stackOf(std::size_t hosts) {
    spec::Stack out;
    out.name = "s";
    out.firewallProvider = spec::FirewallProvider::ufw;
    out.wireguard = {"wg0", "10.0.0.0/24", 51820, 25, 0};
    out.wireguard.topology = spec::TunnelTopology::automatic;
    for (std::size_t i = 0; i < hosts; ++i) {
        const std::string name(1, static_cast<char>('a' + i));
        out.hosts.push_back(
            {name, i == 0 ? "203.0.113.1" : "", "10.0.0." + std::to_string(i + 1), "key-" + name, ""});
    }
    out.projects = {{"m", out.hosts.back().name, "/opt/m", {}, "", ""}};
    out.prometheus = spec::Prometheus{};
    out.prometheus->project = "m";
    out.prometheus->port = 9090;
    out.wireguard.guests.push_back({.name = "phone",
                                    .address = "10.0.0.10",
                                    .publicKey = "key-phone",
                                    .reaches = {spec::Reached::prometheus}});
    return out;
}

spec::Stack dualStack() {
    auto out = stackOf(2);
    out.wireguard.network6 = "fd00::/64";
    for (std::size_t i = 0; i < out.hosts.size(); ++i) {
        out.hosts[i].vpnAddress6 = "fd00::" + std::to_string(i + 1);
    }
    out.wireguard.guests[0].address6 = "fd00::a";
    return out;
}

const Resource* find(const std::vector<Resource>& resources, const std::string& id) {
    const auto it =
        std::find_if(resources.begin(), resources.end(), [&](const Resource& each) { return each.id == id; });
    return it == resources.end() ? nullptr : &*it;
}

std::string text(const std::vector<Resource>& resources, const std::string& path) {
    const auto* resource = find(resources, "file:" + path);
    REQUIRE(resource != nullptr);
    return kinds::contentOf(*resource)->masked();
}

/// The chain that `host` has; an empty one where it has none.
GuestRules guestRules(const spec::Stack& stack, const spec::Host& host) {
    const auto resources = renderHost(stack, host, {});
    const auto* found = find(resources, "guests:wg0");
    return found == nullptr ? GuestRules{"wg0", {}, {}} : std::get<GuestRules>(found->what);
}

TEST_CASE("the gateway lets hosts through, and of guests what they reach", "[render][guests]") {
    const auto stack = dualStack();
    const auto rules = guestRules(stack, stack.hosts[0]);
    CHECK(rules.rules == Words{"-m conntrack --ctstate ESTABLISHED --ctdir REPLY -j RETURN",
                               "-p icmp -m conntrack --ctstate RELATED -j RETURN", "-s 10.0.0.1/32 -j RETURN",
                               "-s 10.0.0.2/32 -j RETURN",
                               "-s 10.0.0.10/32 -d 10.0.0.2/32 -p tcp -m tcp --dport 9090 -j RETURN",
                               "-s 10.0.0.0/24 -j DROP"});
    CHECK(rules.rules6 == Words{"-m conntrack --ctstate ESTABLISHED --ctdir REPLY -j RETURN",
                                "-p ipv6-icmp -m conntrack --ctstate RELATED -j RETURN",
                                "-s fd00::1/128 -j RETURN", "-s fd00::2/128 -j RETURN",
                                "-s fd00::a/128 -d fd00::2/128 -p tcp -m tcp --dport 9090 -j RETURN",
                                "-s fd00::/64 -j DROP"});
    CHECK(guestRules(stack, stack.hosts[1]).rules.empty());
    auto v6 = stack;
    v6.wireguard.network = "fd00::/64";
    v6.wireguard.network6.clear();
    v6.wireguard.guests[0].address = "fd00::a";
    CHECK(guestRules(v6, v6.hosts[0]).rules.empty());
    CHECK(guestRules(v6, v6.hosts[0]).rules6.back() == "-s fd00::/64 -j DROP");
}

TEST_CASE("rules for guests are there before the tunnel, now and after a reboot", "[render][guests]") {
    const auto stack = dualStack();
    const auto gateway = renderHost(stack, stack.hosts[0], {});
    const auto* rules = find(gateway, "guests:wg0");
    const auto* tunnel = find(gateway, "wireguard:wg0");
    REQUIRE(rules != nullptr);
    CHECK(rules < tunnel);
    CHECK(std::count(tunnel->dependsOn.begin(), tunnel->dependsOn.end(), "guests:wg0") == 1);
    CHECK(contains(text(gateway, "/etc/wireguard/wg0.guests4"),
                   "*mangle\n:VIGIE-GUESTS-wg0 - [0:0]\n-A VIGIE-GUESTS-wg0 -m conntrack"));
    CHECK(contains(text(gateway, "/etc/wireguard/wg0.guests6"),
                   "-A VIGIE-GUESTS-wg0 -s fd00::/64 -j DROP\nCOMMIT\n"));
    CHECK(std::get<File>(find(gateway, "file:/etc/wireguard/wg0.guests4")->what).mode == 0600);
    const auto unit = text(gateway, "/etc/systemd/system/wg-quick@wg0.service.d/50-vigie.conf");
    CHECK(contains(unit, "ExecStartPre=-iptables-restore --noflush --wait 10 /etc/wireguard/wg0.guests4\n"));
    CHECK(contains(unit,
                   "ExecStartPre=-/bin/sh -c 'ip6tables --wait 10 -t mangle -C PREROUTING -i wg0 -j "
                   "VIGIE-GUESTS-wg0 2>/dev/null || ip6tables --wait 10 -t mangle -I PREROUTING -i wg0 -j "
                   "VIGIE-GUESTS-wg0'\n"));
    const auto other = renderHost(stack, stack.hosts[1], {});
    CHECK(find(other, "guests:wg0") == nullptr);
    CHECK(find(other, "file:/etc/wireguard/wg0.guests4") == nullptr);
}

TEST_CASE("the gateway forwards for guests, and lets them through its firewall", "[render][guests]") {
    auto stack = dualStack();
    auto gateway = renderHost(stack, stack.hosts[0], {});
    CHECK(find(gateway, "sysctl:net.ipv4.ip_forward") != nullptr);
    CHECK(find(gateway, "sysctl:net.ipv6.conf.all.forwarding") != nullptr);
    CHECK(kinds::describe(*find(gateway, "firewall:wg0/route/10.0.0.10")) ==
          "ufw route allow in on wg0 out on wg0 from 10.0.0.10\n");
    CHECK(find(gateway, "firewall:wg0/route/fd00::a") != nullptr);
    CHECK(find(renderHost(stack, stack.hosts[1], {}), "firewall:wg0/tcp/9090") != nullptr);
    stack.hosts.push_back({"c", "", "10.0.0.3", "key-c", ""});  // `a` is a hub now
    stack.hosts.back().vpnAddress6 = "fd00::3";
    gateway = renderHost(stack, stack.hosts[0], {});
    CHECK(find(gateway, "firewall:wg0/route") != nullptr);
    CHECK(find(gateway, "firewall:wg0/route/10.0.0.10") == nullptr);
    const auto alone = stackOf(1);
    gateway = renderHost(alone, alone.hosts[0], {});
    CHECK(find(gateway, "guests:wg0") != nullptr);
    CHECK(find(gateway, "sysctl:net.ipv4.ip_forward") == nullptr);  // there is nobody to forward to
}

TEST_CASE("a guest is a peer that is not dialled, with its preshared key", "[render][guests]") {
    auto stack = stackOf(2);
    stack.wireguard.guests[0].presharedKeyFrom = spec::SecretReference{"psk"};
    Inputs inputs;
    inputs.secrets["psk"] = {"id", std::make_shared<const SecureBytes>(secureBytes("SECRET"))};
    const auto gateway = renderHost(stack, stack.hosts[0], inputs);
    const auto& peer = std::get<WireguardInterface>(find(gateway, "wireguard:wg0")->what).peers.back();
    CHECK(peer.guest);
    CHECK(peer.name == "phone");
    CHECK(peer.endpoint.empty());
    CHECK(peer.persistentKeepalive == 0);
    CHECK(peer.allowedIps == Words{"10.0.0.10/32"});
    CHECK(peer.presharedKey.id == "id");
    CHECK(contains(text(gateway, "/etc/wireguard/wg0.conf"),
                   "# phone (guest)\n[Peer]\nPublicKey = key-phone\nPresharedKey = ***\nAllowedIPs = "
                   "10.0.0.10/32\n"));
    CHECK(peersOf(stack, stack.hosts[1]).size() == 1);
}

TEST_CASE("guests are no keys whose handshake anybody waits for", "[render][guests]") {
    const auto stack = stackOf(2);
    const auto gateway = renderHost(stack, stack.hosts[0], {});
    CHECK(kinds::tunnelOf(*find(gateway, "wireguard:wg0"))->peerKeys() == Words{"key-b"});
}

}  // namespace
}  // namespace vigie::render
