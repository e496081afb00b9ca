// `vigie apply`: brings a host to a document.
#include "apply/inputs/desired_state.hpp"
#include "base/error.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/session.hpp"
#include "plan/guard.hpp"
#include "spec/format.hpp"

namespace vigie::cli {

int apply(const ApplyOptions& options) {
    const auto loaded = loadUsable(options.directory);
    const std::string name = chooseHost(loaded, options.host);
    const auto& stack = loaded.document->stack;
    if (const auto* host = stack.host(name); host != nullptr && !stack.suspendedBy(*host).empty()) {
        throw Error("host `" + name + "` is suspended: the document has " + stack.suspendedBy(*host),
                    "remove it from the document to apply; `vigie plan` shows the pending changes");
    }
    Session session(options.root, BesideController::refused);
    auto& here = session.here;
    if (!options.confirmWithin.empty()) {
        const auto within = spec::parseDuration(options.confirmWithin);
        if (!within || *within == 0) {
            throw Error("`" + options.confirmWithin + "` is not a duration", "write it like 90s, 2m or 1h");
        }
        session.settings.confirmWithin = std::chrono::milliseconds(*within);
    }
    session.settings.changeHost = options.changeHost;
    plan::Options planOptions;
    planOptions.activation = here.activation(options.noActivate ? "none" : options.activate);
    planOptions.adopt = {options.adopt.begin(), options.adopt.end()};
    planOptions.allowRemoval = {options.allowRemoval.begin(), options.allowRemoval.end()};
    if (options.changeHost) {  // that is what it is about
        planOptions.allowRemoval = plan::everyGuardedComponent();
    }
    const auto target = apply::makeDesiredState(loaded,
                                                {.host = name,
                                                 .revision = "",
                                                 .stateDirectory = options.root.state,
                                                 .tryOut = here.tryOut(),
                                                 .options = planOptions},
                                                session.store.inventory(), here.system());
    return session.converge(target, options.yes);
}

}  // namespace vigie::cli
