#include "spec/secret_uses.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

std::string told(const Stack& stack) {
    std::string out;
    for (const auto& use : secretUses(stack)) {
        out += use.at.text() + " " + use.secret + ":";
        for (const auto* host : use.hosts) {
            out += " " + host->name;
        }
        out += use.pair ? " (pair)\n" : "\n";
    }
    return out;
}

TEST_CASE("each place that names a secret is met once, with the hosts that need it", "[spec]") {
    auto stack = tests::moments();
    stack.projects.push_back({"second", "vps", "/opt/second", {}, "docker-compose.monitoring.yml", {}});
    stack.alertmanager->replicas = {{"second"}};
    stack.registries = {{"docker.io", "me", {"login"}}, {"nobody.example.org", "me", {"other"}}};
    stack.wireguard.presharedKeys = {{{"vps", "vm"}, {"pair"}}, {{"vps", "nobody"}, {"half"}}};
    CHECK(told(stack) ==
          "spec.exporters[0].pgbouncer.passwordFrom.secret pgbouncer-stats: vps\n"
          "spec.alertmanager.smtp.passwordFrom.secret smtp: vps vm\n"
          "spec.registries[0].passwordFrom.secret login: vps vm\n"
          "spec.registries[1].passwordFrom.secret other:\n"
          "spec.wireguard.presharedKeys[0].from.secret pair: vps vm (pair)\n"
          "spec.wireguard.presharedKeys[1].from.secret half: vps (pair)\n");
}

TEST_CASE("a secret is sealed for the hosts that need it and for every recovery key", "[spec]") {
    auto stack = tests::moments();
    stack.secretsRecovery = {{"safe", "K"}};
    const auto to = recipientsOf(stack, "smtp");
    REQUIRE(to.size() == 2);
    CHECK(to[0].name == "vm");
    CHECK(to[0].sealingKey == stack.host("vm")->sealingKey);
    CHECK_FALSE(to[0].recovery);
    CHECK(to[1].name == "safe");
    CHECK(to[1].recovery);
}

}  // namespace
}  // namespace vigie::spec
