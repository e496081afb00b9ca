// Rules of the firewalls: the user's own, and those that a scrape job would want.

#include "base/text.hpp"
#include "lint/rules.hpp"
#include "spec/format.hpp"
#include "spec/jobs.hpp"
#include "spec/ports.hpp"
#include "spec/probe_target.hpp"
#include "spec/topology.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;

const FieldPath kAllow{"spec", "firewall", "allow"};

void lintWithoutEffect(const spec::Stack& stack, const spec::Reporter& report) {
    for (std::size_t i = 0; i < stack.firewallAllow.size(); ++i) {
        const auto& rule = stack.firewallAllow[i];
        std::vector<std::string> without;
        bool some = false;
        for (const auto& host : stack.hosts) {
            if (!spec::holdsFor(rule, host)) {
                continue;
            }
            const bool none = stack.firewallProviderOn(host) == spec::FirewallProvider::none;
            some = some || !none;
            if (none && !rule.hosts.empty()) {
                without.push_back("`" + host.name + "`");
            }
        }
        if (!without.empty() || (!some && rule.hosts.empty() && !stack.hosts.empty())) {
            report.warning(code::VG0347, kAllow[i],
                           (without.empty() ? std::string("no host has") : "vigie manages no") +
                               (without.empty() ? " a firewall that vigie manages"
                                                : " firewall on host " + join(without, ", ")) +
                               ": this rule is made nowhere" + (without.empty() ? "" : " there"),
                           "write `provider: ufw`, or remove the rule");
        }
    }
}

/// The host of the document at this address, unless that is nobody's.
const spec::Host* hostAt(const spec::Stack& stack, const std::string& address) {
    const auto parsed = spec::parseIp(address);
    const auto text = parsed ? spec::toText(*parsed) : address;
    for (const auto& host : stack.hosts) {
        if (!text.empty() && (text == spec::addressOf(stack, host) || text == host.endpoint)) {
            return &host;
        }
    }
    return nullptr;
}

/// Whether something lets TCP port `port` of `host` in, as far as the document says: a rule, or Docker, which
/// opens what our containers publish.
bool opened(const spec::Stack& stack, const spec::Host& host, int port) {
    const auto has = [&](const std::vector<spec::Port>& ports) {
        return std::any_of(ports.begin(), ports.end(),
                           [&](const auto& each) { return each.number == port && !each.udp; });
    };
    const auto applications =
        std::any_of(stack.applications.begin(), stack.applications.end(), [&](const spec::Application& each) {
            return each.metrics && each.metrics->port == port && stack.hostOf(each.project) == &host;
        });
    const auto rules =
        std::any_of(stack.firewallAllow.begin(), stack.firewallAllow.end(), [&](const auto& rule) {
            return rule.port == port && rule.protocol == spec::Protocol::tcp && spec::holdsFor(rule, host);
        });
    return applications || rules || has(spec::portsPublished(stack, host)) ||
           has(spec::portsReachedOverTunnel(stack, host)) || has(spec::portsReachedByContainers(stack, host));
}

std::string lineFor(const spec::Stack& stack, const spec::Host& host, int port) {
    const auto way = spec::entranceOf(stack);
    const std::string from = !way.interface.empty() ? ", interface: " + way.interface
                             : !way.from.empty()    ? ", from: " + way.from
                                                    : "";
    return "{ port: " + std::to_string(port) + from + ", hosts: [" + host.name + "] }";
}

/// Targets that the user wrote himself, at a port of a host of the document that nothing opens.
void lintTargets(const spec::Stack& stack, const spec::Reporter& report) {
    const auto* scraper = stack.hostOf(stack.prometheus->project);
    std::set<std::pair<const spec::Host*, int>> told;
    for (std::size_t i = 0; i < stack.prometheus->scrapeConfigs.size(); ++i) {
        const auto& job = stack.prometheus->scrapeConfigs[i];
        if (spec::relabelsAddress(job)) {
            continue;  // what stands there is not what Prometheus connects to
        }
        for (std::size_t j = 0; j < job.staticConfigs.size(); ++j) {
            const auto& targets = job.staticConfigs[j].targets;
            for (std::size_t k = 0; k < targets.size(); ++k) {
                if (spec::checkFormat("target", targets[k])) {
                    continue;  // that is another finding
                }
                const auto target = spec::probeTarget(targets[k]);
                int port = 0;
                std::from_chars(target.port.data(), target.port.data() + target.port.size(), port);
                const auto* host = port == 0 ? nullptr : hostAt(stack, target.host);
                if (host == nullptr || host == scraper || opened(stack, *host, port) ||
                    stack.firewallProviderOn(*host) == spec::FirewallProvider::none ||
                    !told.emplace(host, port).second) {
                    continue;
                }
                report.info(code::VG0346,
                            (((FieldPath{"spec", "prometheus", "scrapeConfigs"}[i] / "staticConfigs")[j]) /
                             "targets")[k],
                            "no rule of vigie's lets Prometheus reach port " + std::to_string(port) +
                                " of host `" + host->name + "`",
                            "a port that Docker publishes is open anyway; for any other add to "
                            "`spec.firewall`: `allow: [" +
                                lineFor(stack, *host, port) + "]`");
            }
        }
    }
}

}  // namespace

void lintFirewall(const spec::Stack& stack, const spec::Reporter& report) {
    lintWithoutEffect(stack, report);
    if (stack.prometheus) {
        lintTargets(stack, report);
    }
}

}  // namespace vigie::lint
