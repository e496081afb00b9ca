#include "controller/observe_metrics.hpp"

#include "kinds/models.hpp"

namespace vigie::controller {

void observeLook(Metrics& metrics, const Snapshot& snapshot, const Looked& looked, double seconds) {
    constexpr double kMilliseconds = 1000;
    metrics.reconciled(looked.reason, seconds);
    if (looked.asked) {
        metrics.askedSource(looked.answered ? "success" : "error");
    }
    for (const auto& id : looked.drifted) {
        metrics.drifted(kinds::kindNameOf(id));
    }
    MetricState state;
    state.stack = snapshot.status.stack;
    state.suspended = !snapshot.suspended.empty();
    state.lastAppliedRevision = snapshot.status.lastAppliedRevision;
    for (const auto& attempt : snapshot.status.history) {
        if (attempt.result == "Applied" || attempt.result == "Repaired") {
            state.lastAppliedAt = static_cast<double>(attempt.time) / kMilliseconds;
            break;
        }
    }
    state.pendingChanges = looked.pending;
    for (const auto& condition : snapshot.status.conditions) {
        state.conditions.push_back({condition.type, condition.status});
    }
    state.lastHandshakes = looked.handshakes;
    for (const auto& id : snapshot.status.inventory) {
        ++state.resources[kinds::kindNameOf(id)];
    }
    state.containers = looked.states;
    metrics.observe(state);
}

}  // namespace vigie::controller
