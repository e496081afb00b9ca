// One apply in progress, and its parts in the order in which they are called.
#pragma once

#include "apply/apply.hpp"
#include "kinds/host.hpp"
#include "state/journal.hpp"

#include <exception>
#include <string>
#include <vector>

namespace vigie::apply {

struct Run {
    const DesiredState& target;
    const plan::Plan& plan;
    state::Store& store;
    const system::System& system;
    Settings settings;
    std::string renderDigest;
    kinds::Transaction transaction;
};

Run makeRun(const DesiredState& target, const plan::Plan& plan, state::Store& store, const Settings& settings,
            const system::System& system);

Applied runAll(Run& run);

/// What a plan must never do, before anything is touched. Throws Refused, or Error when it may be another the
/// next time.
void refuse(const Run& run);

/// What is there before anything is changed.
std::vector<state::BeforeImage> captureAll(const Run& run);

/// Containers stay up, programs have loaded what they should, health checks answer. Throws Rejected.
void requireHealth(const Run& run);

/// Success is what is observed, not what was not refused. Throws Rejected, or Error where somebody else
/// writes.
void verify(const Run& run);

/// Records the transaction, or arms it where somebody has to confirm it.
Applied finish(Run& run);
/// Takes it back and throws. `rejected`: what was rendered is what does not work.
[[noreturn]] void fail(Run& run, const std::exception& error, const std::string& hint, bool rejected);

/// What history is told.
state::Applied appliedBy(const Run& run);
/// What history keeps of the plan; it has no secrets.
std::string planText(const Run& run);
/// The host was like this before, and that is recorded.
bool nothingHappened(const Run& run);
/// What is applied now is what is rendered.
bool repairs(const Run& run);

}  // namespace vigie::apply
