// The reconciler: an ordered list of steps over what is remembered, and one place that makes conditions and
// times of their outcomes.
#pragma once

#include "controller/config.hpp"
#include "controller/published.hpp"
#include "controller/reconcile/context.hpp"
#include "controller/reconcile/requeue.hpp"
#include "controller/reconcile/state.hpp"
#include "controller/reconcile/world.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace vigie::controller {

/// Brings one host to the tip of the repository and keeps it there. Of one thread.
class Reconciler {
public:
    Reconciler(const Config& config, state::Store& store, const World& world)
        : context_(config, store, world) {}

    /// One pass. Only Interrupted passes through, and Error while the state database cannot be opened.
    void reconcile(const PassRequest& request);

    /// Goes back to a generation (a number, a revision, or empty for the one before), or rolls back what
    /// waits to be confirmed, and suspends. Failures are logged and told as events.
    void rollback(const std::string& to);

    /// When the next pass is due.
    [[nodiscard]] Requeue requeue() const { return requeueAfter(context_, state_, outcome_); }
    /// When the remote is asked again, for others to know; monotonic.
    void polledAt(std::int64_t at);

    /// Tells the other threads what is known after a pass, and then writes it down.
    void publish();
    /// The controller ends; whoever reads what is on the disk sees since when.
    void stopped() { context_.report.stopped(); }
    [[nodiscard]] Snapshot snapshot() const;

    [[nodiscard]] const Status& status() const { return context_.report.status(); }
    [[nodiscard]] const Outcome& outcome() const { return outcome_; }
    [[nodiscard]] const PassMetrics& metrics() const { return state_.pass.metrics; }
    [[nodiscard]] const State& state() const { return state_; }

    /// What must be looked at when it changes: paths as the host sees them, and compose projects.
    [[nodiscard]] std::vector<std::string> watchedPaths() const;
    [[nodiscard]] std::set<std::string> watchedProjects() const;

private:
    /// Throws what a step throws.
    [[nodiscard]] Outcome runSteps();
    /// The outcome of this pass from here on, which is told unless it was before.
    void conclude(Outcome outcome);
    void keepHostAsApplied();
    void summarise();

    Context context_;
    State state_;
    Outcome outcome_ = {.result = Result::starting};
};

}  // namespace vigie::controller
