// Tells the metrics what a pass has found.
#include "controller/observe_metrics.hpp"

#include "kinds/models.hpp"

namespace vigie::controller {

void observePass(Metrics& metrics, const Snapshot& snapshot, const PassMetrics& pass, double seconds) {
    constexpr double kMilliseconds = 1000;
    const auto* ready = find(snapshot.status.conditions, ConditionType::ready);
    metrics.reconciled(ready == nullptr ? "" : toText(ready->reason), seconds);
    if (pass.asked) {
        metrics.askedSource(pass.answered ? "success" : "error");
    }
    for (const auto& id : pass.drifted) {
        metrics.drifted(kinds::kindNameOf(id));
    }
    MetricState state;
    state.stack = snapshot.status.stack;
    state.suspended = !snapshot.status.suspended.empty();
    state.lastAppliedRevision = snapshot.status.lastAppliedRevision;
    for (const auto& attempt : snapshot.status.history) {
        if (attempt.result == state::AttemptResult::applied ||
            attempt.result == state::AttemptResult::repaired) {
            state.lastAppliedAt = static_cast<double>(attempt.time) / kMilliseconds;
            break;
        }
    }
    state.pendingChanges = pass.pending;
    for (const auto& condition : snapshot.status.conditions) {
        state.conditions.push_back({toText(condition.type), toText(condition.status)});
    }
    state.lastHandshakes = pass.handshakes;
    for (const auto& id : snapshot.status.inventory) {
        ++state.resources[kinds::kindNameOf(id)];
    }
    state.containers = pass.containers;
    metrics.observe(state);
}

}  // namespace vigie::controller
