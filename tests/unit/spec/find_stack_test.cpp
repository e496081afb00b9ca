// Tests spec/find_stack: Which file of a directory is the document.

#include "spec/find_stack.hpp"

#include "tests/support/catch.hpp"

#include <string>

namespace vigie::spec {
namespace {

std::string placeOf(const std::string& text) {
    const auto at = findStack(text);
    return at ? std::to_string(at->line) + ":" + std::to_string(at->column) : "nowhere";
}

TEST_CASE("a document is recognised in every YAML and JSON spelling of its kind", "[spec][find]") {
    CHECK(placeOf("apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\n") == "1:1");
    CHECK(placeOf("# mine\n---\nkind: MonitoringStack\n") == "3:1");
    CHECK(placeOf("\"kind\": \"MonitoringStack\"\n") == "1:1");
    CHECK(placeOf("'kind' : MonitoringStack\r\n") == "1:1");
    CHECK(placeOf("\xef\xbb\xbfkind: MonitoringStack\n") == "1:4");
    CHECK(placeOf(R"({ "apiVersion": "vigie.dev/v1alpha1", "kind": "MonitoringStack" })") == "1:3");
    CHECK(placeOf("{\n  \"metadata\": { \"name\": \"a, b: { }\" },\n  \"kind\": \"MonitoringStack\"\n}\n") ==
          "3:3");
    CHECK(placeOf("{kind: MonitoringStack, spec: {}}") == "1:2");
    CHECK(placeOf("# json\n{ \"kind\": \"MonitoringStack\"") == "2:3");  // broken, and meant all the same
}

TEST_CASE("a file that only mentions MonitoringStack is not recognised as a document", "[spec][find]") {
    CHECK(placeOf("groups:\n  - name: a\n    kind: MonitoringStack\n") == "nowhere");
    CHECK(placeOf("kind: PrometheusRule\n# kind: MonitoringStack\n") == "nowhere");
    CHECK(placeOf(R"({ "items": [ { "kind": "MonitoringStack" } ], "text": "\"kind\": MonitoringStack" })") ==
          "nowhere");
    CHECK(placeOf("{ \"a\": { \"kind\": \"MonitoringStack\" } }\nkind: MonitoringStack\n") == "nowhere");
    CHECK(placeOf("kinds: MonitoringStack\n") == "nowhere");
    CHECK(placeOf("") == "nowhere");
    CHECK(placeOf("{") == "nowhere");
}

}  // namespace
}  // namespace vigie::spec
