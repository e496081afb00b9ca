// Tests plan/wireguard.
#include "kinds/wireguard/compare.hpp"
#include "plan/plan.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

using render::WireguardInterface;
using tests::contains;
using Texts = std::vector<std::string>;

const std::string kId = "wireguard:wg0";
const std::string kFile = "/etc/wireguard/wg0.conf";

render::WireguardPeer peer(const std::string& name, const std::string& address) {
    return {name, name + "-key", "", "", {address}, 25};
}

/// The hub, with two hosts that dial it.
WireguardInterface hub() {
    WireguardInterface out;
    out.interface = "wg0";
    out.address = "10.66.66.1/24";
    out.listenPort = 51820;
    out.publicKey = "own-key";
    out.peers = {peer("vm", "10.66.66.2/32"), peer("vps", "10.66.66.3/32")};
    out.configPath = kFile;
    return out;
}

/// What is live when `wireguard` is applied; every peer was heard of ten seconds ago.
ObservedWireguard live(const WireguardInterface& wireguard) {
    ObservedWireguard out;
    out.up = true;
    out.publicKey = wireguard.publicKey;
    out.listenPort = wireguard.listenPort;
    out.mtu = wireguard.mtu;
    out.addresses = {wireguard.address};
    out.routes = wantedRoutes(wireguard);
    for (const auto& each : wireguard.peers) {
        auto allowed = each.allowedIps;
        std::sort(allowed.begin(), allowed.end());
        out.peers.push_back(
            {each.publicKey, "198.51.100.7:40000", allowed, each.persistentKeepalive, 1000, 10});
    }
    return out;
}

ObservedWireguard silent(ObservedWireguard out) {
    for (auto& each : out.peers) {
        each.handshake = 0;
    }
    return out;
}

/// A host and what was applied to it before.
struct Host {
    ObservedWireguard is = live(hub());
    std::string config;
    state::Inventory inventory;

    /// Plans `wanted`, which is what was applied last.
    Change again(const WireguardInterface& wanted) {
        const render::Resource resource{kId, wanted, {}, "the tunnel"};
        inventory[kId].digest = digestOf(resource);
        return plan(wanted);
    }
    /// Plans `wanted`, which is new.
    [[nodiscard]] Change plan(const WireguardInterface& wanted) const {
        const render::Resource resource{kId, wanted, {}, "the tunnel"};
        Observed observed;
        observed.wireguard[kId] = is;
        observed.files["file:" + kFile] = {{FileInfo::Type::regular, 0600, {}, config.size()},
                                           secureBytes(config)};
        return makePlan({resource}, observed, inventory, {Activation::all}).changes.at(0);
    }
};

std::vector<std::string> sorted(std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    return values;
}

TEST_CASE("a tunnel that matches the document is left alone", "[plan][wireguard]") {
    Host host;
    for (const auto& change : {host.plan(hub()), host.again(hub())}) {
        CHECK(change.action == Action::none);
        CHECK(change.reason == "as it should be");
        CHECK(change.diff.empty());
        CHECK(change.confirmingPeers.empty());
    }
}

TEST_CASE("neither the order of the peers nor that of their networks matters", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[0].allowedIps = {"10.66.66.2/32", "192.168.5.0/24", "10.1.0.0/16"};
    Host host;
    host.is = live(wanted);
    do {
        do {
            CHECK(host.plan(wanted).action == Action::none);
        } while (std::next_permutation(wanted.peers[0].allowedIps.begin(), wanted.peers[0].allowedIps.end()));
        std::reverse(host.is.peers.begin(), host.is.peers.end());
        std::sort(wanted.peers[0].allowedIps.begin(), wanted.peers[0].allowedIps.end());
    } while (host.is.peers.front().publicKey != "vm-key");
}

TEST_CASE("removed peers are shown in a fixed order", "[plan][wireguard]") {
    auto nobody = hub();
    nobody.peers.clear();
    Host host;
    const auto change = host.plan(nobody);
    CHECK(change.action == Action::update);
    std::reverse(host.is.peers.begin(), host.is.peers.end());
    CHECK(host.plan(nobody).diff.text(Audience::terminal) == change.diff.text(Audience::terminal));
}

