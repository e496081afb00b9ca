// `vigie uninstall`: gives a host back.
#include "base/error.hpp"
#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "plan/guard.hpp"

#include <unistd.h>

namespace vigie::cli {

int uninstall(const UninstallOptions& options) {
    if (options.keep == options.purge) {
        throw Error("what is to become of what vigie made?",
                    "add --keep (everything stays, and is no longer ours) or --purge (everything goes)");
    }
    Session session(options.root, BesideController::refused);
    auto& here = session.here;
    apply::Target target;
    target.host = session.store.lastHost();
    target.options.activation = here.activation(options.activate);
    if (options.purge) {
        session.settings.uninstall = true;
        target.options.givesBack = true;
        target.options.allowRemoval = plan::everyGuardedComponent();
        return session.converge(target, options.yes);
    }
    const auto owned = session.store.inventory();
    if (!options.yes && isatty(STDIN_FILENO) != 1) {
        throw Error("nobody can be asked whether to forget this", "add --yes");
    }
    if (!options.yes &&
        !cli::confirm("Forget " + std::to_string(owned.size()) + " resources and leave them as they are?")) {
        say("nothing was changed");
        return kDifference;
    }
    state::Applied applied;
    applied.attempt = {here.clock.now(), "", state::AttemptResult::uninstalled, "everything was kept"};
    session.store.record(applied);
    print("vigie owns nothing on this host any more; everything stays as it is\n");
    return kOk;
}

}  // namespace vigie::cli
