#include "controller/rollback_plan.hpp"

#include "apply/apply.hpp"
#include "apply/inputs/target.hpp"
#include "apply/transaction/generations.hpp"
#include "base/error.hpp"
#include "plan/guard.hpp"
#include "source/directory.hpp"
#include "state/store.hpp"
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
    const auto store = state::Store::openReadOnly(files.real(config.state + "/vigie.db"));
    if (!store) {
        throw Error("nothing was applied here yet");
    }
    const auto generation = apply::chooseGeneration(store->generations(), std::to_string(number));
    const auto loaded =
        source::loadDirectory(files.real(apply::generationDirectory(config.state, generation.directory)));
    if (!loaded.usable()) {
        throw Error("the document of generation " + std::to_string(generation.number) + " is damaged",
                    "go back to another one");
    }
    auto how = options;
    how.allowRemoval = plan::everyGuardedComponent();  // that document was asked for by name
    const system::System system{files, processes, http, engine, clock, names};
    const auto target =
        apply::makeTarget(loaded, {config.host, generation.revision, config.state, config.root != "/", how},
                          store->inventory(), system);
    return apply::planFor(target, store->inventory(), system);
}

}  // namespace vigie::controller
