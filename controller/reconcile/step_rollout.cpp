// The step that lets the tip wait for other hosts: `rollout` and `dependsOn`.
#include "apply/apply.hpp"
#include "apply/inputs/desired_state.hpp"
#include "apply/probes/peers.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/network_look.hpp"
#include "controller/reconcile/steps.hpp"
#include "kinds/models.hpp"
#include "render/gate.hpp"
#include "spec/format.hpp"
#include "spec/rollout.hpp"

namespace vigie::controller {
namespace {

constexpr std::chrono::milliseconds kPatience{3'000};

/// Why a host may not be followed yet, in words; empty: it may.
std::string whyNot(const apply::PeerStatus& peer, const std::string& revision) {
    if (peer.healthyAt(revision)) {
        return {};
    }
    if (!peer.answered) {
        return peer.host + " does not say how far it is: " + peer.problem;
    }
    if (peer.lastAppliedRevision != revision) {
        return peer.host + " has not applied it: " + peer.message;
    }
    return peer.host + " has applied it and is not healthy: " +
           (peer.unhealthyMessage.empty() ? "nothing is known of its health" : peer.unhealthyMessage);
}

/// Why the tip waits for another host; empty: it does not.
std::string waitsFor(const Context& on, const State& state) {
    const auto& stack = *state.desired.tipStack;
    const auto* self = stack.host(on.config.host);
    for (const auto& name : spec::waitsFor(stack, *self)) {
        const auto* host = stack.host(name);
        if (host == nullptr) {
            continue;
        }
        const auto peer = apply::askPeer(stack, *host, kPatience, on.world.looking.http);
        if (auto why = whyNot(peer, state.tip); !why.empty()) {
            return why;
        }
    }
    return {};
}

/// Why the hosts may not move into the tip's tunnel yet: it does not work. Empty: they may.
std::string tunnelIsSilent(const State& state) {
    for (const auto& resource : state.desired.tip->desired) {
        const auto* tunnel = kinds::tunnelOf(resource);
        if (tunnel == nullptr) {
            continue;
        }
        for (const auto& peer : tunnel->peers) {
            if (!peer.guest && state.host.alivePeers.count(peer.name) == 0) {
                return "the new tunnel has no handshake with " + peer.name + " yet";
            }
        }
    }
    return {};
}

/// Why the hosts may not move into the tip's network yet: it was not seen to work. Empty: they may.
std::string networkIsSilent(const Context& on, const spec::Stack& stack) {
    const auto& self = stack.hostNamed(on.config.host);
    if (auto missing = missingAddress(stack, self, on.world.looking.processes); !missing.empty()) {
        return missing;
    }
    for (const auto& host : stack.hosts) {
        if (&host == &self || !stack.selfMonitoring.enabled) {
            continue;
        }
        const auto peer = apply::askPeer(stack, host, kPatience, on.world.looking.http);
        if (!peer.answered) {
            return host.name + " does not answer in the new network: " + peer.problem;
        }
    }
    return {};
}

/// A move from one network to another is one of all hosts: what joins them now stays until the other works.
std::string moves(Context& on, State& state) {
    const auto tip = state.desired.tip->joinedBy;
    if (tip == spec::JoinedBy::nothing || on.store.lastAppliedRevision().empty() || !loadApplied(on, state)) {
        return {};
    }
    const auto before = state.desired.applied->joinedBy;
    if (before == tip || before == spec::JoinedBy::nothing) {
        return {};
    }
    return tip == spec::JoinedBy::tunnel ? tunnelIsSilent(state)
                                         : networkIsSilent(on, *state.desired.tipStack);
}

/// What is applied while the tip waits: the tip's tunnel, and everything else as it is. Nothing, when it is
/// not known how it is: a tunnel alone would be the end of everything else.
std::optional<apply::DesiredState> tunnelOfTip(Context& on, State& state) {
    const auto& tip = *state.desired.tip;
    const std::string revision = on.store.lastAppliedRevision();
    if (revision.empty() && (on.store.inventory().empty() || !on.store.heldTunnel().empty())) {
        auto out = tip;
        out.revision.clear();
        out.bundle.clear();  // there is nothing to go back to
        out.desired = render::onlyTheTunnel(tip.desired, {});
        out.healthChecks.clear();  // it may have to be there before anything can be healthy
        return out;
    }
    if (revision.empty() || !loadApplied(on, state)) {
        return std::nullopt;
    }
    return apply::withTunnelOf(tip, *state.desired.applied);
}

/// Brings the host to `tunnel`. Nothing: the tip may be blocked further. Throws Error.
Step applyTunnel(Context& on, State& state, const apply::DesiredState& tunnel) {
    if (const auto why = on.store.quarantined(apply::renderDigest(tunnel))) {
        return backOff(on, state, Error("its tunnel did not work on this host and was taken back: " + *why));
    }
    auto comparison = apply::observeAndPlan(tunnel, on.store.inventory(), on.world.looking);
    if (const auto plan = comparison.plan; !plan.empty()) {
        tellPlan(on, state, plan, state.tip, false);
        on.store.holdTunnel(state.tip);  // before it is there: whoever repairs from now on repairs towards it
        state.desired.appliedTunnel.clear();
        state.desired.applied.reset();
        applyPlan(on, state, tunnel, plan, comparison);
        on.store.holdTunnel(state.tip);
        if (on.store.journal()) {
            if (auto waits = recoverTransaction(on, state)) {
                return waits;
            }
        }
        on.narrator.info("the tunnel of revision " + shortRevision(state.tip) +
                         " is applied, the rest of it waits");
    } else if (on.store.heldTunnel() != state.tip) {
        on.store.holdTunnel(state.tip);
    }
    observeHealth(on, state, tunnel, comparison);
    return std::nullopt;
}

}  // namespace

Step blockOnRollout(Context& on, State& state) {
    std::string why = waitsFor(on, state);
    if (why.empty()) {
        why = moves(on, state);
    }
    if (why.empty()) {
        return std::nullopt;
    }
    const auto patience = spec::parseDuration(state.desired.tipStack->rolloutTimeout).value_or(0);
    const auto now = on.now();
    const bool overdue = now - on.store.heldSince(state.tip, now) >= patience;
    if (const auto tunnel = tunnelOfTip(on, state)) {
        const std::string before = on.store.heldTunnel();
        try {
            if (auto ends = applyTunnel(on, state, *tunnel)) {
                return ends;
            }
        } catch (const Error& error) {
            on.store.holdTunnel(before);  // it was rolled back
            return backOff(on, state, error);
        }
    }
    const bool hasTunnel = state.desired.tip->joinedBy == spec::JoinedBy::tunnel;
    const std::string message = "revision " + shortRevision(state.tip) +
                                (hasTunnel ? " waits, and its tunnel does not: " : " waits: ") + why;
    if (overdue) {
        return Outcome{.result = Result::blockedTooLong,
                       .message = message + " (it goes on when that host is; `rolloutTimeout` has passed)"};
    }
    if (on.narrator.isNews(Subject::blocked, message)) {
        on.narrator.normal("WaitingForHosts", message);
    }
    return Outcome{.result = Result::blocked, .message = message, .novelty = Novelty::known};
}

}  // namespace vigie::controller
