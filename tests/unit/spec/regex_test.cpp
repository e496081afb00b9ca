// Which regular expressions Prometheus and Alertmanager take: each of these was given to promtool 3.5.
#include "spec/regex.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace vigie::spec {
namespace {

TEST_CASE("regular expressions that promtool accepts are accepted", "[spec][regex]") {
    const std::vector<std::string> taken = {"",
                                            ".*",
                                            "(a|b)+",
                                            "[]a]",
                                            "[^]]",
                                            "a{2,3}",
                                            "(?i)a",
                                            "(?P<n>a)",
                                            "(?<n>a)",
                                            "\\.",
                                            "a+?",
                                            "[[:alpha:]]",
                                            "a{1000}",
                                            "(a{2}){500}",
                                            "\\Qa(b\\E",
                                            "\\Q\\C\\E",
                                            "(?P<n>a)(?P<n>b)",
                                            "\\pZ",
                                            "\\p{Greek}",
                                            "\\z",
                                            "(?U)a+",
                                            "a{,2}",
                                            "|a",
                                            "()",
                                            "\\x{10FFFF}",
                                            "\\\\C",
                                            "(?-s).",
                                            "[^\\d\\D]",
                                            "(\\pL{100}){10}",
                                            "\\P{^Greek}",
                                            "(?i:a)(?s-i:b)",
                                            "\\123",
                                            "\\_",
                                            "\\\"",
                                            "é+",
                                            "$^",
                                            "(?:^)*",
                                            "a\\\\",
                                            std::string(2000, 'x')};
    for (const auto& text : taken) {
        CAPTURE(text);
        CHECK_FALSE(regexProblem(text));
    }
}

TEST_CASE("regular expressions that promtool refuses are refused with a reason", "[spec][regex]") {
    struct Refused {
        std::string text;
        std::string why;
    };
    const std::vector<Refused> all = {
        {"(", "has a `(` without its `)`"},
        {"(a|b", "has a `(` without its `)`"},
        {"(?i", "has `(?i`, which RE2 does not support"},
        {")", "has a `)` without its `(`"},
        {"a)", "has a `)` without its `(`"},
        {"[a", "has a `[` without its `]`"},
        {"*a", "has nothing to repeat before `*`"},
        {"a|*", "has nothing to repeat before `*`"},
        {"{1}", "has nothing to repeat before `{1}`"},
        {"a**", "repeats a repetition with `**`"},
        {"a++", "repeats a repetition with `++`"},
        {"a{1001}", "repeats with `{1001}`: RE2 allows at most 1000, and the smaller number first"},
        {"a{2,1}", "repeats with `{2,1}`: RE2 allows at most 1000, and the smaller number first"},
        {"(a{100}){100}", "repeats with `{100}`: RE2 allows at most 1000, and the smaller number first"},
        {"(?=a)", "has a look-ahead or look-behind, which RE2 does not support"},
        {"(?!a)", "has a look-ahead or look-behind, which RE2 does not support"},
        {"(?<=a)", "has a look-ahead or look-behind, which RE2 does not support"},
        {"(?<!a)", "has a look-ahead or look-behind, which RE2 does not support"},
        {"(?>a)", "has an atomic group, which RE2 does not support"},
        {"(?x)a", "has `(?x`, which RE2 does not support"},
        {"(?P<n-x>a)", "has a group with a bad name"},
        {"(a)\\1", "has a back-reference, which RE2 does not support"},
        {"\\C", "has `\\C`, which Prometheus and Alertmanager do not support"},
        {"a\\", "ends with a backslash"},
        {"\\Z", "has `\\Z`, which RE2 does not support"},
        {"\\Qa(b", "has a `\\Q` without its `\\E`"},
        {"[b-a]", "has the range `b-a`, which is not valid"},
        {"[[:nope:]]", "has the range `[:nope:]`, which is not valid"},
    };
    for (const auto& each : all) {
        CAPTURE(each.text);
        CHECK(regexProblem(each.text) == each.why);
    }
}

TEST_CASE("regular expressions that depend on RE2's version or memory are left to the checkers",
          "[spec][regex]") {
    CHECK_FALSE(regexProblem("\\p{Kawi}"));
    CHECK_FALSE(regexProblem("((\\pL{100}){10}|x){0,1}(\\pN{1000})(\\pM{1000})"));
}

}  // namespace
}  // namespace vigie::spec
