// A model of ufw and its files.

#include "tests/support/model_ufw.hpp"

#include "base/text.hpp"
#include "tests/support/model_tunnel.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

namespace vigie::tests {
namespace {

using plan::UfwRule;
using system::ProcessResult;

constexpr const char* kRules = "/etc/ufw/user.rules";
constexpr const char* kRules6 = "/etc/ufw/user6.rules";

std::string hex(const std::string& text) {
    std::string out;
    for (const char c : text) {
        std::array<char, 3> two{};
        static_cast<void>(std::snprintf(two.data(), two.size(), "%02x",
                                        static_cast<unsigned>(static_cast<unsigned char>(c))));
        out += two.data();
    }
    return out;
}

/// As `_write_rules` of ufw's backend_iptables.py writes it.
std::string tupleOf(const UfwRule& rule, bool v6) {
    const std::string any = v6 ? "::/0" : "0.0.0.0/0";
    const auto address = [&](const std::string& text) { return text == "any" ? any : text; };
    std::string direction = rule.outgoing ? "out" : "in";
    if (!rule.inInterface.empty() && !rule.outInterface.empty()) {
        direction = "in_" + rule.inInterface + "!out_" + rule.outInterface;
    } else if (!rule.inInterface.empty()) {
        direction = "in_" + rule.inInterface;
    } else if (!rule.outInterface.empty()) {
        direction = "out_" + rule.outInterface;
    }
    return "### tuple ### " + std::string(rule.route ? "route:" : "") + rule.action +
           (rule.log.empty() ? "" : "_" + rule.log) + " " + rule.protocol + " " + rule.toPort + " " +
           address(rule.to) + " " + rule.fromPort + " " + address(rule.from) + " " + direction +
           (rule.comment.empty() ? "" : " comment=" + hex(rule.comment));
}

/// All but action, log and comment: ufw replaces such a rule instead of adding another.
bool samePlace(UfwRule a, UfwRule b) {
    a.action = b.action = "allow";
    a.log = b.log = "";
    return sameRule(a, b);
}

}  // namespace

void ModelUfw::install() {
    files_.put("/etc/ufw/ufw.conf", "ENABLED=yes\nLOGLEVEL=low\n");
    files_.put("/etc/default/ufw", "IPV6=yes\nDEFAULT_INPUT_POLICY=\"DROP\"\n");
    write({}, false);
    write({}, true);
    byHand("allow 22/tcp", "the way in");
}

std::vector<UfwRule> ModelUfw::rules(bool v6) const {
    return plan::readUfwRules(files_.text(v6 ? kRules6 : kRules).value_or(""), v6);
}

void ModelUfw::write(const std::vector<UfwRule>& rules, bool v6) {
    std::string out = "*filter\n### RULES ###\n";
    for (const auto& rule : rules) {
        out += "\n" + tupleOf(rule, v6) + "\n-A ufw-user-input -j ACCEPT\n";
    }
    files_.put(v6 ? kRules6 : kRules, out + "\n### END RULES ###\nCOMMIT\n", 0640);
}

bool ModelUfw::change(std::vector<UfwRule>& list, UfwRule rule, bool remove, std::size_t position) {
    const auto exact =
        std::find_if(list.begin(), list.end(), [&](const UfwRule& each) { return sameRule(each, rule); });
    if (remove) {
        if (exact == list.end()) {
            return false;
        }
        list.erase(exact);
        return true;
    }
    if (exact != list.end() && (position != 0 || exact->comment == rule.comment)) {
        return false;
    }
    if (position != 0) {
        list.insert(list.begin() + static_cast<std::ptrdiff_t>(position) - 1, std::move(rule));
        return true;
    }
    const auto place =
        std::find_if(list.begin(), list.end(), [&](const UfwRule& each) { return samePlace(each, rule); });
    if (place != list.end()) {
        *place = std::move(rule);
    } else {
        list.push_back(std::move(rule));
    }
    return true;
}

ProcessResult ModelUfw::run(const std::vector<std::string>& argv) {
    std::vector<std::string> words(argv.begin() + 1, argv.end());
    const auto take = [&](const std::string& word) {
        const auto at = std::find(words.begin(), words.end(), word);
        const bool there = at != words.end() && at - words.begin() < 2;
        if (there) {
            words.erase(at);
        }
        return there;
    };
    const bool remove = take("delete");
    std::size_t position = 0;
    if (take("insert")) {
        const auto number = words.begin() + (words.front() == "route" ? 1 : 0);
        position = std::stoul(*number);
        words.erase(number);
    }
    std::string comment;
    if (words.size() > 2 && words[words.size() - 2] == "comment") {
        comment = words.back();
        if (comment.find('\'') != std::string::npos) {
            throw ToolFailed{"ERROR: Invalid syntax"};
        }
        words.resize(words.size() - 2);
    }
    auto rule = plan::parseUfwRule(join(words, " "));
    if (!rule) {
        throw ToolFailed{"ERROR: Invalid syntax"};
    }
    rule->comment = comment;
    auto four = rules(false);
    auto six = rules(true);
    if (position > four.size() + six.size()) {
        throw ToolFailed{"ERROR: Invalid position '" + std::to_string(position) + "'"};
    }
    if (rule->v4) {
        if (position > four.size()) {
            throw std::logic_error("the model does not know positions among the rules for IPv6");
        }
        fuse_.mutate(join(argv, " "));
        if (change(four, *rule, remove, position)) {
            write(four, false);
        }
    }
    if (rule->v6) {
        // Alone it is counted behind all rules for IPv4.
        std::size_t other = !rule->v4 && position > four.size() ? position - four.size() : 0;
        if (rule->v4 && position != 0 && position < four.size()) {
            // Beside the rule for IPv6 that is the same as the one that stands there now.
            const auto& next = four[position];
            for (std::size_t i = 0; i < six.size(); ++i) {
                other = other == 0 && sameRule(six[i], next) ? i + 1 : other;
            }
        }
        fuse_.mutate(join(argv, " ") + " (v6)");
        if (change(six, *rule, remove, other)) {
            write(six, true);
        }
    }
    return succeeded("Rule " + std::string(remove ? "deleted" : "added") + "\n");
}

void ModelUfw::byHand(const std::string& rule, const std::string& comment) {
    auto parsed = plan::parseUfwRule(rule);
    if (!parsed) {
        throw std::logic_error("no rule: " + rule);
    }
    parsed->comment = comment;
    for (const bool v6 : {false, true}) {
        auto list = rules(v6);
        if ((v6 ? parsed->v6 : parsed->v4) && change(list, *parsed, false, 0)) {
            write(list, v6);
        }
    }
}

void ModelUfw::removeByHand(const std::string& rule) {
    const auto parsed = plan::parseUfwRule(rule);
    for (const bool v6 : {false, true}) {
        auto list = rules(v6);
        if (parsed && change(list, *parsed, true, 0)) {
            write(list, v6);
        }
    }
}

}  // namespace vigie::tests
