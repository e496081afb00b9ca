// Tests base/invisible: Characters that one does not see, or takes for a blank, and that YAML takes for text.

#include "base/invisible.hpp"

#include "spec/diagnostics.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

const std::string kNoBreak = "\xc2\xa0";
const std::string kNothing = "\xe2\x80\x8b";
const std::string kMark = "\xef\xbb\xbf";

TEST_CASE("invisible characters are shown by their code points", "[spec][invisible]") {
    CHECK(withNames("a" + kNoBreak + "b" + kNothing + kMark) == "a<U+00A0>b<U+200B><U+FEFF>");
    CHECK(withNames("plain, b\xc3\xa9, \xe2\x82\xac, \xf0\x9f\x98\x80") ==
          "plain, b\xc3\xa9, \xe2\x82\xac, \xf0\x9f\x98\x80");
    CHECK(withNames("cut \xe2\x80") == "cut \xe2\x80");
    const auto found = findInvisible("ab" + kNothing);
    REQUIRE(found);
    CHECK(found->offset == 2);
    CHECK(found->size == 3);
    CHECK_FALSE(found->blank);
    CHECK_FALSE(findInvisible("a b\tc\n"));
    CHECK(tests::contains(cureForInvisible(kNoBreak), "U+00A0 looks like a space"));
    CHECK(tests::contains(cureForInvisible(kNothing), "U+200B is an invisible character"));
    CHECK(cureForInvisible("a").empty());
}

TEST_CASE("a message that quotes an invisible character shows its code point and begins its hint with it",
          "[spec][invisible]") {
    Diagnostics diagnostics;
    const Reporter report(diagnostics, "stack.yaml");
    report.error(code::VG0101, Position{1, 1}, "`spec` has no field `pro" + kNothing + "jects`",
                 "did you mean `projects`?");
    CHECK(diagnostics.all()[0].message == "`spec` has no field `pro<U+200B>jects`");
    CHECK(diagnostics.all()[0].hint ==
          "U+200B is an invisible character: type the word again; did you mean `projects`?");
}

}  // namespace
}  // namespace vigie::spec
