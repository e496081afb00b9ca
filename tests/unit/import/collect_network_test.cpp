// Tests import/collect_network: Reads what joins a host with others beside a tunnel of ours.

#include "tests/support/catch.hpp"
#include "tests/unit/import/world.hpp"

namespace vigie::imports {
namespace {

const std::string kAddresses = R"([
  {"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8, "scope": "host"}]},
  {"ifname": "eth0", "addr_info": [{"local": "192.168.1.10", "prefixlen": 24, "scope": "global"},
                                   {"local": "203.0.113.9", "prefixlen": 24, "scope": "global"},
                                   {"local": "fe80::1", "prefixlen": 64, "scope": "link"}]},
  {"ifname": "tailscale0", "addr_info": [{"local": "100.64.0.1", "prefixlen": 32, "scope": "global"}]},
  {"ifname": "docker0", "addr_info": [{"local": "10.200.0.1", "prefixlen": 16, "scope": "global"}]},
  {"ifname": "br-a1", "addr_info": [{"local": "172.18.0.1", "prefixlen": 16, "scope": "global"}]},
  {"ifname": "wg0", "addr_info": [{"local": "10.66.66.1", "prefixlen": 24, "scope": "global"}]},
  {"ifname": "bad name", "addr_info": [{"local": "10.1.1.1", "prefixlen": 24, "scope": "global"}]},
  7, {"ifname": "eth1"}, {"ifname": "eth2", "addr_info": [7, {"local": 7}]}
])";

std::string interfacesOf(const HostSeen& host) {
    std::string out;
    for (const auto& each : host.interfaces) {
        out += each.name + " " + each.address + "/" + std::to_string(each.prefix) + " " + each.file + "\n";
    }
    return out;
}

std::string overlaysOf(const Tree& tree) {
    World world;
    world.host("vm", tree);
    CHECK(world.mistakes.empty());
    std::string out;
    for (const auto& each : world.hosts[0].overlays) {
        out += each.program + " " + each.interface + " " + each.file + "\n";
    }
    return out;
}

TEST_CASE("interfaces are read from `ip`, or from what it printed into a copy", "[import][collect_network]") {
    World copy;
    copy.host("vm", {{"/ip-address.json", kAddresses}});
    CHECK(interfacesOf(copy.hosts[0]) ==
          "eth0 192.168.1.10/24 /ip-address.json\ntailscale0 100.64.0.1/32 /ip-address.json\n");
    CHECK(copy.hosts[0].publicAddresses == std::vector<std::string>{"203.0.113.9"});
    CHECK(copy.mistakes.empty());
    World live;
    live.ipAddress = kAddresses;
    live.host("vm", {{"/ip-address.json", "[]"}});
    CHECK(interfacesOf(live.hosts[0]) ==
          "eth0 192.168.1.10/24 `ip -json address`\ntailscale0 100.64.0.1/32 `ip -json address`\n");
    World broken;
    broken.host("vm", {{"/ip-address.json", "inet 192.0.2.1"}});
    REQUIRE(broken.mistakes.size() == 1);
    CHECK(broken.mistakes[0].find("/ip-address.json: this is not what `ip -json address` prints") == 0);
}

TEST_CASE("names of other hosts are read from /etc/hosts and extra_hosts", "[import][collect_network]") {
    World world;
    world.host("north", {{"/etc/hosts",
                          "127.0.0.1 localhost\n0.0.0.0 ads.example.org\n# 10.5.0.9 x\n"
                          "10.5.0.10\tnorth  north.example.org # us\n203.0.113.1 far\n"},
                         {"/opt/m/compose.yaml",
                          "services:\n  a:\n    image: x\n    extra_hosts: "
                          "['south:10.5.0.11', 'host:host-gateway']\n"}});
    std::string names;
    for (const auto& each : world.hosts[0].names) {
        names += each.name + " " + each.address + " " + each.file + ":" + std::to_string(each.line) + "\n";
    }
    CHECK(names ==
          "north 10.5.0.10 /etc/hosts:4\nnorth.example.org 10.5.0.10 /etc/hosts:4\n"
          "south 10.5.0.11 /opt/m/compose.yaml:2\n");
}

TEST_CASE("programs that join hosts are found by their files", "[import][collect_network]") {
    CHECK(overlaysOf({{"/etc/default/tailscaled", "PORT=\"41641\"\nFLAGS=\"\"\n"}}) ==
          "Tailscale tailscale0 /etc/default/tailscaled\n");
    CHECK(overlaysOf({{"/etc/default/tailscaled", "FLAGS=\"--verbose=1 --tun=ts1 -x\"\n"}}) ==
          "Tailscale ts1 /etc/default/tailscaled\n");
    CHECK(overlaysOf({{"/etc/default/tailscaled", "FLAGS=\"--tun=userspace-networking\"\n"}}).empty());
    CHECK(overlaysOf({{"/var/lib/tailscale/tailscaled.state", "canary"}}) ==
          "Tailscale tailscale0 /var/lib/tailscale\n");
    CHECK(overlaysOf({{"/etc/netbird/config.json", "canary"}, {"/var/lib/netbird/x", ""}}) ==
          "NetBird wt0 /etc/netbird\n");
    CHECK(overlaysOf({{"/var/lib/zerotier-one/devicemap", "8056c2e21c000001=ztabcd\n"}}) ==
          "ZeroTier ztabcd /var/lib/zerotier-one/devicemap\n");
    CHECK(overlaysOf({{"/etc/nebula/config.yml",
                       "pki:\n  dev: no\ntun:\n  # dev: no\n  dev: nebula1 # ours\nx: 1\n"}}) ==
          "Nebula nebula1 /etc/nebula/config.yml\n");
    CHECK(overlaysOf({{"/etc/wireguard/wg1.conf", "x"}, {"/etc/wireguard/wg0.key", "x"}}) ==
          "WireGuard wg1 /etc/wireguard/wg1.conf\n");
    CHECK(overlaysOf({{"/etc/default/tailscaled", "FLAGS=--tun=a/b\n"}}).empty());
}

TEST_CASE("what is good to know and cannot be read ends no import", "[import][collect_network]") {
    World world;
    world.host("vm", {{"/etc/hosts", "unreadable"},
                      {"/etc/default/tailscaled", "FLAGS=\"\xff\"\n"},
                      {"/etc/nebula/config.yml", "unreadable"}});
    CHECK(world.mistakes.empty());
    CHECK(world.hosts[0].names.empty());
}

}  // namespace
}  // namespace vigie::imports
