// Makes the real files, programs and connections of a host.

#include "cli/host_system.hpp"

#include "apply/inputs/own_state.hpp"
#include "base/error.hpp"

#include <filesystem>

namespace vigie::cli {

HostSystem::HostSystem(const RootOptions& options)
    : files(system::normalRoot(options.root)),
      processes(stop),
      http(processes, system::helperPath("vigie-http")),
      engine(system::kEngineSocket, stop),
      attach({.socket = system::kAttachSocket, .helper = system::helperPath("vigie-attach")}, stop),
      options_(options) {
    options_.root = system::normalRoot(options.root);
    if (options.state.empty() || options.state.front() != '/') {
        throw Error("the state directory `" + options.state + "` is not absolute");
    }
}

plan::Activation HostSystem::activation(const std::string& text) const {
    if (text.empty()) {
        return tryOut() ? plan::Activation::none : plan::Activation::all;
    }
    return plan::activationFrom(text).value_or(plan::Activation::none);
}

std::string HostSystem::statePath(const std::string& name) const {
    return files.real(options_.state + "/" + name);
}

state::Store HostSystem::openStore() const {
    apply::requireOwnState(options_.state, files);
    return state::Store::open(statePath("vigie.db"));
}

state::Inventory HostSystem::inventory() const {
    apply::requireOwnState(options_.state, files);
    const auto store = state::Store::openReadOnly(statePath("vigie.db"));
    return store ? store->inventory() : state::Inventory{};
}

void HostSystem::makeStateDirectory() {
    if (tryOut()) {
        std::filesystem::create_directories(options_.root);
    }
    constexpr int kTries = 10;  // there is no lock yet: others may be making the same directories
    for (int i = 1; !files.inspect(options_.state).exists(); ++i) {
        try {
            system::makeParents(files, options_.state);
            files.makeDirectory(options_.state, 0700, std::nullopt);
        } catch (const Error&) {
            if (i == kTries) {
                throw;
            }
        }
    }
}

}  // namespace vigie::cli
