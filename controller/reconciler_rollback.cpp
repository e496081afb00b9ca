// The part of the reconciler that goes back when an operator says so.

#include "apply/transaction/generations.hpp"
#include "apply/transaction/lock.hpp"
#include "apply/transaction/recover.hpp"
#include "base/error.hpp"
#include "controller/reconciler.hpp"
#include "controller/words.hpp"
#include "plan/guard.hpp"
#include "source/directory.hpp"

namespace vigie::controller {

void Reconciler::rollback(const std::string& to) {
    const auto now = world_.looking.clock.now();
    bool suspendedByThis = false;
    try {
        store_.mend();
        const auto& files = world_.looking.files;
        const apply::Lock lock(files.real(config_.state + "/lock"), "this root", apply::WithTools::yes);
        if (store_.journal()) {
            const auto story = apply::takeBack(store_, "RolledBack", "the operator took the change back",
                                               settings(store_.journal()->revision, false), world_.changing);
            if (!story) {
                throw Error(apply::kConfirmedMeanwhile,
                            "`vigie rollback` once more goes back to the one before");
            }
            store_.suspend("the operator took a change back; `vigie resume` lets the controller go on");
            world_.events.normal("RolledBack", *story, now);
            return;
        }
        const auto generation = apply::chooseGeneration(store_.generations(), to);
        const auto loaded = source::loadDirectory(
            files.real(apply::generationDirectory(config_.state, generation.directory)));
        if (!loaded.usable()) {
            throw Error("the document of generation " + std::to_string(generation.number) + " is damaged",
                        "go back to another one");
        }
        auto options = planOptions();
        options.allowRemoval = plan::everyGuardedComponent();  // that document was asked for by name
        const auto target = apply::makeTarget(
            loaded, {config_.host, generation.revision, config_.state, config_.root != "/", options},
            store_.inventory(), world_.looking);
        const std::string which = "generation " + std::to_string(generation.number);
        store_.suspend("rolled back to " + which +
                       " by the operator; `vigie resume` lets the controller go on");
        suspendedByThis = true;
        auto how = settings(generation.revision, false);
        how.story = apply::wentBackTo(generation);
        how.imagesWith = nullptr;  // it was asked for once: a stop waits for it
        apply::apply(target, apply::planFor(target, store_.inventory(), world_.looking), store_, how,
                     world_.changing);
        applied_ = target;
        world_.log.info("rolled back to " + which);
        world_.events.normal("RolledBack", "rolled back to " + which, now);
    } catch (const Error& error) {
        world_.log.error("rollback: " + withHint(error));
        if (suspendedByThis) {
            store_.suspend("a rollback failed: " + withHint(error) +
                           "; `vigie resume` lets the controller go on");
        }
        world_.events.warning("RollbackFailed", withHint(error), now);
    }
}

}  // namespace vigie::controller