TEST_CASE("a missing WireGuard interface is created without confirming peers", "[plan][wireguard]") {
    Host host;
    host.is = {};
    const auto change = host.plan(hub());
    CHECK(change.action == Action::create);
    CHECK(change.reason == "the tunnel: the interface is not up");
    CHECK(contains(change.diff.text(Audience::terminal), "+peer vm-key (vm)\n"));
    CHECK(change.confirmingPeers.empty());
}

TEST_CASE("a tunnel that was not or could not be observed is refused", "[plan][wireguard]") {
    Host host;
    host.is.problem = "wg is missing; install the package `wireguard-tools`";
    CHECK(host.plan(hub()).action == Action::refuse);
    CHECK(host.plan(hub()).reason == host.is.problem);
    const render::Resource resource{kId, hub(), {}, "the tunnel"};
    CHECK(makePlan({resource}, {}, {}, {Activation::all}).changes.at(0).action == Action::refuse);
}

TEST_CASE("each single difference of the live tunnel is repaired and shown", "[plan][wireguard]") {
    const std::vector<std::pair<std::string, std::function<void(ObservedWireguard&)>>> edits = {
        {"-public-key x\n", [](auto& is) { is.publicKey = "x"; }},
        {"-listen-port 4\n", [](auto& is) { is.listenPort = 4; }},
        {"-mtu 1280\n", [](auto& is) { is.mtu = 1280; }},
        {"-address 10.66.66.9/24\n", [](auto& is) { is.addresses = {"10.66.66.9/24"}; }},
        {"-address 10.66.66.1/24, 10.9.9.9/32\n", [](auto& is) { is.addresses.emplace_back("10.9.9.9/32"); }},
        {"+routes 192.168.5.0/24\n", [](auto& is) { is.routes.clear(); }},
        {"-  keepalive off\n", [](auto& is) { is.peers[0].persistentKeepalive = 0; }},
        {"-  allowed-ips none\n", [](auto& is) { is.peers[1].allowedIps.clear(); }},
        {"+peer vps-key (vps)\n", [](auto& is) { is.peers.pop_back(); }},
        {"-peer foreign\n",
         [](auto& is) {
             is.peers.push_back({"foreign", "", {}, 0});
         }},
    };
    auto wanted = hub();
    wanted.mtu = 1420;
    wanted.peers[0].allowedIps.emplace_back("192.168.5.0/24");
    for (const auto& [shown, edit] : edits) {
        INFO(shown);
        Host host;
        host.is = live(wanted);
        REQUIRE(host.plan(wanted).action == Action::none);
        edit(host.is);
        const auto drift = host.again(wanted);
        CHECK(drift.action == Action::update);
        CHECK(drift.reason == "the tunnel: was changed on the host; set in place");
        CHECK(contains(drift.diff.text(Audience::terminal), shown));
        CHECK(drift.confirmingPeers.empty());
        host.inventory.clear();
        CHECK(contains(host.plan(wanted).reason, "the tunnel: changed; set in place"));
    }
}

TEST_CASE("an MTU that the document leaves open is not compared", "[plan][wireguard]") {
    Host host;
    host.is.mtu = 1337;
    CHECK(host.plan(hub()).action == Action::none);
}

TEST_CASE("a user's own route through the tunnel stays", "[plan][wireguard]") {
    Host host;
    host.is.routes = {"172.30.0.0/16"};
    CHECK(host.plan(hub()).action == Action::none);
}

TEST_CASE("a route of a network that no peer has any more is removed", "[plan][wireguard]") {
    auto before = hub();
    before.peers[0].allowedIps.emplace_back("192.168.5.0/24");
    Host host;
    host.is = live(before);
    CHECK(contains(host.plan(hub()).diff.text(Audience::terminal), "-routes 192.168.5.0/24\n"));
}

TEST_CASE("a change of the host's key, port or address needs confirmation by every live peer",
          "[plan][wireguard]") {
    for (const auto& edit : std::vector<std::function<void(WireguardInterface&)>>{
             [](auto& w) { w.publicKey = "new"; }, [](auto& w) { w.listenPort = 4; },
             [](auto& w) { w.address = "10.66.66.9/24"; }}) {
        auto wanted = hub();
        edit(wanted);
        Host host;
        CHECK(sorted(host.plan(wanted).confirmingPeers) == Texts{"vm-key", "vps-key"});
        CHECK(contains(host.plan(wanted).reason, "taken back when no handshake comes"));
        host.is.peers[0].handshake = 0;
        CHECK(host.plan(wanted).confirmingPeers == Texts{"vps-key"});
        host.is = silent(host.is);
        CHECK(host.plan(wanted).confirmingPeers.empty());
        host.is.peers[0] = {"vm-key", "", {"10.66.66.2/32"}, 25, 1000, 180};  // its session has ended
        CHECK(host.plan(wanted).confirmingPeers.empty());
    }
}

