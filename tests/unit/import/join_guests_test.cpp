// Tests import/join_guests: Makes guests of the peers that are no hosts: phones and laptops.

#include "import/emit.hpp"
#include "import/report.hpp"
#include "import/wg_conf.hpp"
#include "secrets/identity.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/import/world.hpp"

namespace vigie::imports {
namespace {

const std::string kPhone = "cFPopCL38uIOa+jblVhhIkQoA1zSkxAjTq8o9SkgVmQ=";
const std::string kLaptop = "TZXNA1urA+JHZ+Y1CInWmqRkqeWZWg9ZM6rueTiky2w=";
const std::string kPreshared = "J+4a1C6SjBffqG7+5bEFtvj1bXkT/ZPjLv4aYkLuJME=";

/// Keys of three hosts that are the same in a whole test.
struct Keys {
    secrets::WireguardKey shop = secrets::generateWireguardKey();
    secrets::WireguardKey barn = secrets::generateWireguardKey();
    secrets::WireguardKey mill = secrets::generateWireguardKey();
};

Tree tunnel(const secrets::WireguardKey& own, const std::string& rest) {
    return {{"/etc/wireguard/wg0.conf",
             "[Interface]\nPrivateKey = " + std::string(view(own.privateKey)) + "\n" + rest}};
}

std::string peer(const std::string& key, const std::string& rest) {
    return "[Peer]\nPublicKey = " + key + "\n" + rest + "\n";
}

Tree shop(const Keys& keys, const std::string& more) {
    auto out =
        tunnel(keys.shop, "Address = 10.77.0.1/24, fd77::1/64\nListenPort = 51833\n" +
                              peer(keys.barn.publicKey, "AllowedIPs = 10.77.0.2/32, fd77::2/128") + more);
    out["/etc/ufw/user.rules"] = "### tuple ### allow udp 51833 0.0.0.0/0 any 0.0.0.0/0 in\n";
    return out;
}

Tree barn(const Keys& keys, const std::string& more = "") {
    return tunnel(keys.barn,
                  "Address = 10.77.0.2/24, fd77::2/64\n" +
                      peer(keys.shop.publicKey,
                           "Endpoint = shop.example.org:51833\nAllowedIPs = 10.77.0.0/24, fd77::/64") +
                      more);
}

Tree withServers(Tree tree) {
    tree["/opt/m/compose.yaml"] =
        "services:\n  prometheus: { image: 'prom/prometheus:v3.5.0', volumes: "
        "['./prometheus:/etc/prometheus'] }\n"
        "  jaeger: { image: 'jaegertracing/jaeger:2.9.0' }\n";
    tree["/opt/m/prometheus/prometheus.yml"] = "scrape_configs: []\n";
    return tree;
}

const Finding& only(const Draft& draft, const std::string& kind, const std::string& part) {
    const Finding* out = nullptr;
    for (const auto& each : draft.findings) {
        if (each.kind == kind && each.what.find(part) != std::string::npos) {
            REQUIRE(out == nullptr);
            out = &each;
        }
    }
    REQUIRE(out != nullptr);
    return *out;
}

TEST_CASE("an imported peer without an endpoint and with an address of its own becomes a guest",
          "[import][guests]") {
    const Keys keys;
    World world;
    world.host("barn", withServers(barn(keys)));
    world.host("shop", shop(keys, "# the owner's phone\n" +
                                      peer(kPhone, "PresharedKey = " + kPreshared +
                                                       "\nAllowedIPs = 10.77.0.11, fd77::11/128") +
                                      peer(kLaptop, "AllowedIPs = 10.77.0.12/32")));
    const auto draft = world.draft();
    const auto& guests = draft.stack.wireguard.guests;
    REQUIRE(guests.size() == 2);
    CHECK(guests[0].name == "the-owners-phone");
    CHECK(guests[0].address == "10.77.0.11");
    CHECK(guests[0].address6 == "fd77::11");
    CHECK(guests[0].publicKey == kPhone);
    CHECK(guests[0].reaches == std::vector<spec::Reached>{spec::Reached::prometheus, spec::Reached::jaeger});
    CHECK(guests[0].host.empty());  // the only host with an endpoint
    const auto secret = presharedKeyName(keys.shop.publicKey, kPhone);
    REQUIRE(guests[0].presharedKeyFrom);
    CHECK(guests[0].presharedKeyFrom->secret == secret);
    CHECK(world.sealed == Tree{{secret, kPreshared}});
    REQUIRE(draft.stack.secrets.size() == 1);
    CHECK(draft.stack.secrets[0].sealed == std::map<std::string, std::string>{{"shop", "sealed"}});
    CHECK(guests[1].name == "guest-10-77-0-12");
    CHECK_FALSE(guests[1].presharedKeyFrom);
    CHECK(guests[1].address6.empty());

    const auto& told = only(draft, "lost", "`the-owners-phone`");
    CHECK(told.file == "shop:/etc/wireguard/wg0.conf");
    CHECK(told.line == 9);
    CHECK(told.what.find("it reaches prometheus, jaeger and nothing else any more") != std::string::npos);
    CHECK(told.cure.find("`reaches` of the guest in `spec.wireguard.guests`") == 0);
    CHECK(found(draft, "by hand").empty());
    CHECK(errorsOf(draft) == "");
    CHECK((emit(draft.stack, draft.comments) + report(draft, {}, {})).find(kPreshared) == std::string::npos);
}

TEST_CASE("a guest of a document without components reaches nothing", "[import][guests]") {
    const Keys keys;
    const auto draft = World()
                           .host("shop", shop(keys, peer(kPhone, "AllowedIPs = 10.77.0.11/32")))
                           .host("barn", barn(keys))
                           .draft();
    REQUIRE(draft.stack.wireguard.guests.size() == 1);
    CHECK(draft.stack.wireguard.guests[0].reaches.empty());
    only(draft, "lost", "it reaches nothing any more");
}

TEST_CASE("guests have names of their own", "[import][guests]") {
    const Keys keys;
    const auto draft =
        World()
            .host("shop", shop(keys, "# phone\n" + peer(kPhone, "AllowedIPs = 10.77.0.11/32") + "# phone\n" +
                                         peer(kLaptop, "AllowedIPs = 10.77.0.12/32") + "# barn\n" +
                                         peer(kPreshared, "AllowedIPs = 10.77.0.13/32")))
            .host("barn", barn(keys))
            .draft();
    const auto& guests = draft.stack.wireguard.guests;
    REQUIRE(guests.size() == 3);
    CHECK(guests[0].name == "phone");
    CHECK(guests[1].name == "phone-2");
    CHECK(guests[2].name == "barn-2");
}

TEST_CASE("a guest names its host where several can be dialled and none is the hub", "[import][guests]") {
    const Keys keys;
    const auto tunnels = [&](const std::string& phone) {
        return World()
            .host("shop",
                  tunnel(keys.shop, "Address = 10.77.0.1/24\n" + peer(keys.barn.publicKey,
                                                                      "Endpoint = barn.example.org:51820\n"
                                                                      "AllowedIPs = 10.77.0.2/32")))
            .host("barn", tunnel(keys.barn, "Address = 10.77.0.2/24\n" +
                                                peer(keys.shop.publicKey,
                                                     "Endpoint = shop.example.org:51820\n"
                                                     "AllowedIPs = 10.77.0.1/32") +
                                                phone))
            .draft();
    };
    const auto draft = tunnels(peer(kPhone, "AllowedIPs = 10.77.0.11/32"));
    REQUIRE(draft.stack.wireguard.guests.size() == 1);
    CHECK(draft.stack.wireguard.guests[0].host == "barn");
    CHECK(errorsOf(draft) == "");
}

TEST_CASE("a guest of another host than the usual one moves, and that is told", "[import][guests]") {
    const Keys keys;
    World world;
    world.host("shop", shop(keys, ""));
    world.host("barn", barn(keys, peer(kPhone, "AllowedIPs = 10.77.0.11/32\nPresharedKey = " + kPreshared)));
    const auto draft = world.draft();
    REQUIRE(draft.stack.wireguard.guests.size() == 1);
    CHECK(draft.stack.wireguard.guests[0].host.empty());
    CHECK_FALSE(draft.stack.wireguard.guests[0].presharedKeyFrom);
    CHECK(draft.stack.secrets.empty());
    const auto& told = only(draft, "by hand", "was a peer of barn only; guests are peers of shop");
    CHECK(told.cure.find("write the PublicKey and the Endpoint of shop, and remove its PresharedKey") !=
          std::string::npos);
    CHECK(errorsOf(draft) == "");
}

TEST_CASE("the endpoint that guests dial is asked for, unless the host has one public address",
          "[import][guests]") {
    const Keys keys;
    const auto alone =
        tunnel(keys.shop, "Address = 10.77.0.1/24\n" + peer(kPhone, "AllowedIPs = 10.77.0.11/32"));
    const auto asked = World().host("shop", alone).draft();
    REQUIRE(asked.stack.wireguard.guests.size() == 1);
    CHECK(asked.stack.wireguard.guests[0].host.empty());
    CHECK(asked.stack.hosts.at(0).endpoint.empty());
    CHECK(only(asked, "by hand", "no file says its public address").cure.find("write `endpoint` of shop") ==
          0);
    World world;
    world.ipAddress = R"([{"ifname": "eth0", "addr_info":
        [{"local": "203.0.113.9", "prefixlen": 24, "scope": "global"},
         {"local": "10.0.0.4", "prefixlen": 24, "scope": "global"}]}])";
    const auto known = world.host("shop", alone).draft();
    CHECK(known.stack.hosts.at(0).endpoint == "203.0.113.9");
    CHECK(known.stack.wireguard.guests.at(0).host.empty());
    CHECK(only(known, "note", "`endpoint` of shop is 203.0.113.9").line == 0);
    CHECK(errorsOf(known) == "");
}

