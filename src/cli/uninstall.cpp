// `vigie uninstall`: gives a host back.
#include "base/error.hpp"
#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "kinds/kind.hpp"
#include "plan/guard.hpp"

#include <unistd.h>

#include <algorithm>

namespace vigie::cli {

int uninstall(const UninstallOptions& options) {
    if (options.keep == options.purge) {
        throw Error("choose --keep or --purge",
                    "--keep leaves everything as it is, no longer managed by vigie; --purge removes what "
                    "vigie created and restores what it took over");
    }
    Session session(options.root, BesideController::refused);
    auto& here = session.here;
    apply::DesiredState target;
    target.host = session.store.lastHost();
    target.options.activation = here.activation(options.activate);
    if (options.purge) {
        session.settings.uninstall = true;
        target.options.givesBack = true;
        target.options.allowRemoval = plan::everyGuardedComponent();
        return session.converge(target, options.yes);
    }
    const auto owned = session.store.inventory();
    if (std::any_of(owned.begin(), owned.end(),
                    [](const auto& each) { return kinds::isA(kinds::Kind::attached, each.first); })) {
        // What proves their reloads goes, and they read what is left.
        session.settings.uninstall = true;
        target.options.prune = false;
        target.options.releases = true;
        if (const int result = session.converge(target, options.yes); result != kOk) {
            return result;
        }
    }
    if (!options.yes && isatty(STDIN_FILENO) != 1) {
        throw Error(
            "standard input is not a terminal, so you cannot be asked whether to stop managing this host",
            "add --yes");
    }
    if (!options.yes && !cli::confirm("Stop managing " + std::to_string(owned.size()) +
                                      " resources and leave them as they are?")) {
        say("nothing was changed");
        return kDifference;
    }
    state::Applied applied;
    applied.attempt = {here.clock.now(), "", state::AttemptResult::uninstalled,
                       "vigie stopped managing this host; everything was kept"};
    session.store.record(applied);
    print("vigie no longer manages anything on this host; everything stays as it is\n");
    return kOk;
}

}  // namespace vigie::cli
