// The step that keeps the host at what was applied last.
#include "apply/apply.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/reconcile/steps.hpp"
#include "plan/print.hpp"

namespace vigie::controller {
namespace {

/// Whether the tip was not reached for a reason that leaves the host where it is.
bool leavesHost(Result result) {
    switch (result) {
        case Result::sourceFailed:
        case Result::untrusted:
        case Result::invalidDocument:
        case Result::failed:
        case Result::refused:
        case Result::quarantined:
            return true;
        case Result::starting:
        case Result::converged:
        case Result::pending:
        case Result::unapproved:
        case Result::waiting:
        case Result::blocked:
        case Result::blockedTooLong:
        case Result::suspended:
            return false;
    }
    return false;
}

bool wasTried(Result result) {
    return result == Result::failed || result == Result::refused || result == Result::quarantined;
}

}  // namespace

void keepApplied(Context& on, State& state, const Outcome& outcome) {
    if (!leavesHost(outcome.result) || on.config.apply.mode == ApplyMode::report || suspended(on)) {
        return;
    }
    if (wasTried(outcome.result) && on.store.lastAppliedRevision() == state.tip) {
        return;  // a repair that failed is tried again at its time, like everything else
    }
    repairApplied(on, state);
}

void repairApplied(Context& on, State& state) {
    const std::string revision = on.store.lastAppliedRevision();
    if (revision.empty() || on.monotonic() < state.repair.retryAt || !loadApplied(on, state)) {
        return;
    }
    const auto& applied = *state.desired.applied;
    auto comparison = apply::observeAndPlan(applied, on.store.inventory(), on.world.looking);
    if (const auto plan = comparison.plan; !plan.empty()) {
        tellPlan(on, state, plan, revision, true);
        try {
            applyPlan(on, state, applied, plan, comparison);
        } catch (const Error& error) {
            ++state.repair.failures;
            state.repair.retryAt = on.monotonic() + pauseAfter(on, error, state.repair.failures);
            throw;
        }
        state.repair.failures = 0;
        tellDone(on, plan, "DriftRepaired",
                 "drift repaired: " + plan::summary(plan) + ", revision " + shortRevision(revision));
    }
    observeHealth(on, state, applied, comparison);
}

}  // namespace vigie::controller
