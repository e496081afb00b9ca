// What must hold for every field of the schemas, so that a field that is added later cannot let through what
// others do not.
#include "lint/lint.hpp"
#include "spec/check_schema.hpp"
#include "spec/codec.hpp"
#include "spec/format.hpp"
#include "spec/references.hpp"
#include "spec/schema.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <functional>
#include <map>
#include <set>

namespace vigie::spec {
namespace {

using Type = Schema::Type;
using See = std::function<void(const std::string& path, const Schema& schema)>;

/// Every field, lists as `[]` and the values of free mappings as `{}`; a schema that holds itself is entered
/// once.
void walk(const Schema& schema, const std::string& path, std::set<const Schema*>& open, const See& see) {
    see(path, schema);
    if (!open.insert(&schema).second) {
        return;
    }
    for (const auto& property : schema.properties) {
        walk(*property.schema, (path.empty() ? "" : path + ".") + std::string(property.name), open, see);
    }
    if (schema.items != nullptr) {
        walk(*schema.items, path + "[]", open, see);
    }
    if (schema.additional != nullptr) {
        walk(*schema.additional, path + "{}", open, see);
    }
    open.erase(&schema);
}

void walk(const Schema& schema, const See& see) {
    std::set<const Schema*> open;
    walk(schema, "", open, see);
}

const std::vector<std::pair<std::string, const Schema*>>& schemas() {
    static const std::vector<std::pair<std::string, const Schema*>> out = {
        {"stack", &stackSchema()}, {"config", &configSchema()}, {"facts", &factsSchema()}};
    return out;
}

TEST_CASE("every number of a schema has a smallest and a largest", "[spec][schema]") {
    std::size_t numbers = 0;
    for (const auto& each : schemas()) {
        const auto& name = each.first;  // Clang 14 lets no lambda capture a binding
        const auto& schema = each.second;
        walk(*schema, [&](const std::string& path, const Schema& field) {
            if (field.type == Type::integer) {
                INFO(name << " " << path);
                ++numbers;
                CHECK(field.minimum != INT64_MIN);
                CHECK(field.maximum != INT64_MAX);
                CHECK(field.minimum < field.maximum);
            }
        });
    }
    CHECK(numbers > 60);
}

/// A document in which every field stands, with a text of its own in each line: what speaks of a line speaks
/// of a field.
class FullDocument {
public:
    FullDocument() : root(make(stackSchema(), "")) {}

    struct Field {
        std::string path;
        const Schema* schema = nullptr;
    };
    std::vector<Field> fields = {{}};  ///< by line, from 1

private:
    std::set<const Schema*> open_;

public:
    Node root;

private:
    Node make(const Schema& schema, const std::string& path) {
        Node out;
        out.at = {static_cast<std::uint32_t>(fields.size()), 1};
        fields.push_back({path, &schema});
        if (schema.type == Type::object) {
            out.kind = Node::Kind::map;
            for (const auto& property : schema.properties) {
                // A configuration of the host's own excludes the document's.
                if (property.name != "configFile" && open_.count(property.schema) == 0) {
                    out.entries.push_back(entry(property.name, *property.schema, path));
                }
            }
            if (schema.additional != nullptr) {
                out.entries.push_back(entry("any", *schema.additional, path));
            }
        } else if (schema.type == Type::array) {
            out.kind = Node::Kind::sequence;
            if (open_.count(schema.items) == 0) {
                open_.insert(schema.items);
                out.items.push_back(make(*schema.items, path + "[]"));
                open_.erase(schema.items);
            }
        } else {
            out.kind = Node::Kind::scalar;
            out.scalar = schema.type == Type::string ? "x" + std::to_string(out.at.line) : "1";
        }
        return out;
    }

