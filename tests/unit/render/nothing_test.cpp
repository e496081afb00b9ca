// Settings that say nothing leave nothing behind: of a key without a value Alertmanager dies.
#include "render/host.hpp"
#include "spec/load.hpp"
#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

namespace vigie::render {
namespace {

bool hasNull(const spec::Node& node) {
    const auto null = [](const spec::Node& each) { return hasNull(each); };
    return node.kind == spec::Node::Kind::null || std::any_of(node.items.begin(), node.items.end(), null) ||
           std::any_of(node.entries.begin(), node.entries.end(),
                       [&](const spec::Entry& each) { return null(each.value); });
}

/// The file that ends in `name`, of a document with these servers.
spec::Node rendered(const std::string& servers, const std::string& name) {
    spec::Diagnostics diagnostics;
    const auto document = spec::loadStack(
        "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n"
        "  hosts: [{ name: vm }]\n"
        "  projects: [{ name: monitoring, host: vm, directory: /opt/monitoring }]\n" +
            servers,
        "a.yaml", "0.1.0", diagnostics);
    REQUIRE_FALSE(diagnostics.hasErrors());
    for (const auto& resource : renderHost(document->stack, document->stack.hosts.front(), {})) {
        const auto* file = std::get_if<File>(&resource.what);
        if (file != nullptr && file->path.ends_with(name)) {
            return spec::readYaml(file->content.masked(), name, diagnostics).value();
        }
    }
    FAIL(name << " is not rendered");
    return {};
}

TEST_CASE("empty settings are not rendered", "[render]") {
    const std::string alertmanager =
        "  alertmanager:\n    project: monitoring\n    route: { receiver: a }\n    receivers: [{ name: a "
        "}]\n";
    for (const char* client : {"{}", "{ tlsConfig: {} }", "{ httpHeaders: [] }", "{ basicAuth: {} }",
                               "{ tlsConfig: {}, httpHeaders: [] }"}) {
        CAPTURE(client);
        const auto file =
            rendered(alertmanager + "    global: { httpConfig: " + client + " }\n", "alertmanager.yml");
        CHECK_FALSE(hasNull(file));
        CHECK((file.find("global") == nullptr || file.find("global")->find("http_config") == nullptr));
    }
    const auto told =
        rendered(alertmanager + "    global: { httpConfig: { tlsConfig: {}, followRedirects: false } }\n",
                 "alertmanager.yml");
    CHECK(told.find("global")->find("http_config")->find("follow_redirects")->scalar == "false");
    CHECK_FALSE(
        hasNull(rendered("  prometheus:\n    project: monitoring\n    scrapeConfigs:\n"
                         "      - { jobName: a, staticConfigs: [{ targets: [\"a:1\"] }], tlsConfig: {} }\n",
                         "prometheus.yml")));
}

}  // namespace
}  // namespace vigie::render
