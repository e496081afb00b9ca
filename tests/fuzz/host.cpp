// What the programs of a host say: wg, ip, ufw's files, compose, the engine, the controllers of other hosts.
#include "apply/probes/peers.hpp"
#include "base/error.hpp"
#include "cli/compose_facts.hpp"
#include "cli/status_text.hpp"
#include "facts/model.hpp"
#include "kinds/compose/engine.hpp"
#include "kinds/firewall/ufw_half.hpp"
#include "kinds/firewall/ufw_rules.hpp"
#include "kinds/wireguard/live.hpp"
#include "lint/facts.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/model_clock.hpp"

#include <nlohmann/json.hpp>

#include <map>

namespace vigie::fuzz {
namespace {

/// Answers what stands in the input for a path, else the same to everybody.
class CannedHttp : public system::Http {
public:
    explicit CannedHttp(std::string_view bytes) : all_(bytes) {
        for (auto& [name, text] : partsOf(bytes)) {
            byPath_[name] = std::move(text);
        }
    }
    system::HttpResponse send(const system::HttpRequest& request) override {
        constexpr int kOk = 200;
        for (const auto& [path, text] : byPath_) {
            if (!path.empty() && request.url.find(path) != std::string::npos) {
                return {kOk, text};
            }
        }
        return {kOk, all_};
    }

private:
    std::string all_;
    std::map<std::string, std::string> byPath_;
};

struct CannedHost {
    explicit CannedHost(std::string_view bytes) : http(bytes) {}

    system::MemoryFiles files;
    system::MemoryProcesses processes;
    CannedHttp http;
    tests::ModelClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;

    system::System system() { return {files, processes, http, http, clock, names, attach}; }
};

/// What refuses its input says so by an Error.
template <class F>
void survive(F act) {
    try {
        act();
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch): that is the answer
    }
}

}  // namespace

void wgDump(std::string_view bytes) {
    CannedHost host(bytes);
    std::map<std::string, std::string> answers;
    for (auto& [name, text] : partsOf(bytes)) {
        answers[name] = std::move(text);
    }
    host.processes.answer = [&](const system::Command& command) {
        const bool wg = command.argv.front().ends_with("wg");
        const bool routes =
            std::find(command.argv.begin(), command.argv.end(), "route") != command.argv.end();
        return system::ProcessResult{0, false, answers[wg ? "dump" : routes ? "routes" : "addresses"], {}};
    };
    static_cast<void>(apply::observeWireguard("wg0", host.system()));
}

void ufwRules(std::string_view bytes) {
    for (const bool v6 : {false, true}) {
        const auto rules = plan::readUfwRules(bytes, v6);
        static_cast<void>(plan::inbound(rules, 9100, "tcp", "wg0", plan::Verdict::refused, v6));
        for (const auto& rule : rules) {
            demand(rule.action.empty() || plan::sameRule(rule, rule), "a rule is the same as itself");
        }
    }
    static_cast<void>(plan::ufwEnabled(bytes));
    static_cast<void>(plan::ufwIpv6(bytes));
    static_cast<void>(plan::ufwDefaultInput(bytes));
    const auto line = bytes.substr(0, bytes.find('\n'));
    static_cast<void>(plan::parseUfwRule(line));
    for (const bool v6 : {false, true}) {
        if (const auto half = plan::ufwHalf(line, v6)) {
            demand(plan::parseUfwRule(*half).has_value(), "half of a rule is a rule");
        }
    }
}

void composeConfig(std::string_view bytes) {
    const auto tree = nlohmann::json::parse(bytes, nullptr, false);
    if (tree.is_discarded()) {
        return;
    }
    const system::MemoryFiles files;
    static_cast<void>(cli::serviceFacts(tree, files));
    static_cast<void>(cli::interfaceFacts(tree, "wg0"));
    static_cast<void>(cli::dockerNetworkFacts(tree));
}

void engineAnswers(std::string_view bytes) {
    CannedHost host(bytes);
    survive([&] { static_cast<void>(apply::observeProject("app", {"web"}, host.system())); });
    survive([&] { static_cast<void>(apply::observeImage("a:1", host.system())); });
    survive([&] { static_cast<void>(apply::findContainer("app", "web", host.system())); });
}

void hostFacts(std::string_view bytes) {
    spec::Diagnostics diagnostics;
    const auto facts = facts::loadFacts(bytes, "facts/vm.json", diagnostics);
    demand(facts || diagnostics.hasErrors(), "facts that are not read have mistakes");
    static_cast<void>(facts::composeFileDigest(bytes));
    static_cast<void>(spec::formatTold(diagnostics, {{"facts/vm.json", std::string(bytes)}}, false));
}

void peerStatus(std::string_view bytes) {
    CannedHttp http(bytes);
    spec::Host peer;
    peer.name = "vm";
    peer.vpnAddress = "10.66.0.2";
    spec::Stack stack;
    stack.wireguard.network = "10.66.0.0/24";
    stack.hosts.push_back(peer);
    const auto status = apply::askPeer(stack, stack.hosts.front(), std::chrono::milliseconds(1), http);
    static_cast<void>(status.healthyAt("a"));
    const auto told = nlohmann::ordered_json::parse(bytes, nullptr, false);
    if (!told.is_discarded()) {
        const auto seen = cli::asSeen(told, {1, 2, 1});
        static_cast<void>(cli::statusText(seen, {1, 2, 1}));
        static_cast<void>(cli::readiness(seen));
    }
}

}  // namespace vigie::fuzz
