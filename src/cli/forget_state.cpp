// `vigie recover --forget-state`: the way on when the state database is damaged.

#include "apply/transaction/lock.hpp"
#include "base/error.hpp"
#include "cli/commands.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"
#include "state/damaged.hpp"
#include "state/time.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace vigie::cli {
namespace {

/// `20261130T193447Z`: a time that may stand in a file's name.
std::string stamp(std::int64_t now) {
    std::string out = state::rfc3339(now);
    out.erase(std::remove_if(out.begin(), out.end(), [](char c) { return c == '-' || c == ':'; }), out.end());
    return out;
}

/// A database that can be read, also one of an older version, is asked whether something is left to be
/// finished. One that is damaged cannot say it; of any other trouble nothing is forgotten.
void demandNothingOpen(const std::string& path) {
    bool open = false;
    try {
        open = state::Store::open(path).journal().has_value();
    } catch (const state::Damaged&) {
        say("the state database cannot be read; if an apply was interrupted, the host stays as it is now");
    }
    if (open) {
        throw Error(
            "a transaction is open on this host, and only the state database has the before-images to roll "
            "it back",
            "`vigie recover` finishes it");
    }
}

/// The write-ahead log goes first: beside a new database the old one's log must never be found.
void moveAside(const std::string& path, const std::string& target) {
    for (const auto* suffix : {"-wal", "-shm", ""}) {
        std::error_code failed;
        std::filesystem::rename(path + suffix, target + suffix, failed);
        if (failed && failed != std::errc::no_such_file_or_directory) {
            throw Error("cannot move " + path + suffix + ": " + failed.message(),
                        "nothing else was changed; fix this and try again");
        }
    }
}

}  // namespace

int forgetState(const RecoverOptions& options) {
    HostSystem here(options.root);
    const std::string path = here.statePath("vigie.db");
    if (const int pid = apply::Lock::holder(here.statePath("controller.lock")); pid != 0) {
        throw Error("a controller runs on this root (process " + std::to_string(pid) + ")",
                    "stop it first: systemctl stop vigie");
    }
    if (!here.files.inspect(options.root.state + "/vigie.db").exists()) {
        throw Error("there is no state database at " + path,
                    "check that this is the right host, and that --state is right");
    }
    const apply::Lock controller(here.statePath("controller.lock"), "the controller's lock on this root");
    const apply::Lock lock(here.statePath("lock"), "this root", apply::WithTools::yes);
    demandNothingOpen(path);
    if (!options.yes) {
        if (isatty(STDIN_FILENO) != 1) {
            throw Error(
                "standard input is not a terminal, so you cannot be asked whether to forget the state of "
                "this host",
                "add --yes");
        }
        say("The history, the generations for `vigie rollback` and a suspension will be lost.");
        if (!cli::confirm("Forget what vigie knows about this host?")) {
            say("nothing was changed");
            return kDifference;
        }
    }
    const std::string target = path + "." + stamp(here.clock.now());
    moveAside(path, target);
    print("the state database is now " + target +
          "\n"
          "Nothing else on this host was changed. At the next apply, or when the controller is started:\n"
          "  - what is identical to the document is taken over without asking;\n"
          "  - what differs is shown and not changed until `vigie apply --adopt ID` names it;\n"
          "  - what is not (or no longer) in the document stays, and vigie no longer manages it.\n"
          "The history, the generations and a suspension are lost.\n");
    return kOk;
}

}  // namespace vigie::cli
