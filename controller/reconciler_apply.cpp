// The rest of the reconciler: how a plan is applied, and what is applied kept.

#include "apply/transaction/lock.hpp"
#include "base/error.hpp"
#include "controller/reconciler.hpp"
#include "controller/words.hpp"
#include "plan/print.hpp"
#include "system/libexec.hpp"

#include <utility>

namespace vigie::controller {

apply::Settings Reconciler::settings(const std::string& revision, bool repair) {
    apply::Settings out;
    out.stateDirectory = config_.state;
    out.reloadTimeout = config_.apply.timeout;
    out.imagesWith = &world_.looking;  // a stop does not wait for a pull
    out.progress = [this, revision, repair](const std::string& line) {
        world_.log.info(line);
        tellStep(revision, repair, line);
    };
    out.startGuard = [this] {
        world_.changing.processes.startDetached(
            {system::helperPath("vigie-guard"), world_.looking.files.real("/"), config_.state});
    };
    // What could not be reached before proves nothing when it cannot be reached afterwards.
    if (outcome_.result != Outcome::Result::sourceFailed) {
        out.proveOutbound = [this] { source_.reach(); };
    }
    return out;
}

/// Afterwards `look` is what was seen when it was verified.
void Reconciler::applyPlan(const apply::Target& target, const plan::Plan& plan, apply::Look& look) {
    const apply::Lock lock(world_.looking.files.real(config_.state + "/lock"), "this root",
                           apply::WithTools::yes);
    // The plan was made without the lock: somebody may have rolled the host back since.
    if (store_.suspended() || store_.journal() ||
        apply::planFor(target, store_.inventory(), world_.looking).digest != plan.digest) {
        throw HostMoved();
    }
    const bool repair = target.revision == store_.lastAppliedRevision();
    tellStep(target.revision, repair, "check what is to be written");
    auto how = settings(target.revision, repair);
    how.verified = [&](apply::Look seen) { look = std::move(seen); };
    apply::apply(target, plan, store_, how, world_.changing);
}

std::int64_t Reconciler::pauseAfter(const Error& error, int failures) {
    constexpr int kMoves = 5;
    constexpr std::int64_t kMoment = 500;
    return dynamic_cast<const HostMoved*>(&error) != nullptr && failures <= kMoves
               ? kMoment
               : pauseAfter(failures, kLongestPause);
}

/// The tip cannot be had or must not be applied: the host is kept at what was applied last.
void Reconciler::keepApplied() {
    const std::string revision = store_.lastAppliedRevision();
    if (config_.apply.mode == "report" || suspended()) {
        return;
    }
    const bool tried = outcome_.result == Outcome::Result::failed ||
                       outcome_.result == Outcome::Result::refused ||
                       outcome_.result == Outcome::Result::quarantined;
    if (tried && revision == tip_) {
        return;  // a repair that failed is tried again at its time, like everything else
    }
    repairApplied(revision);
}

bool Reconciler::loadApplied(const std::string& revision) {
    const std::string held = store_.heldTunnel();
    if (applied_ && applied_->revision == revision && appliedTunnel_ == held && applied_->keptUsers.empty()) {
        return true;
    }
    if (!source_.restore(revision) || (!held.empty() && !source_.restore(held))) {
        return false;
    }
    applied_ = targetAt(revision);
    status_.stack = applied_->stack;
    if (!held.empty()) {
        applied_ = apply::withTunnelOf(targetAt(held), *applied_);
    }
    appliedTunnel_ = held;
    return true;
}

void Reconciler::repairApplied(const std::string& revision) {
    if (revision.empty() || world_.looking.clock.monotonic() < keepAt_) {
        return;
    }
    if (!loadApplied(revision)) {
        return;
    }
    auto look = apply::lookAt(*applied_, store_.inventory(), world_.looking);
    const auto plan = look.plan;
    if (!plan.empty()) {
        tell(plan, revision, true);
        try {
            applyPlan(*applied_, plan, look);
        } catch (const Error& error) {
            keepAt_ = world_.looking.clock.monotonic() + pauseAfter(error, ++keepFailures_);
            throw;
        }
        keepFailures_ = 0;
        tellDone(plan, "DriftRepaired",
                 "drift repaired: " + plan::summary(plan) + ", revision " + shortRevision(revision));
    }
    observeHealth(*applied_, look);
}

}  // namespace vigie::controller
