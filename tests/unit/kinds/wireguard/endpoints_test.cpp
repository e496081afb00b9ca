// Tests plan/endpoints: Where a peer of the tunnel is dialled: what an endpoint of the document means, and
// where the peer is now.
#include "kinds/wireguard/endpoints.hpp"

#include "tests/support/catch.hpp"

namespace vigie::plan {
namespace {

using Texts = std::vector<std::string>;

ObservedWireguard resolving() {
    ObservedWireguard out;
    out.names["vps.example.org"].addresses = {"2001:db8::1", "203.0.113.5", "fe80::1%eth0"};
    out.names["gone.example.org"].problem = "no such name";
    return out;
}

TEST_CASE("an endpoint resolves to its addresses as wg writes them", "[plan][endpoints]") {
    const auto observed = resolving();
    CHECK(placesOf("203.0.113.5:51820", {}) == Texts{"203.0.113.5:51820"});
    CHECK(placesOf("[2001:DB8:0::1]:51820", {}) == Texts{"[2001:db8::1]:51820"});
    CHECK(placesOf("vps.example.org:51820", observed) == Texts{"[2001:db8::1]:51820", "203.0.113.5:51820"});
    CHECK(placesOf("gone.example.org:51820", observed).empty());
    CHECK(placesOf("never.asked.org:51820", observed).empty());
    CHECK(placesOf("", observed).empty());
    CHECK(nameIn("vps.example.org:51820") == "vps.example.org");
    CHECK(nameIn("[2001:db8::1]:1").empty());
    CHECK(nameIn("203.0.113.5:1").empty());
    CHECK(nameIn("").empty());
}

TEST_CASE("a peer keeps its address if that belongs to its endpoint or the endpoint has no address",
          "[plan][endpoints]") {
    const auto observed = resolving();
    CHECK(placeToDial("vps.example.org:51820", "203.0.113.5:51820", observed) == "203.0.113.5:51820");
    CHECK(placeToDial("vps.example.org:51820", "203.0.113.6:51820", observed) == "[2001:db8::1]:51820");
    CHECK(placeToDial("vps.example.org:51820", "", observed) == "[2001:db8::1]:51820");
    CHECK(placeToDial("gone.example.org:51820", "203.0.113.6:51820", observed) == "203.0.113.6:51820");
    CHECK(placeToDial("", "203.0.113.6:51820", observed) == "203.0.113.6:51820");
}

TEST_CASE("a peer is roaming if it is alive at another address than its endpoint's", "[plan][endpoints]") {
    const auto observed = resolving();
    ObservedPeer peer{"key", "203.0.113.6:51820", {}, 0, 1000, 10};
    CHECK(roams("vps.example.org:51820", peer, observed));
    CHECK(roams("203.0.113.5:51820", peer, observed));
    CHECK_FALSE(roams("203.0.113.6:51820", peer, observed));
    CHECK_FALSE(roams("gone.example.org:51820", peer, observed));
    CHECK_FALSE(roams("", peer, observed));
    peer.handshakeAge = kSessionSeconds;
    CHECK_FALSE(roams("203.0.113.5:51820", peer, observed));
}

}  // namespace
}  // namespace vigie::plan
