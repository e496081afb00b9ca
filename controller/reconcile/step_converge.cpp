// The step that brings the host to the tip, as far as it may.
#include "apply/apply.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/reconcile/failure.hpp"
#include "controller/reconcile/steps.hpp"
#include "controller/words.hpp"
#include "kinds/models.hpp"
#include "plan/print.hpp"

#include <algorithm>
#include <utility>

namespace vigie::controller {
namespace {

/// What decides whether the tip may be applied.
struct Candidate {
    const apply::DesiredState& desired;
    apply::ObservedPlan comparison;  ///< with the host, and the plan that follows
    bool known = false;              ///< it is what was applied last: a change is drift
    bool manual = false;             ///< it needs an approval
};

/// Milliseconds of a random part of the tunnel's window: two hosts that wait for each other must not do so in
/// step.
std::int64_t randomWait(const Context& on, const apply::DesiredState& desired) {
    std::int64_t window = 0;
    for (const auto& resource : desired.desired) {
        if (const auto* wireguard = kinds::tunnelOf(resource)) {
            window = wireguard->windowMs;
        }
    }
    constexpr std::int64_t kLeast = 60'000;  // the old tunnel gets time to come back; of a short window, half
    return std::min(kLeast, window / 2) +
           static_cast<std::int64_t>(on.world.random() * static_cast<double>(window / 2 + 1));
}

/// The guard, or we ourselves, rolled a change back for want of a peer: the other side gets some time.
void pauseForPeer(const Context& on, State& state) {
    const auto history = on.store.history(1);
    auto& work = state.work;
    if (history.empty() || history.front().result != state::AttemptResult::waitingForPeer ||
        (history.front().revision != state.tip && on.store.heldTunnel() != state.tip) ||
        work.pausedForAttempt == history.front().time) {
        return;
    }
    work.pausedForAttempt = history.front().time;
    work.verdict = Verdict::failed;
    work.failedAs = Result::failed;
    work.reason.reset();
    work.why = "revision " + shortRevision(state.tip) + ": WaitingForPeer: " + history.front().message;
    work.backOff.retryAt = on.monotonic() + randomWait(on, *state.desired.tip);
}

/// The plan of the tip is as others may see it.
void keepPlan(Context& on, State& state, const Candidate& candidate) {
    const auto& plan = candidate.comparison.plan;
    if (!plan.empty() && (!state.plan.plan || state.plan.plan->digest != plan.digest || candidate.known)) {
        tellPlan(on, state, plan, state.tip, candidate.known);
    }
    state.plan = {.plan = plan};
    state.pass.metrics.pending = static_cast<std::size_t>(std::count_if(
        plan.changes.begin(), plan.changes.end(), [](const plan::Change& each) { return each.acts(); }));
}

/// Why the tip is only looked at; nothing: it may be applied.
Step onlyLookedAt(Context& on, State& state, const Candidate& candidate) {
    const auto& plan = candidate.comparison.plan;
    if (const auto why = suspended(on)) {
        observeHealth(on, state, candidate.desired, candidate.comparison);
        return Outcome{.result = Result::suspended,
                       .message = *why + (plan.empty() ? "" : "; not applied: " + plan::summary(plan))};
    }
    if (on.config.apply.mode == ApplyMode::report) {
        observeHealth(on, state, candidate.desired, candidate.comparison);
        return Outcome{.result = plan.empty() ? Result::converged : Result::pending,
                       .message = plan.empty() ? "nothing to do" : "only reported: " + plan::summary(plan)};
    }
    const auto quarantined = on.store.quarantined(apply::renderDigest(candidate.desired));
    if (quarantined && !plan.empty() && !candidate.known) {
        return Outcome{.result = Result::quarantined,
                       .message = "revision " + shortRevision(state.tip) +
                                  " did not work on this host and was taken back: " + *quarantined +
                                  " (push a correction, or try it again with `vigie apply`)"};
    }
    // What is left of a revision whose tunnel is applied already was approved with it.
    if (candidate.manual && !plan.empty() && on.store.approved() != plan.digest &&
        on.store.heldTunnel() != state.tip) {
        state.plan.waits = true;
        if (!state.host.comparison) {
            observeHealth(on, state, candidate.desired, candidate.comparison);
        }
        return Outcome{.result = Result::unapproved,
                       .message = "revision " + shortRevision(state.tip) + " waits for `vigie approve " +
                                  shortRevision(plan.digest) + "`: " + plan::summary(plan) +
                                  "; `vigie plan --pending` shows it"};
    }
    return std::nullopt;
}

/// Applies it unless another host comes first. Nothing: the host is at the tip, or waits to be confirmed.
Step applyTip(Context& on, State& state, Candidate& candidate) {
    const auto plan = candidate.comparison.plan;
    try {
        if (const auto blocked = candidate.known ? std::nullopt : blockOnRollout(on, state)) {
            return blocked;
        }
        if (!plan.empty() || !candidate.known) {  // a host that is as it should be is not even locked
            applyPlan(on, state, candidate.desired, plan, candidate.comparison);
        }
    } catch (const Error& error) {
        if (dispositionOf(error) == Disposition::rejected && !candidate.known) {
            return Outcome{.result = Result::quarantined,
                           .message = "revision " + shortRevision(state.tip) + ": " + withHint(error)};
        }
        return backOff(on, state, error);
    }
    state.work.verdict = Verdict::none;
    state.work.backOff = {};
    on.narrator.forget(Subject::outcome);
    on.narrator.forget(Subject::blocked);
    return std::nullopt;
}

/// The host is at the tip.
Outcome converged(Context& on, State& state, const Candidate& candidate, const plan::Plan& done) {
    state.desired.applied = candidate.desired;
    state.desired.appliedTunnel.clear();
    state.plan = {.plan = candidate.comparison.plan};  // what there is to do now
    state.pass.metrics.pending = 0;
    observeHealth(on, state, candidate.desired, candidate.comparison);
    if (!done.empty() || !candidate.known) {
        const auto& health = state.pass.health;
        const std::string story = (candidate.known ? "drift repaired: " : "applied and verified: ") +
                                  plan::summary(done) + ", revision " + shortRevision(state.tip);
        tellDone(on, done, candidate.known ? "DriftRepaired" : "Applied", story,
                 health.problems.empty() ? "" : "; not proven: " + health.summary());
        on.world.source.prune(on.store.lastAppliedRevision());
    }
    return {.result = Result::converged, .message = "the host is at revision " + shortRevision(state.tip)};
}

}  // namespace

Step converge(Context& on, State& state) {
    pauseForPeer(on, state);
    if (state.work.pauses(on.monotonic()) && !suspended(on)) {
        return pausing(state);
    }
    const bool known = on.store.lastAppliedRevision() == state.tip;
    const bool manual = on.config.apply.mode == ApplyMode::manual && !known;
    if (manual && !suspended(on)) {
        repairApplied(on, state);  // what was approved before is kept meanwhile
    }
    Candidate candidate{
        .desired = *state.desired.tip,
        .comparison = apply::observeAndPlan(*state.desired.tip, on.store.inventory(), on.world.looking),
        .known = known,
        .manual = manual};
    keepPlan(on, state, candidate);
    if (auto ends = onlyLookedAt(on, state, candidate)) {
        return ends;
    }
    const auto plan = candidate.comparison.plan;
    if (auto ends = applyTip(on, state, candidate)) {
        return ends;
    }
    if (on.store.journal()) {
        if (auto waits = recoverTransaction(on, state)) {
            return waits;
        }
        if (on.store.lastAppliedRevision() != state.tip) {  // the story of it is told
            return Outcome{.result = Result::failed,
                           .message = "revision " + shortRevision(state.tip) + " was applied and rolled back",
                           .novelty = Novelty::known};
        }
    }
    return converged(on, state, candidate, plan);
}

}  // namespace vigie::controller
