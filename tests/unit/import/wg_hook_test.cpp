// Tests import/wg_hook: Says what the hooks of a wg-quick file do.

#include "import/wg_hook.hpp"

#include "tests/support/catch.hpp"

namespace vigie::imports {
namespace {

Finding told(const std::string& text) {
    const auto lines = wgLines(text);
    REQUIRE(lines.size() == 1);
    return hookFinding(lines[0], "/etc/wireguard/wg0.conf", "wg0");
}

TEST_CASE("address translation by a hook is told with its networks, and where to keep it",
          "[import][wg_hook]") {
    const auto finding = told(
        "PostUp = iptables -A FORWARD -i %i -j ACCEPT; iptables -t nat -A POSTROUTING -s 10.77.0.0/24 -o "
        "eth0 "
        "-j MASQUERADE\n");
    CHECK(finding.kind == "lost");
    CHECK(finding.line == 1);
    CHECK(finding.what ==
          "`PostUp` of the tunnel: firewall rules for what is forwarded (FORWARD), address "
          "translation (MASQUERADE of 10.77.0.0/24 to eth0)");
    CHECK(
        finding.cure ==
        "vigie lets through what a hub, `hosts[].routes` and guests need, and writes no other such rule; "
        "vigie translates no addresses. Keep what you need of this hook in a systemd unit that starts after "
        "wg-quick@wg0.service, such as the one in docs/import.md");
}

TEST_CASE("hooks of nft, ufw, sysctl and ip are told as what they are", "[import][wg_hook]") {
    CHECK(told("PostUp=nft add rule ip nat post ip saddr 10.8.0.0/24 oifname \"ens3\" masquerade\n").what ==
          "`PostUp` of the tunnel: address translation (MASQUERADE of 10.8.0.0/24 to ens3)");
    CHECK(told("PostUp = iptables -t nat -A POSTROUTING ! -o %i -j SNAT --to-source 192.0.2.1\n").what ==
          "`PostUp` of the tunnel: address translation (MASQUERADE)");
    CHECK(told("PreUp = sysctl -w net.ipv4.ip_forward=1\n").what ==
          "`PreUp` of the tunnel: forwarding by the kernel");
    CHECK(told("PostUp = ufw route allow in on wg0 out on eth0\n").what ==
          "`PostUp` of the tunnel: firewall rules for what is forwarded (FORWARD)");
    CHECK(told("PostUp = ip route add 192.168.7.0/24 via 10.8.0.2\n").cure.find("`hosts[].routes`") == 0);
    CHECK(told("PostUp = iptables -A INPUT -p udp --dport 53 -j ACCEPT\n").cure.find("`firewall.allow`") ==
          0);
}

TEST_CASE("a hook that undoes another is told as that", "[import][wg_hook]") {
    const auto finding = told("PostDown = iptables -t nat -D POSTROUTING -o eth0 -j MASQUERADE\n");
    CHECK(finding.what == "`PostDown` of the tunnel: address translation (MASQUERADE to eth0)");
    CHECK(finding.cure == "this undoes what another hook does: keep both in one unit");
}

TEST_CASE("of a hook's command nothing is told that may be a secret", "[import][wg_hook]") {
    for (const char* text :
         {"PostUp = curl -d canary-1 example.org\n",
          "PostUp = iptables -s canary-1 -o canary.canary.canary -j MASQUERADE\n",
          "PostUp = TOKEN=canary-1 /usr/local/bin/up; iptables -A FORWARD -m comment --comment canary-2\n"}) {
        const auto finding = told(text);
        INFO(finding.what << finding.cure);
        CHECK((finding.what + finding.cure).find("canary") == std::string::npos);
    }
    CHECK(told("PostUp = curl -d x example.org\n").what == "`PostUp` of the tunnel");
}

}  // namespace
}  // namespace vigie::imports
