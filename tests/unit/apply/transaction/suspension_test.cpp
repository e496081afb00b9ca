// Tests apply/suspension: What an operator says when nothing is to be changed for a while.
#include "apply/transaction/suspension.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

TEST_CASE("a suspension shows its reason and its end", "[apply]") {
    const auto plain = suspensionFor("", "", 1'000);
    CHECK(plain.why == "suspended by the operator");
    CHECK(plain.until == 0);
    const auto asked = suspensionFor("the disk is changed", "2h", 1'700'000'000'000);
    CHECK(asked.until == 1'700'007'200'000);
    CHECK(asked.why == "suspended by the operator: the disk is changed; until 2023-11-15T00:13:20Z");
}

TEST_CASE("a suspension with a reason that is not one line of text, or with an invalid duration, is refused",
          "[apply]") {
    for (const auto& reason : {std::string("two\nlines"), std::string("\x1b[31m"), std::string(501, 'x')}) {
        CHECK_THROWS_AS(suspensionFor(reason, "", 0), Error);
    }
    for (const auto* time : {"2", "soon", "0s", "-1h", "99999d"}) {
        CHECK_THROWS_AS(suspensionFor("", time, 0), Error);
    }
}

}  // namespace
}  // namespace vigie::apply