TEST_CASE("a change of one peer's networks needs confirmation by that peer only", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[1].allowedIps = {"10.66.66.4/32"};
    CHECK(Host().plan(wanted).confirmingPeers == Texts{"vps-key"});
}

TEST_CASE("a change of a peer's key needs confirmation under its new key", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[1].publicKey = "vps-new";
    CHECK(Host().plan(wanted).confirmingPeers == Texts{"vps-new"});
}

TEST_CASE("a peer with an announced next key can confirm under both keys", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.listenPort = 4;
    wanted.peers[1].nextPublicKey = "vps-next";
    CHECK(sorted(Host().plan(wanted).confirmingPeers) == Texts{"vm-key", "vps-key", "vps-next"});
}

TEST_CASE("an added peer is no confirming peer", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers.push_back(peer("third", "10.66.66.4/32"));
    const auto change = Host().plan(wanted);
    CHECK(change.action == Action::update);
    CHECK(change.confirmingPeers.empty());
}

TEST_CASE("the removal of a peer needs no confirmation", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers.pop_back();
    const auto change = Host().plan(wanted);
    CHECK(change.action == Action::update);
    CHECK(change.confirmingPeers.empty());
}

TEST_CASE("a peer with a new endpoint must confirm there", "[plan][wireguard]") {
    for (const std::string& endpoint :
         {std::string("198.51.100.9:51820"), std::string("[2001:db8::9]:51820")}) {
        INFO(endpoint);
        auto wanted = hub();
        wanted.peers.resize(1);
        wanted.peers[0].endpoint = "198.51.100.7:40000";
        Host host;
        host.is = live(wanted);
        wanted.peers[0].endpoint = endpoint;
        wanted.peers[0].persistentKeepalive = 20;
        CHECK(host.plan(wanted).confirmingPeers == Texts{"vm-key"});
    }
}

TEST_CASE("a new endpoint in the document is dialled at once, for a live and a stale peer",
          "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[0].endpoint = "203.0.113.6:51820";
    Host host;
    host.is = live(wanted);
    host.is.peers[0].endpoint = "203.0.113.5:51820";
    host.config = "[Peer]\nPublicKey = vm-key\nEndpoint = 203.0.113.5:51820\n";
    CHECK(host.plan(wanted).action == Action::update);
    CHECK(host.plan(wanted).confirmingPeers == Texts{"vm-key"});
    host.config = "[Peer]\nPublicKey = vm-key\nEndpoint = 203.0.113.6:51820\n";
    CHECK(host.plan(wanted).action == Action::none);  // it moved by itself
    wanted.peers[0].endpoint = "vps.example.org:51820";
    CHECK(host.plan(wanted).action == Action::update);
    host.config = "[Peer]\nPublicKey = vm-key\nEndpoint = vps.example.org:51820\n";
    CHECK(host.plan(wanted).action == Action::none);
}

TEST_CASE("a roaming peer is no drift while it is alive", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[0].endpoint = "203.0.113.5:51820";
    Host host;
    host.is = live(wanted);
    host.is.peers[0].endpoint = "198.51.100.99:1";
    CHECK(host.again(wanted).action == Action::none);
    host.is.peers[0].handshakeAge = 180;
    const auto change = host.again(wanted);
    CHECK(change.action == Action::update);
    CHECK(contains(change.diff.text(Audience::terminal),
                   "-  endpoint 198.51.100.99:1\n+  endpoint 203.0.113.5:51820\n"));
    host.is.peers[0].endpoint = wanted.peers[0].endpoint;
    CHECK(host.again(wanted).action == Action::none);
}

TEST_CASE("IPv6 endpoints are compared like IPv4 ones", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[0].endpoint = "[2001:db8::1]:51820";
    Host host;
    host.is = silent(live(wanted));
    CHECK(host.again(wanted).action == Action::update);
    host.is.peers[0].endpoint = wanted.peers[0].endpoint;
    CHECK(host.again(wanted).action == Action::none);
}

