// What the agent and the commands share when they change a root: its lock, how its guard starts, and the way
// back to a generation.
#include "apply/transaction/root_session.hpp"

#include "apply/transaction/generations.hpp"
#include "apply/transaction/recover.hpp"
#include "base/error.hpp"
#include "plan/guard.hpp"
#include "system/libexec.hpp"

namespace vigie::apply {
namespace {

constexpr const char* kUntilResumed = "; `vigie resume` lets the controller continue";

}  // namespace

Lock lockRoot(const std::string& stateDirectory, const system::Files& files) {
    return {files.real(stateDirectory + "/lock"), "this root", WithTools::yes};
}

Settings settingsOn(const std::string& stateDirectory, const system::System& system) {
    Settings out;
    out.stateDirectory = stateDirectory;
    out.startGuard = [&processes = system.processes, root = system.files.real("/"), stateDirectory] {
        processes.startDetached({system::helperPath("vigie-guard"), root, stateDirectory});
    };
    return out;
}

std::optional<std::string> rollBackOpen(state::Store& store, const Settings& settings,
                                        const system::System& system) {
    if (!store.journal()) {
        return std::nullopt;
    }
    auto story = rollBack(store, state::AttemptResult::rolledBack, "the operator rolled the change back",
                          settings, system);
    if (!story) {
        throw Error(kConfirmedMeanwhile, "run `vigie rollback` again to apply the generation before it");
    }
    return story;
}

WayBack wayBack(const RollbackRequest& request, const state::Store& store, const system::System& system) {
    auto generation = chooseGeneration(store.generations(), request.to);
    const auto loaded =
        request.load(system.files.real(generationDirectory(request.stateDirectory, generation.directory)));
    if (!loaded.usable()) {
        throw Error("the document of generation " + std::to_string(generation.number) + " is damaged",
                    "go back to another one");
    }
    auto options = request.options;
    options.allowRemoval = plan::everyGuardedComponent();  // that document was asked for by name
    auto target = makeDesiredState(loaded,
                                   {.host = request.hostOf(loaded),
                                    .revision = generation.revision,
                                    .stateDirectory = request.stateDirectory,
                                    .tryOut = request.tryOut,
                                    .options = std::move(options)},
                                   store.inventory(), system);
    return {.generation = std::move(generation), .target = std::move(target)};
}

void suspendForRollback(state::Store& store, const state::Generation& generation) {
    store.suspend("rolled back to generation " + std::to_string(generation.number) + " by the operator" +
                  kUntilResumed);
}

void suspendForFailedRollback(state::Store& store, const std::string& why) {
    store.suspend("a rollback failed: " + why + kUntilResumed);
}

}  // namespace vigie::apply
