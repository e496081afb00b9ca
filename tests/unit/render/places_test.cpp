// No two things in one place, and no place of others.

#include "render/places.hpp"

#include "base/error.hpp"
#include "lint/lint.hpp"
#include "render/builder.hpp"
#include "render/host.hpp"
#include "spec/load.hpp"
#include "spec/schema.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>

namespace vigie::render {
namespace {

spec::Stack withUserlist(const std::string& file) {
    auto stack = tests::moments();
    stack.exporters[0].pgbouncer->userlist.emplace();
    stack.exporters[0].pgbouncer->userlist->file = file;
    return stack;
}

std::vector<std::string> codes(const spec::Stack& stack) {
    spec::Diagnostics diagnostics;
    checkPlaces(stack, spec::Reporter(diagnostics, "stack.yaml"));
    std::vector<std::string> out;
    for (const auto& diagnostic : diagnostics.all()) {
        out.push_back(diagnostic.code);
    }
    return out;
}

using Codes = std::vector<std::string>;

TEST_CASE("two resources with the same path are an error before rendering", "[render]") {
    for (const char* file : {"/opt/moments/docker-compose.monitoring.yml", "/etc/wireguard/wg0.conf"}) {
        CAPTURE(file);
        const auto stack = withUserlist(file);
        CHECK(codes(stack) == Codes{"VG0473"});
        CHECK_THROWS_AS(renderHost(stack, *stack.host("vps"), {}), Error);
    }
    const auto good = withUserlist("/opt/moments/pgbouncer/userlist.txt");
    CHECK(codes(good).empty());
    CHECK_NOTHROW(renderHost(good, *good.host("vps"), {}));
}

TEST_CASE("a file at the path of another resource's directory is an error", "[render]") {
    CHECK(codes(withUserlist("/opt/moments")) == Codes{"VG0473"});
    const auto above = withUserlist("/opt");
    CHECK(codes(above) == Codes{"VG0473"});
    CHECK_THROWS_AS(renderHost(above, *above.host("vps"), {}), Error);
}

TEST_CASE("a document cannot write users' Compose files or system files", "[render]") {
    CHECK(codes(withUserlist("/opt/moments/docker-compose.prod.yml")) == Codes{"VG0408"});
    CHECK(codes(withUserlist("/opt/moments/.env")) == Codes{"VG0408"});
    CHECK(codes(withUserlist("/etc/passwd")) == Codes{"VG0474"});
    CHECK(codes(withUserlist("/etc")) == Codes{"VG0474"});
    CHECK(codes(withUserlist("/etc/vigie/x")) == Codes{"VG0474"});
    CHECK(codes(withUserlist("/etc/wireguard/wg0.key")) == Codes{"VG0474"});
}

/// A document that names every sort of path.
constexpr std::string_view kPaths = R"(
apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: { name: paths }
spec:
  hosts: [ { name: vm } ]
  projects:
    - { name: app, host: vm, directory: /opt/app, composeFiles: [docker-compose.yml], envFile: extra.env, overrideFile: ours.yml, files: [ { from: x.yml, to: a/file.yml } ] }
    - { name: monitoring, host: vm, directory: /opt/monitoring }
  exporters:
    - name: lists
      type: pgbouncer
      project: app
      pgbouncer:
        service: pgbouncer
        user: stats
        passwordFrom: { secret: s }
        userlist: { file: /opt/app/userlist.txt, users: [ { name: a, passwordFrom: { secret: s } } ] }
    - { name: own, type: custom, project: app, image: "example/own:1", custom: { port: 9200, volumes: [ { source: /opt/data, target: /data } ] } }
  prometheus: { project: monitoring, image: "prom/prometheus:v3.5.0", dataDirectory: ./prom-data }
  alertmanager: { project: monitoring, image: "prom/alertmanager:v0.28.1", configFile: alertmanager/alertmanager.yml }
  jaeger: { project: monitoring, image: "jaegertracing/jaeger:2.9.0", storage: { type: badger, badger: { directory: ./jaeger-data } } }
  grafana: { project: monitoring, image: "grafana/grafana:12.0.0", dataDirectory: ./grafana-data }
)";

/// What says a document of kPaths in which `edits` are made, one text after the other, for another.
Codes codesOf(const std::vector<std::pair<std::string, std::string>>& edits) {
    std::string text(kPaths);
    for (const auto& [before, after] : edits) {
        const auto at = text.find(before);
        REQUIRE(at != std::string::npos);
        text.replace(at, before.size(), after);
    }
    spec::Diagnostics loading;
    const auto document = spec::loadStack(text, "stack.yaml", "0.2.0", loading);
    REQUIRE(document);
    spec::Diagnostics diagnostics;
    const spec::Reporter report(diagnostics, "stack.yaml");
    lint::lint(document->stack, report);
    checkPlaces(document->stack, report);
    Codes out;
    for (const auto& diagnostic : diagnostics.all()) {
        if (diagnostic.severity == spec::Severity::error) {
            out.push_back(diagnostic.code);
        }
    }
    return out;
}

/// Every field of a schema whose format is that of a path, as `projects[].directory`.
class PathFields {
public:
    explicit PathFields(const spec::Schema& schema) { collect(schema, ""); }
    [[nodiscard]] const std::set<std::string>& names() const { return names_; }

private:
    void collect(const spec::Schema& schema, const std::string& at) {
        static const std::set<std::string_view> kFormats = {"absolute-path", "relative-path", "project-path"};
        if (!around_.insert(&schema).second) {
            return;  // a route in a route
        }
        if (kFormats.count(schema.format) != 0) {
            names_.insert(at);
        }
        for (const auto& property : schema.properties) {
            collect(*property.schema, at + (at.empty() ? "" : ".") + std::string(property.name));
        }
        if (schema.items != nullptr) {
            collect(*schema.items, at + "[]");
        }
        if (schema.additional != nullptr) {
            collect(*schema.additional, at + ".*");
        }
        around_.erase(&schema);
    }

