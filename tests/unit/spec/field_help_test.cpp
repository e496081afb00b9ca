// A field is found by its path, and told with all that the schema says of it.

#include "spec/field_help.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

using Names = std::vector<std::string>;

std::string told(const std::string& path) {
    const auto field = findField(stackSchema(), path);
    INFO(path);
    REQUIRE(field);
    return describeField(*field);
}

std::string pathOf(const std::string& path) {
    const auto field = findField(stackSchema(), path);
    return field ? field->path : "";
}

TEST_CASE("a field is found with and without spec and brackets", "[spec][field]") {
    for (const auto* path : {"spec.hosts[].vpn", "hosts[].vpn", "hosts.vpn", "spec.hosts[0].vpn"}) {
        CHECK(pathOf(path) == "spec.hosts[].vpn");
    }
    CHECK(pathOf("prometheus.web.externalURL") == "spec.prometheus.web.externalURL");
    CHECK(pathOf("spec") == "spec");
    CHECK(pathOf("metadata.name") == "metadata.name");
    CHECK(pathOf("hosts.labels.anything") == "spec.hosts[].labels.anything");
    CHECK(pathOf("spec.alertmanager.route.routes[].routes[].receiver") ==
          "spec.alertmanager.route.routes[].routes[].receiver");
    for (const auto* path :
         {"", ".", "[]", "nothing", "spec.nothing", "prometheus.web.externalUrl", "VG0101"}) {
        CHECK(pathOf(path).empty());
    }
}

TEST_CASE("help for a field shows its type, default, allowed values, bounds and meaning", "[spec][field]") {
    CHECK(told("prometheus.port").find("a whole number; default `9090`\nAllowed: 1 to 65535\n") !=
          std::string::npos);
    CHECK(told("spec.driftPolicy").find("Allowed: `repair`, `report`, `ignore`\n") != std::string::npos);
    CHECK(told("hosts.name").find("text, checked as `name`; required\n") != std::string::npos);
    CHECK(told("spec.hosts")
              .find("spec.hosts[]: a list of mappings; required\nAllowed: at least 1 item; each "
                    "`name` once\n") == 0);
    CHECK(told("spec.hosts").find("Fields:\n  name ") != std::string::npos);
    CHECK(told("spec.hosts").find("(required) The host's name.") != std::string::npos);
    CHECK(told("metadata.name").find("Secrets are sealed to it") != std::string::npos);
    CHECK(told("hosts.labels").find("a mapping of names to text") != std::string::npos);
}

TEST_CASE("help for an unknown field lists similar ones", "[spec][field]") {
    const auto first = [](const std::string& path) {
        const auto near = nearFields(stackSchema(), path);
        return near.empty() ? "" : near[0];
    };
    CHECK(first("prometheus.web.externalUrl") == "spec.prometheus.web.externalURL");
    CHECK(first("spec.promethius") == "spec.prometheus");
    CHECK(first("promethius") == "spec.prometheus");
    CHECK(first("grafana.password") == "spec.grafana.adminPasswordFrom");
    CHECK(first("prometheus.routePrefix") == "spec.prometheus.web.routePrefix");
    const auto many = nearFields(stackSchema(), "externalURL");
    CHECK(many == Names{"spec.prometheus.web.externalURL", "spec.alertmanager.web.externalURL"});
    CHECK(nearFields(stackSchema(), "qqqqqqqqqqqq").empty());
    CHECK(nearFields(stackSchema(), "port").size() <= 12);
    CHECK(nearFields(stackSchema(), "").empty());
}

}  // namespace
}  // namespace vigie::spec
