// What a rollback to a generation would change, for the API.
#include "controller/rollback_plan.hpp"

#include "apply/apply.hpp"
#include "apply/inputs/desired_state.hpp"
#include "apply/transaction/generations.hpp"
#include "apply/transaction/root_session.hpp"
#include "base/error.hpp"
#include "source/directory.hpp"
#include "state/store.hpp"
#include "system/attach_client.hpp"
#include "system/helper_http.hpp"
#include "system/libexec.hpp"
#include "system/real_clock.hpp"
#include "system/real_files.hpp"
#include "system/real_names.hpp"
#include "system/real_processes.hpp"
#include "system/unix_http.hpp"

#include <string>

namespace vigie::controller {

plan::Plan rollbackPlan(const Config& config, const plan::Options& options, std::int64_t number,
                        const system::Stop& stop) {
    system::RealFiles files(config.root);
    system::RealProcesses processes(stop);
    system::HelperHttp http(processes, system::helperPath("vigie-http"));
    system::UnixHttp engine(system::kEngineSocket, stop);
    system::RealClock clock;
    system::RealNames names(processes);
    system::RealAttach attach({.socket = system::kAttachSocket, .helper = system::helperPath("vigie-attach")},
                              stop);
    const auto store = state::Store::openReadOnly(files.real(config.state + "/vigie.db"));
    if (!store) {
        throw Error("nothing was applied here yet");
    }
    const system::System system{files, processes, http, engine, clock, names, attach};
    const auto back =
        apply::wayBack({.to = std::to_string(number),
                        .load = [](const std::string& directory) { return source::loadDirectory(directory); },
                        .hostOf = [&](const source::Loaded&) { return config.host; },
                        .stateDirectory = config.state,
                        .tryOut = config.root != "/",
                        .options = options},
                       *store, system);
    return apply::planFor(back.target, store->inventory(), system);
}

}  // namespace vigie::controller
