// Tests spec/edit_sealed: Puts new ciphertexts into the text of a document, and changes nothing else.

#include "spec/edit_sealed.hpp"

#include "base/error.hpp"
#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

std::string edited(const std::string& text, const std::map<std::string, std::string>& ciphertexts) {
    Diagnostics diagnostics;
    const auto root = readYaml(text, "stack.yaml", diagnostics);
    REQUIRE(root);
    return withSealed(text, *root, {{0, ciphertexts}});
}

std::string below(const std::string& sealed) {
    return "# é\nspec:\n  secrets:\n    # why\n    - name: a   # a name\n" + sealed + "other: [ 1,2 ]\n";
}

TEST_CASE("replacing a ciphertext in a document changes only the text between its quotes", "[spec][seal]") {
    CHECK(edited(below("      sealed:\n        vps: \"AAAA\"  # é: AAAA\n        'vm':   BBBB\n"),
                 {{"vps", "longer"}, {"vm", "C"}}) ==
          below("      sealed:\n        vps: \"longer\"  # é: AAAA\n        'vm':   C\n"));
    CHECK(edited(below("      sealed: {vps: 'AAAA' ,vm: BBBB}\n"), {{"vps", "x"}, {"vm", "y"}}) ==
          below("      sealed: {vps: 'x' ,vm: y}\n"));
    CHECK(edited(below("      sealed: { \"é\": \"A\", vm: BBBB }\n"), {{"vm", "y"}}) ==
          below("      sealed: { \"é\": \"A\", vm: y }\n"));
}

TEST_CASE("a new recipient's ciphertext is inserted after the last one, in the same style", "[spec][seal]") {
    CHECK(edited(below("      sealed:\n        vps: \"AAAA\"  # his\n"), {{"vm", "y"}, {"escrow", "z"}}) ==
          below("      sealed:\n        vps: \"AAAA\"  # his\n        escrow: \"z\"\n        vm: \"y\"\n"));
    CHECK(edited(below("      sealed: { vps: AAAA }\n"), {{"vm", "y"}}) ==
          below("      sealed: { vps: AAAA, vm: \"y\" }\n"));
    CHECK(edited(below("      sealed: {\n        vps: AAAA,\n      }\n"), {{"vm", "y"}, {"z", "z"}}) ==
          below("      sealed: {\n        vps: AAAA, vm: \"y\", z: \"z\",\n      }\n"));
    CHECK(edited(below("      sealed: {}\n"), {{"vm", "y"}, {"vps", "z"}}) ==
          below("      sealed: { vm: \"y\", vps: \"z\" }\n"));
}

TEST_CASE("inserting a ciphertext keeps the document's line ends", "[spec][seal]") {
    CHECK(edited("spec:\r\n  secrets:\r\n  - sealed:\r\n      vps: A\r\n", {{"vps", "B"}, {"vm", "C"}}) ==
          "spec:\r\n  secrets:\r\n  - sealed:\r\n      vps: B\r\n      vm: \"C\"\r\n");
    CHECK(edited("spec:\n  secrets:\n  - sealed:\n      vps: A", {{"vps", "B"}, {"vm", "C"}}) ==
          "spec:\n  secrets:\n  - sealed:\n      vps: B\n      vm: \"C\"");
}

TEST_CASE("a ciphertext in folded, escaped or aliased YAML is not edited", "[spec][seal]") {
    for (const char* sealed :
         {"      sealed:\n        vps: >-\n          AAAA\n", "      sealed:\n        vps: \"A\\x41AA\"\n",
          "      sealed: &all\n        vps: &one AAAA\n        vm: *one\n",
          "      sealed:\n        vps: AAAA\n          BBBB\n", "      sealed:\n"}) {
        INFO(sealed);
        CHECK_THROWS_AS(edited(below(sealed), {{"vps", "x"}, {"vm", "y"}}), Error);
    }
}

}  // namespace
}  // namespace vigie::spec
