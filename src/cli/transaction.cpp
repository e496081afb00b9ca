// The commands about a transaction that is open, and about letting the controller change things.

#include "apply/transaction/recover.hpp"
#include "apply/transaction/suspension.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "cli/commands.hpp"
#include "cli/controller_client.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "state/time.hpp"

namespace vigie::cli {
namespace {

/// Whether a controller runs and has its socket: one that is just starting or ending has none, and what is
/// in the database counts for it as well.
bool answers(ControllerClient& controller) {
    if (controller.pid() == 0) {
        return false;
    }
    try {
        controller.text("/healthz");
        return true;
    } catch (const Error&) {
        return false;
    }
}

}  // namespace

int confirm(const RootOptions& options) {
    // Without the root's lock: its holder may be about to roll the change back. The database decides which of
    // the two wins.
    HostSystem here(options);
    if (ControllerClient controller(here); answers(controller)) {
        controller.post("/api/v1/confirm", nlohmann::ordered_json::object());
        print("confirmed; the change stays\n");
        return kOk;
    }
    if (!here.files.inspect(options.state + "/vigie.db").exists()) {
        throw Error("nothing has been applied on this host yet, so there is no change to confirm",
                    "check that this is the right host, and that --state is right");
    }
    auto store = here.openStore();
    const auto journal = store.journal();
    if (!journal || journal->state != state::JournalState::armed) {
        throw Error(journal ? "the change is already being rolled back" : "no change waits for confirmation");
    }
    auto applied = journal->applied;
    applied.attempt.time = here.clock.now();
    if (!store.commit(applied)) {
        throw Error("too late: the change is being rolled back");
    }
    print("confirmed; the change stays\n");
    return kOk;
}

int recover(const RecoverOptions& options) {
    if (options.forgetState) {
        return forgetState(options);
    }
    Session session(options.root, BesideController::allowed);
    if (const auto journal = session.store.journal()) {
        print("the last applied change " + apply::waitingFor(*journal, session.here.clock) + "\n");
        return kDifference;
    }
    print("no transaction is open on this host\n");
    return kOk;
}

int suspend(const SuspendOptions& options) {
    HostSystem here(options.root);
    const auto asked = apply::suspensionFor(options.reason, options.time, here.clock.now());
    std::string until = asked.until == 0 ? "" : state::rfc3339(asked.until);
    if (ControllerClient controller(here); answers(controller)) {
        auto body = nlohmann::ordered_json::object();
        if (!options.reason.empty()) {
            body["reason"] = options.reason;
        }
        if (!options.time.empty()) {
            body["for"] = options.time;
        }
        until = memberOr(controller.post("/api/v1/suspend", body), "until", until);
    } else {
        here.makeStateDirectory();
        here.openStore().suspend(asked.why, asked.until);
    }
    print("the controller changes nothing on this host until " + (until.empty() ? "" : until + " or ") +
          "`vigie resume`\n");
    return kOk;
}

int resume(const RootOptions& options) {
    const HostSystem here(options);
    if (ControllerClient controller(here); answers(controller)) {
        controller.post("/api/v1/resume", nlohmann::ordered_json::object());
    } else {
        here.openStore().resume();
    }
    print("the controller of this host may change it again\n");
    return kOk;
}

}  // namespace vigie::cli
