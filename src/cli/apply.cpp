#include "apply/apply.hpp"

#include "apply/lock.hpp"
#include "apply/observe.hpp"
#include "apply/target.hpp"
#include "base/error.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"
#include "plan/print.hpp"

#include <unistd.h>

namespace vigie::cli {

namespace {

/// What the success rests on, and what nobody looked at.
std::string whatWasSeen(const apply::Target& target, HostSystem& here) {
    if (target.options.activation == plan::Activation::none) {
        return "files verified, nothing was activated";
    }
    std::string out = "files verified";
    for (const auto& resource : target.desired) {
        if (const auto* reload = std::get_if<vigie::render::Reload>(&resource.what)) {
            const bool answered = apply::observeReload(*reload, here.http).answered;
            out += ", " + resource.id + (answered ? " proven" : " NOT proven: it does not answer");
        }
    }
    return out;
}

}  // namespace

int apply(const ApplyOptions& options) {
    const auto loaded = loadUsable(options.directory);
    HostSystem here(options.root);
    here.makeStateDirectory();
    if (const int pid = apply::Lock::holder(here.statePath("controller.lock")); pid != 0) {
        throw Error("a controller runs on this root (process " + std::to_string(pid) + ")",
                    "push the change and let it apply, or stop it first");
    }
    const apply::Lock lock(here.statePath("lock"), "this root");
    const auto activation = here.activation(options.noActivate ? "none" : options.activate);
    const auto target = apply::makeTarget(loaded,
                                          {chooseHost(loaded, options.host),
                                           "",
                                           options.root.state,
                                           here.tryOut(),
                                           {activation, {options.adopt.begin(), options.adopt.end()}, false}},
                                          here.files);
    auto store = state::Store::open(here.statePath("vigie.db"));
    const auto plan = apply::planFor(target, store.inventory(), here.system());
    print(toText(plan, colourOn(STDOUT_FILENO)));
    if (!plan.empty() && !plan.refused() && !options.yes) {
        if (isatty(STDIN_FILENO) != 1) {
            throw Error("nobody can be asked whether to apply this", "add --yes");
        }
        if (!confirm("Apply this to host " + target.host + "?")) {
            say("nothing was changed");
            return kDifference;
        }
    }
    apply::Settings settings;
    settings.stateDirectory = options.root.state;
    settings.progress = [](const std::string& line) { say("  " + line); };
    // From here on an interruption waits until the transaction has ended one way or the other: nothing below
    // looks at it.
    system::Stop interrupted;
    interrupted.listen();
    apply::apply(target, plan, store, settings, here.system());
    if (!plan.empty()) {
        print("host " + target.host + ": applied; " + whatWasSeen(target, here) + "\n");
    }
    return kOk;
}

}  // namespace vigie::cli
