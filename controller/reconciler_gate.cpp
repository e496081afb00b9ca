// The part of the reconciler that waits for other hosts: `rollout` and `dependsOn`.

#include "apply/probes/peers.hpp"
#include "controller/reconciler.hpp"
#include "controller/words.hpp"
#include "plan/print.hpp"
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

}  // namespace

std::string Reconciler::waitsForOthers() const {
    const auto* self = tipStack_->host(config_.host);
    for (const auto& name : spec::waitsFor(*tipStack_, *self)) {
        const auto* host = tipStack_->host(name);
        if (host == nullptr) {
            continue;
        }
        const auto peer =
            apply::askPeer(*host, tipStack_->selfMonitoring.port, kPatience, world_.looking.http);
        if (auto why = whyNot(peer, tip_); !why.empty()) {
            return why;
        }
    }
    return {};
}

/// What is applied while the tip waits: the tip's tunnel, and everything else as it is. Nothing, when it is
/// not known how it is: a tunnel alone would be the end of everything else.
std::optional<apply::Target> Reconciler::tunnelOfTip() {
    const std::string revision = store_.lastAppliedRevision();
    if (revision.empty() && (store_.inventory().empty() || !store_.heldTunnel().empty())) {
        auto out = *target_;
        out.revision.clear();
        out.bundle.clear();  // there is nothing to go back to
        out.desired = render::onlyTheTunnel(target_->desired, {});
        out.healthChecks.clear();  // it may have to be there before anything can be healthy
        return out;
    }
    if (revision.empty() || !loadApplied(revision)) {
        return std::nullopt;
    }
    return apply::withTunnelOf(*target_, *applied_);
}

/// Brings the host to `tunnel`. Whether the tip may be held further; otherwise the look is at its end.
Reconciler::Next Reconciler::holdTunnel(const apply::Target& tunnel) {
    if (const auto why = store_.quarantined(apply::renderDigest(tunnel))) {
        return failForNow(Error("its tunnel did not work on this host and was taken back: " + *why));
    }
    auto look = apply::lookAt(tunnel, store_.inventory(), world_.looking);
    if (const auto plan = look.plan; !plan.empty()) {
        tell(plan, tip_, false);
        store_.holdTunnel(tip_);  // before it is there: whoever repairs from now on repairs towards it
        appliedTunnel_.clear();
        applied_.reset();
        applyPlan(tunnel, plan, look);
        store_.holdTunnel(tip_);
        if (store_.journal() && attend() == Next::stop) {
            return Next::stop;
        }
        world_.log.info("the tunnel of revision " + shortRevision(tip_) +
                        " is applied, the rest of it waits");
    } else if (store_.heldTunnel() != tip_) {
        store_.holdTunnel(tip_);
    }
    observeHealth(tunnel, look);
    return Next::go;
}

Reconciler::Next Reconciler::hold(const std::string& why) {
    const auto patience = spec::parseDuration(tipStack_->rolloutTimeout).value_or(0);
    const auto now = world_.looking.clock.now();
    const bool overdue = now - store_.heldSince(tip_, now) >= patience;
    if (const auto tunnel = tunnelOfTip()) {
        const std::string before = store_.heldTunnel();
        try {
            if (holdTunnel(*tunnel) == Next::stop) {
                return Next::stop;
            }
        } catch (const Error& error) {
            store_.holdTunnel(before);  // it was taken back
            return failForNow(error);
        }
    }
    const std::string message = "revision " + shortRevision(tip_) + " waits, and its tunnel does not: " + why;
    if (overdue) {
        return fail(Outcome::Result::heldTooLong,
                    message + " (it goes on when that host is; `rolloutTimeout` has passed)");
    }
    if (heldWhy_ != message) {
        world_.log.info(message);
        world_.events.normal("WaitingForHosts", message, world_.looking.clock.now());
        heldWhy_ = message;
    }
    return stillFailed(Outcome::Result::held, message);
}

}  // namespace vigie::controller
