// Tests apply/routes.
#include "kinds/wireguard/routes.hpp"

#include "apply/transaction/prepare.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

/// A host whose `ip` shows what a test says; without ufw's files.
struct Host {
    Host() {
        processes.answer = [this](const system::Command& command) {
            const std::string words = join(command.argv, " ");
            if (words == "ip -json -4 route show") {
                return system::ProcessResult{0, false, routes, {}};
            }
            if (words == "ip -json -6 route show" || words == "ip -json -6 route show default") {
                return system::ProcessResult{0, false, routes6, {}};
            }
            return system::ProcessResult{1, false, {}, words};
        };
    }
    void acceptRa(const std::string& device, const std::string& value) {
        const std::string path = "/proc/sys/net/ipv6/conf/" + device + "/accept_ra";
        makeParents(files, path);
        files.write(path, value + "\n", 0644, {});
    }

    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    system::System system{files, processes, http, http, clock, names, attach};
    std::string routes = "[]";
    std::string routes6 = "[]";
};

render::WireguardInterface tunnel(const std::vector<std::string>& networks) {
    render::WireguardInterface out;
    out.interface = "wg0";
    out.address = "10.66.66.2/30";
    out.peers.emplace_back();
    out.peers[0].name = "vm";
    out.peers[0].allowedIps = networks;
    return out;
}

/// What a call said, and its hint below; empty when it said nothing.
template <class Call>
std::string said(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        return std::string(error.what()) + "\n" + error.hint();
    }
    return {};
}

std::string networksLost(Host& host, const std::vector<std::string>& wanted) {
    return said([&] { keepOwnNetworks(tunnel(wanted), host.system); });
}

constexpr const char* kLan = R"([
    {"dst":"default","gateway":"192.168.1.1","dev":"eth0","protocol":"dhcp","metric":100},
    {"dst":"10.0.0.0/8","gateway":"192.168.1.1","dev":"eth0"},
    {"type":"blackhole","dst":"10.9.0.0/16"},
    {"dst":"198.51.100.7","nexthops":[{"dev":"eth1","weight":1},{"dev":"eth2","weight":1}]},
    {"dst":"192.168.1.0/24","dev":"eth0","protocol":"kernel","scope":"link","prefsrc":"192.168.1.7"}])";

TEST_CASE("a tunnel network inside the host's own networks is reported with the interface that loses it",
          "[apply][routes]") {
    Host host;
    host.routes = kLan;
    CHECK(tests::contains(networksLost(host, {"10.66.66.1/32", "192.168.1.0/24"}),
                          "`192.168.1.0/24` is this host's own network on eth0\n"));
    CHECK(tests::contains(networksLost(host, {"192.168.1.64/26"}),
                          "`192.168.1.64/26` lies inside 192.168.1.0/24, which this host reaches on eth0\n"));
    CHECK(tests::contains(networksLost(host, {"10.1.0.0/16"}),
                          "`10.1.0.0/16` lies inside 10.0.0.0/8, which this host reaches on eth0\n"));
    CHECK(tests::contains(networksLost(host, {"198.51.100.7/32"}),
                          "`198.51.100.7/32` is what this host reaches on eth1\n"));
    CHECK(tests::contains(networksLost(host, {"0.0.0.0/0"}),
                          "`0.0.0.0/0` is what this host reaches on eth0\n"));
    const auto both = networksLost(host, {"192.168.1.0/24", "10.1.0.0/16"});
    CHECK(tests::contains(both, "own network"));
    CHECK(tests::contains(both, "lies inside"));
}

TEST_CASE("a tunnel network outside of the host's networks, or wider than them, takes nothing away",
          "[apply][routes]") {
    Host host;
    host.routes = kLan;
    CHECK(networksLost(host, {"192.168.2.0/24", "192.168.0.0/16", "10.66.66.1/32"}).empty());
}

TEST_CASE("a network that the tunnel already routes is no conflict, even with another route beside it",
          "[apply][routes]") {
    Host host;
    host.routes = R"([{"dst":"192.168.1.0/24","dev":"eth0","protocol":"kernel","metric":100},
                      {"dst":"192.168.1.0/24","dev":"wg0","scope":"link"}])";
    CHECK(networksLost(host, {"192.168.1.0/24"}).empty());
}

