// Tests render/grafana: Grafana's container and directories.

#include "render/grafana.hpp"

#include "kinds/models.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::render {
namespace {

using tests::contains;

spec::Stack withGrafana() {
    spec::Stack stack = tests::moments();
    spec::Grafana grafana;
    grafana.project = "monitoring";
    grafana.image = "grafana/grafana:12.1.1";
    grafana.port = 3000;
    grafana.dataDirectory = "./grafana-data";
    grafana.adminUser = "admin";
    grafana.adminPasswordFrom = spec::SecretReference{"smtp"};
    stack.grafana = grafana;
    return stack;
}

std::vector<Resource> render(const spec::Stack& stack, Inputs inputs = {}) {
    inputs.secrets["smtp"] = {inputs.secrets.count("smtp") != 0 ? "two" : "one",
                              std::make_shared<const SecureBytes>(secureBytes("canary"))};
    return renderHost(stack, *stack.host("vm"), inputs);
}

template <class Kind>
const Kind& get(const std::vector<Resource>& resources, const std::string& id) {
    const auto it = std::find_if(resources.begin(), resources.end(),
                                 [&](const Resource& resource) { return resource.id == id; });
    REQUIRE(it != resources.end());
    return std::get<Kind>(it->what);
}

const Service& container(const std::vector<Resource>& resources) {
    return get<ComposeService>(resources, "compose:monitoring/grafana").service;
}

const std::string kFiles = "/opt/monitoring/grafana";

TEST_CASE("Grafana's password is only in a file that its user alone can read", "[render][grafana]") {
    const auto resources = render(withGrafana());
    const auto& file = get<File>(resources, "file:" + kFiles + "/secrets/smtp");
    CHECK(file.mode == 0400);
    CHECK(file.owner.uid == 472);
    CHECK(view(file.content.reveal()) == "canary");
    const auto& environment = container(resources).environment;
    CHECK(environment.at("GF_SECURITY_ADMIN_PASSWORD__FILE") == "/etc/vigie/secrets/smtp");
    CHECK(get<Directory>(resources, "directory:/opt/monitoring/grafana-data").owner.uid == 472);
    for (const auto& resource : resources) {
        CHECK_FALSE(contains(kinds::describe(resource), "canary"));
    }
}

TEST_CASE("Grafana's data sources are provisioned, with the first Prometheus as the default",
          "[render][grafana]") {
    auto stack = withGrafana();
    spec::GrafanaDatasource logs{
        "logs", "loki", "http://10.66.66.1:3100", "me", spec::SecretReference{"smtp"}, {}};
    spec::Node json;
    json.kind = spec::Node::Kind::map;
    json.entries.push_back({"derived", {}, spec::Node::text("${value}")});
    logs.jsonData = json;
    stack.grafana->datasources = {logs};
    const auto resources = render(stack);
    const auto text =
        get<File>(resources, "file:" + kFiles + "/provisioning/datasources/vigie.yaml").content.masked();
    CHECK(contains(text, "url: \"http://prometheus:9090\"\n    isDefault: true\n"));
    CHECK(contains(text, "implementation: \"prometheus\"\n"));
    CHECK(contains(text, "basicAuthPassword: \"$__file{/etc/vigie/secrets/smtp}\"\n"));
    CHECK(contains(text, "\"$${value}\""));  // Grafana would look for a variable
    CHECK(text.find("isDefault: true") == text.rfind("isDefault: true"));
}

TEST_CASE("provisioning that Grafana reads at start recreates its container; dashboards do not",
          "[render][grafana]") {
    auto stack = withGrafana();
    const auto digest = container(render(stack)).contentDigest;
    CHECK_FALSE(digest.empty());
    stack.grafana->dashboards = {"dashboards/shop.json"};
    Inputs inputs;
    inputs.files["dashboards/shop.json"] = "{}";
    const auto resources = render(stack, inputs);
    CHECK(container(resources).contentDigest == digest);
    CHECK(get<File>(resources, "file:" + kFiles + "/dashboards/dashboards/shop.json").content.masked() ==
          "{}");
    inputs.secrets["smtp"];  // another ciphertext
    CHECK(container(render(stack, inputs)).contentDigest != digest);
    stack.grafana->datasources = {{"logs", "loki"}};
    CHECK(container(render(stack)).contentDigest != digest);
}

TEST_CASE("vigie's dashboard is provisioned only on request", "[render][grafana]") {
    auto stack = withGrafana();
    const std::string id = "file:" + kFiles + "/dashboards/vigie-itself.json";
    const auto has = [&] {
        const auto resources = render(stack);
        return std::any_of(resources.begin(), resources.end(),
                           [&](const auto& each) { return each.id == id; });
    };
    CHECK_FALSE(has());
    stack.grafana->vigieDashboard = true;
    CHECK(has());
}

TEST_CASE("Grafana settings become GF_ variables, and vigie's own take precedence", "[render][grafana]") {
    CHECK(grafanaVariable("server", "root_url") == "GF_SERVER_ROOT_URL");
    CHECK(grafanaVariable("auth.github", "allow-sign-up") == "GF_AUTH_GITHUB_ALLOW_SIGN_UP");
    auto stack = withGrafana();
    spec::Node section;
    section.kind = spec::Node::Kind::map;
    section.entries.push_back({"provisioning", {}, spec::Node::text("/elsewhere")});
    section.entries.push_back({"logs", {}, spec::Node::text("/logs")});
    spec::Node settings;
    settings.kind = spec::Node::Kind::map;
    settings.entries.push_back({"paths", {}, section});
    stack.grafana->settings = settings;
    stack.grafana->anonymous = spec::GrafanaAnonymous{"Viewer"};
    const auto resources = render(stack);
    const auto& environment = container(resources).environment;
    CHECK(environment.at("GF_PATHS_PROVISIONING") == "/etc/vigie/provisioning");
    CHECK(environment.at("GF_PATHS_LOGS") == "/logs");
    CHECK(environment.at("GF_AUTH_ANONYMOUS_ORG_ROLE") == "Viewer");
}

TEST_CASE("Prometheus scrapes Grafana", "[render][grafana]") {
    const auto resources = render(withGrafana());
    CHECK(contains(
        get<File>(resources, "file:/opt/monitoring/prometheus/prometheus.yml").content.masked(),
        "job_name: \"grafana\"\n    static_configs:\n      - targets:\n          - \"grafana:3000\"\n"));
}

TEST_CASE("without a tunnel Grafana listens at the address of its exposure", "[render][grafana]") {
    auto stack = withGrafana();
    stack.wireguard = {};
    const auto resources = render(stack);
    const auto& service = container(resources);
    CHECK(service.hostNetwork);
    CHECK(service.ports.empty());
    CHECK(service.environment.at("GF_SERVER_HTTP_ADDR") == "127.0.0.1");
    CHECK(service.environment.at("GF_SERVER_HTTP_PORT") == "3000");
}

}  // namespace
}  // namespace vigie::render
