// One mistake in a document is one error, also where many things follow from it.
#include "lint/lint.hpp"
#include "spec/load.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::lint {
namespace {

using Codes = std::vector<std::string>;

/// The errors of two hosts in a tunnel, whose `wireguard` has these fields.
Codes errorsOf(const std::string& wireguard, const std::string& rest = {}) {
    const std::string key(43, 'A');
    const std::string text =
        "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n  hosts:\n"
        "    - { name: vm, endpoint: 203.0.113.1, vpn: { address: 10.66.66.1, address6: \"fd66::1\", "
        "publicKey: \"" +
        key +
        "=\" } }\n"
        "    - { name: vps, endpoint: 203.0.113.2, vpn: { address: 10.66.66.2, address6: \"fd66::2\", "
        "publicKey: \"B" +
        key.substr(1) +
        "=\" } }\n"
        "  projects: [{ name: monitoring, host: vm, directory: /opt/monitoring }]\n"
        "  wireguard: { " +
        wireguard + " }\n" + rest;
    spec::Diagnostics all;
    const auto document = spec::loadStack(text, "a.yaml", "0.1.0", all);
    REQUIRE(document.has_value());
    lint(document->stack, spec::Reporter(all, "a.yaml", &document->root));
    all.removeIf([](const spec::Diagnostic& each) { return each.severity != spec::Severity::error; });
    return tests::codesOf(all);
}

TEST_CASE("a tunnel network that holds no host's address is reported once", "[lint][once]") {
    CHECK(errorsOf("network: 10.66.66.0/24, network6: \"fd66::/64\"").empty());
    CHECK(errorsOf("network: 10.77.77.0/24, network6: \"fd66::/64\"") == Codes{"VG0301"});
    CHECK(errorsOf("network: 10.66.66.0/24, network6: \"fd77::/64\"") == Codes{"VG0301"});
    // One of the addresses is wrong, then.
    CHECK(errorsOf("network: 10.66.66.0/31, network6: \"fd66::/64\"") == Codes{"VG0301"});
}

TEST_CASE("a missing second network, or one that is not IPv6, is reported once", "[lint][once]") {
    CHECK(errorsOf("network: 10.66.66.0/24") == Codes{"VG0313"});
    CHECK(errorsOf("network: 10.66.66.0/24, network6: 0.0.0.0/0") == Codes{"VG0313"});
    CHECK(errorsOf("network: 10.66.66.0/24, network6: 10.88.0.0/16") == Codes{"VG0313"});
    CHECK(errorsOf("network: 10.66.66.0/24, network6: nonsense") == Codes{"VG0106"});
}

TEST_CASE("a value that the schema refused causes no further findings", "[lint][once]") {
    const std::string networks = "network: 10.66.66.0/24, network6: \"fd66::/64\"";
    CHECK(errorsOf(networks + ", topology: hubAndSpoke, hub: 12") == Codes{"VG0102"});
    CHECK(errorsOf(networks + ", topology: hubAndSpoke, hub: \"\"") == Codes{"VG0105"});
    CHECK(errorsOf(networks + ", topology: hubAndSpoke") == Codes{"VG0311"});
    const std::string options =
        "  alertmanager:\n    project: monitoring\n    route: { receiver: a }\n    receivers: [{ name: a }]\n"
        "    extraArgs: [{ name: data.retention, value: ";
    CHECK(errorsOf(networks, options + "12 }]\n") == Codes{"VG0102"});
    CHECK(errorsOf(networks, options + "12h }]\n").empty());
    CHECK(errorsOf(networks, "  alertmanager:\n    project: monitoring\n    route: { receiver: a }\n") ==
          Codes{"VG0103"});
}

}  // namespace
}  // namespace vigie::lint
