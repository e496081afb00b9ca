// How ufw writes rules, and what they mean.
#pragma once

#include "kinds/firewall/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::plan {

/// One rule of ufw, normalised as ufw does it, so that two spellings of one rule are equal.
struct UfwRule {
    std::string action;     ///< allow, deny, reject or limit; empty: not understood, equals nothing
    std::string log;        ///< empty, `log` or `log-all`
    bool route = false;     ///< `ufw route …`: about forwarded packets
    bool outgoing = false;  ///< `ufw allow out …`; never of a route, which has interfaces instead
    std::string protocol;   ///< any, tcp, udp, …
    std::string toPort;     ///< any, or a sorted list of ports and ranges, `80,8000:8100`
    std::string to;         ///< any, or an address or network
    std::string fromPort;
    std::string from;
    std::string toApplication;    ///< the profile that the ports came from; for ufw a rule of its own
    std::string fromApplication;  ///< likewise
    std::string inInterface;      ///< empty: any; a trailing `+` is a wildcard
    std::string outInterface;     ///< likewise
    bool v4 = false;              ///< stands in user.rules
    bool v6 = false;              ///< stands in user6.rules; a command without addresses writes into both
    std::string comment;
};

/// A rule as `ufw RULE` takes it, without its comment.
std::string ufwWords(const render::FirewallRule& rule);

/// The same rule as `parseUfwRule(ufwWords(rule))`, which is nothing when ufw would refuse it.
std::optional<UfwRule> ufwRuleOf(const render::FirewallRule& rule);

/// Where ufw keeps its rules, and whether it is switched on.
std::vector<std::string> ufwFiles();

/// What `ufw delete` takes for the same: everything is equal but the comment and the family.
bool sameRule(const UfwRule& a, const UfwRule& b);

/// The tuples of user.rules, or with `v6` of user6.rules, in order. Other lines are skipped; a tuple that is
/// not understood is there, without an action.
std::vector<UfwRule> readUfwRules(std::string_view file, bool v6);

/// A rule as `ufw RULE` takes it, in lower case, with ports as numbers and without profiles and comment.
/// Nothing when not understood, which includes what ufw itself refuses.
std::optional<UfwRule> parseUfwRule(std::string_view rule);

enum class Verdict : std::uint8_t { accepted, refused, unknown };

/// What the rules of the family, in order, say about a new connection to `port` of this host that arrives on
/// `interface`; empty: on one that no rule names. Unknown when the answer depends on the source, on the
/// address that is called or on a rule that is not understood. Without a match: `fallback`. `limit` accepts.
Verdict inbound(const std::vector<UfwRule>& rules, int port, std::string_view protocol,
                std::string_view interface, Verdict fallback, bool v6 = false);

/// `ENABLED` of /etc/ufw/ufw.conf.
bool ufwEnabled(std::string_view ufwConf);
/// `IPV6` of /etc/default/ufw: without it ufw neither reads nor writes user6.rules.
bool ufwIpv6(std::string_view defaults);
/// `DEFAULT_INPUT_POLICY` of /etc/default/ufw.
Verdict ufwDefaultInput(std::string_view defaults);

}  // namespace vigie::plan
