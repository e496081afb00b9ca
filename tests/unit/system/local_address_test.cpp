// Tests system/local_address: Whether an address is one of this host's.

#include "system/local_address.hpp"

#include "tests/support/catch.hpp"

namespace vigie::system {
namespace {

TEST_CASE("the host is extracted from a URL", "[system]") {
    CHECK(hostOf("http://10.66.66.2:9090/api/v1/rules") == "10.66.66.2");
    CHECK(hostOf("http://[fd00::2]:9090") == "fd00::2");
    CHECK(hostOf("http://localhost/") == "localhost");
    CHECK(hostOf("").empty());
}

TEST_CASE("a loopback address is local, a documentation address is not, and a name counts as local",
          "[system]") {
    CHECK_FALSE(isElsewhere("127.0.0.1"));
    CHECK_FALSE(isElsewhere("127.66.66.2"));
    CHECK(isElsewhere("203.0.113.10"));
    CHECK_FALSE(isElsewhere("localhost"));
    CHECK_FALSE(isElsewhere("not an address"));
}

}  // namespace
}  // namespace vigie::system
