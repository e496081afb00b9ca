// The check against the schema, and defaults.
#include "spec/check_schema.hpp"

#include "spec/codec.hpp"
#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

using Codes = std::vector<std::string>;

struct Checked {
    Node root;
    Diagnostics diagnostics;

    explicit Checked(std::string_view text) {
        root = readYaml(text, "a.yaml", diagnostics).value_or(Node{});
        checkSchema(root, stackSchema(), Reporter(diagnostics, "a.yaml", &root));
    }
    [[nodiscard]] Codes codes() const { return tests::codesOf(diagnostics); }
};

/// A small good document, with `more` below `spec`.
std::string document(const std::string& more = "", const std::string& network = "10.0.0.0/24") {
    return "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: s }\nspec:\n  hosts:\n"
           "    - { name: h, vpn: { address: 10.0.0.1, publicKey: "
           "\"OmYU3jkwvioUJLRLsOV5l3pwzDuJD2RQi5iMJuqFATE=\" } }\n"
           "  wireguard: { network: " +
           network + " }\n" + more;
}

TEST_CASE("a minimal document is valid and gets the schema's defaults", "[spec]") {
    const Checked checked(document("  prometheus: { project: p }\n"));
    CHECK(checked.codes().empty());
    const Stack stack = decode(checked.root);
    CHECK(stack.wireguard.interface == "wg0");
    CHECK(stack.wireguard.listenPort == 51820);
    CHECK(stack.wireguard.persistentKeepalive == 25);
    CHECK(stack.firewallProvider == FirewallProvider::ufw);
    CHECK(stack.prometheus->port == 9090);
    CHECK(stack.prometheus->selfScrape);
    CHECK_FALSE(stack.alertmanager);
}

TEST_CASE("a written value overrides the schema's default", "[spec]") {
    const Checked checked(document("  firewall: { provider: none }\n"));
    CHECK(decode(checked.root).firewallProvider == FirewallProvider::none);
}

TEST_CASE("a second schema validation of a document finds and changes nothing", "[spec]") {
    Checked checked(document());
    const Node once = checked.root;
    checkSchema(checked.root, stackSchema(), Reporter(checked.diagnostics, "a.yaml"));
    CHECK(checked.root == once);
    CHECK(checked.codes().empty());
}

TEST_CASE("each schema mistake is reported exactly once", "[spec]") {
    struct Case {
        const char* more;
        const char* code;
    };
    for (const auto& [more, code] : {
             Case{"  wireguards: {}\n", "VG0101"},
             Case{"  <<: { a: b }\n", "VG0101"},
             Case{"  projects: {}\n", "VG0102"},
             Case{"  projects:\n", "VG0102"},
             Case{"  prometheus: x\n", "VG0102"},
             Case{"  prometheus: { project: 5 }\n", "VG0102"},
             Case{"  prometheus: { project: true }\n", "VG0102"},
             Case{"  prometheus: { project: p, port: \"9090\" }\n", "VG0102"},
             Case{"  prometheus: { project: p, port: 09090 }\n", "VG0102"},
             Case{"  prometheus: { project: p, port: 0x10 }\n", "VG0102"},
             Case{"  prometheus: { project: p, port: 99999999999999999999 }\n", "VG0102"},
             Case{"  prometheus: { project: p, selfScrape: yes }\n", "VG0102"},
             Case{"  prometheus: { project: p, selfScrape: \"true\" }\n", "VG0102"},
             Case{"  prometheus: { port: 9090 }\n", "VG0103"},
             Case{"  secrets: [{}]\n", "VG0103"},
             Case{"  firewall: { provider: iptables }\n", "VG0104"},
             Case{"  prometheus: { project: p, port: 0 }\n", "VG0105"},
             Case{"  prometheus: { project: p, port: 65536 }\n", "VG0105"},
             Case{"  prometheus: { project: p, scrapeInterval: 15 }\n", "VG0102"},
             Case{"  prometheus: { project: p, scrapeInterval: \"15\" }\n", "VG0106"},
             Case{"  adopt: [x]\n", "VG0106"},
             Case{"  projects: [{name: a, host: h, directory: /a}, {name: a, host: h, directory: /b}]\n",
                  "VG0107"},
         }) {
        INFO(more);
        CHECK(Checked(document(more)).codes() == Codes{code});
    }
}

TEST_CASE("several schema mistakes are all reported in one run", "[spec]") {
    const Checked checked(
        document("  colour: red\n  firewall: { provider: x }\n  adopt: [a, b]\n", "10.0.0.0"));
    auto codes = checked.codes();
    std::sort(codes.begin(), codes.end());
    CHECK(codes == Codes{"VG0101", "VG0104", "VG0106", "VG0106", "VG0106"});
}

TEST_CASE("several missing fields of one object are one diagnostic", "[spec]") {
    const Checked checked("apiVersion: vigie.dev/v1alpha1\n");
    CHECK(checked.codes() == Codes{"VG0103"});
    CHECK(tests::contains(checked.diagnostics.all()[0].message, "`kind` and `metadata` and `spec`"));
}

TEST_CASE("an unknown field's hint names the nearest field that is not yet used", "[spec]") {
    const Checked checked(document("  prometheus: { project: p, scrapeIntervall: 15s }\n"));
    REQUIRE(checked.diagnostics.all().size() == 1);
    CHECK(tests::contains(checked.diagnostics.all()[0].hint, "`scrapeInterval`"));
}

TEST_CASE("raw settings are not validated by the schema", "[spec]") {
    CHECK(
        Checked(
            document(
                "  prometheus: { project: p, scrapeConfigs: [{ jobName: j, raw: { a: { b: [1, ~] } } }] }\n"))
            .codes()
            .empty());
}

TEST_CASE("a document that is a list or null is one mistake", "[spec]") {
    CHECK(Checked("[]").codes() == Codes{"VG0102"});
    CHECK(Checked("~").codes() == Codes{"VG0102"});
}

TEST_CASE("examples/moments is unchanged by encoding, validating and decoding", "[spec]") {
    const Stack stack = tests::moments();
    Node node = encode(stack);
    CHECK(decode(node) == stack);
    Diagnostics diagnostics;
    checkSchema(node, stackSchema(), Reporter(diagnostics, "a.yaml", &node));
    CHECK(diagnostics.empty());
    CHECK(decode(node) == stack);
}

TEST_CASE("a number with a fraction is refused where text is expected", "[spec]") {
    CHECK(Checked(document("  prometheus: { project: 1.5 }\n")).codes() == Codes{"VG0102"});
}

TEST_CASE("a message that quotes a long value cuts it between characters", "[spec]") {
    const Checked checked(document("  firewall: { provider: \"" + std::string(59, 'x') + "éé\" }\n"));
    REQUIRE(checked.diagnostics.all().size() == 1);
    CHECK_FALSE(tests::contains(checked.diagnostics.all()[0].message, "\xC3\xE2"));  // half an é before the …
}

}  // namespace
}  // namespace vigie::spec
