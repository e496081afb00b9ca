// What a document makes of a host.
#include "apply/inputs/desired_state.hpp"

#include "base/error.hpp"
#include "kinds/wireguard/compare.hpp"
#include "secrets/sealing.hpp"
#include "system/memory_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

/// examples/moments, changed by the test, on one host.
DesiredState target(const std::function<void(spec::Stack&)>& change, const std::string& host = "vm") {
    auto loaded = source::loadDirectory(tests::sourcePath("examples/moments"));
    REQUIRE(loaded.usable());
    change(loaded.document->stack);
    return makeSealedDesiredState(loaded, host);
}

TEST_CASE("a host's own settings change its desired state and no other host's", "[apply][target]") {
    const auto change = [](spec::Stack& stack) {
        stack.hosts[1].driftPolicy = spec::DriftPolicy::report;
        stack.hosts[1].prune = false;
        stack.hosts[1].timeout = "5m";
        stack.hosts[1].suspend = true;
    };
    const auto vm = target(change);
    CHECK(vm.options.drift == plan::DriftPolicy::report);
    CHECK_FALSE(vm.options.prune);
    CHECK(vm.timeout == std::chrono::minutes(5));
    CHECK_FALSE(vm.options.suspended.empty());
    const auto vps = target(change, "vps");
    CHECK(vps.options.drift == plan::DriftPolicy::repair);
    CHECK(vps.options.prune);
    CHECK(vps.timeout.count() == 0);
    CHECK(vps.options.suspended.empty());
}

TEST_CASE("a plan notes that `vpn` means a LAN, on a host that has such ports", "[apply][target][network]") {
    const auto change = [](spec::Stack& stack) {
        stack.wireguard = {};
        stack.network.subnet = "192.168.1.0/24";
        stack.hosts[0].address = "192.168.1.10";
        stack.hosts[1].address = "192.168.1.20";
    };
    const std::string note =
        "`exposure: vpn` means 192.168.1.0/24 here: whoever is in that network reaches these ports";
    const auto notes = target(change).options.notes;
    CHECK(std::count(notes.begin(), notes.end(), note) == 1);
    const auto without = target([](spec::Stack&) {}).options.notes;
    CHECK(std::count(without.begin(), without.end(), note) == 0);
    CHECK(target(change).joinedBy == spec::JoinedBy::network);
    CHECK(target(change).options.allowRemoval.count("wireguard") == 1);
}

TEST_CASE("a host has the health checks of its own containers and of URLs it is to request",
          "[apply][target]") {
    const auto change = [](spec::Stack& stack) {
        stack.healthChecks.resize(3);
        stack.healthChecks[0].project = "moments";
        stack.healthChecks[0].service = "backend";
        stack.healthChecks[1].url = "http://all";
        stack.healthChecks[2].url = "http://vps";
        stack.healthChecks[2].host = "vps";
    };
    CHECK(target(change, "vps").healthChecks.size() == 3);
    REQUIRE(target(change, "vm").healthChecks.size() == 1);
    CHECK(target(change, "vm").healthChecks[0].url == "http://all");
}

TEST_CASE("an ignored configuration file is not reloaded", "[apply][target]") {
    const std::string file = "file:/opt/monitoring/prometheus/prometheus.yml";
    for (const auto& fields : {std::vector<std::string>{}, {"content"}}) {
        const auto ignoring = target([&](spec::Stack& stack) { stack.ignore = {{file, fields}}; });
        CHECK(ignoring.options.leavesAlone("reload:prometheus"));
        CHECK_FALSE(ignoring.options.leavesAlone("reload:alertmanager"));
        CHECK(ignoring.options.leavesAlone(file) == fields.empty());
    }
    const auto mode = target([&](spec::Stack& stack) { stack.ignore = {{file, {"mode"}}}; });
    CHECK_FALSE(mode.options.leavesAlone("reload:prometheus"));
}

TEST_CASE("ignoring another file of the project does not stop the reload of a user's own file",
          "[apply][target]") {
    const auto ignoring = target([](spec::Stack& stack) {
        stack.alertmanager->configFile = "own.yml";
        stack.ignore = {{"file:/opt/monitoring/compose.yaml", {}}};
    });
    CHECK_FALSE(ignoring.options.leavesAlone("reload:alertmanager"));
}

TEST_CASE("a generation keeps the document and the rule files it names, but no facts", "[apply]") {
    auto loaded = source::loadDirectory(tests::sourcePath("examples/moments"));
    REQUIRE(loaded.sources.size() > 1);  // facts are read too, and are no part of it
    const system::MemoryFiles files;
    const auto target = makeDesiredState(loaded, {"vm", "", "/var/lib/vigie", true, {}}, files);
    std::vector<std::string> names;
    for (const auto& [name, text] : target.bundle) {
        names.push_back(name);
    }
    CHECK(names ==
          std::vector<std::string>{"rules/alerting-rules.yml", "rules/recording-rules.yml", "stack.yaml"});
}

/// The vm with an identity, and the tunnel's key of the document.
struct Keys {
    source::Loaded loaded = source::loadDirectory(tests::sourcePath("examples/moments"));
    system::MemoryFiles files;
    secrets::WireguardKey own = secrets::generateWireguardKey();
    secrets::WireguardKey other = secrets::generateWireguardKey();