TEST_CASE("an endpoint name that does not resolve changes nothing", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[0].endpoint = "vm.example.org:51820";
    Host host;
    host.is = live(wanted);
    host.is.names["vm.example.org"].problem = "no answer";
    CHECK(host.again(wanted).action == Action::none);
    host.is = silent(host.is);
    CHECK(host.again(wanted).action == Action::none);
    host.is.peers[0].endpoint.clear();
    CHECK(host.again(wanted).action == Action::none);
}

TEST_CASE("a stale peer with an endpoint name is dialled at the name's present address",
          "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[0].endpoint = "vm.example.org:51820";
    Host host;
    host.is = live(wanted);
    host.is.names["vm.example.org"].addresses = {"203.0.113.9", "2001:db8::9"};
    CHECK(host.again(wanted).action == Action::none);  // alive, wherever it is
    host.is.peers[0].handshakeAge = 180;
    const auto change = host.again(wanted);
    CHECK(change.action == Action::update);
    CHECK(change.reason ==
          "the tunnel: vm, not heard of for three minutes, is dialled at 203.0.113.9:51820 "
          "(vm.example.org)");
    CHECK(contains(change.diff.text(Audience::terminal),
                   "-  endpoint 198.51.100.7:40000\n+  endpoint 203.0.113.9:51820 (vm.example.org)\n"));
    CHECK(change.confirmingPeers.empty());
    REQUIRE(change.dials.count("vm-key") == 1);
    CHECK(change.dials.at("vm-key").endpoint == wanted.peers[0].endpoint);
    CHECK_FALSE(change.dials.at("vm-key").isNew);
    for (const char* place : {"203.0.113.9:51820", "[2001:db8::9]:51820"}) {
        host.is.peers[0].endpoint = place;  // any address of the name will do
        CHECK(host.again(wanted).action == Action::none);
    }
    host.is.peers[0].endpoint = "203.0.113.9:51821";
    CHECK(host.again(wanted).action == Action::update);
}

TEST_CASE("other drift is reported beside a stale peer that is dialled again", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[0].endpoint = "203.0.113.9:51820";
    Host host;
    host.is = live(wanted);
    host.is.peers[0].handshake = 0;
    host.is.listenPort = 4;
    CHECK(host.again(wanted).reason ==
          "the tunnel: was changed on the host; set in place; vm, not heard of for "
          "three minutes, is dialled at 203.0.113.9:51820");
}

TEST_CASE("a new endpoint at the peer's present address needs neither a dial nor a confirmation",
          "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[0].endpoint = "vm.example.org:40000";
    Host host;
    host.is = live(wanted);
    host.is.names["vm.example.org"].addresses = {"198.51.100.7"};
    host.config = "[Peer]\nPublicKey = vm-key\nEndpoint = 198.51.100.7:40000\n";
    CHECK(host.plan(wanted).action == Action::none);
    host.is.names["vm.example.org"].addresses = {"198.51.100.8"};
    const auto change = host.plan(wanted);
    CHECK(change.confirmingPeers == Texts{"vm-key"});
    CHECK(change.dials.at("vm-key").isNew);
    host.is.names.clear();  // not resolved: it is not known to be right
    CHECK(host.plan(wanted).confirmingPeers == Texts{"vm-key"});
    CHECK(contains(host.plan(wanted).diff.text(Audience::terminal),
                   "+  endpoint vm.example.org:40000 (not resolved now)\n"));
}

TEST_CASE("a peer with a new key and endpoint must confirm there, with a new key alone anywhere",
          "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[0].publicKey = "vm-new";
    wanted.peers[0].endpoint = "203.0.113.9:51820";
    Host host;
    host.config = "[Peer]\nPublicKey = vm-key\nEndpoint = 203.0.113.5:51820\n";
    const auto change = host.plan(wanted);
    CHECK(change.confirmingPeers == Texts{"vm-new"});
    REQUIRE(change.dials.count("vm-new") == 1);
    CHECK(change.dials.at("vm-new").isNew);
    host.config = "[Peer]\nEndpoint = 203.0.113.9:51820 # as ever\npublickey = vm-key\n";
    CHECK(host.plan(wanted).confirmingPeers == Texts{"vm-new"});
    CHECK(host.plan(wanted).dials.empty());
}

