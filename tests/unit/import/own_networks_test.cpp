// Tests import/own_networks: Which addresses are of networks of one's own.

#include "import/own_networks.hpp"

#include "tests/support/catch.hpp"

namespace vigie::imports {
namespace {

TEST_CASE("addresses of LANs, tunnels and overlays are one's own; all others are not", "[import][networks]") {
    for (const char* own : {"10.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.1.1", "100.64.0.1",
                            "100.127.255.254", "fd00::1", "fd7a:115c:a1e0::1"}) {
        INFO(own);
        CHECK(isOwnNetwork(own));
    }
    for (const char* other :
         {"", "localhost", "127.0.0.1", "0.0.0.0", "172.17.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1",
          "203.0.113.1", "169.254.1.1", "::1", "fe80::1", "2001:db8::1"}) {
        INFO(other);
        CHECK_FALSE(isOwnNetwork(other));
    }
}

TEST_CASE("the addresses of Tailscale and NetBird are known by their block", "[import][networks]") {
    CHECK(isOverlayAddress("100.64.0.1"));
    CHECK(isOverlayAddress("fd7a:115c:a1e0::1"));
    CHECK_FALSE(isOverlayAddress("10.0.0.1"));
    CHECK_FALSE(isOverlayAddress("fd00::1"));
}

TEST_CASE("an address of the internet is public; all others are not", "[import][networks]") {
    CHECK(isPublicAddress("203.0.113.1"));
    CHECK(isPublicAddress("172.32.0.1"));
    for (const char* other : {"", "x", "10.0.0.1", "172.17.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1",
                              "169.254.0.1", "224.0.0.1", "255.255.255.255", "2001:db8::1"}) {
        INFO(other);
        CHECK_FALSE(isPublicAddress(other));
    }
}

}  // namespace
}  // namespace vigie::imports
