// `vigie rollback`: goes back to what was applied before.
#include "apply/inputs/desired_state.hpp"
#include "apply/transaction/generations.hpp"
#include "apply/transaction/recover.hpp"
#include "apply/transaction/root_session.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
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
    if (const auto story = apply::rollBackOpen(session.store, session.settings, here.system())) {
        say(*story);
        return kOk;
    }
    plan::Options planOptions;
    planOptions.activation = here.activation(options.activate);
    const auto back = apply::wayBack(
        {.to = options.to,
         .load = loadUsable,
         .hostOf = [&](const auto& loaded) { return hostOf(loaded, options.host, session.store); },
         .stateDirectory = options.root.state,
         .tryOut = here.tryOut(),
         .options = planOptions},
        session.store, here.system());
    for (const auto& each : session.store.generations()) {
        if (apply::isApplied(each, session.store)) {
            say("applied now:   " + nameOf(each));
        }
    }
    say("going back to: " + nameOf(back.generation));
    session.settings.story = apply::wentBackTo(back.generation);
    bool suspended = false;
    const auto reportSuspended = [&] {
        if (suspended) {
            say("the controller of this host is suspended; `vigie resume` lets it continue");
        }
    };
    try {
        const int code = session.converge(back.target, options.yes, [&] {
            apply::suspendForRollback(session.store, back.generation);
            suspended = true;
        });
        reportSuspended();
        return code;
    } catch (const Error& error) {
        if (suspended) {
            apply::suspendForFailedRollback(session.store, error.what());
        }
        reportSuspended();
        throw;
    }
}

}  // namespace vigie::cli
