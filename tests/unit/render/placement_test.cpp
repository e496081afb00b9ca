// Tests render/placement: where servers that vigie renders run, and with what.

#include "render/placement.hpp"

#include "render/host.hpp"
#include "spec/load.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::render {
namespace {

using tests::contains;

std::vector<Resource> rendered(const std::string& servers, const std::string& project = "") {
    spec::Diagnostics diagnostics;
    const std::string text = R"(apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: { name: shop }
spec:
  hosts: [{ name: vm, vpn: { address: 10.66.66.1, publicKey: "TM4FhErY2PaLI3g8GVJVc2rDNn+4jSgVb0Aj0Dw68g8=" } }]
  wireguard: { network: 10.66.66.0/24 }
  projects: [{ name: monitoring, host: vm, directory: /opt/monitoring)" +
                             project + " }]\n" + servers;
    const auto document = spec::loadStack(text, "stack.yaml", "0.1.0", diagnostics);
    for (const auto& each : diagnostics.all()) {
        UNSCOPED_INFO(each.message);
    }
    REQUIRE(diagnostics.empty());
    return renderHost(document->stack, document->stack.hosts.front(), {});
}

std::string text(const std::vector<Resource>& resources, const std::string& path) {
    for (const auto& resource : resources) {
        if (resource.id == "file:" + path) {
            return std::get<File>(resource.what).content.masked();
        }
    }
    FAIL(path << " is not rendered");
    return {};
}

bool has(const std::vector<Resource>& resources, const std::string& id) {
    return std::any_of(resources.begin(), resources.end(), [&](const auto& each) { return each.id == id; });
}

Service service(const std::vector<Resource>& resources, const std::string& id) {
    for (const auto& resource : resources) {
        if (resource.id == "compose:" + id) {
            return std::get<ComposeService>(resource.what).service;
        }
    }
    FAIL(id << " is not rendered");
    return {};
}

TEST_CASE("what the document adds to a server is merged last into its service", "[render]") {
    const auto resources = rendered(R"(  grafana:
    project: monitoring
    settings: { log: { level: warn } }
    compose:
      container_name: grafana
      restart: always
      mem_limit: 1g
      labels: { traefik.enable: "true" }
      environment: { TZ: Europe/Berlin, GF_LOG_LEVEL: debug, PRICE: $5 }
      volumes: ["./tokens:/tokens:ro", "/srv/certs:/certs:ro", "plugins:/plugins"]
      logging: { driver: json-file, options: { max-size: 10m } }
      extra_hosts: ["host.docker.internal:host-gateway"]
)");
    const auto file = text(resources, "/opt/monitoring/compose.yaml");
    for (const char* line :
         {"container_name: \"grafana\"", "restart: \"always\"", "mem_limit: 1g", "traefik.enable: \"true\"",
          "dev.vigie.config: ", "TZ: \"Europe/Berlin\"", "GF_LOG_LEVEL: \"debug\"", "PRICE: \"$$5\"",
          "- \"./tokens:/tokens:ro\"", "- \"/srv/certs:/certs:ro\"", "- \"plugins:/plugins\"",
          "max-size: 10m", "host.docker.internal:host-gateway"}) {
        INFO(line << " in\n" << file);
        CHECK(contains(file, line));
    }
    CHECK(contains(file, "volumes:\n  plugins:\n    external: true\n"));
    CHECK_FALSE(contains(file, "\"warn\""));
}

TEST_CASE("a change of what the document adds is a change of the service", "[render]") {
    const auto digest = [](const std::string& compose) {
        return service(rendered("  grafana: { project: monitoring" + compose + " }\n"), "monitoring/grafana")
            .digest();
    };
    const auto bare = digest("");
    CHECK(digest(", compose: {}") == bare);
    CHECK(digest(", compose: { mem_limit: 1g }") != bare);
    CHECK(digest(", compose: { mem_limit: 1g }") != digest(", compose: { mem_limit: 2g }"));
    CHECK(digest(", compose: { labels: { a: b } }") != digest(", compose: { labels: { a: c } }"));
}

TEST_CASE("data that were there before are mounted, and neither made nor owned", "[render]") {
    const auto resources = rendered(R"(  prometheus: { project: monitoring, data: /srv/prometheus }
  grafana: { project: monitoring, data: grafana_data }
)");
    CHECK_FALSE(has(resources, "directory:/opt/monitoring/prom-data"));
    CHECK_FALSE(has(resources, "directory:/srv/prometheus"));
    CHECK_FALSE(has(resources, "directory:/opt/monitoring/grafana-data"));
    const auto file = text(resources, "/opt/monitoring/compose.yaml");
    CHECK(contains(file, "- \"/srv/prometheus:/prometheus\""));
    CHECK(contains(file, "- \"grafana_data:/var/lib/grafana\""));
    CHECK(contains(file, "volumes:\n  grafana_data:\n    external: true\n"));
    const auto mount = service(resources, "monitoring/grafana").mounts.at(1);
    CHECK(mount.found);
    CHECK(mount.path("/opt/monitoring").empty());
}

TEST_CASE("a server joins networks of the host beside its own", "[render]") {
    const auto resources =
        rendered("  prometheus: { project: monitoring, networks: [shop_default, proxy] }\n");
    const auto file = text(resources, "/opt/monitoring/compose.yaml");
    CHECK(
        contains(file, "    networks:\n      - \"default\"\n      - \"shop_default\"\n      - \"proxy\"\n"));
    CHECK(contains(file, "networks:\n  proxy:\n    external: true\n  shop_default:\n    external: true\n"));
}

TEST_CASE("servers in a user's project are in the override, and their files have names of their own",
          "[render]") {
    const auto resources = rendered(R"(  prometheus: { project: monitoring }
  alertmanager:
    project: monitoring
    route: { receiver: none }
    receivers: [{ name: none }]
  grafana: { project: monitoring }
)",
                                    ", composeFiles: [compose.yml]");
    const auto file = text(resources, "/opt/monitoring/docker-compose.monitoring.yml");
    for (const char* mount :
         {"./vigie-prometheus:/etc/prometheus:ro", "./vigie-alertmanager:/etc/alertmanager:ro",
          "./vigie-alertmanager-data:/alertmanager", "./vigie-grafana:/etc/vigie:ro"}) {
        CHECK(contains(file, mount));
    }
    CHECK_FALSE(contains(file, "\nname:"));
    CHECK(has(resources, "file:/opt/monitoring/vigie-prometheus/prometheus.yml"));
    CHECK(has(resources, "file:/opt/monitoring/vigie-alertmanager/alertmanager.yml"));
    for (const char* users : {"compose.yaml", "compose.yml"}) {
        CHECK_FALSE(has(resources, std::string("file:/opt/monitoring/") + users));
    }
    for (const char* theirs : {"prometheus", "alertmanager", "grafana", "alertmanager-data"}) {
        CHECK_FALSE(has(resources, std::string("directory:/opt/monitoring/") + theirs));
    }
    for (const auto& resource : resources) {
        if (const auto* compose = std::get_if<ComposeService>(&resource.what)) {
            CHECK(compose->project.files ==
                  std::vector<std::string>{"compose.yml", "docker-compose.monitoring.yml"});
            CHECK_FALSE(compose->project.ours);
        } else if (const auto* reload = std::get_if<Reload>(&resource.what)) {
            CHECK(contains(reload->configPath, "/opt/monitoring/vigie-"));
        }
    }
}

}  // namespace
}  // namespace vigie::render