    std::set<const spec::Schema*> around_;
    std::set<std::string> names_;
};

/// Files of the document's own directory, and a path inside of a container.
bool isNoPlaceOfTheHost(const std::string& field) {
    static const std::set<std::string> kFields = {"spec.prometheus.ruleFiles[]",
                                                  "spec.prometheus.scrapeConfigs[].fileSDConfigs[].files[]",
                                                  "spec.alertmanager.templates[]",
                                                  "spec.grafana.dashboards[]",
                                                  "spec.exporters[].custom.volumes[].target",
                                                  "spec.prometheus.configFrom.file",
                                                  "spec.alertmanager.configFrom.file",
                                                  "spec.projects[].files[].from"};
    return kFields.count(field) != 0 || field.ends_with("tlsConfig.caFile") ||
           field.ends_with("tlsConfig.certFile");
}

TEST_CASE("every path field of the document is checked against the protected paths", "[render][places]") {
    using Edits = std::vector<std::pair<std::string, std::string>>;
    const std::pair<std::string, std::string> app{"directory: /opt/app", "directory: /etc"};
    const std::pair<std::string, std::string> monitoring{"directory: /opt/monitoring", "directory: /etc"};
    const std::map<std::string, Edits> judged = {
        {"spec.projects[].directory", {{"directory: /opt/app", "directory: /etc/vigie"}}},
        {"spec.projects[].composeFiles[]", {app, {"docker-compose.yml", "shadow"}}},
        {"spec.projects[].overrideFile", {app, {"ours.yml", "shadow"}}},
        {"spec.projects[].envFile", {app, {"extra.env", "shadow"}}},
        {"spec.projects[].files[].to", {app, {"a/file.yml", "shadow"}}},
        {"spec.exporters[].custom.volumes[].source", {{"source: /opt/data", "source: /etc/vigie"}}},
        {"spec.exporters[].pgbouncer.userlist.file",
         {{"/opt/app/userlist.txt", "/root/.ssh/authorized_keys"}}},
        {"spec.prometheus.dataDirectory", {monitoring, {"./prom-data", "./ssh"}}},
        {"spec.alertmanager.configFile", {monitoring, {"alertmanager/alertmanager.yml", "vigie/vigie.yaml"}}},
        {"spec.jaeger.storage.badger.directory", {monitoring, {"./jaeger-data", "./cron.d"}}},
        {"spec.grafana.dataDirectory", {monitoring, {"./grafana-data", "./systemd"}}}};
    CHECK(codesOf({}).empty());
    const auto fields = PathFields(spec::stackSchema()).names();
    CHECK(fields.size() > judged.size());
    for (const auto& field : fields) {
        CAPTURE(field);
        const auto it = judged.find(field);
        CHECK((it != judged.end()) != isNoPlaceOfTheHost(field));
        if (it != judged.end()) {
            const auto found = codesOf(it->second);
            CHECK(std::count(found.begin(), found.end(), "VG0474") > 0);
        }
    }
}

TEST_CASE("a document cannot write protected paths of root, vigie or the system", "[render][places]") {
    for (const char* place :
         {"/etc/vigie", "/var/lib/vigie", "/root/.ssh", "/etc/ssh", "/etc/shadow", "/etc/passwd", "/proc",
          "/sys", "/dev", "/boot", "/usr", "/usr/bin", "/etc/cron.d", "/etc/crontab", "/var/spool/cron",
          "/etc/systemd", "/run/systemd"}) {
        CAPTURE(place);
        CHECK(codes(withUserlist(place)) == Codes{"VG0474"});
        CHECK(codes(withUserlist(std::string(place) + "/below/it")) == Codes{"VG0474"});
        const std::string beside = std::string(place) + "-and-not/below/it";
        CHECK(codes(withUserlist(beside)) == (beside.starts_with("/usr/") ? Codes{"VG0474"} : Codes{}));
    }
    // What vigie derives there, out of fields that are no path, is nobody else's.
    for (const char* ours : {"/etc/wireguard", "/etc/systemd/system/docker.service.d/50-vigie.conf",
                             "/var/lib/vigie/docker/config.json", "/var/lib/vigie/docker"}) {
        CAPTURE(ours);
        CHECK_FALSE(codes(withUserlist(ours)).empty());
    }
    CHECK(codes(withUserlist("/usr/local/etc/userlist.txt")).empty());
    CHECK(codes(withUserlist("/usr/src/app/userlist.txt")).empty());
}

/// One of each kind.
template <std::size_t... I>
std::vector<What> oneOfEach(std::index_sequence<I...> /*kinds*/) {
    return {What(std::in_place_index<I>)...};
}

TEST_CASE("two kinds of resources with one id are reported as a clash, not dropped", "[render]") {
    const auto kinds = oneOfEach(std::make_index_sequence<std::variant_size_v<What>>());
    const spec::Stack stack = tests::moments();
    const Inputs nothing;
    for (const auto& first : kinds) {
        for (const auto& second : kinds) {
            Builder builder(stack, stack.hosts[0], nothing);
            builder.from({"spec", "first"});
            builder.add({"same", first, {}, ""});
            builder.from({"spec", "second"});
            builder.add({"same", second, {}, ""});
            CAPTURE(first.index(), second.index());
            CHECK(builder.resources().size() == 1);
            REQUIRE(builder.clashes().size() == (first.index() == second.index() ? 0 : 1));
            if (first.index() != second.index()) {
                CHECK(builder.clashes()[0].first.text() == "spec.first");
                CHECK(builder.clashes()[0].second.text() == "spec.second");
            }
        }
    }
}

TEST_CASE("an override file at the path of another file is an error", "[render]") {
    auto stack = tests::moments();
    for (auto& project : stack.projects) {
        if (project.name == stack.exporters[0].project) {
            project.overrideFile = stack.exporters[0].serviceName() + "/pgpass";
        }
    }
    CHECK(codes(stack) == Codes{"VG0473"});
}

TEST_CASE("a directory with an exact mode and one without agree; two exact modes clash", "[render]") {
    const spec::Stack stack = tests::moments();
    const Inputs nothing;
    for (const bool exactFirst : {true, false}) {
        Builder builder(stack, stack.hosts[0], nothing);
        if (exactFirst) {
            builder.exactDirectory("/a", 0700, {7, 7}, "exact");
        }
        builder.directory("/a", "any");
        if (!exactFirst) {
            builder.exactDirectory("/a", 0700, {7, 7}, "exact");
        }
        CHECK(clashesOf(builder).empty());
        REQUIRE(builder.resources().size() == 1);
        const auto& directory = std::get<Directory>(builder.resources()[0].what);
        CHECK(directory.exact);
        CHECK(directory.mode == 0700);
        builder.exactDirectory("/a", 0755, {7, 7}, "another mode");
        CHECK(clashesOf(builder).size() == 1);
    }
}

}  // namespace
}  // namespace vigie::render
