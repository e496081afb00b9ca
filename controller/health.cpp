// Whether what runs on a host works.
#include "controller/health.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "kinds/models.hpp"
#include "kinds/wireguard/compare.hpp"
#include "kinds/wireguard/endpoints.hpp"

#include <algorithm>

namespace vigie::controller {
namespace {

constexpr std::size_t kTargetsNamed = 3;
constexpr std::int64_t kBelieved = 10'000;  ///< milliseconds; as the proof of an apply, how long it must run
constexpr std::int64_t kRemembered = 60'000;  ///< milliseconds

std::string describe(const std::vector<apply::DownTarget>& targets) {
    std::string out;
    for (std::size_t i = 0; i < std::min(targets.size(), kTargetsNamed); ++i) {
        const auto& target = targets[i];
        out += (i == 0 ? "target " : ", ") + target.job + " at " + target.instance + " is down" +
               (target.error.empty() ? "" : ": " + target.error);
    }
    return targets.size() <= kTargetsNamed
               ? out
               : out + " and " + std::to_string(targets.size() - kTargetsNamed) + " more";
}

/// Why a silent peer cannot be dialled; empty: it can, or nobody dials it.
std::string unresolved(const render::WireguardPeer& peer, const plan::ObservedWireguard& is) {
    const auto name = plan::nameIn(peer.endpoint);
    const auto known = is.names.find(name);
    return name.empty() || known == is.names.end() || known->second.problem.empty()
               ? ""
               : " (its endpoint " + name + " has no address: " + known->second.problem + ")";
}

std::string roaming(const render::WireguardPeer& peer, const plan::ObservedPeer& heard) {
    return peer.name + " is heard of at " + heard.endpoint + ", and not at its endpoint " + peer.endpoint +
           ": it calls this host, which could not call it; correct `endpoint`, or forward the port there";
}

void observeTunnel(const render::Tunnel& wireguard, const plan::ObservedWireguard& is, HealthReport& report) {
    report.tunnelKnown = true;
    report.keyFile = plan::keyFileProblem(wireguard, is);
    report.guestsOnly = std::all_of(wireguard.peers.begin(), wireguard.peers.end(),
                                    [](const render::WireguardPeer& peer) { return peer.guest; });
    report.tunnelKnown = is.up || !report.guestsOnly;
    for (const auto& peer : wireguard.peers) {
        if (peer.guest) {  // its silence means nothing
            continue;
        }
        const plan::ObservedPeer* heard = nullptr;
        for (const auto& each : is.peers) {
            const bool his = each.publicKey == peer.publicKey || each.publicKey == peer.nextPublicKey;
            if (his && each.alive() && (heard == nullptr || each.handshake > heard->handshake)) {
                heard = &each;
            }
        }
        if (heard == nullptr) {
            report.stalePeers += (report.stalePeers.empty() ? "" : ", ") + peer.name + unresolved(peer, is);
        } else if (!peer.endpoint.empty() && plan::roams(peer.endpoint, *heard, is)) {
            report.roamingPeers += (report.roamingPeers.empty() ? "" : "; ") + roaming(peer, *heard);
        }
    }
}

}  // namespace

void Health::observePrometheus(apply::AskedProgram& program, HealthReport& report) {
    if (const auto down = apply::downTargets(program.base(), program); !down.empty()) {
        std::string about;
        for (const auto& target : down) {
            about += target.job + " " + target.instance + "\n";
        }
        report.problems.push_back({Reason::targetsDown, describe(down), about});
        report.downTargets = down;
    }
    if (const auto unwell = apply::unwellTargets(program.base(), program); !unwell.empty()) {
        std::string message;
        std::string about;
        for (std::size_t i = 0; i < unwell.size(); ++i) {
            const auto& target = unwell[i];
            about += target.metric + " " + target.job + " " + target.instance + "\n";
            if (i < kTargetsNamed) {
                message += (i == 0 ? "" : "; ") + target.job + " at " + target.instance +
                           " runs, and cannot reach what it observes: `" + target.metric + "` is 0";
            }
        }
        if (unwell.size() > kTargetsNamed) {
            message += " and " + std::to_string(unwell.size() - kTargetsNamed) + " more";
        }
        report.problems.push_back({Reason::targetsUnwell, message, about});
    }
    observeRules(program, report);
}

void Health::observeRules(apply::AskedProgram& program, HealthReport& report) {
    const auto failing = apply::failingRules(program.base(), program);
    if (failing.empty()) {
        return;
    }
    std::string message = "rule `" + failing.front().name + "` of group `" + failing.front().group +
                          "` cannot be evaluated: " + failing.front().error;
    if (failing.size() > 1) {
        message += " and " + count(failing.size() - 1, "more rule");
    }
    std::string about;
    for (const auto& rule : failing) {
        about += rule.group + " " + rule.name + "\n";
    }
    report.problems.push_back({Reason::rulesFailing, message, about});
}

void Health::remember(std::int64_t now, HealthReport& report) {
    std::set<std::string> fallen;
    for (const auto& problem : report.problems) {
        if (problem.reason != Reason::notRunning) {
            continue;
        }
        const auto& key = problem.about.empty() ? problem.message : problem.about;
        fallen.insert(key);
        const auto [it, first] = falls_.emplace(key, Fall{});
        it->second.again = it->second.again || (!first && it->second.runs);
        it->second.runs = false;
        it->second.last = now;
        it->second.message = problem.message;
    }
    for (auto it = falls_.begin(); it != falls_.end();) {
        auto& [key, fall] = *it;
        fall.runs = fallen.count(key) == 0;
        if (fall.runs && now - fall.last >= kRemembered) {
            it = falls_.erase(it);
            continue;
        }
        if (fall.runs && fall.again && now - fall.last < kBelieved) {
            report.problems.push_back(
                {Reason::notRunning,
                 fall.message + "; it runs again, and fell more than once within a minute", key});
        }
        ++it;
    }
}

std::optional<std::int64_t> Health::untilBelieved(std::int64_t now) const {
    std::optional<std::int64_t> out;
    for (const auto& [key, fall] : falls_) {
        const auto left = fall.last + kBelieved - now;
        if (fall.runs && fall.again && left > 0) {
            out = std::min(out.value_or(left), left);
        }
    }
    return out;
}

void Health::observeAlertmanager(apply::AskedProgram& program, HealthReport& report) {
    for (const auto& [kind, now] : apply::notifications(program.base(), program)) {
        auto& before = counted_[kind];
        const bool restarted = now.requests < before.requests;
        const auto failed = now.failed - (restarted ? 0 : before.failed);
        const auto sent = now.requests - (restarted ? 0 : before.requests) - failed;
        before = now;
        if (sent > 0) {
            failing_.erase(kind);
        } else if (failed > 0) {
            failing_.insert(kind);
        }
    }
    for (const auto& kind : failing_) {
        report.problems.push_back(
            {Reason::notificationsFailing, "Alertmanager cannot notify by " + kind +
                                               "; its log says why (a wrong password, TLS, the address)"});
    }
}

void Health::observe(const apply::DesiredState& target, const apply::ObservedPlan& look,
                     const system::System& system, HealthReport& report) {
    if (target.options.activation == plan::Activation::none) {
        return;
    }
    const bool everything = target.options.activation == plan::Activation::all;
    for (const auto& resource : target.desired) {
        if (target.options.leavesAlone(resource.id)) {
            continue;
        }
        if (const auto* reload = kinds::programOf(resource)) {
            const auto it = look.observed.reloads.find(resource.id);
            const auto observed = it == look.observed.reloads.end() ? plan::ObservedReload{} : it->second;
            report.known = true;
            if (!observed.answered) {
                const auto why =
                    reload->attached ? ": " + observed.problem : " does not answer at " + reload->baseUrl;
                report.problems.push_back({observed.stopped ? Reason::proofPending : Reason::notRunning,
                                           resource.id + why, resource.id});
                continue;
            }
            if (!plan::hasLoaded(*reload, observed) && observed.digest != reload->digest) {
                report.problems.push_back({Reason::notLoaded, resource.id + " runs another configuration"});
            }
            try {
                apply::AskedProgram program(*reload, system);
                reload->program == render::ConfiguredProgram::Program::prometheus
                    ? observePrometheus(program, report)
                    : observeAlertmanager(program, report);
            } catch (const Error& error) {
                report.problems.push_back(
                    {Reason::notRunning,
                     resource.id + " does not answer at " + reload->baseUrl + ": " + error.what(),
                     resource.id});
            }
        } else if (const auto* wireguard = kinds::tunnelOf(resource);
                   wireguard != nullptr && everything && !wireguard->peers.empty()) {
            const auto it = look.observed.wireguard.find(resource.id);
            observeTunnel(*wireguard,
                          it == look.observed.wireguard.end() ? plan::ObservedWireguard{} : it->second,
                          report);
        }
    }
    std::set<std::string> unobserved;
    for (const auto& change : look.plan.changes) {
        const bool container = kinds::isA(kinds::Kind::compose, change.id);
        report.known = report.known || (container && everything);
        // What acts was mended just now; what is only reported was not.
        if (container && (change.action == plan::Action::drift || change.settling)) {
            report.problems.push_back({Reason::notRunning, change.id + " " + change.reason});
        }
        const bool told = container || kinds::isA(kinds::Kind::attached, change.id);
        if (told && everything && change.unobserved && unobserved.insert(change.reason).second) {
            report.problems.push_back({Reason::notObserved, change.reason});
        }
    }
    remember(system.clock.monotonic(), report);
    // What is wrong with this host itself comes first, and gives the condition its reason: other hosts wait
    // for that.
    std::stable_partition(report.problems.begin(), report.problems.end(), [](const auto& each) {
        return each.reason != Reason::targetsDown && each.reason != Reason::targetsUnwell &&
               each.reason != Reason::notificationsFailing;
    });
}

}  // namespace vigie::controller
