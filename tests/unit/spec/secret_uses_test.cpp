// Tests spec/secret_uses: Where the document names secrets, and which hosts need them.

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

TEST_CASE("each use of a secret is listed once with the hosts that need it", "[spec]") {
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

TEST_CASE("the password of an attached program's pages is needed where the program runs", "[spec]") {
    auto stack = tests::moments();
    Attach attach{.service = "prometheus"};
    attach.web = AttachWeb{"vigie", SecretReference{"pages"}};
    stack.prometheus->had.attach = attach;
    const auto uses = told(stack);
    const auto host = stack.hostOf(stack.prometheus->project);
    REQUIRE(host != nullptr);
    CHECK(uses.find("spec.prometheus.attach.web.passwordFrom.secret pages: " + host->name + "\n") !=
          std::string::npos);
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

SecretForm formAt(const Stack& stack, const std::string& field) {
    for (const auto& use : secretUses(stack)) {
        if (use.at.text() == field) {
            return use.form;
        }
    }
    FAIL(field << " names no secret");
    return {};
}

TEST_CASE("each use of a secret has the form that its reader accepts", "[spec]") {
    auto stack = tests::moments();
    stack.exporters[0].env = {{"KEY", "", SecretReference{"k"}}};
    stack.exporters[0].postgres.emplace();
    stack.exporters[0].postgres->passwordFrom = {"p"};
    CHECK(formAt(stack, "spec.exporters[0].pgbouncer.passwordFrom.secret") == SecretForm::line);
    CHECK(formAt(stack, "spec.exporters[0].postgres.passwordFrom.secret") == SecretForm::word);
    CHECK(formAt(stack, "spec.exporters[0].env[0].valueFrom.secret") == SecretForm::any);
    CHECK(formAt(stack, "spec.alertmanager.smtp.passwordFrom.secret") == SecretForm::trimmedLine);
}

TEST_CASE("a secret that its reader cannot accept is refused without being shown", "[spec]") {
    CHECK(unfit(SecretForm::line, "pw\r") == "ends with a carriage return");
    CHECK(unfit(SecretForm::line, "a\nb") == "has a line break in it");
    CHECK_FALSE(unfit(SecretForm::line, "p w"));
    CHECK(unfit(SecretForm::word, "p w") == "has white space in it");
    CHECK(unfit(SecretForm::word, "a\tb") == "has white space in it");
    CHECK_FALSE(unfit(SecretForm::word, "pw"));
    CHECK_FALSE(unfit(SecretForm::trimmedLine, " pw\r\n"));
    CHECK_FALSE(unfit(SecretForm::trimmedLine, "\r\n"));
    CHECK(unfit(SecretForm::trimmedLine, "a\nb\n") == "has a line break in it");
    CHECK_FALSE(unfit(SecretForm::any, "-----BEGIN\r\nx\n"));
}

}  // namespace
}  // namespace vigie::spec
