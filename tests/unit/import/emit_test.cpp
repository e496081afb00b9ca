// Tests import/emit: Writes a document as a person would.

#include "import/emit.hpp"

#include "source/directory.hpp"
#include "spec/load.hpp"
#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

namespace vigie::imports {
namespace {

spec::Stack load(const std::string& text) {
    spec::Diagnostics diagnostics;
    const auto document = spec::loadStack(text, "stack.yaml", "0.1.0", diagnostics);
    INFO(text);
    REQUIRE(document);
    REQUIRE_FALSE(diagnostics.hasErrors());
    return document->stack;
}

TEST_CASE("every example that is emitted as YAML is read back unchanged", "[import][emit]") {
    for (const char* example : {"moments", "loopback"}) {
        CAPTURE(example);
        const auto stack = load(tests::readSource("examples/" + std::string(example) + "/stack.yaml"));
        CHECK(load(emit(stack, {})) == stack);
        CHECK(emit(load(emit(stack, {})), {}) == emit(stack, {}));
    }
}

TEST_CASE("a text that looks like another YAML type is emitted as text", "[import][emit]") {
    auto stack = load(tests::readSource("examples/moments/stack.yaml"));
    for (const char* text :
         {"yes",  "Off",   "0123", "1e3",  "22:22",     "0x1F",        "~",        "null",
          "a: b", "a #b",  "- x",  "'",    "\"",        "*a",          "&a",       "!t",
          "{",    "[",     "%",    "@a",   " lead",     "line\nbreak", "\xC2\x85", "10.66.66.1",
          "15s",  "1_000", ".5",   ".inf", "2026-01-01"}) {
        CAPTURE(text);
        stack.prometheus->externalLabels["label"] = text;
        CHECK(load(emit(stack, {})).prometheus->externalLabels.at("label") == text);
    }
}

TEST_CASE("values in raw settings keep their types when emitted", "[import][emit]") {
    auto stack = load(tests::readSource("examples/moments/stack.yaml"));
    spec::Diagnostics diagnostics;
    const auto raw = spec::readYaml(
        "empty: {}\nlists: [[a, [b]], [{c: d}]]\nnone: []\n"
        "params: { a: ['1', 1, yes, \"yes\", 0123, -1, 1.5, ~, ''] }\n",
        "", diagnostics);
    auto& job = stack.prometheus->scrapeConfigs.emplace_back();
    job.jobName = "j";
    job.staticConfigs.push_back({{"h:1"}, {}});
    job.raw = *raw;
    CHECK(*load(emit(stack, {})).prometheus->scrapeConfigs.at(0).raw == *raw);
}

TEST_CASE("comments are emitted above their field, in one line", "[import][emit]") {
    const auto stack = load(tests::readSource("examples/moments/stack.yaml"));
    const auto text = emit(stack, {{"spec.hosts[1]", "from a\nfile: evil"}, {"spec.jaeger", "the traces"}});
    CHECK(text.find("    # from a\\x0afile: evil\n    - name: vm\n") != std::string::npos);
    CHECK(text.find("  # the traces\n  jaeger:\n") != std::string::npos);
    CHECK(load(text) == stack);
}

}  // namespace
}  // namespace vigie::imports
