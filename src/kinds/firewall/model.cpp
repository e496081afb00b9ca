// The desired firewall rule: digest, difference, removal, and its words for each provider.

#include "kinds/firewall/model.hpp"

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/record.hpp"
#include "kinds/firewall/provider.hpp"
#include "plan/context.hpp"

#include <algorithm>
#include <array>

namespace vigie::kinds {
namespace {

constexpr std::array kProviders{FirewallProvider{.name = "ufw",
                                                 .words = plan::ufwWords,
                                                 .normalised = plan::ufwRuleOf,
                                                 .parse = plan::parseUfwRule,
                                                 .watched = plan::ufwFiles}};

std::string wordsOf(const render::FirewallRule& rule) {
    return firewallProvider(rule.provider).words(rule);
}

}  // namespace

const FirewallProvider& firewallProvider(std::string_view name) {
    const auto* const it = std::find_if(kProviders.begin(), kProviders.end(),
                                        [&](const auto& each) { return each.name == name; });
    if (it == kProviders.end()) {
        throw Error("this vigie knows no firewall `" + std::string(name) + "`");
    }
    return *it;
}

void FirewallModel::hash(const Desired& rule, Sha256& hash) {
    hash.field(wordsOf(rule));
}

std::string FirewallModel::describe(const Desired& rule) {
    return rule.provider + " " + wordsOf(rule) + "\n";
}

/// Why it is there may be several reasons.
bool FirewallModel::sameState(const render::Resource& a, const render::Resource& b) {
    return wordsOf(std::get<Desired>(a.what)) == wordsOf(std::get<Desired>(b.what));
}

void FirewallModel::difference(const plan::Context& context, const render::Resource& resource,
                               const Desired& rule, plan::Change& out) {
    if (!context.observed.firewall || !context.observed.firewall->problem.empty()) {
        out.action = plan::Action::refuse;
        out.reason = context.observed.firewall ? context.observed.firewall->problem : "it was not looked at";
        out.unobserved = true;
        return;
    }
    const auto& provider = firewallProvider(rule.provider);
    const auto wanted = provider.normalised(rule);
    const auto& rules = context.observed.firewall->rules;
    const bool there = wanted && std::any_of(rules.begin(), rules.end(),
                                             [&](const plan::UfwRule& is) { return sameRule(is, *wanted); });
    if (there) {
        out.ownable = context.ours(resource.id);
        out.reason =
            context.ours(resource.id) ? "as it should be" : "was there before us; it stays whoever's it is";
        return;
    }
    for (const auto& is : rules) {
        // The tool would put ours in the place of one that differs only in what it does.
        plan::UfwRule same = is;
        if (wanted) {
            same.action = wanted->action;
            same.log = wanted->log;
        }
        if (wanted && !is.action.empty() && sameRule(same, *wanted)) {
            out.action = plan::Action::refuse;
            out.reason = std::string(provider.name) + " has the same rule with `" + is.action +
                         "`, which ours would replace; delete that one first";
            return;
        }
    }
    out.action = plan::Action::create;
    out.reason =
        resource.purpose + (context.ours(resource.id) ? ": was removed on the host" : ": does not exist yet");
    out.diff = plan::Diff::ofFacts("+" + describe(rule));
}

/// Fields: `provider` and `rule`, its words. Before, the words of ufw alone.
std::string FirewallModel::record(const Desired& rule) {
    return RecordWriter().add("provider", rule.provider).add("rule", wordsOf(rule)).text();
}

OwnedRule OwnedRule::read(std::string_view record) {
    if (RecordReader::is(record)) {
        const RecordReader fields(record);
        return {.provider = fields.string("provider"), .words = fields.string("rule")};
    }
    return {.provider = "ufw", .words = std::string(record)};
}

std::optional<plan::UfwRule> OwnedRule::normalised() const {
    return firewallProvider(provider).parse(words);
}

std::vector<std::string> FirewallModel::watched(const Desired& rule, plan::Activation activation) {
    return activation == plan::Activation::all ? firewallProvider(rule.provider).watched()
                                               : std::vector<std::string>{};
}

void FirewallModel::notes(const std::vector<render::Resource>& /*rules*/, const plan::Observed& observed,
                          std::vector<std::string>& out) {
    if (observed.firewall && observed.firewall->problem.empty() && !observed.firewall->enabled) {
        out.emplace_back(observed.firewall->provider +
                         " is not enabled: its rules count once it is (vigie never switches it on or off)");
    }
}

}  // namespace vigie::kinds
