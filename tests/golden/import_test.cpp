// What `vigie import` makes of the files that were written by hand, and what it says about them.

#include "import/collect.hpp"
#include "import/emit.hpp"
#include "import/improvements.hpp"
#include "import/join.hpp"
#include "import/report.hpp"
#include "lint/lint.hpp"
#include "secrets/identity.hpp"
#include "source/directory.hpp"
#include "spec/load.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <set>

namespace vigie::tests {
namespace {

using Tree = std::map<std::string, std::string>;

// Any 32 bytes are a private key.
const std::map<std::string, std::string> kPrivate = {{"vps", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8="},
                                                     {"vm", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pl8="}};

std::string publicKey(const std::string& host) {
    return secrets::wireguardKeyFrom(kPrivate.at(host)).publicKey;
}

std::string byHand(const std::string& name) {
    std::string text = readSource("tests/golden/moments/" + name);
    for (const auto& [host, key] : kPrivate) {
        for (const auto& [what, with] : {std::pair{"<" + host + " private key>", key},
                                         std::pair{"<" + host + " public key>", publicKey(host)}}) {
            if (const auto at = text.find(what); at != std::string::npos) {
                text.replace(at, what.size(), with);
            }
        }
    }
    return text;
}

Tree vps() {
    return {{"/etc/wireguard/wg0.conf", byHand("vps-wg0.conf")},
            {"/etc/ufw/user.rules",
             "### tuple ### allow udp 51820 0.0.0.0/0 any 0.0.0.0/0 in\n### tuple ### allow tcp 8000 "
             "0.0.0.0/0 any 0.0.0.0/0 in\n"
             "### tuple ### allow tcp 9127 0.0.0.0/0 any 0.0.0.0/0 in\n"},
            {"/opt/moments/.env", "POSTGRES_PASSWORD=canary-postgres\n"},
            {"/opt/moments/.env.monitoring", "ENABLE_METRICS=true\n"},
            {"/opt/moments/docker-compose.prod.yml", readSource("tests/lab/moments/docker-compose.prod.yml")},
            {"/opt/moments/docker-compose.monitoring.yml", byHand("vps-compose.yaml")}};
}

Tree vm() {
    return {
        {"/etc/wireguard/wg0.conf", byHand("vm-wg0.conf")},
        {"/etc/ufw/user.rules", "### tuple ### allow tcp 4318 0.0.0.0/0 any 0.0.0.0/0 in_wg0\n"},
        {"/opt/monitoring/docker-compose.yml", byHand("vm-compose.yaml")},
        {"/opt/monitoring/prometheus/prometheus.yml", byHand("prometheus.yml")},
        {"/opt/monitoring/prometheus/alerting-rules.yml", "groups: []\n"},
        {"/opt/monitoring/prometheus/recording-rules.yml", "groups: []\n"},
        {"/opt/monitoring/alertmanager/alertmanager.yml",
         "global:\n  smtp_smarthost: smtp.example.org:587\n  smtp_from: alertmanager@example.org\n  "
         "smtp_auth_username: alertmanager@example.org\n"
         "  smtp_auth_password: canary-mail\nroute: { receiver: mail, group_by: [alertname] }\n"
         "receivers: [ { name: mail, email_configs: [ { to: ops@example.org, send_resolved: true } ] } ]\n"}};
}

imports::HostSeen seen(const std::string& host, const Tree& tree, Tree& sealed) {
    imports::HostFiles files;
    files.read = [&tree](const std::string& path) -> std::optional<SecureBytes> {
        const auto it = tree.find(path);
        return it == tree.end() ? std::nullopt : std::optional(secureBytes(it->second));
    };
    files.list = [&tree](const std::string& path) {
        std::set<std::string> names;
        for (const auto& [file, text] : tree) {
            if (file.substr(0, path.size() + 1) == path + "/") {
                const auto rest = file.substr(path.size() + 1);
                names.insert(rest.substr(0, rest.find('/')));
            }
        }
        return std::vector<std::string>(names.begin(), names.end());
    };
    imports::CollectOptions options;
    options.host = host;
    options.sealingKey = publicKey(host);
    options.seal = [&](const std::string& name, std::string_view value) {
        sealed[name] = value;
        return std::string(80, 'A');
    };
    std::vector<std::string> mistakes;
    auto out = imports::collect(files, options, mistakes);
    CHECK(mistakes.empty());
    return out.seen;
}

/// Of a document, what does not depend on keys, on the names of rule files and on what was left to defaults.
spec::Stack comparable(spec::Stack stack) {
    for (auto& host : stack.hosts) {
        host.publicKey.clear();
        host.sealingKey.clear();
    }
    for (auto& secret : stack.secrets) {
        for (auto& [host, text] : secret.sealed) {
            text.clear();
        }
    }
    for (auto& file : stack.prometheus->ruleFiles) {
        file = file.substr(file.rfind('/') + 1);
    }
    return stack;
}

TEST_CASE("importing the hand-written files of two hosts yields the same document as examples/moments",
          "[golden][import]") {
    Tree sealed;
    const auto vpsTree = vps();
    const auto vmTree = vm();
    const std::vector<imports::HostSeen> hosts{seen("vm", vmTree, sealed), seen("vps", vpsTree, sealed)};
    CHECK(sealed == Tree{{"pgbouncer-stats", "p?W6@x%y"}, {"smtp", "canary-mail"}});
    const auto draft = imports::join(hosts, "moments");
    const auto text = imports::emit(draft.stack, draft.comments);
    checkGolden("import/stack.yaml", text);

    spec::Diagnostics diagnostics;
    const auto document = spec::loadStack(text, "stack.yaml", "0.1.0", diagnostics);
    REQUIRE(document);
    lint::lint(document->stack, spec::Reporter(diagnostics, "stack.yaml", &document->root));
    CHECK(diagnostics.empty());
    const auto example = source::loadDirectory(sourcePath("examples/moments"));
    CHECK(comparable(document->stack) == comparable(example.document->stack));

    const auto differences = imports::differences(document->stack, hosts);
    for (const auto& each : differences) {
        INFO(each.host << " " << each.file << " " << each.path << ": " << each.before << " -> "
                       << each.after);
        CHECK_FALSE(each.reason.empty());
    }
    const auto report = imports::report(draft, differences, {});
    checkGolden("import/report.txt", report);
    for (const auto& secret :
         {std::string("p?W6@x%y"), std::string("p%3FW6%40x%25y"), std::string("canary")}) {
        CHECK((text + report).find(secret) == std::string::npos);
    }
}

/// A shop and its barn: a tunnel with a phone and a laptop, a router with a LAN behind it, and hooks.
std::vector<imports::HostSeen> shopAndBarn(Tree& sealed) {
    const auto conf = [](const std::string& host, const std::string& rest) {
        return "[Interface]\nPrivateKey = " + kPrivate.at(host) + "\n" + rest;
    };
    const Tree shop{
        {"/etc/wireguard/wg0.conf",
         conf("vps",
              "Address = 10.77.0.1/24\nListenPort = 51833\n"
              "PostUp = iptables -A FORWARD -i %i -j ACCEPT; iptables -t nat -A POSTROUTING -s 10.77.0.0/24 "
              "-o eth0 -j MASQUERADE\n"
              "PostDown = iptables -t nat -D POSTROUTING -s 10.77.0.0/24 -o eth0 -j MASQUERADE\n"
              "\n# barn\n[Peer]\nPublicKey = " +
                  publicKey("vm") +
                  "\nAllowedIPs = 10.77.0.2/32\n"
                  "\n# the owner's phone\n[Peer]\nPublicKey = n3UiZRwOQxbrXh0YDnm4Z1pZhqFoemsthU4LDqwRPxQ=\n"
                  "PresharedKey = BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\nAllowedIPs = 10.77.0.11/32\n"
                  "[Peer]\nPublicKey = BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\nAllowedIPs = "
                  "10.77.0.12/32\n"
                  "[Peer] # router of the mill\nPublicKey = CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n"
                  "AllowedIPs = 10.77.0.20/32, 192.168.5.0/24\n")}};
    const Tree barn{
        {"/etc/wireguard/wg0.conf",
         conf("vm", "Address = 10.77.0.2/24\n[Peer]\nPublicKey = " + publicKey("vps") +
                        "\nEndpoint = shop.example.org:51833\nAllowedIPs = 10.77.0.0/24\nPersistentKeepalive "
                        "= 25\n")},
        {"/opt/watch/compose.yaml", "services:\n  prometheus: { image: 'prom/prometheus:v3.5.0' }\n"},
        {"/opt/watch/prometheus/prometheus.yml", "scrape_configs: []\n"}};
    std::vector<imports::HostSeen> out{seen("vps", shop, sealed), seen("vm", barn, sealed)};
    out[0].name = "shop";
    out[1].name = "barn";
    return out;
}

TEST_CASE("importing a tunnel with phones yields guests, and a report of what else is in it",
          "[golden][import]") {
    Tree sealed;
    const auto draft = imports::join(shopAndBarn(sealed), "shop");
    const auto text = imports::emit(draft.stack, draft.comments);
    checkGolden("import/guests/stack.yaml", text);
    checkGolden("import/guests/report.txt", imports::report(draft, {}, {}));
    spec::Diagnostics diagnostics;
    const auto document = spec::loadStack(text, "stack.yaml", "0.2.0", diagnostics);
    REQUIRE(document);
    CHECK(diagnostics.empty());
    CHECK(document->stack.wireguard.guests == draft.stack.wireguard.guests);
}

TEST_CASE("importing hosts of a LAN yields their network, and a report of what was assumed",
          "[golden][import]") {
    Tree sealed;
    const Tree north{
        {"/etc/hosts", "127.0.0.1 localhost\n10.5.0.10 north\n10.5.0.11 south\n"},
        {"/opt/watch/compose.yaml",
         "services:\n  prometheus: { image: 'prom/prometheus:v3.5.0', ports: ['10.5.0.10:9090:9090'] }\n"},
        {"/opt/watch/prometheus/prometheus.yml",
         "scrape_configs: [ { job_name: lathe, static_configs: [ { targets: ['10.5.0.11:8081'] } ] } ]\n"}};
    const Tree south{
        {"/opt/lathe/compose.yaml",
         "services:\n  controller: { image: 'registry.example.org/lathe:5.2', ports: ['8081:8081'] }\n"}};
    std::vector<imports::HostSeen> hosts{seen("vps", north, sealed), seen("vm", south, sealed)};
    hosts[0].name = "north";
    hosts[1].name = "south";
    const auto draft = imports::join(hosts, "workshop");
    checkGolden("import/lan/stack.yaml", imports::emit(draft.stack, draft.comments));
    checkGolden("import/lan/report.txt", imports::report(draft, {}, {}));
}

}  // namespace
}  // namespace vigie::tests
