// Guests of the tunnel: whose peers they are, and what they reach.

#include "spec/guests.hpp"

#include "lint/rules.hpp"
#include "spec/exposure.hpp"
#include "spec/topology.hpp"

#include <algorithm>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;

const FieldPath kGuests{"spec", "wireguard", "guests"};

/// What gives every guest a gateway.
std::string cureFor(const spec::Stack& stack) {
    const bool any = std::any_of(stack.hosts.begin(), stack.hosts.end(), spec::reachable);
    return any ? "name the one whose peer it is in the guest's `host`"
               : "give the host that guests dial its `endpoint`";
}

void lintGateway(const spec::Stack& stack, const spec::Host* common, const spec::Guest& guest,
                 const FieldPath& at, const spec::Reporter& report) {
    const auto* named = guest.host.empty() ? nullptr : stack.host(guest.host);
    if (report.refused(at / "host") || (!guest.host.empty() && named == nullptr)) {
        return;  // the references' mistake
    }
    if (named != nullptr && common != nullptr && named != common) {
        report.error(code::VG0337, at / "host",
                     "guest `" + guest.name + "` cannot be a peer of `" + named->name + "`: " +
                         (spec::hubOf(stack) != nullptr ? "guests are peers of the hub, `"
                                                        : "the only host with an `endpoint` is `") +
                         common->name + "`",
                     "remove `host`");
    } else if (named != nullptr && !spec::reachable(*named)) {
        report.error(
            code::VG0337, at / "host",
            "host `" + named->name + "` has no `endpoint`: guest `" + guest.name + "` cannot dial it",
            "give it its `endpoint`, or name another host");
    } else if (common == nullptr && named == nullptr && stack.wireguard.hub.empty() && !stack.hosts.empty()) {
        const bool any = std::any_of(stack.hosts.begin(), stack.hosts.end(), spec::reachable);
        report.error(
            code::VG0336, at,
            "guest `" + guest.name + "` has nobody to dial: " +
                (any ? "there is no hub, and several hosts have an `endpoint`" : "no host has an `endpoint`"),
            cureFor(stack));
    }
}

void lintFirewall(const spec::Stack& stack, const spec::Host* gateway, const spec::Guest& guest,
                  const FieldPath& at, std::set<const spec::Host*>& told, const spec::Reporter& report) {
    if (gateway != nullptr && stack.firewallProviderOn(*gateway) == spec::FirewallProvider::none &&
        told.insert(gateway).second) {
        report.error(code::VG0339, at,
                     "guest `" + guest.name + "` is a peer of `" + gateway->name +
                         "`, whose firewall is `none`: vigie cannot confine it there",
                     "write `firewall: { provider: ufw }` for that host, or remove its guests");
    }
}

void lintReached(const spec::Stack& stack, const spec::Guest& guest, const FieldPath& at,
                 const spec::Reporter& report) {
    for (std::size_t i = 0; i < guest.reaches.size(); ++i) {
        const auto service = guest.reaches[i];
        const std::string word(textIn(wordsOf(service), service));
        const auto* exposure = spec::exposureField(stack, service);
        if (exposure == nullptr) {
            if (!report.written(FieldPath{"spec"} / word)) {
                report.error(
                    code::VG0340, (at / "reaches")[i],
                    "guest `" + guest.name + "` reaches `" + word + "`, which the document does not have",
                    "remove it from `reaches`, or add `spec." + word + "`");
            }
        } else if (spec::exposureOf(stack, *exposure) == spec::Exposure::local) {
            report.error(code::VG0341, (at / "reaches")[i],
                         "guest `" + guest.name + "` reaches `" + word +
                             "`, whose `exposure` is `local`: only its own host can connect to it",
                         "write `exposure: vpn` there, or remove it from `reaches`");
        }
    }
}

}  // namespace

void lintGuests(const spec::Stack& stack, const spec::Reporter& report) {
    std::set<const spec::Host*> told;
    const spec::Gateways gateways(stack);
    for (std::size_t i = 0; i < stack.wireguard.guests.size(); ++i) {
        const auto& guest = stack.wireguard.guests[i];
        const FieldPath at = kGuests[i];
        if (!guest.name.empty() && stack.host(guest.name) != nullptr) {
            report.error(code::VG0338, at / "name", "guest `" + guest.name + "` has the name of a host",
                         "give the guest another name");
        }
        if (stack.wireguard.exists()) {
            lintGateway(stack, gateways.common(), guest, at, report);
            lintFirewall(stack, gateways.of(guest), guest, at, told, report);
        }
        lintReached(stack, guest, at, report);
    }
}

}  // namespace vigie::lint
