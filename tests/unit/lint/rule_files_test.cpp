// Tests lint/rule_files: Checks files of rules that the document names.

#include "lint/rule_files.hpp"

#include "lint/jobs.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>
#include <chrono>

namespace vigie::lint {
namespace {

std::vector<spec::Diagnostic> findings(const std::string& text, const spec::Stack& stack = tests::moments()) {
    spec::Diagnostics out;
    lintRuleFile(stack, "rules/a.yml", text, out);
    return out.all();
}

std::string withExpressions(const std::vector<std::string>& expressions) {
    std::string out = "groups:\n- name: a\n  rules:\n";
    for (const auto& each : expressions) {
        out += "  - alert: A\n    expr: " + each + "\n";
    }
    return out;
}

std::string first(const std::string& text) {
    const auto found = findings(text);
    return found.empty() ? ""
                         : found[0].code + " " + std::to_string(found[0].at.line) + ":" +
                               std::to_string(found[0].at.column) + " " + found[0].message;
}

// As promtool 2.42 and 3.5.3 judge them.
TEST_CASE("a rule file that Prometheus cannot read is reported with position and reason", "[lint]") {
    CHECK(first("groups:\n- name: a\n  rules: []\n- name: a\n  rules: []\n") ==
          "VG0465 4:9 the group `a` already exists (line 2)");
    CHECK(first("groups: [{ name: a, rules: [] }, { name: \"a\", rules: [] }]\n") ==
          "VG0465 1:42 the group `a` already exists (line 1)");
    CHECK(first("groups:\n\t- name: a\n") ==
          "VG0465 2:1 this line is indented with a tab, but YAML allows only spaces");
    CHECK(first("groups:\n- name: \xE4\n") == "VG0465 2:9 the file is not UTF-8 text");
    CHECK(first("apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec: { groups: [] }\n") ==
          "VG0465 2:1 this is a Kubernetes resource, not a Prometheus rule file");
}

TEST_CASE("a rule file that Prometheus can read has no findings", "[lint]") {
    for (const char* text :
         {"", "# nothing\n", "groups: []\n", "groups:\n- name: a\n  rules: []\n- name: b\n  rules: []\n",
          "groups:\n- name: a\n  rules:\n  - record: a\n    expr:\tup\n",
          "groups:\n- name: a\n  rules:\n  - { alert: A, expr: up, labels: { name: a } }\n",
          "groups:\n- name: a\n  rules:\n  - record: a\n    expr: |\n      up +\n      \tup\n"}) {
        INFO(text);
        CHECK(first(text) == "");
    }
}

TEST_CASE("a rule that selects a missing job is reported at its position in the rule file", "[lint]") {
    const auto found = findings(
        "groups:\n- name: a\n  rules:\n  - { alert: A, expr: up }\n  - alert: B\n"
        "    expr: |\n      up{job=\"nod\"} == 0\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].code == "VG0433");
    CHECK(found[0].file == "rules/a.yml");
    CHECK(found[0].at.line == 6);
    CHECK(tests::contains(found[0].message, "`nod`"));
    CHECK(tests::contains(found[0].hint, "moments_api, pgbouncer_exporter, prometheus"));
}

TEST_CASE("a missing job is one finding, however many rules select it", "[lint]") {
    const auto found =
        findings(withExpressions({"'up{job=\"nod\"}'", "'up{job=\"prometheus\"}'",
                                  "'up{job=\"nod\"} + up{job=\"nod\"}'", "'up{job=\"disk\"}'"}));
    REQUIRE(found.size() == 2);
    CHECK(tests::contains(found[0].message, "`disk`: the rule selects"));
    CHECK(tests::contains(found[1].message, "`nod`: this and 1 more rule select"));
    CHECK(found[1].at.line == 5);
}

TEST_CASE("a selected job is found in every spelling of the matcher", "[lint]") {
    const auto expression = GENERATE(as<std::string>{}, R"('up{job="nod"}')", R"("up{job=\"nod\"}")",
                                     R"('up{job=''nod''}')", R"(up{job='nod'})", R"(up{job=`nod`})",
                                     R"(up{job=~"nod"})", R"('up{a="b", job =~ "prometheus|nod"}')",
                                     ">-\n      up{\n      job\n      =\n      \"nod\"}");
    CAPTURE(expression);
    CHECK(findings(withExpressions({expression})).size() == 1);
}

TEST_CASE("a matcher that can match an existing job, or is none, is not reported", "[lint]") {
    const auto expression = GENERATE(as<std::string>{}, R"(up{job="moments_api"})",
                                     R"(up{job=~"moments_.*"})", R"(up{job!="nod"})", R"(up{job!~"nod"})",
                                     R"(up{exported_job="nod"})", "up # job=\"nod\"", R"(up{job=~"nod.+"})");
    CAPTURE(expression);
    CHECK(findings(withExpressions({expression})).empty());
}

TEST_CASE("a text that is no rule file is left to promtool", "[lint]") {
    CHECK(findings("groups: [job=\"nod\"").empty());
    CHECK(findings("job=\"nod\"").empty());
    CHECK(findings("groups: { rules: [{ expr: 'up{job=\"nod\"}' }] }").empty());
}

TEST_CASE("missing jobs are not reported when remote write can deliver any job", "[lint]") {
    auto stack = tests::moments();
    stack.prometheus->web.remoteWriteReceiver = true;
    CHECK(findings(withExpressions({R"(up{job="nod"})"}), stack).empty());
    stack.prometheus.reset();
    CHECK(findings(withExpressions({R"(up{job="nod"})"}), stack).empty());
}

/// Reading without parsing must not miss what parsing finds.
TEST_CASE("every job that an expression selects is mentioned in its text", "[lint]") {
    tests::Dice dice;
    std::size_t compared = 0;
    const auto one = [&](const std::vector<std::string>& of) { return of[dice.below(of.size())]; };
    for (int i = 0; i < 2'000; ++i) {
        const auto quote = one({"\"", "'", "`"});  // those of other kinds inside are no job's
        std::string text;
        for (int j = 0; j < 3; ++j) {
            text += one({"{", "{ ", ",", "a", "job", quote}) + "job" + one({"=", "=~", " =\n ", "!=", "=="}) +
                    one({quote, quote, " "}) + one({"nod", "nod|disk", "no d", ""}) +
                    one({quote, quote, ""}) + one({"}", ",", " ", "|"});
        }
        CAPTURE(text);
        const auto mentioned = jobsMentioned(text);
        for (const auto& job : jobsOf(text)) {
            if (job.find_first_of("\\\"'`") == std::string::npos) {
                ++compared;
                CHECK(std::find(mentioned.begin(), mentioned.end(), job) != mentioned.end());
            }
        }
    }
    CHECK(compared > 500);
}

TEST_CASE("ten thousand rules without a mistake are linted in less than 300 ms", "[lint]") {
    std::vector<std::string> expressions(
        10'000, R"('sum by (job) (rate(http_requests_total{job="moments_api"}[5m])) > 1')");
    const auto text = withExpressions(expressions);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(findings(text).empty());
    // Parsing them takes a second in this build; looking through them a hundredth of it.
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(300));
    expressions.back() = R"('up{job="nod"}')";
    const auto found = findings(withExpressions(expressions));
    REQUIRE(found.size() == 1);
    CHECK(found[0].at.line == 3 + 20'000);
}

}  // namespace
}  // namespace vigie::lint
