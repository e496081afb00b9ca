// Tests spec/place_of_words: Where in a document a program's complaint about it belongs, when the program
// gives no line.

#include "spec/place_of_words.hpp"

#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace vigie::spec {
namespace {

std::string place(const std::string& yaml, const std::string& said, const FieldPath& within = {}) {
    Diagnostics diagnostics;
    const auto root = readYaml(yaml, "a.yaml", diagnostics);
    REQUIRE(root);
    return placeOfWords(*root, within, said).text();
}

const std::string kAlerting = R"(
route:
  receiver: mail
  groupBy: [alertname, "..."]
  groupInterval: 5m
  routes:
    - { receiver: team, groupInterval: 0s }
receivers:
  - name: mail
    emailConfigs: [{ to: a@example.org, headers: { Subject: a, subject: b } }]
  - name: team
    opsgenieConfigs: [{ apiKeyFrom: { secret: x }, responders: [{ type: team, name: a }, { type: tem, name: b }] }]
timeIntervals:
  - { name: nights, timeIntervals: [{ location: CEST }] }
)";

TEST_CASE("a checker's complaint is located at the setting and value it mentions", "[spec]") {
    CHECK(place(kAlerting, "group_interval cannot be zero") == "route.routes[0].groupInterval");
    CHECK(place(kAlerting, "cannot have wildcard group_by (`...`) and other labels at the same time") ==
          "route.groupBy[1]");
    CHECK(place(kAlerting,
                "opsGenieConfig responder { b  tem} type does not match valid options ^(team|user)$") ==
          "receivers[1].opsgenieConfigs[0].responders");
    CHECK(place(kAlerting, "unknown time zone CEST") == "timeIntervals[0].timeIntervals[0].location");
    CHECK(place(kAlerting, "duplicate header \"Subject\" in email config") ==
          "receivers[0].emailConfigs[0].headers.subject");
}

TEST_CASE(
    "a complaint that fits several settings is located at their parent; one about a duplicate at the second",
    "[spec]") {
    const std::string jobs =
        "remoteWrite:\n  - { url: \"http://a\", name: n }\n  - { url: \"http://b\", name: n }\n";
    CHECK(place(jobs, "found multiple remote write configs with job name \"n\"") == "remoteWrite[1].name");
    CHECK(place(jobs, "remote write config \"n\" is odd") == "remoteWrite");
    CHECK(place(kAlerting, "nothing that is known") == "");
    CHECK(place(kAlerting, "nothing that is known", {"route"}) == "route");
}

TEST_CASE("a complaint about a rule is located by the rule's group and number", "[spec]") {
    const std::string rules = R"(
groups:
  - name: g
    rules:
      - { record: a, expr: up }
      - { alert: B, expr: up = 0, annotations: { summary: "{{ x }" } }
  - name: g
    rules: []
)";
    CHECK(place(rules, "group \"g\", rule 2, \"B\": could not parse expression: 1:4: parse error") ==
          "groups[0].rules[1].expr");
    CHECK(place(rules,
                "group \"g\", rule 2, \"B\": annotation \"summary\": template: __alert_B:1: unexpected") ==
          "groups[0].rules[1].annotations.summary");
    CHECK(place(rules, "groupname: \"g\" is repeated in the same file") == "groups[1].name");
    CHECK(place(rules, "group \"g\", rule 9, \"C\": could not parse expression") == "groups");
}

TEST_CASE("a complaint is never located outside of the checked part", "[spec]") {
    CHECK(place(kAlerting, "receiver \"team\"", {"timeIntervals"}) == "timeIntervals");
    CHECK(place("a: 1\n", "", {"b", "c"}) == "b.c");
    CHECK(place("a: 1\n", "\"open quote' `") == "");
}

}  // namespace
}  // namespace vigie::spec