/// The hub while vm changes its key, and what is live: the addresses stand at the next key or not.
struct ChangeOver {
    WireguardInterface wanted = hub();
    Host host;

    explicit ChangeOver(bool atNext) {
        wanted.peers[0].nextPublicKey = "vm-next";
        host.is = live(hub());
        ObservedPeer next = host.is.peers[0];
        next.publicKey = "vm-next";
        host.is.peers[0].handshake = 0;
        next.handshake = 0;
        (atNext ? host.is.peers[0] : next).allowedIps.clear();
        host.is.peers.push_back(next);
    }
    ObservedPeer& current() { return host.is.peers[0]; }
    ObservedPeer& next() { return host.is.peers[2]; }
    Texts allowedIps(const std::string& key) {
        for (const auto& each : wantedPeers(wanted, host.is)) {
            if (each.publicKey == key) {
                return each.allowedIps;
            }
        }
        return {"no such peer"};
    }
};

TEST_CASE("while a peer's key changes, its networks follow the newest handshake", "[plan][wireguard]") {
    const Texts address{"10.66.66.2/32"};
    for (const bool atNext : {false, true}) {
        ChangeOver over(atNext);
        over.current().handshake = 1000;
        CHECK(over.allowedIps("vm-key") == address);
        CHECK(over.allowedIps("vm-next").empty());
        over.next().handshake = 1001;
        CHECK(over.allowedIps("vm-key").empty());
        CHECK(over.allowedIps("vm-next") == address);
        CHECK((over.host.plan(over.wanted).action == Action::none) == atNext);
        over.current().handshake = 1002;  // the peer went back to its old key
        CHECK(over.allowedIps("vm-key") == address);
        CHECK((over.host.plan(over.wanted).action == Action::none) != atNext);
    }
}

TEST_CASE("while a peer's key changes, its networks at either key are no drift", "[plan][wireguard]") {
    for (const bool atNext : {false, true}) {
        for (const std::int64_t handshake : {0, 1000}) {
            ChangeOver over(atNext);
            over.current().handshake = handshake;
            over.next().handshake = handshake;
            CHECK(over.host.again(over.wanted).action == Action::none);
        }
    }
}

TEST_CASE("before a peer's next key is live, its networks stay at the present key", "[plan][wireguard]") {
    ChangeOver over(false);
    over.host.is.peers.pop_back();
    CHECK(over.allowedIps("vm-key") == Texts{"10.66.66.2/32"});
    CHECK(over.allowedIps("vm-next").empty());
    const auto change = over.host.plan(over.wanted);
    CHECK(change.action == Action::update);
    CHECK(contains(change.diff.text(Audience::terminal), "+peer vm-next (vm)\n+  allowed-ips none\n"));
}

TEST_CASE("a wg-quick file with SaveConfig is refused", "[plan][wireguard]") {
    Host host;
    host.config = "[Interface]\n saveconfig=TRUE # handy\n";
    CHECK(host.plan(hub()).action == Action::refuse);
    CHECK(contains(host.plan(hub()).reason, "`SaveConfig = true`"));
    host.config = "[Interface]\nSaveConfig = false\n# SaveConfig = true\n";
    CHECK(host.plan(hub()).action == Action::none);
}

TEST_CASE("a tunnel with hooks in its present file is restarted instead of changed in place",
          "[plan][wireguard]") {
    auto wanted = hub();
    wanted.listenPort = 4;
    for (const char* setting :
         {"PostUp = x", "PostDown = x", "PreUp = x", "predown=x", "DNS = 10.0.0.1", "Table = off"}) {
        INFO(setting);
        Host host;
        host.config = std::string("[Interface]\n") + setting + "\n";
        // Name servers are the one of these that the document has a say in.
        const bool dns = contains(setting, "DNS");
        CHECK(host.plan(hub()).action == (dns ? Action::restart : Action::none));
        const auto change = host.plan(wanted);
        CHECK(change.action == Action::restart);
        CHECK_FALSE(change.reversible());
        CHECK(change.confirmingPeers.size() == 2);
    }
}

render::SecretValue psk(const char* value) {
    return {std::string("id of ") + value, std::make_shared<const SecureBytes>(secureBytes(value))};
}

