// `vigie rollback`: applies a generation that was applied before.

#include "apply/generations.hpp"
#include "apply/recover.hpp"
#include "apply/target.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "plan/guard.hpp"
#include "state/time.hpp"

namespace vigie::cli {
namespace {

std::string nameOf(const state::Generation& generation) {
    return std::to_string(generation.number) + "  " + state::rfc3339(generation.time) + "  " +
           (generation.revision.empty() ? "(directory)" : shortRevision(generation.revision));
}

int list(const HostSystem& here) {
    const auto store = state::Store::openReadOnly(here.statePath("vigie.db"));
    const auto generations = store ? store->generations() : std::vector<state::Generation>{};
    for (const auto& each : generations) {
        print(nameOf(each) + (apply::isApplied(each, *store) ? "  (applied now)" : "") + "\n");
    }
    if (generations.empty()) {
        throw Error("nothing has been applied on this host yet");
    }
    return kOk;
}

/// The host that this root is; it was written down when it was applied.
std::string hostOf(const source::Loaded& loaded, const std::string& given, const state::Store& store) {
    return given.empty() && !store.lastHost().empty() ? store.lastHost() : chooseHost(loaded, given);
}

}  // namespace

int rollback(const RollbackOptions& options) {
    if (options.list) {
        return list(HostSystem(options.root));
    }
    Session session(options.root, BesideController::allowed);
    auto& here = session.here;
    if (session.store.journal()) {
        const auto story = apply::takeBack(session.store, "RolledBack", "the operator rolled the change back",
                                           session.settings, here.system());
        if (!story) {
            throw Error(apply::kConfirmedMeanwhile,
                        "run `vigie rollback` again to apply the generation before it");
        }
        say(*story);
        return kOk;
    }
    const auto generation = apply::chooseGeneration(session.store.generations(), options.to);
    const auto loaded =
        loadUsable(here.files.real(apply::generationDirectory(options.root.state, generation.directory)));
    plan::Options planOptions;
    planOptions.activation = here.activation(options.activate);
    planOptions.allowRemoval = plan::everyGuardedComponent();  // that document was asked for by name
    const auto target = apply::makeTarget(loaded,
                                          {hostOf(loaded, options.host, session.store), generation.revision,
                                           options.root.state, here.tryOut(), planOptions},
                                          session.store.inventory(), here.system());
    for (const auto& each : session.store.generations()) {
        if (apply::isApplied(each, session.store)) {
            say("applied now:   " + nameOf(each));
        }
    }
    say("going back to: " + nameOf(generation));
    session.settings.story = apply::wentBackTo(generation);
    bool suspended = false;
    const auto reportSuspended = [&] {
        if (suspended) {
            say("the controller of this host is suspended; `vigie resume` lets it continue");
        }
    };
    try {
        const int code = session.converge(target, options.yes, [&] {
            session.store.suspend("rolled back to generation " + std::to_string(generation.number) +
                                  " by the operator; `vigie resume` lets the controller continue");
            suspended = true;
        });
        reportSuspended();
        return code;
    } catch (const Error& error) {
        if (suspended) {
            session.store.suspend(std::string("a rollback failed: ") + error.what() +
                                  "; `vigie resume` lets the controller continue");
        }
        reportSuspended();
        throw;
    }
}

}  // namespace vigie::cli
