// Tests what is derived over a network that joins the hosts already, in the place of a tunnel of vigie's own.

#include "kinds/firewall/provider.hpp"
#include "kinds/models.hpp"
#include "render/host.hpp"
#include "render/scrape_jobs.hpp"
#include "spec/topology.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::render {
namespace {

/// The stack of the other tests, whose hosts something else joins.
spec::Stack overNetwork(const spec::Network& network) {
    spec::Stack out = tests::moments();
    out.wireguard = {};
    out.network = network;
    for (auto& host : out.hosts) {
        host.endpoint.clear();
        host.publicKey.clear();
        host.address = host.name == "vps" ? "192.168.1.10" : "192.168.1.20";
    }
    return out;
}

std::vector<Resource> on(const spec::Stack& stack, const std::string& host) {
    return renderHost(stack, *stack.host(host), {});
}

std::vector<std::string> rulesIn(const std::vector<Resource>& resources) {
    std::vector<std::string> out;
    for (const auto& resource : resources) {
        if (const auto* rule = std::get_if<FirewallRule>(&resource.what)) {
            out.push_back(kinds::firewallProvider(rule->provider).words(*rule));
        }
    }
    return out;
}

std::string fileIn(const std::vector<Resource>& resources, const std::string& path) {
    for (const auto& resource : resources) {
        if (resource.id == "file:" + path) {
            return std::get<File>(resource.what).content.masked();
        }
    }
    return {};
}

bool has(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

TEST_CASE("over an interface or a subnet everything has the hosts' addresses in it, and nothing has a tunnel",
          "[render][network]") {
    for (const auto& network : {spec::Network{"tailscale0", ""}, spec::Network{"", "192.168.1.0/24"}}) {
        const auto stack = overNetwork(network);
        const auto vm = on(stack, "vm");
        const auto prometheus = fileIn(vm, "/opt/monitoring/prometheus/prometheus.yml");
        CHECK(tests::contains(prometheus, "192.168.1.10:8000"));
        CHECK(tests::contains(fileIn(vm, "/opt/monitoring/compose.yaml"), "192.168.1.20:9090:9090"));
        CHECK(tests::contains(fileIn(on(stack, "vps"), "/opt/moments/docker-compose.monitoring.yml"),
                              "http://192.168.1.20:4318"));
        for (const auto& host : {"vps", "vm"}) {
            const auto resources = on(stack, host);
            CHECK(std::none_of(resources.begin(), resources.end(), [](const Resource& each) {
                return kinds::tunnelOf(each) != nullptr || tests::contains(each.id, "wireguard");
            }));
        }
    }
}

TEST_CASE("firewall rules hold for the interface, or for what comes from the subnet", "[render][network]") {
    const auto interface = rulesIn(on(overNetwork({"tailscale0", ""}), "vps"));
    CHECK(has(interface, "allow in on tailscale0 to any port 8000 proto tcp"));
    const auto subnet = rulesIn(on(overNetwork({"", "192.168.1.0/24"}), "vps"));
    CHECK(has(subnet, "allow from 192.168.1.0/24 to any port 8000 proto tcp"));
    CHECK_FALSE(has(subnet, "allow 51820/udp"));
}

TEST_CASE("containers start before an address that is somebody else's is there", "[render][network]") {
    const auto resources = on(overNetwork({"tailscale0", ""}), "vm");
    CHECK(
        tests::contains(fileIn(resources, "/etc/sysctl.d/60-vigie.conf"), "net.ipv4.ip_nonlocal_bind = 1\n"));
    CHECK(fileIn(resources, "/etc/systemd/system/docker.service.d/50-vigie.conf").empty());
    const auto first = [&](const std::string& begin) {
        return std::find_if(resources.begin(), resources.end(),
                            [&](const Resource& each) { return each.id.starts_with(begin); }) -
               resources.begin();
    };
    CHECK(first("sysctl:net.ipv4.ip_nonlocal_bind") < first("compose:"));
    // With a tunnel of ours the engine waits for it, and nothing is bound before.
    CHECK(fileIn(on(tests::moments(), "vm"), "/etc/sysctl.d/60-vigie.conf").empty());
}

TEST_CASE("an IPv6 network is reached from the hosts' own networks", "[render][network]") {
    auto stack = overNetwork({"mesh0", ""});
    stack.hosts[0].address = "fd66::1";
    stack.hosts[1].address = "fd66::2";
    CHECK(spec::joinedByV6(stack));
    const auto resources = on(stack, "vm");
    CHECK(
        tests::contains(fileIn(resources, "/etc/sysctl.d/60-vigie.conf"), "net.ipv6.ip_nonlocal_bind = 1\n"));
    CHECK(tests::contains(fileIn(resources, "/opt/monitoring/compose.yaml"), "network_mode: \"host\""));
}

TEST_CASE("rules of one's own are made on the hosts that they name", "[render][network]") {
    auto stack = overNetwork({"tailscale0", ""});
    stack.firewallAllow = {
        {.port = 22},
        {.port = 53, .protocol = spec::Protocol::udp, .from = "10.0.0.0/8", .hosts = {"vps"}},
        {.port = 25, .interface = "eth0", .comment = "mail"}};
    const auto vps = rulesIn(on(stack, "vps"));
    CHECK(has(vps, "allow 22/tcp"));
    CHECK(has(vps, "allow from 10.0.0.0/8 to any port 53 proto udp"));
    CHECK(has(vps, "allow in on eth0 to any port 25 proto tcp"));
    CHECK_FALSE(has(rulesIn(on(stack, "vm")), "allow from 10.0.0.0/8 to any port 53 proto udp"));
    stack.hosts[0].firewallProvider = spec::FirewallProvider::none;
    CHECK(rulesIn(on(stack, "vps")).empty());
}

}  // namespace vigie::render
