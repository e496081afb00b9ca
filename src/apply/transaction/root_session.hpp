// What the agent and the commands share when they change a root: its lock, how its guard starts, and the way
// back to a generation.
#pragma once

#include "apply/apply.hpp"
#include "apply/inputs/desired_state.hpp"
#include "apply/transaction/lock.hpp"
#include "source/directory.hpp"
#include "state/store.hpp"
#include "system/system.hpp"

#include <functional>
#include <optional>
#include <string>

namespace vigie::apply {

/// Takes the lock of a root, which the programs that are started hold as well. Throws Error with the holder.
[[nodiscard]] Lock lockRoot(const std::string& stateDirectory, const system::Files& files);

/// The settings that every apply on this root has: where its state is, and how its guard is started.
[[nodiscard]] Settings settingsOn(const std::string& stateDirectory, const system::System& system);

/// Rolls the open transaction back because an operator says so, and returns the story; nothing when none is
/// open. Throws Error when it was confirmed meanwhile. The caller holds the root's lock.
std::optional<std::string> rollBackOpen(state::Store& store, const Settings& settings,
                                        const system::System& system);

/// Which generation is asked for, and how it is rendered.
struct RollbackRequest {
    std::string to;                                                     ///< see `chooseGeneration`
    std::function<source::Loaded(const std::string& directory)> load;   ///< by its path on this machine
    std::function<std::string(const source::Loaded& document)> hostOf;  ///< which host of it this root is
    std::string stateDirectory;
    bool tryOut = false;
    plan::Options options;  ///< the removal of guarded components is allowed in any case
};

/// A generation, and what the host becomes when it goes back to it.
struct WayBack {
    state::Generation generation;
    DesiredState target;
};

/// Throws Error when there is no such generation, or when it cannot be used.
WayBack wayBack(const RollbackRequest& request, const state::Store& store, const system::System& system);

/// Suspends the controller: it would go forward again.
void suspendForRollback(state::Store& store, const state::Generation& generation);
/// The same behind a rollback that failed, for the reason `why`.
void suspendForFailedRollback(state::Store& store, const std::string& why);

}  // namespace vigie::apply
