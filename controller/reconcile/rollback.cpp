// Going back when an operator says so.
#include "controller/reconcile/rollback.hpp"

#include "apply/transaction/generations.hpp"
#include "apply/transaction/root_session.hpp"
#include "base/error.hpp"
#include "controller/reconcile/steps.hpp"
#include "controller/words.hpp"

namespace vigie::controller {
namespace {

/// Whether a change that waited to be confirmed was rolled back.
bool rollBackWhatWaits(Context& on, State& state) {
    const auto journal = on.store.journal();
    if (!journal) {
        return false;
    }
    const auto story =
        apply::rollBackOpen(on.store, settingsOf(on, state, journal->revision, false), on.world.changing);
    on.store.suspend("the operator rolled a change back; `vigie resume` lets the controller continue");
    on.narrator.event("RolledBack", story.value_or(""));
    return true;
}

void goBack(Context& on, State& state, const apply::WayBack& back) {
    auto how = settingsOf(on, state, back.generation.revision, false);
    how.story = apply::wentBackTo(back.generation);
    how.imagesWith = nullptr;  // it was asked for once: a stop waits for it
    apply::apply(back.target, apply::planFor(back.target, on.store.inventory(), on.world.looking), on.store,
                 how, on.world.changing);
    state.desired.applied = back.target;
    on.narrator.normal("RolledBack", "rolled back to generation " + std::to_string(back.generation.number));
}

}  // namespace

void rollBack(Context& on, State& state, const std::string& to) {
    bool suspendedByThis = false;
    try {
        on.store.mend();
        const auto lock = on.world.lockRoot();
        if (rollBackWhatWaits(on, state)) {
            return;
        }
        const auto back = apply::wayBack({.to = to,
                                          .load = on.world.load,
                                          .hostOf = [&](const source::Loaded&) { return on.config.host; },
                                          .stateDirectory = on.config.state,
                                          .tryOut = on.config.root != "/",
                                          .options = planOptions(on.config)},
                                         on.store, on.world.looking);
        apply::suspendForRollback(on.store, back.generation);
        suspendedByThis = true;
        goBack(on, state, back);
    } catch (const Error& error) {
        on.narrator.error("rollback: " + withHint(error));
        if (suspendedByThis) {
            apply::suspendForFailedRollback(on.store, withHint(error));
        }
        on.narrator.warn("RollbackFailed", withHint(error));
    }
}

}  // namespace vigie::controller
