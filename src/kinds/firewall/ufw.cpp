// The driver of ufw: reads its rules, and adds and deletes them.

#include "kinds/firewall/ufw.hpp"

#include "apply/tools.hpp"
#include "base/error.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"
#include "kinds/firewall/ufw_half.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

/// Nothing when there is no such file.
std::string textOf(const system::Files& files, const std::string& path) {
    if (files.inspect(path).type != FileInfo::Type::regular) {
        return {};
    }
    return std::string(view(files.read(path, system::kLargestFile)));
}

/// `ufw [route] [delete | insert N] RULE`: ufw wants `route` first.
std::vector<std::string> ufwCommand(std::string_view rule, const std::vector<std::string>& verb) {
    std::vector<std::string> out{"ufw"};
    bool first = true;
    for (const auto word : split(rule, ' ')) {
        if (word.empty()) {
            continue;
        }
        const bool route = first && word == "route";
        if (first && !route) {
            out.insert(out.end(), verb.begin(), verb.end());
        }
        out.emplace_back(word);
        if (route) {
            out.insert(out.end(), verb.begin(), verb.end());
        }
        first = false;
    }
    return out;
}

std::vector<std::string> withComment(std::vector<std::string> argv, const std::string& comment) {
    if (!comment.empty()) {  // adding without one would wipe it
        argv.insert(argv.end(), {"comment", comment});
    }
    return argv;
}

/// ufw writes its files first and then calls iptables, which fails when another program is at it, or when
/// ufw's chains were never loaded: the rule stands in the file and not in the kernel, and a second try would
/// find it there. A reload loads the files.
void runUfw(const std::vector<std::string>& argv, const system::System& system) {
    constexpr int kTries = 5;
    constexpr auto kPause = std::chrono::milliseconds(500);
    for (int i = 1;; ++i) {
        try {
            mustRun(argv, system.processes);
            return;
        } catch (const Error& error) {
            if (i == kTries ||
                std::string_view(error.what()).find("problem running") == std::string_view::npos) {
                throw;
            }
        }
        system.clock.sleep(kPause);
        system::Command reload;
        reload.argv = {"ufw", "reload"};
        system.processes.run(reload);
    }
}

}  // namespace

plan::ObservedFirewall observeUfw(const system::System& system) {
    plan::ObservedFirewall out;
    out.problem = missing(kUfw, system.processes);
    if (!out.problem.empty()) {
        return out;
    }
    try {
        const auto& files = system.files;
        out.enabled = plan::ufwEnabled(textOf(files, "/etc/ufw/ufw.conf"));
        out.fallback = plan::ufwDefaultInput(textOf(files, "/etc/default/ufw"));
        const std::string v4 = textOf(files, "/etc/ufw/user.rules");
        const std::string v6 = textOf(files, "/etc/ufw/user6.rules");
        out.rules = plan::readUfwRules(v4, false);
        const auto six = plan::readUfwRules(v6, true);
        out.rules.insert(out.rules.end(), six.begin(), six.end());
    } catch (const Error& error) {
        out.problem = std::string(error.what()) + " (" + error.hint() + ")";
    }
    return out;
}

void addUfwRule(const std::string& rule, const std::string& comment, const system::System& system) {
    runUfw(withComment(ufwCommand(rule, {}), comment), system);
}

void insertUfwRule(std::size_t place, std::size_t place6, const std::string& rule, const std::string& comment,
                   const system::System& system) {
    const auto four = plan::ufwHalf(rule, false);
    const auto six = plan::ufwHalf(rule, true);
    if (place != 0 && place6 != 0 && four && six) {
        // ufw itself would put the half for IPv6 beside the twin of the neighbour for IPv4, if it has one.
        insertUfwRule(place, 0, *four, comment, system);
        insertUfwRule(0, place6, *six, comment, system);
        return;
    }
    const auto rules = observeUfw(system).rules;
    const auto v4 = static_cast<std::size_t>(
        std::count_if(rules.begin(), rules.end(), [](const auto& r) { return !r.v6; }));
    // ufw counts the rules for IPv6 behind those for IPv4.
    const std::size_t number = place != 0 ? place : v4 + place6;
    const std::size_t last = place != 0 ? v4 : rules.size();
    if ((place == 0 && place6 == 0) || number > last) {
        addUfwRule(rule, comment, system);
    } else {
        runUfw(withComment(ufwCommand(rule, {"insert", std::to_string(number)}), comment), system);
    }
}

void deleteUfwRule(const std::string& rule, const system::System& system) {
    runUfw(ufwCommand(rule, {"delete"}), system);
}

}  // namespace vigie::apply