TEST_CASE("a guest that was a peer of several hosts is one of the usual host", "[import][guests]") {
    const Keys keys;
    const std::string phone = peer(kPhone, "AllowedIPs = 10.77.0.11/32");
    const auto draft = World().host("shop", shop(keys, phone)).host("barn", barn(keys, phone)).draft();
    REQUIRE(draft.stack.wireguard.guests.size() == 1);
    CHECK(draft.stack.wireguard.guests[0].host.empty());
    const auto& told = only(draft, "note", "was a peer of barn as well");
    CHECK(told.file == "shop:/etc/wireguard/wg0.conf");
}

TEST_CASE("an imported peer that no guest can be is told with the field that could hold it",
          "[import][guests]") {
    const Keys keys;
    const auto byHand = [&](const std::string& rest, const std::string& key = kPhone) {
        const auto draft = World().host("shop", shop(keys, peer(key, rest))).host("barn", barn(keys)).draft();
        CHECK(draft.stack.wireguard.guests.empty());
        return only(draft, "by hand", "was not imported");
    };
    const auto site = byHand("AllowedIPs = 10.77.0.20/32, 192.168.5.0/24, 192.168.6.0/24");
    CHECK(site.what ==
          "the peer " + kPhone +
              " was not imported: 192.168.5.0/24, 192.168.6.0/24 lie behind it, and a guest has only "
              "addresses of its own");
    CHECK(site.cure.find("a host has `routes`") == 0);
    CHECK(site.cure.find("the document disconnects the peer") != std::string::npos);
    const auto dialled = byHand("Endpoint = 203.0.113.9:51820\nAllowedIPs = 10.77.0.20/32");
    CHECK(dialled.what == "the peer " + kPhone + " was not imported");
    CHECK(dialled.cure ==
          "import the host of this peer into the same directory: without it, the document "
          "disconnects the peer");
    CHECK(byHand("AllowedIPs = 10.77.0.0/24").what == dialled.what);
    CHECK(byHand("AllowedIPs = 10.77.0.20/32, 0.0.0.0/0").what.find("all of the internet") !=
          std::string::npos);
    CHECK(byHand("AllowedIPs = 10.77.0.20/32, 10.77.0.21/32").what.find("several addresses") !=
          std::string::npos);
    CHECK(byHand("AllowedIPs = fd77::9/128").what.find("no address in the tunnel's network 10.77.0.0/24") !=
          std::string::npos);
    CHECK(byHand("").what.find("no address in the tunnel's network") != std::string::npos);
    CHECK(byHand("AllowedIPs = 10.77.0.2/32")
              .what.find("10.77.0.2 is the address of barn, whose key is another") != std::string::npos);
    CHECK(byHand("AllowedIPs = 10.77.0.20/32", "AAAA").what == "the peer AAAA was not imported");
}

