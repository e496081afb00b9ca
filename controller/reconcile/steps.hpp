// The steps of a pass. Each is a function of what is injected and of what is remembered: it goes on
// (nothing), or ends the pass with an outcome. In the order in which `reconcile` calls them.
#pragma once

#include "controller/outcome.hpp"
#include "controller/reconcile/context.hpp"
#include "controller/reconcile/state.hpp"

#include <optional>
#include <string>

namespace vigie::controller {

/// Nothing: the next step goes on.
using Step = std::optional<Outcome>;

/// Finishes a transaction that is open before anything else is looked at. Ends the pass while it waits to be
/// confirmed.
Step recoverTransaction(Context& on, State& state);

/// Asks the remote for its tip, if this pass does.
Step askRemote(Context& on, State& state);

/// Brings the tip's tree, once it is trusted.
Step fetchTip(Context& on, State& state);

/// Reads the tip's document and renders this host of it.
Step loadTip(Context& on, State& state);

/// Brings the host to the tip, as far as mode, suspension, approval, quarantine and other hosts let it.
/// Always ends the pass.
Step converge(Context& on, State& state);

/// The tip must wait for another host: applies nothing but its tunnel. Nothing: it need not wait.
Step blockOnRollout(Context& on, State& state);

/// Keeps the host at the revision that was applied last while the tip cannot be had or must not be applied.
/// Throws Error when drift is not repaired.
void keepApplied(Context& on, State& state, const Outcome& outcome);
/// The same whatever the outcome. Throws Error.
void repairApplied(Context& on, State& state);

/// What runs on the host is known also where a step has ended the pass before it was looked at.
void observeAnyway(Context& on, State& state);

// What steps have in common.

/// An outcome that failed for want of the remote.
Outcome sourceFailure(State& state, const std::string& problem, Novelty novelty);
/// The revision in hand did not work: it is tried again after a pause.
Outcome backOff(Context& on, State& state, const Error& error);
/// What is told while that pause lasts.
Outcome pausing(const State& state);
/// Milliseconds until the next try after so many failures in a row, with jitter.
std::int64_t pauseAfter(const Context& on, int failures, std::int64_t longest);
/// The same, of what failed with `error`.
std::int64_t pauseAfter(const Context& on, const Error& error, int failures);

/// Reads the document of a revision whose tree is there and renders this host of it. Throws InvalidDocument,
/// Unreadable and Error.
apply::DesiredState desiredAt(Context& on, State& state, const std::string& revision);
/// The revision that is applied is in `state.desired.applied`; false when it cannot be had.
bool loadApplied(Context& on, State& state);

/// The settings of an apply of `revision`, of which others are told each step.
apply::Settings settingsOf(Context& on, const State& state, const std::string& revision, bool repair);
/// Applies a plan that was made without the lock, unless the host has moved since. Afterwards `comparison` is
/// what was seen when it was verified. Throws Error.
void applyPlan(Context& on, State& state, const apply::DesiredState& desired, const plan::Plan& plan,
               apply::ObservedPlan& comparison);

/// Compares health with `desired` and says what is new.
void observeHealth(Context& on, State& state, const apply::DesiredState& desired,
                   const apply::ObservedPlan& comparison);
/// Says what a plan is about to change.
void tellPlan(Context& on, State& state, const plan::Plan& plan, const std::string& revision, bool drift);
/// Says what was done; peers that were dialled anew by name.
void tellDone(Context& on, const plan::Plan& plan, const char* event, const std::string& story,
              const std::string& unproven = {});

}  // namespace vigie::controller
