// Tests spec/probe_target: What a probe asks, taken apart.

#include "spec/probe_target.hpp"

#include "tests/support/catch.hpp"

namespace vigie::spec {
namespace {

std::string parts(std::string_view text) {
    const auto target = probeTarget(text);
    return target.scheme + " " + target.host + " " + target.port;
}

TEST_CASE("a probe's target is parsed to scheme, host and port in every form", "[spec]") {
    CHECK(parts("https://shop.example.org/health?x=1") == "https shop.example.org ");
    CHECK(parts("http://10.66.66.2:3000/x") == "http 10.66.66.2 3000");
    CHECK(parts("https://[fd66::1]:8443#a") == "https fd66::1 8443");
    CHECK(parts("10.66.66.2:25") == " 10.66.66.2 25");
    CHECK(parts("192.0.2.53") == " 192.0.2.53 ");
    CHECK(parts("fd66::1") == " fd66::1 ");
    CHECK(parts("[fd66::1]:53") == " fd66::1 53");
    CHECK(parts("[fd66::1") == " fd66::1 ");  // a mistake, which is told elsewhere
    CHECK(parts("") == "  ");
}

}  // namespace
}  // namespace vigie::spec
