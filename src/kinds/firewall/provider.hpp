// The firewalls that a rule can be made in. A new one is a row of `kProviders`, its own pair of files beside
// ufw_rules.*, and its own driver beside ufw.*.
#pragma once

#include "kinds/firewall/model.hpp"
#include "kinds/firewall/ufw_rules.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::kinds {

/// What a plan needs to know of one of them.
struct FirewallProvider {
    std::string_view name;  ///< as `spec.firewall.provider` has it, and as the tool is called
    /// The rule as the tool takes it: what a plan shows, and what a digest is made of.
    std::string (*words)(const render::FirewallRule& rule);
    /// The rule as it is compared with those that are there; nothing when the tool would refuse it.
    std::optional<plan::UfwRule> (*normalised)(const render::FirewallRule& rule);
    std::optional<plan::UfwRule> (*parse)(std::string_view words);  ///< the same of the tool's own words
    std::vector<std::string> (*watched)();                          ///< where the tool keeps its rules
};

/// Throws Error for a name that is none.
const FirewallProvider& firewallProvider(std::string_view name);

/// A rule as the inventory remembers it: in the words of the tool that made it, which takes them to delete
/// it.
struct OwnedRule {
    std::string provider;
    std::string words;

    static OwnedRule read(std::string_view record);
    /// As it is compared with those that are there.
    [[nodiscard]] std::optional<plan::UfwRule> normalised() const;
};

}  // namespace vigie::kinds
