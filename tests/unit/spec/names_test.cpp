// Tests spec/names: Which names of labels and metrics a program of a version takes.

#include "spec/names.hpp"

#include "tests/support/catch.hpp"

namespace vigie::spec {
namespace {

Node scheme(const char* name) {
    Node out;
    out.kind = Node::Kind::map;
    out.entries.push_back({"nameValidationScheme", {}, Node::text(name)});
    return out;
}

TEST_CASE("Prometheus 3.0 and Alertmanager 0.27 accept names of any characters, older ones legacy names",
          "[spec]") {
    CHECK(namesOf(Program::prometheus, "prom/prometheus:v2.55.1") == Names::legacy);
    CHECK(namesOf(Program::prometheus, "prom/prometheus:v3.0.0") == Names::any);
    CHECK(namesOf(Program::prometheus, "prom/prometheus:latest") == Names::any);
    CHECK(namesOf(Program::alertmanager, "prom/alertmanager:v0.26.0") == Names::legacy);
    CHECK(namesOf(Program::alertmanager, "prom/alertmanager:v0.27.0") == Names::any);
}

TEST_CASE("from Prometheus 3.7 the job's or else the global name validation scheme holds for relabelling",
          "[spec]") {
    const auto legacy = scheme("legacy");
    const auto utf8 = scheme("utf8");
    CHECK(namesOfTargets("prom/prometheus:v3.5.0", &legacy, nullptr) == Names::any);
    CHECK(namesOfTargets("prom/prometheus:v3.7.0", &legacy, nullptr) == Names::legacy);
    CHECK(namesOfTargets("prom/prometheus:v3.7.0", nullptr, &legacy) == Names::legacy);
    CHECK(namesOfTargets("prom/prometheus:v3.7.0", &utf8, &legacy) == Names::any);
    CHECK(namesOfTargets("prom/prometheus:v3.7.0", nullptr, nullptr) == Names::any);
    CHECK(namesOfTargets("prom/prometheus:v2.53.0", nullptr, nullptr) == Names::legacy);
}

// As promtool 2.42 and 3.5.3 judge them.
TEST_CASE("legacy and UTF-8 label and metric names are distinguished", "[spec]") {
    for (const char* name : {"a", "a_b", "_", "A1", "__name__"}) {
        CHECK(isLabelName(name, Names::legacy));
        CHECK(isLabelName(name, Names::any));
        CHECK(isMetricName(name, Names::legacy));
    }
    for (const char* name : {"some-key", "a.b", "\xC3\xA4", "1a", "a b", "a\"b"}) {
        CHECK_FALSE(isLabelName(name, Names::legacy));
        CHECK(isLabelName(name, Names::any));
        CHECK_FALSE(isMetricName(name, Names::legacy));
    }
    CHECK_FALSE(isLabelName("a:b", Names::legacy));
    CHECK(isMetricName("a:b", Names::legacy));
    for (const auto names : {Names::legacy, Names::any}) {
        CHECK_FALSE(isLabelName("", names));
        CHECK_FALSE(isMetricName("", names));
        CHECK_FALSE(isLabelTemplate("", names));
    }
}

TEST_CASE("a relabelling target may be a template of legacy names", "[spec]") {
    for (const char* text : {"a", "$1", "${1}", "a_$1", "${name}_b", "$1a", "a$1b2"}) {
        INFO(text);
        CHECK(isLabelTemplate(text, Names::legacy));
    }
    for (const char* text : {"$1-x", "a-$1", "$", "${1", "1$1", "a.b", "$-"}) {
        INFO(text);
        CHECK_FALSE(isLabelTemplate(text, Names::legacy));
        CHECK(isLabelTemplate(text, Names::any));
    }
}

}  // namespace
}  // namespace vigie::spec
