// Tests controller/silent_peers: What is told of a tunnel's peers that fall silent, and that are heard of
// again.

#include "controller/silent_peers.hpp"

#include "tests/support/catch.hpp"

namespace vigie::controller {
namespace {

TEST_CASE("a tunnel that dies and one that comes back are told once", "[controller]") {
    SilentPeers peers;
    CHECK_FALSE(peers.see(""));
    const auto lost = peers.see("vps");
    REQUIRE(lost);
    CHECK(lost->lost);
    CHECK(lost->story == "not heard of within three minutes: vps");
    CHECK_FALSE(peers.see("vps"));
    CHECK(peers.see("vps, laptop")->lost);
    CHECK(peers.see("laptop")->story == "not heard of within three minutes: laptop");
    const auto back = peers.see("");
    REQUIRE(back);
    CHECK_FALSE(back->lost);
    CHECK(back->story == "every peer of the tunnel is heard of again");
    CHECK_FALSE(peers.see(""));
}

TEST_CASE("a peer that was never heard of is told at the first look", "[controller]") {
    CHECK(SilentPeers().see("vps")->lost);
}

}  // namespace
}  // namespace vigie::controller
