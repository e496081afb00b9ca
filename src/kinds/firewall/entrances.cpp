// The ports that operators connect through, and whether a plan closes them.

#include "kinds/firewall/entrances.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"
#include "kinds/firewall/provider.hpp"

#include <algorithm>
#include <charconv>

namespace vigie::apply {
namespace {

constexpr int kSshPort = 22;

/// Nothing when there is no such file.
std::string textOf(const system::Files& files, const std::string& path) {
    if (files.inspect(path).type != FileInfo::Type::regular) {
        return {};
    }
    return std::string(view(files.read(path, system::kLargestFile)));
}

/// sshd takes blanks, one `=` and quotes between a keyword and its value.
void portsIn(std::string_view config, std::vector<Entrance>& out) {
    constexpr std::string_view kPort = "port";
    constexpr std::string_view kBetween = " \t=\"";
    constexpr int kLargest = 65535;
    for (const auto line : splitLines(config)) {
        const auto text = trim(line);
        const auto value = text.find_first_not_of(kBetween, std::min(text.size(), kPort.size()));
        if (value == std::string_view::npos || value == kPort.size() ||
            lowerCase(text.substr(0, kPort.size())) != kPort) {
            continue;
        }
        int port = 0;
        std::from_chars(text.data() + value, text.data() + text.size(), port);
        if (port > 0 && port <= kLargest) {
            out.push_back({port, "tcp", "sshd"});
        }
    }
}

}  // namespace

std::vector<Entrance> sshEntrances(const system::Files& files) {
    std::vector<Entrance> out;
    portsIn(textOf(files, "/etc/ssh/sshd_config"), out);
    const std::string more = "/etc/ssh/sshd_config.d";
    if (files.inspect(more).type == FileInfo::Type::directory) {
        constexpr std::string_view kIncluded = ".conf";
        for (const auto& name : files.list(more)) {
            if (std::string_view(name).ends_with(kIncluded)) {
                portsIn(textOf(files, more + "/" + name), out);
            }
        }
    }
    if (out.empty()) {
        out.push_back({kSshPort, "tcp", "sshd"});
    }
    return out;
}

std::vector<std::string> entrancesClosed(const plan::ObservedFirewall& firewall, const plan::Plan& plan,
                                         const std::vector<render::Resource>& desired,
                                         const state::Inventory& inventory,
                                         const std::vector<Entrance>& entrances) {
    auto after = firewall.rules;
    for (const auto& change : plan.changes) {
        if (!kinds::isA(kinds::Kind::firewall, change.id) || !change.acts()) {
            continue;
        }
        std::optional<plan::UfwRule> rule;
        for (const auto& resource : desired) {
            if (resource.id == change.id) {
                const auto& form = std::get<render::FirewallRule>(resource.what);
                rule = kinds::firewallProvider(form.provider).normalised(form);
            }
        }
        if (const auto it = inventory.find(change.id); !rule && it != inventory.end()) {
            rule = kinds::OwnedRule::read(it->second.detail).normalised();
        }
        if (!rule) {
            continue;
        }
        if (change.action == plan::Action::remove) {
            after.erase(std::remove_if(after.begin(), after.end(),
                                       [&](const auto& each) { return sameRule(each, *rule); }),
                        after.end());
        } else {
            rule->v4 = true;
            after.push_back(*rule);
        }
    }
    std::vector<std::string> out;
    for (const auto& entrance : entrances) {
        const auto verdict = [&](const std::vector<plan::UfwRule>& rules) {
            return plan::inbound(rules, entrance.port, entrance.protocol, "", firewall.fallback);
        };
        if (verdict(firewall.rules) == plan::Verdict::accepted && verdict(after) != plan::Verdict::accepted) {
            out.push_back(entrance.what + " on port " + std::to_string(entrance.port) + "/" +
                          entrance.protocol);
        }
    }
    return out;
}

}  // namespace vigie::apply
