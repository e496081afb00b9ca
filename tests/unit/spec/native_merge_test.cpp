// Tests spec/native_merge: the rules by which native configuration and the document unite.

#include "spec/native_merge.hpp"

#include "base/text.hpp"
#include "tests/support/catch.hpp"

namespace vigie::spec {
namespace {

Node read(const std::string& text) {
    Node empty;
    empty.kind = Node::Kind::map;
    Diagnostics diagnostics;
    auto out = text.empty() ? std::optional(empty) : readNative(text, "f.yml", diagnostics);
    REQUIRE(out);
    return *out;
}

struct Merged {
    Node root;
    std::vector<NativeConflict> conflicts;
};

Merged merge(const std::string& native, const std::string& written, const std::string& derived = "") {
    Merged out;
    out.root = mergeNative(read(native), {read(written), read(derived)}, out.conflicts);
    return out;
}

void gives(const Merged& merged, const std::string& expected) {
    CHECK(merged.conflicts.empty());
    CHECK(sameData(merged.root, read(expected)));
}

std::string conflict(const Merged& merged) {
    REQUIRE(merged.conflicts.size() == 1);
    const auto& first = merged.conflicts[0];
    const char* kind = first.kind == NativeConflict::Kind::different ? "different "
                       : first.kind == NativeConflict::Kind::item    ? "item "
                                                                     : "both ";
    return kind + join(first.keys, ".");
}

}  // namespace

TEST_CASE("maps unite, and equal values are one", "[spec][native]") {
    gives(merge("global: { a: 1, l: { x: y } }", "global: { a: '1', b: 2, l: { z: w } }\nstorage: { t: 1 }"),
          "global: { a: 1, b: 2, l: { x: y, z: w } }\nstorage: { t: 1 }");
    gives(merge("global:", "global: { a: 1 }"), "global: { a: 1 }");
    gives(merge("global: { a: 1 }", "global: {}"), "global: { a: 1 }");
    const auto different = merge("global: { a: 1 }", "global: { a: 2 }");
    CHECK(conflict(different) == "different global.a");
    CHECK(different.conflicts[0].theirs == "1");
    CHECK(different.conflicts[0].ours == "2");
    CHECK(different.conflicts[0].native.column == 14);
    CHECK(conflict(merge("global: { a: [1] }", "global: { a: 2 }")) == "both global.a");
}

TEST_CASE("a secret is in no conflict's words", "[spec][native]") {
    const auto different = merge("global: { a: !secret one }", "global: { a: !secret two }");
    REQUIRE(different.conflicts.size() == 1);
    CHECK(different.conflicts[0].theirs.empty());
    CHECK(different.conflicts[0].ours.empty());
    gives(merge("global: { a: !secret one }", "global: { a: !secret one }"), "global: { a: !secret one }");
}

TEST_CASE("named lists unite by name, in the file's order", "[spec][native]") {
    gives(merge("receivers: [{ name: a }, { name: b, x: [1] }]",
                "receivers: [{ x: ['1'], name: b }, { name: c }]"),
          "receivers: [{ name: a }, { name: b, x: [1] }, { name: c }]");
    CHECK(conflict(merge("scrape_configs: [{ job_name: a, x: 1 }]", "scrape_configs: [{ job_name: a }]")) ==
          "item scrape_configs.a");
    CHECK(conflict(merge("time_intervals: [{ name: a, x: 1 }]", "time_intervals: [{ name: a, x: 2 }]")) ==
          "item time_intervals.a");
}

TEST_CASE("routes, alerting and lists without names stand on one side", "[spec][native]") {
    for (const auto* key : {"remote_write", "inhibit_rules", "rule_files", "templates"}) {
        CHECK(conflict(merge(key + std::string(": [a]"), key + std::string(": [b]"))) ==
              "both " + std::string(key));
        gives(merge(key + std::string(": [a]"), ""), key + std::string(": [a]"));
        gives(merge("", key + std::string(": [a]")), key + std::string(": [a]"));
        gives(merge(key + std::string(": []"), key + std::string(": [a]")), key + std::string(": [a]"));
    }
    CHECK(conflict(merge("route: { receiver: a }", "route: { group_wait: 1s }")) == "both route");
    CHECK(conflict(merge("alerting: { a: [1] }", "alerting: { b: [2] }")) == "both alerting");
    CHECK(conflict(merge("global: { l: [1] }", "global: { l: [1] }")) == "both global.l");
}

TEST_CASE("what is derived gives way to both sides", "[spec][native]") {
    gives(merge("alerting: { a: [1] }\nglobal: { t: 1 }\nscrape_configs: [{ job_name: a }]", "",
                "alerting: { b: [2] }\nglobal: { t: 2, u: 3 }\nscrape_configs: [{ job_name: a, x: 1 }, { "
                "job_name: b }]"),
          "alerting: { a: [1] }\nglobal: { t: 1, u: 3 }\nscrape_configs: [{ job_name: a }, { job_name: b }]");
    gives(merge("", "route: { receiver: a }", "route: { receiver: b }\nalerting: { b: [2] }"),
          "route: { receiver: a }\nalerting: { b: [2] }");
}

}  // namespace vigie::spec
