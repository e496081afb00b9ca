// The firewall's rules, kernel settings and units of a host.

#include "base/text.hpp"
#include "plan/planner.hpp"

#include <algorithm>

namespace vigie::plan {

void planFirewall(const Context& context, const render::Resource& resource, const render::FirewallRule& rule,
                  Change& out) {
    if (!context.observed.firewall || !context.observed.firewall->problem.empty()) {
        out.action = Action::refuse;
        out.reason = context.observed.firewall ? context.observed.firewall->problem : "it was not looked at";
        out.unobserved = true;
        return;
    }
    const auto wanted = parseUfwRule(rule.rule);
    const auto& rules = context.observed.firewall->rules;
    const bool there = wanted && std::any_of(rules.begin(), rules.end(),
                                             [&](const UfwRule& is) { return sameRule(is, *wanted); });
    if (there) {
        out.ownable = context.ours(resource.id);
        out.reason =
            context.ours(resource.id) ? "as it should be" : "was there before us; it stays whoever's it is";
        return;
    }
    for (const auto& is : rules) {
        // ufw would put ours in the place of one that differs only in what it does.
        UfwRule same = is;
        if (wanted) {
            same.action = wanted->action;
            same.log = wanted->log;
        }
        if (wanted && !is.action.empty() && sameRule(same, *wanted)) {
            out.action = Action::refuse;
            out.reason = "ufw has the same rule with `" + is.action +
                         "`, which ours would replace; delete that one first";
            return;
        }
    }
    out.action = Action::create;
    out.reason =
        resource.purpose + (context.ours(resource.id) ? ": was removed on the host" : ": does not exist yet");
    out.diff = Diff::ofFacts("+ufw " + rule.rule + "\n");
}

void planSysctl(const Context& context, const render::Resource& resource, const render::Sysctl& sysctl,
                Change& out) {
    const auto it = context.observed.sysctls.find(resource.id);
    const std::string is = it == context.observed.sysctls.end() ? "" : it->second;
    if (is == sysctl.value) {
        out.reason = "as it should be";
        return;
    }
    out.action = is.empty() ? Action::refuse : Action::update;
    out.reason = is.empty() ? "this kernel has no " + sysctl.key : resource.purpose;
    out.diff =
        Diff::ofFacts("-" + sysctl.key + " = " + is + "\n+" + sysctl.key + " = " + sysctl.value + "\n");
}

void planUnit(const Context& context, const render::Resource& resource, const render::Unit& /*unit*/,
              Change& out) {
    const auto it = context.observed.units.find(resource.id);
    if (it == context.observed.units.end() || !it->second.systemd) {
        out.ownable = false;
        out.reason = "systemd does not run here: vigie itself brings the tunnel up";
        return;
    }
    if (it->second.enabled) {
        out.reason = "as it should be";
        return;
    }
    out.action = Action::update;
    out.reason = resource.purpose + ": is not enabled";
}

}  // namespace vigie::plan
