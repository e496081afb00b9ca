// Tests lint/suppress: Findings that a comment or `spec.lint.disable` silences.

#include "lint/suppress.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::lint {
namespace {

using spec::Severity;
using Codes = std::vector<std::string>;

/// Line 2 has a warning VG0406 and line 4 an error, an info and a warning; then what `suppress` leaves.
Codes left(const std::string& source, const std::vector<std::string>& disable = {}) {
    spec::Diagnostics found;
    found.add({Severity::warning, "VG0406", "a.yaml", {2, 1}, "no version", "", false});
    found.add({Severity::error, "VG0402", "a.yaml", {4, 1}, "one port", "", false});
    found.add({Severity::info, "VG0367", "a.yaml", {4, 1}, "a note", "", false});
    found.add({Severity::warning, "VG0410", "a.yaml", {4, 1}, "unused", "", false});
    spec::Stack stack;
    stack.lintDisable = disable;
    suppress(stack, {{"a.yaml", source}}, spec::Reporter(found, "a.yaml"), found);
    return tests::codesOf(found);
}

TEST_CASE("without a disabling comment every finding is shown", "[lint]") {
    CHECK(left("a\nb\nc\nd\n") == Codes{"VG0406", "VG0402", "VG0367", "VG0410"});
    CHECK(left("a\nb # nothing to do with us\n# vigie: disable=\nd\n").size() == 4);
}

TEST_CASE("a disabling comment at the end of a line suppresses findings of that line", "[lint]") {
    CHECK(left("a\nb # vigie: disable=VG0406\nc\nd\n") == Codes{"VG0402", "VG0367", "VG0410"});
    CHECK(left("a # vigie: disable=VG0406\nb\nc\nd\n").size() == 4);
    CHECK(left("a\nb\nc\nd # vigie: disable=VG0367,VG0410 they are known\n") == Codes{"VG0406", "VG0402"});
}

TEST_CASE("a disabling comment on its own line suppresses findings of the next line", "[lint]") {
    CHECK(left("  # vigie: disable=VG0406\r\nb\r\nc\nd\n") == Codes{"VG0402", "VG0367", "VG0410"});
}

TEST_CASE("a disabling comment suppresses findings of its own file only", "[lint]") {
    spec::Diagnostics found;
    found.add({Severity::warning, "VG0433", "rules/a.yml", {2, 1}, "no job", "", false});
    found.add({Severity::warning, "VG0406", "a.yaml", {2, 1}, "no version", "", false});
    suppress({}, {{"a.yaml", "a\nb\n"}, {"rules/a.yml", "a\nb # vigie: disable=VG0433,VG0406\n"}},
             spec::Reporter(found, "a.yaml"), found);
    CHECK(tests::codesOf(found) == Codes{"VG0406"});
}

TEST_CASE("a warning can be disabled for the whole document, an error cannot", "[lint]") {
    CHECK(left("a\nb\nc\nd\n", {"VG0406", "VG0367", "VG0410"}) == Codes{"VG0402"});
    CHECK(left("a\nb\nc\nd\n", {"VG0402"}) == Codes{"VG0406", "VG0402", "VG0367", "VG0410", "VG0111"});
    CHECK(left("a\nb\nc\nd\n", {"VG0413"}) == Codes{"VG0406", "VG0402", "VG0367", "VG0410", "VG0111"});
    CHECK(left("a\nb\nc\nd\n", {"VG0420"}) == Codes{"VG0406", "VG0402", "VG0367", "VG0410", "VG0110"});
}

TEST_CASE("a comment that disables an unknown code or an error is a warning", "[lint]") {
    CHECK(left("a\nb\nc\nd\n", {"VG9999"}).back() == "VG0111");
    spec::Diagnostics found;
    suppress({}, {{"rules/a.yml", "a\nb # vigie: disable=VG0406,VG9999 because\n# vigie: disable=VG0402\n"}},
             spec::Reporter(found, "a.yaml"), found);
    REQUIRE(tests::codesOf(found) == Codes{"VG0111", "VG0111"});
    const auto& first = found.all()[0];
    CHECK(first.file == "rules/a.yml");
    CHECK((first.at.line == 2 && first.at.column == 27));
    CHECK(first.severity == Severity::warning);
    CHECK(first.message == "no finding has the code `VG9999`");
    CHECK(found.all()[1].message == "`VG0402` is the code of an error, and errors are always shown");
}

}  // namespace
}  // namespace vigie::lint