TEST_CASE("of two peers with one address only the first becomes a guest", "[import][guests]") {
    const Keys keys;
    const auto draft = World()
                           .host("shop", shop(keys, "# phone\n" + peer(kPhone, "AllowedIPs = 10.77.0.11/32") +
                                                        peer(kLaptop, "AllowedIPs = 10.77.0.11/32")))
                           .host("barn", barn(keys))
                           .draft();
    CHECK(draft.stack.wireguard.guests.size() == 1);
    CHECK(only(draft, "by hand", kLaptop).what.find("the guest `phone` has the same address") !=
          std::string::npos);
}

TEST_CASE("guests get a firewall on their host, and hosts without one keep none", "[import][guests]") {
    const Keys keys;
    auto without = shop(keys, peer(kPhone, "AllowedIPs = 10.77.0.11/32"));
    without.erase("/etc/ufw/user.rules");
    const auto draft = World().host("shop", without).host("barn", barn(keys)).draft();
    CHECK(draft.stack.firewallProvider == spec::FirewallProvider::ufw);
    REQUIRE(draft.stack.hosts.size() == 2);
    CHECK(draft.stack.hosts[0].name == "shop");
    CHECK_FALSE(draft.stack.hosts[0].firewallProvider);
    CHECK(draft.stack.hosts[1].firewallProvider == spec::FirewallProvider::none);
    const auto& told = only(draft, "by hand", "ufw");
    CHECK(told.file == "shop:/etc/ufw/user.rules");
    CHECK(told.cure.find("install ufw") != std::string::npos);
    // Without guests nothing of it is said.
    auto none = shop(keys, "");
    none.erase("/etc/ufw/user.rules");
    const auto plain = World().host("shop", none).host("barn", barn(keys)).draft();
    CHECK(plain.stack.firewallProvider == spec::FirewallProvider::none);
    CHECK_FALSE(plain.stack.hosts[1].firewallProvider);
    CHECK(found(plain, "by hand").empty());
}

