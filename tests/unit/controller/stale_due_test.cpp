// When a peer would have to be dialled anew.
#include "controller/stale_due.hpp"

#include "tests/support/catch.hpp"

namespace vigie::controller {
namespace {

render::WireguardInterface dialling(const std::string& endpoint) {
    render::WireguardInterface out;
    out.peers = {{"vps", "vps-key", "vps-next", endpoint, {}, 25}};
    return out;
}

plan::ObservedWireguard heard(std::int64_t age, const std::string& key = "vps-key") {
    plan::ObservedWireguard out;
    out.peers = {{key, "203.0.113.5:51820", {}, 25, age < 0 ? 0 : 1000, age}};
    return out;
}

TEST_CASE("a peer with an endpoint name is observed when its handshake gets stale, and every minute after",
          "[controller][tunnel]") {
    const auto named = dialling("vps.example.org:51820");
    CHECK(untilStale(named, heard(10)) == 171'000);
    CHECK(untilStale(named, heard(179)) == 2'000);
    CHECK(untilStale(named, heard(10, "vps-next")) == 171'000);
    CHECK(untilStale(named, heard(180)) == 60'000);
    CHECK(untilStale(named, heard(-1)) == 60'000);
    CHECK_FALSE(untilStale(named, heard(10, "a stranger")));
    CHECK_FALSE(untilStale(named, {}));
}

TEST_CASE("a peer with an endpoint address is observed again only if it was seen at another address",
          "[controller][tunnel]") {
    CHECK_FALSE(untilStale(dialling("203.0.113.5:51820"), heard(10)));
    CHECK_FALSE(untilStale(dialling("203.0.113.5:51820"), heard(200)));
    CHECK(untilStale(dialling("203.0.113.9:51820"), heard(10)) == 171'000);
    CHECK_FALSE(untilStale(dialling(""), heard(10)));
}

}  // namespace
}  // namespace vigie::controller
