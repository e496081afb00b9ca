// Rewrites a dual-stack rule so that ufw adds it for one address family only.

#include "kinds/firewall/ufw_half.hpp"

#include "kinds/firewall/ufw_rules.hpp"

namespace vigie::plan {

std::optional<std::string> ufwHalf(std::string_view rule, bool v6) {
    const auto parsed = parseUfwRule(rule);
    if (!parsed || !parsed->v4 || !parsed->v6) {
        return std::nullopt;
    }
    // Both addresses are `any`: another one has a family.
    const std::string everywhere = v6 ? "::/0" : "0.0.0.0/0";
    std::string out = parsed->route ? "route " : "";
    out += parsed->action;
    if (!parsed->inInterface.empty()) {
        out += " in on " + parsed->inInterface;
    }
    if (!parsed->outInterface.empty()) {
        out += " out on " + parsed->outInterface;
    } else if (parsed->outgoing) {
        out += " out";
    }
    if (!parsed->log.empty()) {
        out += " " + parsed->log;
    }
    out += " from " + everywhere;
    if (parsed->fromPort != "any") {
        out += " port " + parsed->fromPort;
    }
    out += " to " + everywhere;
    if (parsed->toPort != "any") {
        out += " port " + parsed->toPort;
    }
    if (parsed->protocol != "any") {
        out += " proto " + parsed->protocol;
    }
    return out;
}

}  // namespace vigie::plan