    Entry entry(std::string_view key, const Schema& schema, const std::string& path) {
        return {std::string(key), {}, make(schema, (path.empty() ? "" : path + ".") + std::string(key))};
    }
};

bool refuses(const Schema& schema, const std::string& text) {
    Node node = Node::text(text);
    Diagnostics found;
    checkSchema(node, schema, Reporter(found, "a.yaml"));
    return found.hasErrors();
}

TEST_CASE("every reference field refuses the empty name", "[spec][schema]") {
    const FullDocument document;
    Diagnostics found;
    auto stack = decode(document.root);
    stack.alertmanager->configFrom.reset();  // with it the names may be in that file
    checkReferences(stack, Reporter(found, "a.yaml", &document.root));
    std::set<std::string> references;
    for (const auto& each : found.all()) {
        if (each.code == "VG0201") {
            const auto& field = document.fields.at(each.at.line);
            INFO(field.path << ": " << each.message);
            REQUIRE(field.schema->type == Type::string);
            references.insert(field.path);
            CHECK(refuses(*field.schema, ""));
        }
    }
    // These are found by the references themselves; if they are not, the document is not a full one.
    for (const char* known : {"spec.projects[].host",
                              "spec.applications[].project",
                              "spec.exporters[].project",
                              "spec.rollout[]",
                              "spec.hosts[].dependsOn[]",
                              "spec.wireguard.hub",
                              "spec.wireguard.presharedKeys[].hosts[]",
                              "spec.wireguard.presharedKeys[].from.secret",
                              "spec.wireguard.guests[].host",
                              "spec.wireguard.guests[].presharedKeyFrom.secret",
                              "spec.healthChecks[].host",
                              "spec.healthChecks[].project",
                              "spec.prometheus.project",
                              "spec.prometheus.replicas[].project",
                              "spec.jaeger.project",
                              "spec.grafana.adminPasswordFrom.secret",
                              "spec.registries[].passwordFrom.secret",
                              "spec.alertmanager.route.receiver",
                              "spec.alertmanager.route.routes[].receiver",
                              "spec.alertmanager.route.routes[].muteTimeIntervals[]",
                              "spec.alertmanager.smtp.passwordFrom.secret",
                              "spec.prometheus.scrapeConfigs[].basicAuth.passwordFrom.secret",
                              "spec.applications[].env[].valueFrom.secret",
                              "spec.exporters[].pgbouncer.userlist.users[].passwordFrom.secret"}) {
        INFO(known);
        CHECK(references.count(known) == 1);
    }
    CHECK(references.size() > 250);
}

TEST_CASE("a document with only missing names is linted to its end", "[spec][schema]") {
    const FullDocument document;
    const Stack stack = decode(document.root);
    Diagnostics found;
    const Reporter report(found, "a.yaml", &document.root);
    lint::lint(stack, report);
    CHECK(found.errors() > 20);
    // The one reference that lint looks up, and not the references.
    const Schema* schema = nullptr;
    walk(stackSchema(), [&](const std::string& path, const Schema& field) {
        schema = path == "spec.exporters[].blackbox.probes[].module" ? &field : schema;
    });
    REQUIRE(schema != nullptr);
    CHECK(refuses(*schema, ""));
}

TEST_CASE("every default in the schemas is valid for its field", "[spec][schema]") {
    std::size_t defaults = 0;
    for (const auto& each : schemas()) {
        const auto& name = each.first;  // Clang 14 lets no lambda capture a binding
        const auto& schema = each.second;
        walk(*schema, [&](const std::string& path, const Schema& field) {
            if (field.type == Type::string && !field.defaultYaml.empty()) {
                INFO(name << " " << path << " " << field.defaultYaml);
                ++defaults;
                CHECK_FALSE(refuses(field, std::string(field.defaultYaml)));
            }
        });
    }
    CHECK(defaults > 20);
}

TEST_CASE("every reference to a secret is checked for existence", "[spec][schema]") {
    const FullDocument document;
    Diagnostics found;
    checkReferences(decode(document.root), Reporter(found, "a.yaml", &document.root));
    std::set<std::uint32_t> looked;
    for (const auto& each : found.all()) {
        looked.insert(each.code == "VG0201" ? each.at.line : 0);
    }
    for (std::uint32_t line = 1; line < document.fields.size(); ++line) {
        const auto& path = document.fields[line].path;
        if (path.size() > 7 && path.substr(path.size() - 7) == ".secret") {
            INFO(path);
            CHECK(looked.count(line) == 1);
        }
    }
}

/// How the program that reads a field counts time, and whether 0 is a time for it. Source: the types of the
/// fields in the programs' configurations (model.Duration, time.Duration); what 0 does was tried with
/// Prometheus 3.5 and Alertmanager 0.33.
const std::map<std::string, std::string>& durations() {
    static const std::map<std::string, std::string> out = {
        // vigie itself
        {"spec.hosts[].timeout", "positive-duration"},
        {"spec.timeout", "positive-duration"},
        {"spec.rolloutTimeout", "prometheus-duration"},
        {"spec.wireguard.tunnelWindow", "positive-duration"},
        // in Go's spelling when it is rendered
        {"spec.jaeger.storage.badger.ttl", "positive-duration"},
        // cAdvisor
        {"spec.exporters[].cadvisor.housekeepingInterval", "positive-go-duration"},
        // Prometheus
        {"spec.applications[].metrics.scrapeInterval", "positive-duration"},
        {"spec.exporters[].scrapeInterval", "positive-duration"},
        {"spec.exporters[].scrapeTimeout", "positive-duration"},
        {"spec.exporters[].blackbox.probes[].interval", "positive-duration"},
        {"spec.exporters[].blackbox.probes[].timeout", "positive-duration"},
        {"spec.prometheus.scrapeInterval", "positive-duration"},
        {"spec.prometheus.scrapeTimeout", "positive-duration"},
        {"spec.prometheus.evaluationInterval", "positive-duration"},
        {"spec.prometheus.retention", "positive-duration"},
        {"spec.prometheus.global.ruleQueryOffset", "prometheus-duration"},
        {"spec.prometheus.storage.outOfOrderTimeWindow", "prometheus-duration"},
        {"spec.prometheus.query.timeout", "positive-duration"},
        {"spec.prometheus.query.lookbackDelta", "positive-duration"},
        {"spec.prometheus.web.readTimeout", "positive-duration"},
        {"spec.prometheus.ruleGroups[].interval", "positive-duration"},
        {"spec.prometheus.ruleGroups[].queryOffset", "prometheus-duration"},
        {"spec.prometheus.ruleGroups[].rules[].for", "prometheus-duration"},
        {"spec.prometheus.ruleGroups[].rules[].keepFiringFor", "prometheus-duration"},
        {"spec.prometheus.alerting.alertmanagers[].timeout", "positive-duration"},
        {"spec.prometheus.remoteWrite[].remoteTimeout", "positive-duration"},
        {"spec.prometheus.remoteWrite[].queueConfig.batchSendDeadline", "positive-duration"},
        {"spec.prometheus.remoteWrite[].queueConfig.minBackoff", "positive-duration"},
        {"spec.prometheus.remoteWrite[].queueConfig.maxBackoff", "positive-duration"},
        {"spec.prometheus.remoteWrite[].queueConfig.sampleAgeLimit", "prometheus-duration"},
        {"spec.prometheus.remoteWrite[].metadataConfig.sendInterval", "positive-duration"},
        {"spec.prometheus.remoteRead[].remoteTimeout", "positive-duration"},
        {"spec.prometheus.scrapeConfigs[].scrapeInterval", "positive-duration"},
        {"spec.prometheus.scrapeConfigs[].scrapeTimeout", "positive-duration"},
        {"spec.prometheus.scrapeConfigs[].fileSDConfigs[].refreshInterval", "positive-duration"},
        {"spec.prometheus.scrapeConfigs[].httpSDConfigs[].refreshInterval", "positive-duration"},
        {"spec.prometheus.scrapeConfigs[].dnsSDConfigs[].refreshInterval", "positive-duration"},
        {"spec.prometheus.scrapeConfigs[].dockerSDConfigs[].refreshInterval", "positive-duration"},
        // Alertmanager
        {"spec.alertmanager.global.resolveTimeout", "prometheus-duration"},
        {"spec.alertmanager.route.groupWait", "prometheus-duration"},
        {"spec.alertmanager.route.groupInterval", "positive-duration"},
        {"spec.alertmanager.route.repeatInterval", "positive-duration"},
        {"spec.alertmanager.route.routes[].groupWait", "prometheus-duration"},
        {"spec.alertmanager.route.routes[].groupInterval", "positive-duration"},
        {"spec.alertmanager.route.routes[].repeatInterval", "positive-duration"},
        {"spec.alertmanager.receivers[].webhookConfigs[].timeout", "go-duration"},
        {"spec.alertmanager.receivers[].pushoverConfigs[].retry", "go-duration"},
        {"spec.alertmanager.receivers[].pushoverConfigs[].expire", "go-duration"},
        {"spec.alertmanager.receivers[].pushoverConfigs[].ttl", "go-duration"},
        {"spec.alertmanager.receivers[].jiraConfigs[].reopenDuration", "prometheus-duration"},
    };
    return out;
}

TEST_CASE("each duration field has the format of the program that reads it", "[spec][schema]") {
    std::map<std::string, std::string> seen;
    walk(stackSchema(), [&](const std::string& path, const Schema& field) {
        if (field.format.size() > 8 && field.format.substr(field.format.size() - 8) == "duration") {
            seen[path] = std::string(field.format);
        }
    });
    CHECK(seen == durations());
}

TEST_CASE("a text that becomes a YAML key is limited to the length of one", "[spec][schema]") {
    constexpr std::size_t kLongestKey = 1024;  // YAML 1.2, 7.4.2: a key that is not marked by `?`
    std::size_t keys = 0;
    walk(stackSchema(), [&](const std::string& path, const Schema& field) {
        const std::string_view end = "httpHeaders[].name";
        if (path.size() > end.size() && path.substr(path.size() - end.size()) == end) {
            INFO(path);
            ++keys;
            CHECK(refuses(field, std::string(kLongestKey, 'x')));
        }
    });
    CHECK(keys > 20);
}

TEST_CASE("the list fields that refuse duplicates are exactly the known ones", "[spec][schema]") {
    std::set<std::string> sets;
    walk(stackSchema(), [&](const std::string& path, const Schema& field) {
        if (field.unique) {
            sets.insert(path);
        }
    });
    CHECK(sets == std::set<std::string>{"spec.alertmanager.route.groupBy",
                                        "spec.alertmanager.route.routes[].groupBy",
                                        "spec.prometheus.global.scrapeProtocols",
                                        "spec.prometheus.scrapeConfigs[].scrapeProtocols"});
}

}  // namespace
}  // namespace vigie::spec
