// Large documents: what is told of many mistakes, and what is refused at once.
#include "spec/load.hpp"
#include "spec/rollout.hpp"
#include "tests/support/catch.hpp"

namespace vigie::spec {
namespace {

const std::string kHead =
    "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n";

TEST_CASE("of many findings the first errors are shown before warnings", "[spec]") {
    Diagnostics diagnostics;
    const auto add = [&](Severity severity, std::uint32_t line) {
        diagnostics.add({severity, "VG0001", "a", {line, 1}, "m", "", false});
    };
    for (std::uint32_t line = 1; line <= 150; ++line) {
        add(Severity::warning, line);
    }
    CHECK(diagnostics.told().size() == 150);
    for (std::uint32_t line = 151; line <= 300; ++line) {
        add(Severity::info, line);
        add(Severity::error, line);
    }
    const auto told = diagnostics.told();
    REQUIRE(told.size() == kMostTold);
    CHECK(std::count_if(told.begin(), told.end(),
                        [](const auto* each) { return each->severity == Severity::error; }) == 150);
    CHECK(told.front()->at.line == 1);
    CHECK(told[49]->at.line == 50);
    CHECK(told[50]->severity == Severity::error);
    CHECK(told.back()->at.line == 300);
    const auto text = formatTold(diagnostics, {}, false);
    CHECK(text.ends_with("\n250 more findings are not shown: correct these first\n"));
}

TEST_CASE("a document with thousands of unknown keys has all of them counted", "[spec]") {
    std::string text = kHead + "  hosts: [{ name: vm }]\n";
    for (int i = 0; i < 5000; ++i) {
        text += "  nobodyKnows" + std::to_string(i) + ": 1\n";
    }
    Diagnostics diagnostics;
    const auto document = loadStack(text, "a.yaml", "0.2.0", diagnostics);
    REQUIRE(document);
    CHECK(diagnostics.errors() == 5000);
    for (const auto* each : diagnostics.told()) {
        CHECK(each->hint.find("correct the findings above first") == std::string::npos);
    }
    CHECK(diagnostics.all().back().secret);
}

TEST_CASE("the hint for the two hundredth mistake still guesses the meant field", "[spec]") {
    std::string text = kHead + "  hosts: [{ name: vm }]\n";
    for (int i = 1; i < 200; ++i) {
        text += "  nobodyKnows" + std::to_string(i) + ": 1\n";
    }
    Diagnostics diagnostics;
    static_cast<void>(loadStack(text + "  project: []\n", "a.yaml", "0.2.0", diagnostics));
    CHECK(diagnostics.all().back().hint == "did you mean `projects`?");
}

TEST_CASE("too many pairs of hosts and components are refused", "[spec]") {
    std::string text = kHead + "  hosts:\n";
    for (int i = 0; i < 2500; ++i) {
        text += "    - { name: h" + std::to_string(i) + " }\n";
    }
    text += "  projects:\n";
    for (int i = 0; i < 2001; ++i) {
        text += "    - { name: p" + std::to_string(i) + ", host: h0, directory: /opt/p" + std::to_string(i) +
                " }\n";
    }
    Diagnostics diagnostics;
    CHECK_FALSE(loadStack(text, "a.yaml", "0.2.0", diagnostics));
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all()[0].code == "VG0004");
    CHECK(diagnostics.all()[0].at.line == 6);
}

TEST_CASE("a chain of 100000 dependent hosts is checked for cycles", "[spec]") {
    Stack stack;
    for (int i = 0; i < 100'000; ++i) {
        stack.hosts.emplace_back();
        stack.hosts.back().name = "h" + std::to_string(i);
        stack.hosts.back().dependsOn = {"h" + std::to_string(i + 1)};
    }
    CHECK(waitingCycle(stack).empty());
    stack.hosts.back().dependsOn = {"h99998"};
    CHECK(waitingCycle(stack) == std::vector<std::string>{"h99998", "h99999", "h99998"});
    CHECK(waitedFor(stack).size() == 99'999);
}

TEST_CASE("hosts of a long list are found by name, also in a copy", "[spec]") {
    Stack stack;
    for (int i = 0; i < 1000; ++i) {
        stack.hosts.emplace_back();
        stack.hosts.back().name = "h" + std::to_string(i % 900);
    }
    const auto check = [](const Stack& each) {
        CHECK(each.host("h5") == &each.hosts[5]);
        CHECK(each.host("h899") == &each.hosts[899]);
        CHECK(each.host("h900") == nullptr);
    };
    check(stack);
    stack.indexNames();
    check(stack);
    Stack copy = stack;
    copy.hosts[5].name = "renamed";
    CHECK(copy.host("h5") == &copy.hosts[905]);
    const Stack moved = std::move(stack);
    check(moved);
    CHECK(moved == moved);
}

}  // namespace
}  // namespace vigie::spec
