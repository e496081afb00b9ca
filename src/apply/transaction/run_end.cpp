// How a transaction ends: recorded, armed, or taken back.

#include "apply/rejected.hpp"
#include "apply/transaction/proof.hpp"
#include "apply/transaction/recover.hpp"
#include "apply/transaction/run.hpp"
#include "base/error.hpp"
#include "kinds/hosts.hpp"
#include "plan/print.hpp"

#include <algorithm>

namespace vigie::apply {

using plan::Change;

namespace {

/// A directory that renders to what is applied of a commit does not take that commit's place.
bool isAppliedCommit(const Run& run) {
    return run.target.revision.empty() && !run.settings.uninstall &&
           run.store.lastRenderDigest() == run.renderDigest && !run.store.lastAppliedRevision().empty();
}

/// A change of the tunnel was taken back a moment ago for want of a peer: that no session lives yet does not
/// mean that there is nothing to lose.
bool waitedJustNow(const Run& run) {
    constexpr std::int64_t kSessionMs = 180'000;
    const auto history = run.store.history(1);
    const bool tunnel = std::any_of(
        run.plan.changes.begin(), run.plan.changes.end(),
        [](const Change& change) { return kinds::isA(kinds::Kind::wireguard, change.id) && change.acts(); });
    return tunnel && run.store.lastRenderDigest() != run.renderDigest && !history.empty() &&
           history.front().result == state::AttemptResult::waitingForPeer &&
           run.system.clock.now() - history.front().time < kSessionMs;
}

std::vector<std::string> everyPeer(const Run& run) {
    std::vector<std::string> out;
    for (const auto& resource : run.target.desired) {
        if (const auto* tunnel = kinds::tunnelOf(resource)) {
            const auto keys = tunnel->peerKeys();
            out.insert(out.end(), keys.begin(), keys.end());
        }
    }
    return out;
}

/// Why this host, and not what was rendered for it, does not work; empty: nothing of that kind is seen.
std::string causeOnHost(const Run& run) {
    if (run.store.lastRenderDigest() == run.renderDigest) {
        return "it worked on this host before";
    }
    if (run.target.options.activation != plan::Activation::all) {
        return {};
    }
    for (const auto& resource : run.target.desired) {
        try {
            if (auto cause = kinds::cause(resource, run.system); !cause.empty()) {
                return cause;
            }
        } catch (const Error&) {
            return {};  // the engine does not say: the render is what is known to have changed
        }
    }
    return {};
}

}  // namespace

bool repairs(const Run& run) {
    return run.store.lastRenderDigest() == run.renderDigest;
}

state::Applied appliedBy(const Run& run) {
    const bool commit = isAppliedCommit(run);
    state::Applied out;
    out.stack = run.target.stack;
    out.host = run.target.host;
    out.revision = commit ? run.store.lastAppliedRevision() : run.target.revision;
    out.renderDigest = run.renderDigest;
    out.inventory = run.transaction.inventory;
    if (!run.target.bundle.empty() && !commit) {  // of the commit the document is kept already
        out.generation = state::generationName(out.revision, out.renderDigest);
    }
    const bool repaired = repairs(run) && !run.plan.empty();
    out.attempt = {run.system.clock.now(), out.revision,
                   run.settings.uninstall ? state::AttemptResult::uninstalled
                   : repaired             ? state::AttemptResult::repaired
                                          : state::AttemptResult::applied,
                   run.settings.story, planText(run)};
    return out;
}

std::string planText(const Run& run) {
    return run.plan.empty() ? "" : toText(run.plan, false, plan::Unchanged::hide);
}

bool nothingHappened(const Run& run) {
    return run.store.lastRenderDigest() == run.renderDigest &&
           run.transaction.inventory == run.transaction.before &&
           (run.store.lastAppliedRevision() == run.target.revision || isAppliedCommit(run));
}

Applied finish(Run& run) {
    state::OpenJournal armed;
    for (const auto& change : run.plan.changes) {
        armed.confirmingPeers.insert(armed.confirmingPeers.end(), change.confirmingPeers.begin(),
                                     change.confirmingPeers.end());
    }
    if (armed.confirmingPeers.empty() && waitedJustNow(run)) {
        armed.confirmingPeers = everyPeer(run);
    }
    armed.endpoints = newEndpoints(run.plan, armed.confirmingPeers);
    armed.byOperator = run.settings.confirmWithin.count() != 0;
    armed.applied = appliedBy(run);
    if (armed.confirmingPeers.empty() && !armed.byOperator) {
        if (!run.store.commit(armed.applied)) {
            throw Error("the transaction was taken back meanwhile");
        }
        removeLeftovers(run.store, run.settings.stateDirectory, run.system);
        return Applied::done;
    }
    std::int64_t window = run.settings.confirmWithin.count();
    for (const auto& resource : run.target.desired) {
        const auto* tunnel = kinds::tunnelOf(resource);
        if (tunnel != nullptr && !armed.byOperator) {
            window = tunnel->windowMs;
        }
    }
    armed.newestHandshake = run.transaction.newestHandshake;
    armed.deadline = run.system.clock.sinceBoot() + window;
    run.store.arm(armed);
    return Applied::armed;
}

void fail(Run& run, const std::exception& error, const std::string& hint, bool rejected) {
    run.transaction.tell("failed: putting everything back");
    std::string why = error.what();
    if (rejected) {
        const std::string local = causeOnHost(run);
        if (!local.empty()) {
            rejected = false;
            why += "\nThis host is the cause, not the revision: " + local;
        }
    }
    if (rejected) {
        try {
            run.store.quarantine(run.renderDigest, why);
        } catch (const Error& unrecorded) {
            run.transaction.tell(std::string("not put into quarantine: ") +
                                 unrecorded.what());  // going back is worth more
        }
    }
    const std::string story =
        rollBack(run.store, state::AttemptResult::rolledBack, why, run.settings, run.system, planText(run))
            .value_or(why);
    if (rejected) {
        throw Rejected(story + "\nThis render is in quarantine: it is not tried again by itself", hint);
    }
    throw Error(story, hint);
}

}  // namespace vigie::apply
