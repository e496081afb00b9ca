// The components whose removal from a host must be allowed by name.

#include "plan/guard.hpp"

#include "kinds/models.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

const GuardedComponent* guarded(std::string_view name) {
    const auto& all = guardedComponents();
    const auto it = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
    return it == all.end() ? nullptr : &*it;
}

}  // namespace

const std::vector<GuardedComponent>& guardedComponents() {
    static const std::vector<GuardedComponent> kAll = {{"prometheus", "Prometheus"},
                                                       {"alertmanager", "Alertmanager"},
                                                       {"jaeger", "Jaeger"},
                                                       {"grafana", "Grafana"},
                                                       {"wireguard", "the tunnel"}};
    return kAll;
}

std::set<std::string> everyGuardedComponent() {
    std::set<std::string> out;
    for (const auto& each : guardedComponents()) {
        out.insert(std::string(each.name));
    }
    return out;
}

Components componentsOf(const state::Inventory& inventory) {
    Components out;
    for (const auto& [id, owned] : inventory) {
        if (auto name = kinds::componentOf(id, owned.detail); guarded(name) != nullptr) {
            out[id] = std::move(name);
        }
    }
    return out;
}

Components componentsOf(const std::vector<render::Resource>& resources) {
    Components out;
    for (const auto& resource : resources) {
        if (auto name = kinds::componentOf(resource.id, kinds::recordOf(resource));
            guarded(name) != nullptr) {
            out[resource.id] = std::move(name);
        }
    }
    return out;
}

void guardComponents(const Components& had, const std::vector<render::Resource>& desired,
                     const Options& options, Plan& plan) {
    std::set<std::string> may = options.allowRemoval;
    for (const auto& [id, name] : componentsOf(desired)) {
        may.insert(name);
    }
    for (auto& change : plan.changes) {
        const auto it = had.find(change.id);
        if (change.action != Action::remove || it == had.end() || may.count(it->second) != 0) {
            continue;
        }
        change.action = Action::refuse;
        change.diff.clear();
        change.reason = "would remove " + std::string(guarded(it->second)->words) +
                        " from this host, and the document has it there no more (VG0604); if that is meant, "
                        "write `allowRemoval: [" +
                        it->second + "]` into the document, or add --allow-removal " + it->second;
    }
}

}  // namespace vigie::plan
