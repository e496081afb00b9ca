// What is said to first guesses at a field's name, on the document's own schema.

#include "spec/first_guesses.hpp"

#include "base/text.hpp"
#include "spec/field_help.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

using Names = std::vector<std::string>;

/// The guess at `key` in the mapping at `path`, in which nothing is written yet.
Guess at(const std::string& path, const std::string& key) {
    const Schema* schema = mappingAt(stackSchema(), path);
    INFO(path);
    REQUIRE(schema != nullptr);
    Names free;
    for (const auto& property : schema->properties) {
        free.emplace_back(property.name);
    }
    return guessField(key, *schema, free, {});
}

TEST_CASE("a `host` field in a component is answered with a hint at its project", "[spec][guess]") {
    for (const auto* path : {"spec.prometheus", "spec.alertmanager", "spec.grafana", "spec.jaeger",
                             "spec.exporters[]", "spec.applications[]", "spec.prometheus.replicas[]"}) {
        for (const auto* key : {"host", "hosts", "server"}) {
            const auto guess = at(path, key);
            CHECK(guess.hint.find("the host is the host of its `project`") == 0);
            CHECK(guess.meant == Names{"project"});
        }
    }
    CHECK(at("spec.wireguard.presharedKeys[]", "host").meant == Names{"hosts"});
}

TEST_CASE("field names from other programs lead to a hint at the right field", "[spec][guess]") {
    CHECK(at("spec.prometheus", "rules").hint == "did you mean `ruleFiles` or `ruleGroups`?");
    CHECK(at("spec.grafana", "password").meant == Names{"adminPasswordFrom"});
    CHECK(at("spec.alertmanager.smtp", "password").meant == Names{"passwordFrom"});
    CHECK(at("spec.alertmanager.smtp", "host").meant == Names{"smarthost"});
    CHECK(at("spec.alertmanager.receivers[].slackConfigs[]", "apiURL").meant == Names{"apiURLFrom"});
    CHECK(at("spec.alertmanager.receivers[].slackConfigs[]", "api_url").meant == Names{"apiURLFrom"});
    CHECK(at("spec.alertmanager.receivers[].discordConfigs[]", "webhook").meant == Names{"webhookURLFrom"});
    CHECK(at("spec.alertmanager.receivers[]", "email").meant == Names{"emailConfigs"});
    CHECK(at("spec.alertmanager.receivers[]", "slack").meant == Names{"slackConfigs"});
    CHECK(at("spec.alertmanager.route.routes[]", "match").meant == Names{"matchers"});
    CHECK(at("spec.alertmanager.route.routes[]", "match_re").meant == Names{"matchers"});
    CHECK(at("spec.prometheus", "scrape_configs").meant == Names{"scrapeConfigs"});
    CHECK(at("spec.prometheus.scrapeConfigs[]", "job_name").meant == Names{"jobName"});
    CHECK(at("spec.prometheus.scrapeConfigs[]", "relabel_configs").meant == Names{"relabelings"});
    CHECK(at("spec.prometheus.scrapeConfigs[]", "timeout").meant == Names{"scrapeTimeout"});
    CHECK(at("spec.hosts[]", "ip").meant == Names{"address", "vpn"});
    CHECK(at("spec.hosts[].vpn", "ip").meant == Names{"address"});
    CHECK(at("spec.hosts[].vpn", "pubkey").meant == Names{"publicKey"});
    CHECK(at("spec.hosts[]", "publicip").meant == Names{"endpoint"});
    CHECK(at("spec.projects[]", "path").meant == Names{"directory"});
    CHECK(at("spec", "node_exporter").meant == Names{"exporters"});
    CHECK(at("spec.wireguard", "peers").hint.find("`spec.hosts`") != std::string::npos);
    CHECK(at("spec.hosts[].vpn", "privateKey").hint.find("`vigie keys init`") != std::string::npos);
}

TEST_CASE("a plain password field leads to a hint at the secret reference and is marked as secret",
          "[spec][guess]") {
    const auto guess = at("spec.alertmanager.receivers[].slackConfigs[]", "apiURL");
    CHECK(guess.secret);
    CHECK(guess.hint.find("`apiURLFrom: { secret: NAME }`") != std::string::npos);
    CHECK_FALSE(at("spec.prometheus", "rules").secret);
}

TEST_CASE("a misspelling is suggested before any other meaning", "[spec][guess]") {
    CHECK(at("spec.prometheus", "scrapeIntervall").meant == Names{"scrapeInterval"});
    CHECK(at("spec", "promethius").meant == Names{"prometheus"});
    CHECK(at("spec.projects[]", "hosts").meant == Names{"host"});
    CHECK(at("spec.hosts[]", "Endpoint").meant == Names{"endpoint"});
}

TEST_CASE("a field of another level leads to a hint that shows where it belongs", "[spec][guess]") {
    const auto web = at("spec.prometheus", "externalURL");
    CHECK(web.hint == "this is a field of `web`: write `web: { externalURL: … }`");
    CHECK(web.meant == Names{"web"});
    CHECK(at("spec.prometheus", "retentionSize").meant == Names{"storage"});
    CHECK(at("spec.prometheus.scrapeConfigs[]", "targets").hint ==
          "this is a field of `staticConfigs`: write `staticConfigs: [{ targets: … }]`");
    const auto& spec = *mappingAt(stackSchema(), "spec");
    const auto& lint = *mappingAt(stackSchema(), "spec.lint");
    CHECK(guessField("grafana", lint, {"disable"}, {{"spec", &spec}}).hint ==
          "this is a field of `spec`: is it indented too far?");
}

TEST_CASE("an unknown field without a similar one gets a list of the known fields", "[spec][guess]") {
    const auto guess = at("spec.firewall", "zzzzzz");
    CHECK(guess.hint == "known fields: provider, allow");
    CHECK(guess.meant.empty());
    CHECK(at("spec", "<<").hint.find("merge keys are not supported") == 0);
    CHECK_FALSE(at("spec", std::string(100'000, 'x')).hint.empty());
}

/// One mistake is one finding, also where what was meant is required, or something else demands it.
std::string findings(const std::string& text) {
    Diagnostics diagnostics;
    (void)loadStack(text, "f", "0.2.0", diagnostics);
    std::string out;
    for (const auto& each : diagnostics.all()) {
        out += each.code + " " + each.message + "\n";
    }
    return out;
}

TEST_CASE("a mistake with a clear hint causes no further findings", "[spec][guess]") {
    const std::string head =
        "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: s }\nspec:\n";
    CHECK(findings(head + "  hosts: [{ name: a }]\n  projects: [{ name: p, host: a, directory: /opt/p }]\n"
                          "  exporters: [{ name: node, type: node, host: a }]\n") ==
          "VG0101 `an item of exporters` has no field `host`\n");
    CHECK(findings(head + "  hosts:\n    a: { endpoint: 192.0.2.1 }\n    b: {}\n"
                          "  projects: [{ name: p, host: a, directory: /opt/p }]\n"
                          "  rollout: [a, b]\n  wireguard: { network: 10.0.0.0/24 }\n") ==
          "VG0102 `hosts` must be a list, but this is a mapping\n");
    Diagnostics diagnostics;
    (void)loadStack(head + "  hosts: { a: {} }\n", "f", "0.2.0", diagnostics);
    CHECK(diagnostics.all().at(0).hint == "write each one as an item with its name: `- name: a`");
    CHECK(findings(head + "  hosts: { name: a }\n  rollout: [a]\n") ==
          "VG0102 `hosts` must be a list, but this is a mapping\n");
}

}  // namespace
}  // namespace vigie::spec
