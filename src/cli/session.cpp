// A command that changes a host.
#include "cli/session.hpp"

#include "apply/transaction/recover.hpp"
#include "apply/transaction/root_session.hpp"
#include "base/error.hpp"
#include "cli/terminal.hpp"
#include "kinds/models.hpp"
#include "kinds/reload/loaded.hpp"
#include "plan/print.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

namespace vigie::cli {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);

/// The guard takes the lock briefly from time to time: wait for it a little. Wait for the tools of a killed
/// agent until they end.
apply::Lock lockRoot(const std::string& state, HostSystem& here) {
    constexpr int kTries = 20;
    constexpr int kTriesForTools = 3000;
    here.makeStateDirectory();
    for (int i = 1;; ++i) {
        try {
            return apply::lockRoot(state, here.files);
        } catch (const Error&) {
            const int holder = apply::Lock::holder(here.statePath("lock"));
            const bool dead = holder != 0 && ::kill(holder, 0) != 0 && errno == ESRCH;
            if (i == kTries && dead) {
                say("waiting for programs that an interrupted apply started");
            }
            if (i >= (dead ? kTriesForTools : kTries)) {
                throw;
            }
            std::this_thread::sleep_for(kPause);
        }
    }
}

/// Lists what was verified after an apply, and what was not.
std::string verificationSummary(const apply::DesiredState& target, HostSystem& here) {
    if (target.options.activation == plan::Activation::none) {
        return "files verified; nothing was activated";
    }
    std::string out = "files verified";
    for (const auto& resource : target.desired) {
        if (const auto* program = kinds::programOf(resource)) {
            const bool answered = apply::observeReload(*program, here.system()).answered;
            out += ", " + resource.id + (answered ? " proven" : " NOT proven: it does not answer");
        }
    }
    return out;
}

}  // namespace

Session::Session(const RootOptions& options, BesideController beside)
    : here(options), lock(lockRoot(options.state, here)), store(here.openStore()) {
    if (const int pid = apply::Lock::holder(here.statePath("controller.lock"));
        pid != 0 && beside == BesideController::refused) {
        throw Error("a controller runs on this root (process " + std::to_string(pid) + ")",
                    "push the change and run `vigie reconcile --wait`, or stop the controller first");
    }
    settings = apply::settingsOn(options.state, here.system());
    settings.progress = [](const std::string& line) { say("  " + line); };
    const auto attended = apply::recoverOpen(store, settings, here.system());
    if (!attended.message.empty() && attended.what != apply::Recovery::waiting) {
        say(attended.message);
    }
}

int Session::converge(const apply::DesiredState& target, bool yes, const std::function<void()>& agreed) {
    if (const auto journal = store.journal()) {
        throw Error("the last applied change " + apply::waitingFor(*journal, here.clock),
                    "`vigie confirm` keeps it; `vigie rollback` rolls it back now");
    }
    const auto plan = apply::planFor(target, store.inventory(), here.system());
    print(toText(plan, colourOn(STDOUT_FILENO), plan::Unchanged::hide, audienceOf(STDOUT_FILENO)));
    if (const auto why = store.quarantined(apply::renderDigest(target)); why && !plan.empty()) {
        say("note: this configuration failed on this host before and is tried again on request: " + *why);
    }
    if (!plan.empty() && !plan.refused() && !yes) {
        if (isatty(STDIN_FILENO) != 1) {
            throw Error("standard input is not a terminal, so you cannot be asked whether to apply this",
                        "add --yes");
        }
        if (!cli::confirm("Apply this to host " + target.host + "?")) {
            say("nothing was changed");
            return kDifference;
        }
    }
    // From here on an interruption takes effect only after the transaction has ended: nothing below checks it
    // earlier.
    system::Stop interrupted;
    interrupted.listen();
    if (agreed && !plan.refused()) {
        agreed();
    }
    const auto result = apply::apply(target, plan, store, settings, here.system());
    if (result == apply::Applied::armed) {
        if (settings.confirmWithin.count() != 0) {
            print("host " + target.host + ": applied; " + apply::waitingFor(*store.journal(), here.clock) +
                  ".\nOpen a new connection to this host and run `vigie confirm` there.\n");
            return kOk;
        }
        say("  waiting for a handshake of a peer; after Ctrl-C, vigie-guard goes on waiting");
        while (true) {
            const auto attended = apply::recoverOpen(store, settings, here.system());
            if (attended.what == apply::Recovery::waiting && !interrupted.waitFor(10 * kPause)) {
                continue;
            }
            print("host " + target.host + ": " + attended.message + "\n");
            return attended.what == apply::Recovery::confirmed ? kOk : kDifference;
        }
    }
    if (!plan.empty()) {
        print("host " + target.host + ": applied; " + verificationSummary(target, here) + "\n");
    }
    return kOk;
}

}  // namespace vigie::cli
