// Tests apply/checker_words: What promtool and amtool say when they refuse a configuration, taken apart.
// Pure.
#include "apply/probes/checker_words.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

using Complaints = std::vector<Complaint>;

Complaints promtool(const std::string& out, const std::string& err) {
    return complaintsIn(out, err, "/c", "prometheus.yml");
}

Complaints amtool(const std::string& out) {
    return complaintsIn(out, "amtool: error: failed to validate 1 file(s)\n\n", "/c", "alertmanager.yml");
}

TEST_CASE("a reason on amtool's progress line is parsed as the complaint", "[checker]") {
    CHECK(amtool("Checking '/c/alertmanager.yml'  FAILED: group_interval cannot be zero\n\n") ==
          Complaints{{"alertmanager.yml", 0, 0, "group_interval cannot be zero"}});
    CHECK(amtool("Checking '/c/alertmanager.yml'  FAILED: yaml: unmarshal errors:\n  line 7: field foo not "
                 "found in type "
                 "config.plain\n") ==
          Complaints{{"alertmanager.yml", 7, 0, "field foo not found in type config.plain"}});
    CHECK(
        amtool(
            "Checking '/c/alertmanager.yml'  SUCCESS\nFound:\n - global config\n - route\n - 0 inhibit "
            "rules\n"
            " - 1 receivers\n - 1 templates\n  FAILED: template: x.tmpl:2: function \"foo\" not defined\n") ==
        Complaints{{"x.tmpl", 2, 0, "function \"foo\" not defined"}});
}

TEST_CASE("each complaint of promtool is parsed with its file and position", "[checker]") {
    const std::string progress =
        "Checking /c/prometheus.yml\n  SUCCESS: 1 rule files found\n SUCCESS: /c/prometheus.yml is "
        "valid prometheus config file syntax\n\nChecking /c/rules/r.yml\n";
    CHECK(promtool(progress,
                   "  FAILED:\n     /c/rules/r.yml: 5:15: group \"g\", rule 1, \"A\": could not parse\n"
                   "     /c/rules/r.yml: 0:0: 0:0: group \"g\", rule 2, \"\": no name\n") ==
          Complaints{{"rules/r.yml", 5, 15, "group \"g\", rule 1, \"A\": could not parse"},
                     {"rules/r.yml", 0, 0, "group \"g\", rule 2, \"\": no name"}});
    // Newer ones do not indent, and say some things twice.
    CHECK(promtool(
              progress,
              "  FAILED:\n/c/rules/r.yml: yaml: line 2: found character\n/c/rules/r.yml: yaml: line 2: found "
              "character\n") == Complaints{{"rules/r.yml", 2, 0, "found character"}});
    CHECK(
        promtool(
            progress,
            "  FAILED:\n     /c/rules/r.yml: yaml: unmarshal errors:\n  line 1: field a not found\n  line 2: "
            "field b not found\n") ==
        Complaints{{"rules/r.yml", 1, 0, "field a not found"}, {"rules/r.yml", 2, 0, "field b not found"}});
}

TEST_CASE("complaints about the configuration file itself name that file", "[checker]") {
    CHECK(promtool("Checking /c/prometheus.yml\n",
                   "  FAILED: parsing YAML file /c/prometheus.yml: duration out of range\n") ==
          Complaints{{"prometheus.yml", 0, 0, "duration out of range"}});
    CHECK(promtool("",
                   "  FAILED: parsing YAML file /c/prometheus.yml: yaml: unmarshal errors:\n  line 3: cannot "
                   "unmarshal "
                   "!!str `abc` into uint\n") ==
          Complaints{{"prometheus.yml", 3, 0, "cannot unmarshal !!str `abc` into uint"}});
    CHECK(
        promtool(
            "",
            "  FAILED: checking SD file \"/c/t/a.yml\": yaml: unmarshal errors:\n  line 1: field target not "
            "found\n") == Complaints{{"t/a.yml", 1, 0, "field target not found"}});
    CHECK(promtool("", "  FAILED: \"/c/r.yml\" does not point to an existing file\n") ==
          Complaints{{"prometheus.yml", 0, 0, "\"r.yml\" does not point to an existing file"}});
    CHECK(
        promtool("", "  FAILED: instance 0 in group : \"http://a:1\" is not a valid hostname\n") ==
        Complaints{{"prometheus.yml", 0, 0, "instance 0 in group : \"http://a:1\" is not a valid hostname"}});
}

TEST_CASE("checker output in an unknown form is passed on unchanged", "[checker]") {
    CHECK(promtool("no such metric\nand more\n", "") == Complaints{{"", 0, 0, "no such metric\nand more"}});
    CHECK(promtool("Checking /c/prometheus.yml\n", "").empty());
    CHECK(toText({"a.yml", 3, 4, "x"}) == "a.yml:3:4: x");
    CHECK(toText({"a.yml", 3, 0, "x"}) == "a.yml:3: x");
    CHECK(toText({"a.yml", 0, 0, "x"}) == "a.yml: x");
    CHECK(toText({"", 0, 0, "x"}) == "x");
}

TEST_CASE("only complaints that a newer version could cause count as possible version mismatch",
          "[checker]") {
    const spec::ImageVersion old{2, 42};
    const spec::ImageVersion now{3, 5};
    CHECK(mayBeVersion("field x not found in type config.plain", old, now));
    CHECK(mayBeVersion("unknown function with name \"info\"", old, now));
    CHECK(mayBeVersion("\"a-b\" is not a valid label name", old, now));
    CHECK_FALSE(mayBeVersion("\"a-b\" is not a valid label name", now, spec::ImageVersion{3, 9}));
    CHECK_FALSE(mayBeVersion("field x not found in type config.plain", now, now));
    for (const char* plain :
         {"parse error: unexpected \"=\"", "group_interval cannot be zero", "unknown time zone CEST",
          "groupname: \"g\" is repeated in the same file", "duration out of range",
          "template: __alert_A:1: unexpected \"}\" in operand"}) {
        INFO(plain);
        CHECK_FALSE(mayBeVersion(plain, old, now));
        CHECK_FALSE(hintFor(plain).empty());
        CHECK_FALSE(tests::contains(hintFor(plain), "install"));
    }
    CHECK(mayBeVersion("bad matcher format: a-b=c", {0, 25}, {0, 28}));
    CHECK_FALSE(mayBeVersion("bad matcher format: a-b=c", {0, 27}, {0, 28}));
}

}  // namespace
}  // namespace vigie::apply
