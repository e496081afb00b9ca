// Tests spec/native: reading native configuration, its secrets, and what is equal.

#include "spec/native.hpp"

#include "spec/load.hpp"
#include "spec/read_yaml.hpp"
#include "spec/secret_uses.hpp"
#include "tests/support/catch.hpp"

namespace vigie::spec {
namespace {

Node read(const std::string& text) {
    Diagnostics diagnostics;
    auto out = readNative(text, "f.yml", diagnostics);
    REQUIRE(out);
    REQUIRE(diagnostics.empty());
    return *out;
}

std::string mistake(const std::string& text) {
    Diagnostics diagnostics;
    REQUIRE_FALSE(readNative(text, "f.yml", diagnostics));
    REQUIRE(diagnostics.all().size() == 1);
    const auto& first = diagnostics.all().front();
    return first.code + ":" + std::to_string(first.at.line) + ":" + std::to_string(first.at.column);
}

}  // namespace

TEST_CASE("merge keys are written out as Go's YAML reads them", "[spec][native]") {
    const auto root =
        read("a: &a { x: 1, y: 2 }\nb: &b { y: 3, z: 4 }\nc: { <<: *a, x: 9 }\nd: { <<: [*a, *b] }\n");
    CHECK(root.find("c")->find("x")->scalar == "9");
    CHECK(root.find("c")->find("y")->scalar == "2");
    CHECK(root.find("d")->find("y")->scalar == "2");
    CHECK(root.find("d")->find("z")->scalar == "4");
    CHECK(root.find("d")->find("<<") == nullptr);
    CHECK(mistake("a: { <<: text }\n") == "VG0522:1:6");
    CHECK(mistake("a: { <<: [text] }\n") == "VG0522:1:6");
}

TEST_CASE("what is no configuration is refused at its place", "[spec][native]") {
    CHECK(mistake("- a\n") == "VG0522:1:1");
    CHECK(mistake("a: !vault b\n") == "VG0007:1:4");
    CHECK(mistake("a: !secret { b: c }\n") == "VG0007:1:4");
    CHECK(mistake("a: !secret [b]\n") == "VG0007:1:4");
    CHECK(mistake("!secret a: b\n") == "VG0007:1:1");
    CHECK(mistake("a: 1\na: 2\n") == "VG0003:2:1");
    CHECK(mistake("a: \"\\x01scraper\\x01\"\n") == "VG0001:1:4");
}

TEST_CASE("a secret is named where it stands, and is a text of its own", "[spec][native]") {
    const auto root = read("a: { b: !secret one }\nc: [!secret two, !secret 'one']\n");
    CHECK(secretsIn(root.find("a")->find("b")->scalar) == std::vector<std::string>{"one"});
    const auto secrets = nativeSecrets(root);
    REQUIRE(secrets.size() == 2);
    CHECK(secrets.at("one").line == 1);
    CHECK(secrets.at("two").line == 2);
    // A document has no such tag.
    Diagnostics diagnostics;
    readYaml("a: !secret b\n", "stack.yaml", diagnostics);
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all().front().code == "VG0007");
}

TEST_CASE("data is compared as the program reads it", "[spec][native]") {
    const auto same = [](const std::string& a, const std::string& b) {
        return sameData(read("v: " + a + "\n"), read("v: " + b + "\n"));
    };
    CHECK(same("{ a: 1, b: [x, y] }", "{ b: [\"x\", 'y'], a: \"1\" }"));
    CHECK(same("True", "true"));
    CHECK(same("[]", "~"));
    CHECK_FALSE(same("[x, y]", "[y, x]"));
    CHECK_FALSE(same("\"True\"", "true"));
    CHECK_FALSE(same("1m", "60s"));
    CHECK_FALSE(same("{ a: 1 }", "{ a: 1, b: 2 }"));
    CHECK_FALSE(same("{ a: 1, b: 2 }", "{ a: 1, c: 2 }"));
}

TEST_CASE("a document knows what nobody wrote, and needs the secrets of its native configuration",
          "[spec][native]") {
    const std::string head =
        "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n"
        "  hosts: [{ name: vm }]\n  projects: [{ name: m, host: vm, directory: /opt/m }]\n";
    Diagnostics diagnostics;
    auto document =
        loadStack(head +
                      "  prometheus: { project: m, selfScrape: true, configFrom: { file: p/p.yml } }\n"
                      "  alertmanager: { project: m, configFrom: { file: a.yml } }\n",
                  "stack.yaml", "9.9.9", diagnostics);
    REQUIRE(document);
    CHECK(diagnostics.empty());  // neither a route nor receivers are needed
    auto& stack = document->stack;
    CHECK(stack.prometheus->configFrom->defaults == std::vector<std::string>{"scrapeInterval"});
    const auto files = namedFiles(stack);
    REQUIRE(files.size() == 2);
    CHECK(files[0].path == "p/p.yml");
    CHECK(nativeSources(stack)[0].folder == "p");
    stack.alertmanager->configFrom->secrets = {"hook"};
    const auto uses = secretUses(stack);
    REQUIRE(uses.size() == 1);
    CHECK(uses[0].secret == "hook");
    CHECK(uses[0].hosts == std::vector<const Host*>{&stack.hosts[0]});
}

}  // namespace vigie::spec
