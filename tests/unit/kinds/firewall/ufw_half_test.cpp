// Tests plan/ufw_half.
#include "kinds/firewall/ufw_half.hpp"

#include "kinds/firewall/ufw_rules.hpp"
#include "tests/support/catch.hpp"

namespace vigie::plan {
namespace {

TEST_CASE("a dual-stack ufw rule splits into one rule per IP family", "[plan][ufw]") {
    for (const std::string rule :
         {"allow 22/tcp", "deny 80", "limit out 53/udp", "allow in on wg0",
          "route allow in on wg0 out on wg0", "allow out on eth0 to any port 80:90 proto tcp",
          "reject log from any port 67 to any port 68 proto udp",
          "allow in on wg0 to any port 8000,9127 proto tcp"}) {
        INFO(rule);
        const auto whole = parseUfwRule(rule);
        REQUIRE(whole);
        for (const bool v6 : {false, true}) {
            const auto text = ufwHalf(rule, v6);
            REQUIRE(text);
            INFO(*text);
            const auto half = parseUfwRule(*text);
            REQUIRE(half);
            CHECK(sameRule(*half, *whole));
            CHECK(half->v4 == !v6);
            CHECK(half->v6 == v6);
        }
    }
}

TEST_CASE("a ufw rule of one IP family, or an invalid one, is not split", "[plan][ufw]") {
    for (const auto* rule :
         {"allow from 10.0.0.0/8", "allow from fd00::/8 to any port 22 proto tcp", "allow everything"}) {
        CHECK_FALSE(ufwHalf(rule, false));
        CHECK_FALSE(ufwHalf(rule, true));
    }
}

}  // namespace
}  // namespace vigie::plan
