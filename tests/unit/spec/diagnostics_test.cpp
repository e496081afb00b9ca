// Tests spec/diagnostics: Findings, who reports them, and how they are shown.

#include "spec/diagnostics.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

std::string shown(Position at, std::string_view source, const std::string& hint = "", bool colour = false) {
    return format({Severity::error, "VG0101", "a.yaml", at, "wrong", hint}, source, colour);
}

TEST_CASE("a diagnostic shows its place, the line, a caret and the hint", "[spec]") {
    CHECK(shown({2, 4}, "first\n  bad: x\nlast\n", "do better") ==
          "a.yaml:2:4: error[VG0101]: wrong\n"
          " 2 |   bad: x\n"
          "   |    ^\n"
          "   hint: do better\n");
}

TEST_CASE("without a position there is only the message", "[spec]") {
    CHECK(shown({}, "a\n") == "a.yaml: error[VG0101]: wrong\n");
}

TEST_CASE("the caret stands below its character behind letters of two bytes", "[spec]") {
    CHECK(shown({1, 6}, "éé: x\n") ==
          "a.yaml:1:4: error[VG0101]: wrong\n"
          " 1 | éé: x\n"
          "   |    ^\n");
}

TEST_CASE("a tab is printed as one space", "[spec]") {
    CHECK(shown({1, 2}, "\tx\n") ==
          "a.yaml:1:2: error[VG0101]: wrong\n"
          " 1 |  x\n"
          "   |  ^\n");
}

TEST_CASE("a position beyond the text is no reason to fail", "[spec]") {
    CHECK(shown({9, 9}, "a\n") == "a.yaml:9:1: error[VG0101]: wrong\n");
    CHECK(shown({1, 99}, "a\r\n") == "a.yaml:1:2: error[VG0101]: wrong\n 1 | a\n   |  ^\n");
    CHECK(shown({2, 1}, "a\n") == "a.yaml:2:1: error[VG0101]: wrong\n");
}

TEST_CASE("a place far to the right gets no excerpt", "[spec]") {
    CHECK(shown({1, 500}, std::string(1000, 'x')) == "a.yaml:1:500: error[VG0101]: wrong\n");
}

TEST_CASE("an excerpt never ends inside a character", "[spec]") {
    CHECK_FALSE(tests::contains(shown({1, 1}, std::string(159, 'x') + "é"), "\xC3\n"));
}

TEST_CASE("escape sequences of a document reach no terminal; ours only when asked for", "[spec]") {
    CHECK_FALSE(tests::contains(shown({1, 1}, "\x1b[31mred\n"), "\x1b"));
    CHECK(tests::contains(shown({1, 1}, "a\n", "", true), "\x1b[1;31merror[VG0101]\x1b[0m"));
}

TEST_CASE("diagnostics are sorted as one reads, those without a place first", "[spec]") {
    Diagnostics diagnostics;
    const Reporter report(diagnostics, "a");
    report.error(Code{"3"}, Position{2, 1}, "");
    report.error(Code{"2"}, Position{1, 9}, "");
    report.error(Code{"4"}, Position{10, 1}, "");
    report.error(Code{"1"}, Position{}, "");
    report.error(Code{"5"}, Position{10, 1}, "");
    diagnostics.sort();
    CHECK(tests::codesOf(diagnostics) == std::vector<std::string>{"1", "2", "3", "4", "5"});
}

TEST_CASE("a warning is no error", "[spec]") {
    Diagnostics diagnostics;
    Reporter(diagnostics, "a").warning(code::VG0410, FieldPath{"spec"}, "x");
    CHECK_FALSE(diagnostics.hasErrors());
    CHECK_FALSE(diagnostics.empty());
    CHECK(tests::contains(format(diagnostics.all()[0], "", false), "warning[VG0410]"));
}

TEST_CASE("a path is printed as one would write it", "[spec]") {
    CHECK((FieldPath{"spec", "hosts"}[0] / "vpn" / "address").text() == "spec.hosts[0].vpn.address");
}

}  // namespace
}  // namespace vigie::spec
