// What must be looked at when it changes.
#include "controller/reconcile/watched.hpp"

#include "apply/inputs/desired_state.hpp"
#include "kinds/models.hpp"

namespace vigie::controller {
std::vector<std::string> watchedPaths(const Context& on, const State& state) {
    std::set<std::string> out{apply::keyPaths(on.config.state, {}).identity};
    const auto& known = state.desired;
    const auto* desired = known.tip ? &*known.tip : known.applied ? &*known.applied : nullptr;
    if (desired != nullptr) {
        for (const auto& resource : desired->desired) {
            for (auto& path : kinds::watchedOf(resource, desired->options.activation)) {
                out.insert(std::move(path));
            }
        }
    }
    for (const auto& id : on.report.status().inventory) {
        if (kinds::traitsOf(id).place != kinds::Place::none) {
            out.insert(kinds::nameOf(id));
        }
    }
    return {out.begin(), out.end()};
}

std::set<std::string> watchedProjects(const State& state) {
    std::set<std::string> out;
    const auto& desired = state.desired.tip;
    if (!desired || desired->options.activation != plan::Activation::all) {
        return out;
    }
    for (const auto& resource : desired->desired) {
        if (const auto* compose = kinds::containerOf(resource)) {
            out.insert(compose->project.name);
        }
    }
    return out;
}

}  // namespace vigie::controller
