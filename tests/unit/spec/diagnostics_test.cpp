// Tests spec/diagnostics: Findings, who reports them, and how they are shown.

#include "spec/diagnostics.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

std::string shown(Position at, std::string_view source, const std::string& hint = "", bool colour = false) {
    return format({Severity::error, "VG0101", "a.yaml", at, "wrong", hint}, source, colour);
}

TEST_CASE("a diagnostic shows its position, the line, a caret and the hint", "[spec]") {
    CHECK(shown({2, 4}, "first\n  bad: x\nlast\n", "do better") ==
          "a.yaml:2:4: error[VG0101]: wrong\n"
          " 2 |   bad: x\n"
          "   |    ^\n"
          "   hint: do better\n");
}

TEST_CASE("a diagnostic without a position shows only the message", "[spec]") {
    CHECK(shown({}, "a\n") == "a.yaml: error[VG0101]: wrong\n");
}

TEST_CASE("a diagnostic's caret is below its character after two-byte letters", "[spec]") {
    CHECK(shown({1, 6}, "éé: x\n") ==
          "a.yaml:1:4: error[VG0101]: wrong\n"
          " 1 | éé: x\n"
          "   |    ^\n");
}

TEST_CASE("a diagnostic's excerpt shows a tab as one space", "[spec]") {
    CHECK(shown({1, 2}, "\tx\n") ==
          "a.yaml:1:2: error[VG0101]: wrong\n"
          " 1 |  x\n"
          "   |  ^\n");
}

TEST_CASE("a diagnostic with a position beyond the text is printed without a crash", "[spec]") {
    CHECK(shown({9, 9}, "a\n") == "a.yaml:9:1: error[VG0101]: wrong\n");
    CHECK(shown({1, 99}, "a\r\n") == "a.yaml:1:2: error[VG0101]: wrong\n 1 | a\n   |  ^\n");
    CHECK(shown({2, 1}, "a\n") == "a.yaml:2:1: error[VG0101]: wrong\n");
}

TEST_CASE("a diagnostic far to the right of its line has no excerpt", "[spec]") {
    CHECK(shown({1, 500}, std::string(1000, 'x')) == "a.yaml:1:500: error[VG0101]: wrong\n");
}

TEST_CASE("a diagnostic's excerpt is never cut inside a character", "[spec]") {
    CHECK_FALSE(tests::contains(shown({1, 1}, std::string(159, 'x') + "é"), "\xC3\n"));
}

TEST_CASE("a diagnostic escapes control characters of the document and is coloured only on request",
          "[spec]") {
    CHECK_FALSE(tests::contains(shown({1, 1}, "\x1b[31mred\n"), "\x1b"));
    CHECK(tests::contains(shown({1, 1}, "a\n", "", true), "\x1b[1;31merror[VG0101]\x1b[0m"));
}

TEST_CASE("diagnostics are sorted by position, those without a position first", "[spec]") {
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

TEST_CASE("a diagnostic of severity warning is no error", "[spec]") {
    Diagnostics diagnostics;
    Reporter(diagnostics, "a").warning(code::VG0410, FieldPath{"spec"}, "x");
    CHECK_FALSE(diagnostics.hasErrors());
    CHECK_FALSE(diagnostics.empty());
    CHECK(tests::contains(format(diagnostics.all()[0], "", false), "warning[VG0410]"));
}

TEST_CASE("a field path is printed with dots and brackets", "[spec]") {
    CHECK((FieldPath{"spec", "hosts"}[0] / "vpn" / "address").text() == "spec.hosts[0].vpn.address");
}

}  // namespace
}  // namespace vigie::spec
