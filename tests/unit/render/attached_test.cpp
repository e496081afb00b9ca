// Tests render/attached: what is left as the user has written it.

#include "render/attached.hpp"

#include "spec/native.hpp"
#include "tests/support/catch.hpp"

namespace vigie::render {
namespace {

spec::Node tree(const std::string& text) {
    spec::Diagnostics mistakes;
    auto out = spec::readNative(text, "", mistakes);
    REQUIRE(out);
    return std::move(*out);
}

spec::Node withFile(spec::Node root, const std::string& file) {
    for (auto& entry : root.entries) {
        if (entry.key == "rule_files") {
            entry.value.items.push_back(spec::Node::text(file));
            return root;
        }
    }
    spec::Node list;
    list.kind = spec::Node::Kind::sequence;
    list.items.push_back(spec::Node::text(file));
    root.entries.push_back({"rule_files", {}, std::move(list)});
    return root;
}

std::string added(const std::string& text) {
    return keptText(text, withFile(tree(text), "proof.yml")).value_or("(none)");
}

TEST_CASE("a configuration to which nothing is added stays as it is", "[attached]") {
    const std::string text = "# mine\nglobal: {scrape_interval: 15s} # fast\n";
    CHECK(keptText(text, tree("global:\n  scrape_interval: 15s\n")) == text);
}

TEST_CASE("a further rule file is one line more", "[attached]") {
    CHECK(added("a: 1 # why\n") == "a: 1 # why\nrule_files:\n  - proof.yml\n");
    CHECK(added("a: 1") == "a: 1\nrule_files:\n  - proof.yml\n");
    CHECK(added("rule_files:\n  - a.yml # first\n  - \"b.yml\"\n# end\nz: 1\n") ==
          "rule_files:\n  - a.yml # first\n  - \"b.yml\"\n  - proof.yml\n# end\nz: 1\n");
    CHECK(added("rule_files:\n- a.yml") == "rule_files:\n- a.yml\n- proof.yml\n");
    CHECK(added("rule_files: [a.yml, b.yml] # all\n") == "rule_files: [a.yml, b.yml, proof.yml] # all\n");
}

TEST_CASE("whatever is not foreseen is written anew", "[attached]") {
    // The text would say something else than what is wanted.
    CHECK(added("rule_files: &r\n  [a.yml,\n   b.yml # ]\n  ]\nz: *r\n") == "(none)");
    CHECK(keptText("a: 1\n", tree("a: 2\n")) == std::nullopt);
    CHECK(keptText("a: !secret pass\n", tree("a: !secret pass\n")) == std::nullopt);
}

}  // namespace
}  // namespace vigie::render