TEST_CASE("a changed preshared key needs confirmation and is not shown", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.peers[0].presharedKey = psk("canary");
    Host host;
    const auto missing = host.plan(wanted);
    CHECK(missing.action == Action::update);
    CHECK(contains(missing.diff.text(Audience::terminal), "+  preshared-key set\n"));
    CHECK(missing.confirmingPeers == Texts{"vm-key"});

    host.is.peers[0].presharedKey = secureBytes("canary");
    CHECK(host.plan(wanted).action == Action::none);

    host.is.peers[0].presharedKey = secureBytes("older canary");
    const auto other = host.plan(wanted);
    CHECK(contains(other.diff.text(Audience::terminal),
                   "-  preshared-key another one\n+  preshared-key set\n"));
    CHECK(other.confirmingPeers == Texts{"vm-key"});

    const auto unwanted = host.plan(hub());
    CHECK(contains(unwanted.diff.text(Audience::terminal), "-  preshared-key set\n"));
    CHECK(unwanted.confirmingPeers == Texts{"vm-key"});
    for (const auto& change : {missing, other, unwanted}) {
        CHECK_FALSE(contains(change.diff.text(Audience::terminal) + change.reason, "canary"));
    }
    wanted.peers[0].presharedKey.value = nullptr;  // sealed elsewhere: nobody here can tell
    CHECK(host.plan(wanted).action == Action::none);
}

TEST_CASE("both VPN addresses of a host are compared", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.address6 = "fd66::1/64";
    Host host;
    const auto change = host.plan(wanted);
    CHECK(contains(change.diff.text(Audience::terminal), "+address 10.66.66.1/24, fd66::1/64\n"));
    CHECK(change.confirmingPeers.size() == 2);
    for (const auto& order : {Texts{"10.66.66.1/24", "fd66::1/64"}, Texts{"fd66::1/64", "10.66.66.1/24"}}) {
        host.is.addresses = order;
        CHECK(host.plan(wanted).action == Action::none);
    }
    wanted.peers[0].allowedIps = {"10.66.66.2/32", "fd66::2/128", "fd00::/64"};
    CHECK(wantedRoutes(wanted) == Texts{"fd00::/64"});
}

TEST_CASE("changed DNS servers restart the tunnel, unchanged ones do not", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.dns = {"10.66.66.1", "fd66::1"};
    Host host;
    host.config = "[Interface]\nDNS = 10.66.66.1\n";
    const auto change = host.plan(wanted);
    CHECK(change.action == Action::restart);
    CHECK(contains(change.diff.text(Audience::terminal), "-dns 10.66.66.1\n+dns 10.66.66.1, fd66::1\n"));
    host.config = "[Interface]\nDNS = 10.66.66.1, fd66::1\n";
    CHECK(host.plan(wanted).action == Action::none);
    wanted.mtu = 1400;
    CHECK(host.plan(wanted).action == Action::update);
}

TEST_CASE("only networks beyond that of the interface need a route", "[plan][wireguard]") {
    auto wanted = hub();
    CHECK(wantedRoutes(wanted).empty());
    wanted.peers[0].allowedIps = {"10.66.66.0/25", "10.66.66.0/24", "10.66.0.0/16", "192.168.5.0/24"};
    wanted.peers[1].allowedIps = {"192.168.5.0/24", "2001:db8::/64", "0.0.0.0/0"};
    CHECK(wantedRoutes(wanted) == Texts{"0.0.0.0/0", "10.66.0.0/16", "192.168.5.0/24", "2001:db8::/64"});
    wanted.address = "garbage";
    wanted.peers.resize(1);
    wanted.peers[0].allowedIps = {"10.66.66.2/32"};
    CHECK(wantedRoutes(wanted) == Texts{"10.66.66.2/32"});
}

TEST_CASE("a plan never shows the private key", "[plan][wireguard]") {
    auto wanted = hub();
    wanted.listenPort = 4;
    wanted.privateKey = {"id", std::make_shared<const SecureBytes>(secureBytes("canary"))};
    const auto change = Host().plan(wanted);
    CHECK_FALSE(contains(change.diff.text(Audience::terminal) + change.reason, "canary"));
}

}  // namespace
}  // namespace vigie::plan