    Keys() {
        auto& stack = loaded.document->stack;
        const auto identity = secrets::generateIdentity();
        for (auto& host : stack.hosts) {
            if (host.name == "vm") {
                host.publicKey = own.publicKey;
                host.sealingKey = identity.publicKey;
            }
        }
        for (auto& secret : stack.secrets) {
            for (auto& [host, ciphertext] : secret.sealed) {
                ciphertext = secrets::seal("canary", {stack.name, secret.name, host}, identity.publicKey);
            }
        }
        for (const char* directory : {"/etc", "/etc/wireguard", "/var", "/var/lib", "/var/lib/vigie"}) {
            files.makeDirectory(directory, 0700, {});
        }
        files.write("/var/lib/vigie/identity", view(secrets::encodeIdentity(identity)), 0600, {});
        write("wg0.key", own);
    }
    void write(const std::string& name, const secrets::WireguardKey& key) {
        files.write("/etc/wireguard/" + name, view(key.privateKey), 0600, {});
    }
    void writeConfig(const secrets::WireguardKey& key) {
        files.write("/etc/wireguard/wg0.conf",
                    "[Interface]\nPrivateKey = " + std::string(view(key.privateKey)) + "\n", 0600, {});
    }
    [[nodiscard]] std::string keyUsed() const {
        const auto target = makeDesiredState(loaded, {"vm", "", "/var/lib/vigie", false, {}}, files);
        for (const auto& resource : target.desired) {
            if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what)) {
                return wireguard->publicKey;
            }
        }
        return {};
    }
    [[nodiscard]] std::string refusal() const {
        try {
            return "used " + keyUsed();
        } catch (const Error& error) {
            return std::string(error.what()) + "\n" + error.hint();
        }
    }
};

TEST_CASE("a replaced key file is ignored while the tunnel's configuration holds the document's key",
          "[apply][target]") {
    Keys keys;
    CHECK(keys.keyUsed() == keys.own.publicKey);
    keys.writeConfig(keys.own);
    keys.write("wg0.key", keys.other);
    CHECK(keys.keyUsed() == keys.own.publicKey);
    keys.files.write("/etc/wireguard/wg0.key", "garbage\n", 0600, {});
    CHECK(keys.keyUsed() == keys.own.publicKey);
    CHECK(observeKeyFiles("wg0", keys.files) ==
          std::map<std::string, std::string>{{"/etc/wireguard/wg0.key", ""}});
    keys.write("wg0.key", keys.other);
    keys.write("wg0.next.key", keys.own);
    CHECK(keys.keyUsed() == keys.own.publicKey);
    CHECK(observeKeyFiles("wg0", keys.files) ==
          std::map<std::string, std::string>{{"/etc/wireguard/wg0.key", keys.other.publicKey},
                                             {"/etc/wireguard/wg0.next.key", keys.own.publicKey}});
}

TEST_CASE("a public key that matches no key on the host is refused with both remedies and no private key",
          "[apply][target]") {
    Keys keys;
    keys.write("wg0.key", keys.other);
    keys.writeConfig(keys.other);
    const auto said = keys.refusal();
    CHECK(tests::contains(said, keys.own.publicKey));
    CHECK(tests::contains(said, "is not that of the key in /etc/wireguard/wg0.key"));
    CHECK(tests::contains(said, "unless that file was replaced"));
    CHECK(tests::contains(said, "write `publicKey: \"" + keys.other.publicKey));
    CHECK_FALSE(tests::contains(said, view(keys.other.privateKey)));
    keys.writeConfig(secrets::generateWireguardKey());
    CHECK(tests::contains(keys.refusal(), "set up with a third key"));
    CHECK_FALSE(tests::contains(keys.refusal(), "write `publicKey"));
    keys.files.write("/etc/wireguard/wg0.key", "garbage\n", 0600, {});
    CHECK(tests::contains(keys.refusal(), "holds no WireGuard key"));
}

TEST_CASE("a key file with another key than the tunnel's is reported, with advice not to publish its key",
          "[plan][wireguard]") {
    render::WireguardInterface wireguard;
    wireguard.publicKey = "own";
    wireguard.configPath = "/etc/wireguard/wg0.conf";
    plan::ObservedWireguard observed;
    CHECK(plan::keyFileProblem(wireguard, observed).empty());
    observed.keyFiles = {{"/etc/wireguard/wg0.key", "own"}};
    CHECK(plan::keyFileProblem(wireguard, observed).empty());
    observed.keyFiles = {{"/etc/wireguard/wg0.key", "old"}, {"/etc/wireguard/wg0.next.key", "own"}};
    CHECK(plan::keyFileProblem(wireguard, observed).empty());
    for (const std::string key : {"other", ""}) {
        observed.keyFiles = {{"/etc/wireguard/wg0.key", key}};
        const auto said = plan::keyFileProblem(wireguard, observed);
        CHECK(
            tests::contains(said, "/etc/wireguard/wg0.key does not hold this host's WireGuard key any more"));
        CHECK(tests::contains(said,
                              "remove /etc/wireguard/wg0.key, and `vigie keys init` takes it from there"));
        CHECK_FALSE(tests::contains(said, "publicKey"));
    }
}

}  // namespace
}  // namespace vigie::apply