TEST_CASE("a guest becomes a host when that host is imported as well", "[import][guests]") {
    const Keys keys;
    World world;
    world.host("shop", shop(keys, ""));
    CHECK(world.draft().stack.wireguard.guests.size() == 1);
    world.host("barn", barn(keys));
    CHECK(world.draft().stack.wireguard.guests.empty());
    CHECK(world.draft().stack.hosts.size() == 2);
}

TEST_CASE("a tunnel whose file names no port gives a document without one", "[import][guests]") {
    const Keys keys;
    const auto draft =
        World()
            .host("shop", tunnel(keys.shop, "Address = 10.77.0.1/24\n" + peer(keys.barn.publicKey,
                                                                              "Endpoint = 203.0.113.9:51820\n"
                                                                              "AllowedIPs = 10.77.0.0/24")))
            .draft();
    CHECK(emit(draft.stack, {}).find("listenPort") == std::string::npos);
    CHECK(errorsOf(draft) == "");
}

TEST_CASE("guests are the same when a host is kept between two imports", "[import][guests]") {
    const Keys keys;
    World world;
    world.host("shop", shop(keys, "# phone\n" + peer(kPhone, "AllowedIPs = 10.77.0.11/32")))
        .host("barn", barn(keys));
    std::vector<HostSeen> again;
    for (const auto& host : world.hosts) {
        again.push_back(fromNode(toNode(host)));
    }
    const auto stack = join(again, "stack").stack;
    CHECK(stack == world.draft().stack);
    CHECK(stack.wireguard.guests.at(0).name == "phone");
}

}  // namespace
}  // namespace vigie::imports
