// Tests facts/decode: the facts of a host.

#include "facts/model.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::facts {
namespace {

using spec::Diagnostics;

const std::string kHead = R"({"apiVersion": "vigie.dev/v1alpha1", "kind": "HostFacts")";

Diagnostics mistakes(const std::string& text) {
    Diagnostics out;
    CHECK_FALSE(loadFacts(text, "facts/vps.json", out));
    CHECK(out.hasErrors());
    return out;
}

HostFacts read(const std::string& rest) {
    Diagnostics out;
    const auto facts = loadFacts(kHead + rest + "}", "facts/vps.json", out);
    CHECK(out.empty());
    REQUIRE(facts);
    return *facts;
}

TEST_CASE("a facts file is read into plain structs", "[facts]") {
    Diagnostics out;
    const auto facts = loadFacts(tests::readSource("examples/moments/facts/vps.json"), "vps.json", out);
    CHECK(out.empty());
    REQUIRE(facts);
    CHECK(facts->host == "vps");
    REQUIRE(facts->projects);
    const auto& services = *facts->projects->at(0).services;
    const auto& port = services.at("backend").ports.at(0);
    CHECK((port.first == 8000 && port.last == 8000 && port.target == 8000 && port.everywhere()));
    CHECK(services.at("pgbouncer").volumes.at(0).kind == "directory");
    CHECK(services.at("pgbouncer").volumes.at(0).owner == 0);
    CHECK(facts->tools.count("promtool") == 0);  // null: not known
    CHECK(facts->networks->size() == 3);
}

TEST_CASE("null in facts is read as unknown", "[facts]") {
    const auto facts = read(R"(, "projects": null, "tools": null, "networks": null)");
    CHECK_FALSE(facts.projects);
    CHECK_FALSE(facts.networks);
    CHECK(facts.tools.empty());
    const auto project = read(R"(, "projects": [{"name": "a", "directory": "/a", "services": null}])");
    REQUIRE(project.projects->size() == 1);
    CHECK_FALSE(project.projects->at(0).services);
}

TEST_CASE("ports in facts are read in every form; one with a variable is unknown", "[facts]") {
    const auto facts = read(R"(, "projects": [{"name": "a", "directory": "/a", "services": {"s": {"ports": [
        {"published": "8000-8010", "target": 1}, {"target": 5}, {"expression": "${P}:1"}, {"published": "${P}"},
        {"host_ip": "${A}", "published": "1"}, {"published": "99999999999999999999"}, {"host_ip": "::", "published": "7"}]}}}])");
    const auto& ports = facts.projects->at(0).services->at("s").ports;
    REQUIRE(ports.size() == 7);
    CHECK((ports[0].first == 8000 && ports[0].last == 8010));
    CHECK((ports[1].first == 0 && ports[1].expression.empty()));
    for (std::size_t i = 2; i < 6; ++i) {
        CAPTURE(i);
        CHECK_FALSE(ports[i].expression.empty());
    }
    CHECK(ports[6].everywhere());
}

TEST_CASE("mistakes in facts are reported with their position", "[facts]") {
    const auto cut = mistakes(kHead + ",\n \"projects\": [");
    CHECK(cut.all()[0].code == "VG0001");
    CHECK(cut.all()[0].file == "facts/vps.json");
    CHECK(cut.all()[0].at.line >= 2);
    const auto shape = mistakes(kHead + ",\n \"projects\": {},\n \"toools\": {}}");
    CHECK(tests::codesOf(shape) == std::vector<std::string>{"VG0102", "VG0101"});
    CHECK(shape.all()[0].at.line == 2);
    CHECK(shape.all()[1].at.line == 3);
    CHECK(tests::codesOf(mistakes("{}")) == std::vector<std::string>{"VG0103"});
    CHECK(tests::codesOf(mistakes(R"({"apiVersion": "vigie.dev/v2", "kind": "HostFacts"})")) ==
          std::vector<std::string>{"VG0104"});
    CHECK(tests::codesOf(mistakes(kHead + ", \"host\": \"" + std::string(5U << 20U, 'x') + "\"}")) ==
          std::vector<std::string>{"VG0004"});
}

/// Whoever may write to the repository may write anything into them.
TEST_CASE("truncated or garbled facts are read or refused with an error", "[facts]") {
    const std::string whole = tests::readSource("examples/moments/facts/vps.json");
    tests::Dice dice;
    std::size_t refused = 0;
    for (int i = 0; i < 300; ++i) {
        std::string text = whole.substr(0, i % 2 == 0 ? dice.below(whole.size()) : whole.size());
        for (auto n = dice.below(4); n > 0 && !text.empty(); --n) {
            text[dice.below(text.size())] = "{}[]\",:0x&*\n"[dice.below(12)];
        }
        CAPTURE(text);
        Diagnostics mistakes;
        const auto facts = loadFacts(text, "facts/vps.json", mistakes);
        CHECK(facts.has_value() == !mistakes.hasErrors());
        refused += facts ? 0U : 1U;
    }
    CHECK(refused > 150);
}

TEST_CASE("the digest of a compose file does not depend on the secrets in it", "[facts]") {
    const auto digest = [](const char* password) {
        return composeFileDigest(
            "services:\n  a:\n    environment:\n      POSTGRES_PASSWORD: " + std::string(password) +
            "\n    command: postgres://stats:" + password + "@db/x\n");
    };
    CHECK(digest("one") == digest("another"));
    CHECK(composeFileDigest("a: 1\n") != composeFileDigest("a: 2\n"));
}

}  // namespace
}  // namespace vigie::facts