TEST_CASE("IPv6 tunnel networks are compared with the host's IPv6 routes", "[apply][routes]") {
    Host host;
    host.routes6 = R"([{"dst":"2001:db8:1::/64","dev":"eth0","protocol":"ra","metric":100}])";
    CHECK(tests::contains(networksLost(host, {"2001:db8:1::/64"}),
                          "`2001:db8:1::/64` is what this host reaches on eth0\n"));
    CHECK(networksLost(host, {"2001:db8:2::/64"}).empty());
}

constexpr const char* kRouter =
    R"([{"dst":"default","gateway":"fe80::1","dev":"eth0.7","protocol":"ra","metric":1024}])";

std::string defaultRouteLost(Host& host) {
    return said([&] { keepDefaultRoute6(host.system); });
}

TEST_CASE("IPv6 forwarding is refused while the default route comes from router advertisements",
          "[apply][routes]") {
    Host host;
    host.routes6 = kRouter;
    host.acceptRa("eth0.7", "1");
    const auto text = defaultRouteLost(host);
    CHECK(tests::contains(text, "router advertisements on eth0.7"));
    CHECK(tests::contains(text, "sysctl -w net.ipv6.conf.eth0/7.accept_ra=2"));
    host.acceptRa("eth0.7", "2");
    CHECK(defaultRouteLost(host).empty());
    // systemd-networkd and NetworkManager listen themselves, and the kernel leaves their routes alone.
    host.acceptRa("eth0.7", "0");
    CHECK(defaultRouteLost(host).empty());
}

TEST_CASE("IPv6 forwarding is no danger to a static or missing default route", "[apply][routes]") {
    Host host;
    host.acceptRa("eth0", "1");
    host.routes6 = R"([{"dst":"default","gateway":"2001:db8::1","dev":"eth0","protocol":"static"}])";
    CHECK(defaultRouteLost(host).empty());
    host.routes6 = "[]";
    CHECK(defaultRouteLost(host).empty());
}

/// `prepare` of one resource that is to be changed, or has to be left alone.
std::string prepared(Host& host, const render::Resource& resource, plan::Action action) {
    DesiredState target;
    target.options.activation = plan::Activation::all;
    target.desired = {resource};
    plan::Plan plan;
    plan.changes.push_back({resource.id, action, "", {}});
    Settings settings;
    settings.stateDirectory = "/var/lib/vigie";
    return said([&] { prepare(target, plan, {}, settings, host.system); });
}

TEST_CASE("routes are checked before an apply, and only if the tunnel or IPv6 forwarding would change",
          "[apply][routes]") {
    Host host;
    host.routes = kLan;
    host.routes6 = kRouter;
    host.acceptRa("eth0.7", "1");
    const std::string key = "net.ipv6.conf.all.forwarding";
    const render::Resource live{"wireguard:wg0", tunnel({"192.168.1.0/24"}), {}, ""};
    const render::Resource forwarding{"sysctl:" + key, render::Sysctl{key, "1"}, {}, ""};
    CHECK(tests::contains(prepared(host, live, plan::Action::create), "own network"));
    CHECK(tests::contains(prepared(host, forwarding, plan::Action::update), "router advertisements"));
    const render::Resource four{
        "sysctl:net.ipv4.ip_forward", render::Sysctl{"net.ipv4.ip_forward", "1"}, {}, ""};
    CHECK(prepared(host, four, plan::Action::update).empty());
    CHECK(prepared(host, live, plan::Action::none).empty());
    CHECK(prepared(host, forwarding, plan::Action::none).empty());
}

TEST_CASE("a changed network sysctl counts as a change of management access", "[apply][routes]") {
    plan::Plan plan;
    plan.changes.push_back({"sysctl:net.ipv6.conf.all.forwarding", plan::Action::update, "", {}});
    CHECK(touchesTheWayIn(plan));
    plan.changes[0].action = plan::Action::none;
    CHECK(!touchesTheWayIn(plan));
}

}  // namespace
}  // namespace vigie::apply
