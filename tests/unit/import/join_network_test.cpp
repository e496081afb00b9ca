// Tests import/join_network: Finds out over which network that is there already the hosts reach each other.

#include "import/emit.hpp"
#include "import/improvements.hpp"
#include "secrets/identity.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/import/world.hpp"

namespace vigie::imports {
namespace {

Tree project(const std::string& ports, const std::string& name = "app") {
    return {
        {"/opt/" + name + "/compose.yaml", "services:\n  web: { image: 'x:1', ports: [" + ports + "] }\n"}};
}

Tree with(Tree tree, const Tree& more) {
    tree.insert(more.begin(), more.end());
    return tree;
}

std::string addresses(const Draft& draft) {
    std::string out;
    for (const auto& host : draft.stack.hosts) {
        out += host.name + " " + host.address + "\n";
    }
    return out;
}

/// Interfaces with their addresses, as `ip -json address` prints them.
std::string interfaces(const std::vector<std::pair<std::string, std::string>>& all) {
    std::string out;
    for (const auto& [name, address] : all) {
        const auto slash = address.find('/');
        out += std::string(out.empty() ? "" : ", ") + R"({"ifname": ")" + name +
               R"(", "addr_info": [{"local": ")" + address.substr(0, slash) + R"(", "prefixlen": )" +
               address.substr(slash + 1) + R"(, "scope": "global"}]})";
    }
    return "[" + out + "]";
}

std::string cures(const Draft& draft) {
    std::string out;
    for (const auto& each : draft.findings) {
        out += each.cure + "\n";
    }
    return out;
}

TEST_CASE("hosts on Tailscale are joined by its interface, with the addresses of published ports",
          "[import][network]") {
    const Tree tailscale{{"/etc/default/tailscaled", "FLAGS=\"\"\n"}};
    const auto draft = World()
                           .host("vps", with(project("'100.64.0.1:80:80'"), tailscale))
                           .host("vm", with(project("'100.64.0.2:80:80'", "shop"), tailscale))
                           .draft();
    CHECK(draft.stack.network == spec::Network{"tailscale0", ""});
    CHECK_FALSE(draft.stack.wireguard.exists());
    CHECK(addresses(draft) == "vm 100.64.0.2\nvps 100.64.0.1\n");
    CHECK(found(draft, "note") ==
          "vm:/etc/default/tailscaled:0 `spec.network.interface` is tailscale0: this is Tailscale's "
          "interface, and vm "
          "has Tailscale\n"
          "vm:/opt/shop/compose.yaml:2:0 `address` of vm is 100.64.0.2: a port of service web is published "
          "there\n"
          "vps:/opt/app/compose.yaml:2:0 `address` of vps is 100.64.0.1: a port of service web is published "
          "there\n");
    CHECK(found(draft, "by hand").empty());
    CHECK(errorsOf(draft) == "");
    CHECK(emit(draft.stack, draft.comments).find("  # vigie changes nothing of this network\n  network:\n") !=
          std::string::npos);
}

TEST_CASE("an interface that was assumed is told as assumed", "[import][network]") {
    const auto draft =
        World()
            .host("a", project("'100.64.0.1:80:80'"))
            .host("b", with(project("'80:80'"), {{"/etc/hosts", "100.64.0.2 b.example.org\n"}}))
            .draft();
    CHECK(draft.stack.network.interface == "tailscale0");
    CHECK(addresses(draft) == "a 100.64.0.1\nb 100.64.0.2\n");
    CHECK(found(draft, "note").find("Tailscale's interface was assumed") != std::string::npos);
    CHECK(found(draft, "note").find("this host has the name b.example.org there") != std::string::npos);
    CHECK(cures(draft).find("wt0 for NetBird") != std::string::npos);
}

TEST_CASE("a host whose address no file says is told as work by hand", "[import][network]") {
    const Tree netbird{{"/etc/netbird/config.json", "x"}};
    const auto draft = World()
                           .host("a", with(project("'100.64.0.1:80:80'"), netbird))
                           .host("b", with(project("'80:80'"), netbird))
                           .draft();
    CHECK(draft.stack.network.interface == "wt0");
    CHECK(addresses(draft) == "a 100.64.0.1\nb \n");
    CHECK(found(draft, "by hand") == "b:/etc/netbird:0 no file of this host says its address on wt0\n");
    CHECK(cures(draft).find("`ip address show wt0` prints it there") != std::string::npos);
}

TEST_CASE("addresses that the hosts themselves say need no assumption", "[import][network]") {
    World world;
    world.ipAddress = interfaces({{"eth0", "192.168.1.10/24"}, {"zt0", "10.147.17.1/24"}});
    world.host("a", project("'80:80'"));
    world.ipAddress = interfaces({{"eth0", "192.168.1.11/24"}, {"zt0", "10.147.17.2/24"}});
    world.host("b", project("'80:80'"));
    const auto draft = world.draft();
    CHECK(draft.stack.network == spec::Network{"zt0", ""});
    CHECK(addresses(draft) == "a 10.147.17.1\nb 10.147.17.2\n");
    CHECK(found(draft, "note") ==
          "a:`ip -json address`:0 `spec.network.interface` is zt0: every host has an address on "
          "an interface of this name\n");
    std::vector<HostSeen> again;
    for (const auto& host : world.hosts) {
        again.push_back(fromNode(toNode(host)));
    }
    CHECK(join(again, "stack").stack == draft.stack);
}

TEST_CASE("hosts in one LAN are joined by its subnet, whose size may be a guess", "[import][network]") {
    World known;
    known.ipAddress = interfaces({{"eth0", "192.168.4.10/22"}});
    known.host("a", project("'80:80'"));
    known.ipAddress = interfaces({{"enp1s0", "192.168.7.11/22"}});
    known.host("b", project("'80:80'"));
    CHECK(known.draft().stack.network == spec::Network{"", "192.168.4.0/22"});
    CHECK(found(known.draft(), "note").find("assumed") == std::string::npos);
    CHECK(cures(known.draft()).find("nothing in it is encrypted") != std::string::npos);

    const auto guessed = World()
                             .host("north", with(project("'10.5.0.10:80:80'"),
                                                 {{"/etc/hosts", "10.5.0.11 south\n10.5.0.10 north\n"}}))
                             .host("south", project("'80:80'", "cnc"))
                             .draft();
    CHECK(guessed.stack.network == spec::Network{"", "10.5.0.0/24"});
    CHECK(addresses(guessed) == "north 10.5.0.10\nsouth 10.5.0.11\n");
    CHECK(found(guessed, "note").find("a LAN's usual size was assumed") != std::string::npos);
    CHECK(found(guessed, "note").find("north:/etc/hosts:1:0 `address` of south is 10.5.0.11") !=
          std::string::npos);
    CHECK(errorsOf(guessed) == "");
}

TEST_CASE("a target at a port that only one other host publishes says that host's address",
          "[import][network]") {
    const std::string jobs =
        "scrape_configs:\n  - job_name: web\n    static_configs: [ { targets: ['10.5.0.11:8081', "
        "'10.5.0.12:80'] } ]\n";
    const Tree servers{{"/opt/m/compose.yaml",
                        "services:\n  prometheus: { image: 'prom/prometheus:v3.5.0', volumes: "
                        "['./prometheus:/etc/prometheus'], ports: ['10.5.0.10:9090:9090'] }\n"},
                       {"/opt/m/prometheus/prometheus.yml", jobs}};
    const auto draft = World()
                           .host("north", with(project("'80:80'"), servers))
                           .host("south", project("'8081:8081', '80:80'"))
                           .draft();
    CHECK(addresses(draft) == "north 10.5.0.10\nsouth 10.5.0.11\n");
    CHECK(found(draft, "note").find("which only this host publishes") != std::string::npos);
}

TEST_CASE("jobs at the address of a host in the network are derived", "[import][network]") {
    const std::string jobs =
        "scrape_configs:\n  - job_name: web\n    static_configs: [ { targets: ['10.5.0.11:8081'] } ]\n";
    const Tree servers{{"/opt/m/compose.yaml",
                        "services:\n  prometheus: { image: 'prom/prometheus:v3.5.0', volumes: "
                        "['./prometheus:/etc/prometheus'], ports: ['10.5.0.10:9090:9090'] }\n"},
                       {"/opt/m/prometheus/prometheus.yml", jobs}};
    const auto draft = World().host("north", servers).host("south", project("'10.5.0.11:8081:8081'")).draft();
    REQUIRE(draft.stack.applications.size() == 1);
    CHECK(draft.stack.applications[0].name == "web");
    CHECK(draft.stack.applications[0].metrics->port == 8081);
    CHECK(draft.stack.prometheus->scrapeConfigs.empty());
}

TEST_CASE("why ports are bound names the network that there is", "[import][network]") {
    const Tree server{
        {"/opt/m/compose.yaml",
         "services:\n  prometheus: { image: 'prom/prometheus:v3.5.0', ports: ['9090:9090'] }\n"}};
    World world;
    world.host("a", with(server, {{"/etc/hosts", "100.64.0.1 a\n100.64.0.2 b\n"}}));
    world.host("b", project("'80:80'"));
    const auto draft = world.draft();
    CHECK(draft.stack.network.exists());
    int told = 0;
    for (const auto& each : differences(draft.stack, world.hosts)) {
        if (each.path.find(".ports[9090]") != std::string::npos) {
            ++told;
            CHECK(each.reason.find("bound to the host's address in `spec.network`") != std::string::npos);
        }
    }
    CHECK(told == 1);
}

TEST_CASE("two hosts that are spokes of another hub keep their tunnel", "[import][network]") {
    const auto conf = [](const std::string& address, const std::string& hub) {
        const auto own = secrets::generateWireguardKey();
        return Tree{
            {"/etc/wireguard/wg0.conf",
             "[Interface]\nAddress = " + address + "\nPrivateKey = " + std::string(view(own.privateKey)) +
                 "\nPostUp = iptables -t nat -A POSTROUTING -j MASQUERADE\nTable = 7\n[Peer]\nPublicKey = " +
                 hub + "\nEndpoint = hub.example.org:51820\nAllowedIPs = 10.8.0.0/24\n"}};
    };
    const auto hub = secrets::generateWireguardKey().publicKey;
    const auto draft =
        World().host("a", conf("10.8.0.2/24", hub)).host("b", conf("10.8.0.3/24", hub)).draft();
    CHECK(draft.stack.network == spec::Network{"wg0", ""});
    CHECK_FALSE(draft.stack.wireguard.exists());
    CHECK(addresses(draft) == "a 10.8.0.2\nb 10.8.0.3\n");
    CHECK(draft.stack.hosts[0].publicKey.empty());
    CHECK(found(draft, "note").find("all are peers of " + hub + ", which is no host of this import") !=
          std::string::npos);
    CHECK(cures(draft).find("import it into the same directory") != std::string::npos);
    CHECK(found(draft, "lost").empty());     // the file stays as it is, with its hooks
    CHECK(found(draft, "by hand").empty());  // and the hub stays a peer
    CHECK(errorsOf(draft) == "");
    // Of different hubs, they are not joined.
    const auto apart = World()
                           .host("a", conf("10.8.0.2/24", hub))
                           .host("b", conf("10.8.0.3/24", secrets::generateWireguardKey().publicKey))
                           .draft();
    CHECK_FALSE(apart.stack.network.exists());
}

TEST_CASE("a tunnel with phones stays where another network joins the hosts", "[import][network]") {
    const auto own = secrets::generateWireguardKey();
    const auto draft =
        World()
            .host(
                "a",
                with(project("'100.64.0.1:80:80'"),
                     {{"/etc/wireguard/wg0.conf",
                       "[Interface]\nAddress = 10.8.0.1/24\nPrivateKey = " +
                           std::string(view(own.privateKey)) +
                           "\nPostUp = x\n[Peer]\nPublicKey = cFPopCL38uIOa+jblVhhIkQoA1zSkxAjTq8o9SkgVmQ=\n"
                           "AllowedIPs = 10.8.0.5/32\n"}}))
            .host("b", project("'100.64.0.2:80:80'"))
            .draft();
    CHECK(draft.stack.network.exists());
    CHECK(draft.stack.wireguard.guests.empty());
    CHECK(found(draft, "note").find("a:/etc/wireguard/wg0.conf:0 this tunnel was not imported") !=
          std::string::npos);
    CHECK(found(draft, "lost").empty());
}

TEST_CASE("hosts that nothing joins are told what to write", "[import][network]") {
    const auto draft =
        World()
            .host("a", with(project("'192.168.1.1:80:80'"), {{"/etc/wireguard/wg1.conf", "x"}}))
            .host("b", project("'10.0.0.1:80:80'"))
            .draft();
    CHECK_FALSE(draft.stack.network.exists());
    CHECK(found(draft, "by hand") ==
          "a:/etc/wireguard:0 nothing shows over which network the hosts reach each other\n");
    CHECK(cures(draft).find("write `spec.network` with the `interface`") == 0);
    CHECK(cures(draft).find("`--interface wg1` imports the tunnel of a:/etc/wireguard/wg1.conf") !=
          std::string::npos);
    // One address twice joins nobody.
    CHECK_FALSE(World()
                    .host("a", project("'192.168.1.1:80:80'"))
                    .host("b", project("'192.168.1.1:80:80'"))
                    .draft()
                    .stack.network.exists());
}

TEST_CASE("a single host has a network only if its ports are published in one", "[import][network]") {
    const Tree tailscale{{"/etc/default/tailscaled", "FLAGS=\"\"\n"}};
    const auto published = World().host("kite", with(project("'100.64.0.9:80:80'"), tailscale)).draft();
    CHECK(published.stack.network.interface == "tailscale0");
    CHECK(addresses(published) == "kite 100.64.0.9\n");
    const auto beside = World().host("kite", with(project("'80:80'"), tailscale)).draft();
    CHECK_FALSE(beside.stack.network.exists());
    CHECK(found(beside, "note") ==
          "kite:/etc/default/tailscaled:0 Tailscale joins this host with others, and vigie changes nothing "
          "of it\n");
    const auto lan = World().host("kite", project("'192.168.1.5:80:80'")).draft();
    CHECK_FALSE(lan.stack.network.exists());
    CHECK(found(lan, "note").empty());
}

}  // namespace
}  // namespace vigie::imports
