// Tests spec/edit_list: items come into lists of a document's text, and go.

#include "spec/edit_list.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"

namespace vigie::spec {
namespace {

const FieldPath kParent{"spec", "wireguard"};
const NewItem kItem{"{ name: new }", {"- { name: new }"}};
const NewItem kLong{"{ name: s, sealed: { a: \"x\" } }", {"- name: s", "  sealed:", "    a: \"x\""}};

std::string added(const std::string& text, const NewItem& item = kItem) {
    return withItem(text, kParent, "guests", item);
}

std::string removed(const std::string& text, std::size_t index = 0) {
    return withoutItem(text, kParent, "guests", index);
}

/// A document with a tunnel like that, and something behind it.
std::string with(const std::string& wireguard) {
    return "# é\nspec:\n  hosts: []   # none\n" + wireguard + "  # of the projects\n  projects: [ 1,2 ]\n";
}

TEST_CASE("an item comes behind the last one of a list, and nothing else changes", "[spec][edit]") {
    const std::string list = "  wireguard:\n    network: a\n    guests:\n      - { name: one }  # his\n";
    CHECK(added(with(list)) == with(list + "      - { name: new }\n"));
    const std::string same =
        "  wireguard:\n    guests:\n    - name: one\n      reaches:\n      - x\n    mtu: 1\n";
    CHECK(added(with(same)) ==
          with("  wireguard:\n    guests:\n    - name: one\n      reaches:\n      - x\n    - { name: new }\n"
               "    mtu: 1\n"));
    CHECK(added(with(list), kLong) == with(list + "      - name: s\n        sealed:\n          a: \"x\"\n"));
    CHECK(added(with("  wireguard: { guests: [{ name: \"]\" }], mtu: 1 }\n")) ==
          with("  wireguard: { guests: [{ name: \"]\" }, { name: new }], mtu: 1 }\n"));
    CHECK(added(with("  wireguard:\n    guests: [\n      { name: one },  # ]\n    ]\n")) ==
          with("  wireguard:\n    guests: [\n      { name: one }, { name: new }  # ]\n    ]\n"));
    CHECK(added(with("  wireguard:\n    guests: []\n")) ==
          with("  wireguard:\n    guests: [{ name: new }]\n"));
}

TEST_CASE("a list that is not there is made where its mapping ends", "[spec][edit]") {
    CHECK(added(with("  wireguard:\n    network: a  # why\n\n    # the port\n    listenPort: 1\n\n")) ==
          with("  wireguard:\n    network: a  # why\n\n    # the port\n    listenPort: 1\n    guests:\n"
               "      - { name: new }\n\n"));
    CHECK(added(with("  wireguard: { network: a }\n")) ==
          with("  wireguard: { network: a, guests: [{ name: new }] }\n"));
    CHECK(added(with("  wireguard: { network: \"}\", it: it's }  # }\n")) ==
          with("  wireguard: { network: \"}\", it: it's, guests: [{ name: new }] }  # }\n"));
    CHECK(added(with("  wireguard:\n    network: a\n    guests:\n")) ==
          with("  wireguard:\n    network: a\n    guests:\n      - { name: new }\n"));
    CHECK(added("spec:\r\n  wireguard:\r\n    network: a\r\n") ==
          "spec:\r\n  wireguard:\r\n    network: a\r\n    guests:\r\n      - { name: new }\r\n");
    CHECK(added("spec:\n  wireguard:\n    network: a") ==
          "spec:\n  wireguard:\n    network: a\n    guests:\n      - { name: new }");
}

TEST_CASE("an item goes, and comments around it stay", "[spec][edit]") {
    const auto list = [](const std::string& items) {
        return with("  wireguard:\n    guests:\n      # all of us\n" + items + "    mtu: 1\n");
    };
    const std::string one = "      - { name: one }  # one\n";
    const std::string two = "      -\n        name: two\n        reaches:\n          - x\n";
    const std::string comment = "      # of the next\n";
    CHECK(removed(list(one + comment + two)) == list(comment + two));
    CHECK(removed(list(one + comment + two), 1) == list(one + comment));
    CHECK(removed(with("  wireguard: { guests: [{ name: a }, { name: b }] }\n")) ==
          with("  wireguard: { guests: [{ name: b }] }\n"));
    CHECK(removed(with("  wireguard: { guests: [{ name: a }, { name: b }] }\n"), 1) ==
          with("  wireguard: { guests: [{ name: a }] }\n"));
    CHECK_THROWS_AS(removed(list(one + two), 2), Error);
}

TEST_CASE("the last item takes its list along", "[spec][edit]") {
    CHECK(removed(with("  wireguard:\n    network: a\n    guests:\n      - { name: one }\n    mtu: 1\n")) ==
          with("  wireguard:\n    network: a\n    mtu: 1\n"));
    CHECK(removed(with("  wireguard:\n    network: a\n    guests: [{ name: one }]\n")) ==
          with("  wireguard:\n    network: a\n"));
    CHECK(removed(with("  wireguard: { network: a, guests: [{ name: one }] }\n")) ==
          with("  wireguard: { network: a }\n"));
    CHECK(removed(with("  wireguard: { guests: [{ name: one }], network: a }\n")) ==
          with("  wireguard: { network: a }\n"));
}

TEST_CASE("what comes goes again without a trace", "[spec][edit]") {
    for (const std::string wireguard : {"  wireguard: { network: a }\n", "  wireguard:\n    network: a\n",
                                        "  wireguard:\n    network: |\n      a\n"}) {
        INFO(wireguard);
        CHECK(removed(added(with(wireguard))) == with(wireguard));
    }
}

TEST_CASE("a list of which the place is not plain is not edited", "[spec][edit]") {
    CHECK_THROWS_AS(added("spec:\n  hosts: []\n"), Error);
    CHECK_THROWS_AS(added("spec: [\n"), Error);
    CHECK_THROWS_AS(added(with("  wireguard:\n    guests: text\n")), Error);
}

}  // namespace
}  // namespace vigie::spec
