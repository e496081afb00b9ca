// Tests lint/matchers: Alertmanager's matchers as text.

#include "lint/matchers.hpp"

#include "tests/support/catch.hpp"

namespace vigie::lint {
namespace {

/// `name op value`, several with `;` between them, or `! PROBLEM`.
std::string read(std::string_view text, MatcherSyntax syntax = MatcherSyntax::fallback) {
    const auto matchers = readMatchers(text, syntax);
    if (!matchers.problem.empty()) {
        return "! " + matchers.problem;
    }
    std::string out;
    for (const auto& each : matchers.matchers) {
        out += (out.empty() ? "" : ";") + each.name + " " + each.op + " " + each.value;
    }
    return out;
}

struct Row {
    const char* text;
    const char* fallback;
    const char* classic = nullptr;  ///< the same when null
};

// Each row as amtool 0.33.1 and amtool 0.25 take it.
TEST_CASE("a matcher is parsed as by the Alertmanager version", "[lint]") {
    static const std::vector<Row> kRows = {
        {"a=b", "a = b"},
        {" a = \"b c\" ", "a = b c"},
        {"a=b c", "a = b c"},
        {"a=~x.*", "a =~ x.*"},
        {"a=b,c!=d", "a = b;c != d"},
        {"{a=\"b\",c!~\"d,e\"}", "a = b;c !~ d,e"},
        {"a=", "a = "},
        {"a:b=c", "a:b = c"},
        {"a=\"b\\\"c\"", "a = b\"c"},
        {"a=\"\\n\"", "a = \n"},
        {"a=\"\\d\"", "a = \\d"},
        {"a=\"\\\\d\"", "a = \\d"},
        {"a=\"\\t\"", "a = \\t"},  // the two parsers disagree: the old one has the word
        {"mountpoint=~\"/data\\\\(old.*\"", "mountpoint =~ /data\\(old.*"},
        {"severity='page'", "severity = 'page'"},
        {"severity==page", "severity = =page"},
        {"a=`b`", "a = `b`"},
        {"{a=b}}", "a = b}"},
        {"a-b=\"c\"", "a-b = c", "! does not begin with a label name"},
        {"\xC3\xA4=\"c\"", "\xC3\xA4 = c", "! does not begin with a label name"},
        {"\"a b\"=\"c\"", "a b = c", "! does not begin with a label name"},
        {"1a=b", "1a = b", "! does not begin with a label name"},
        {"a.b=\"\\u00e4\"", "a.b = \xC3\xA4", "! does not begin with a label name"},
        {"a.b=\"\\x41\\101\"", "a.b = AA", "! does not begin with a label name"},
        {"a.b=\"\\q\"", "! has an invalid escape", "! does not begin with a label name"},
        {"severity: page", "! has no `=`, `!=`, `=~` or `!~` after the label"},
        {"=b", "! does not begin with a label name"},
        {"a~b", "! has no `=`, `!=`, `=~` or `!~` after the label"},
        {"a=\"b", "! has an unclosed quote"},
        {"a=\"b\" c", "! has text after its value", "! has an unclosed quote"},
        {"a=b\"", "! has text after its value", "! has a quote inside its value"},
        {"a=x,y", "! has no `=`, `!=`, `=~` or `!~` after the label"},
        {"a=\"b\",,c=\"d\"", "! does not begin with a label name"},
    };
    for (const auto& row : kRows) {
        INFO(row.text);
        CHECK(read(row.text) == row.fallback);
        CHECK(read(row.text, MatcherSyntax::classic) ==
              (row.classic == nullptr ? row.fallback : row.classic));
    }
}

TEST_CASE("in UTF-8 mode matchers are not parsed by the classic parser", "[lint]") {
    CHECK(read("a=b c", MatcherSyntax::utf8) == "! has text after its value");
    CHECK(read("a=\"\\t\"", MatcherSyntax::utf8) == "a = \t");
    CHECK(read("{a=b", MatcherSyntax::utf8) == "! has a `{` without its `}`");
    CHECK(read("a=", MatcherSyntax::utf8) == "! has no value");
}

TEST_CASE("quotes around a matcher's value are distinguished from quotes inside it", "[lint]") {
    CHECK(readMatchers("a=\"'b'\"", MatcherSyntax::fallback).matchers.at(0).quoted);
    CHECK_FALSE(readMatchers("a='b'", MatcherSyntax::fallback).matchers.at(0).quoted);
    CHECK(readMatchers("a='b'", MatcherSyntax::fallback).classic);
}

}  // namespace
}  // namespace vigie::lint
