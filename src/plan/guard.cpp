#include "plan/guard.hpp"

#include "base/fields.hpp"

#include <algorithm>
#include <array>

namespace vigie::plan {
namespace {

/// The file by which a component is known where its container is not: below another root, or when it is not
/// activated. Nothing else renders a path of that end.
struct MainFile {
    std::string_view component;
    std::string_view end;
};

constexpr std::array kMainFiles = {MainFile{"prometheus", "/prometheus/prometheus.yml"},
                                   MainFile{"alertmanager", "/alertmanager/alertmanager.yml"},
                                   MainFile{"jaeger", "/jaeger/config.yaml"},
                                   MainFile{"grafana", "/grafana/provisioning/datasources/vigie.yaml"}};

bool endsWith(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool startsWith(std::string_view text, std::string_view beginning) {
    return text.substr(0, beginning.size()) == beginning;
}

const GuardedComponent* guarded(std::string_view name) {
    const auto& all = guardedComponents();
    const auto it = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
    return it == all.end() ? nullptr : &*it;
}

/// Of anything but a container.
std::string_view componentOf(std::string_view id) {
    if (startsWith(id, "wireguard:") || (startsWith(id, "file:/etc/wireguard/") && endsWith(id, ".conf"))) {
        return "wireguard";
    }
    for (const auto& file : kMainFiles) {
        if (startsWith(id, "file:") && endsWith(id, file.end)) {
            return file.component;
        }
    }
    return {};
}

std::string componentOf(const render::Resource& resource) {
    const auto* compose = std::get_if<render::ComposeService>(&resource.what);
    return compose != nullptr ? compose->service.component : std::string(componentOf(resource.id));
}

/// `detail` of a container is what apply/owned.cpp packed: whose it is, three fields about its project, and
/// the component. vigie 0.1 wrote no component: there the service's name tells.
std::string componentOf(const std::string& id, const std::string& detail) {
    if (!startsWith(id, "compose:")) {
        return std::string(componentOf(std::string_view(id)));
    }
    constexpr int kOfProject = 3;
    if (detail.empty()) {
        return {};
    }
    FieldReader fields(detail);
    if (fields.next() != "whole") {
        return {};
    }
    for (int i = 0; i < kOfProject; ++i) {
        fields.next();
    }
    return fields.done() ? id.substr(id.find('/') + 1) : std::string(fields.next());
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
        if (auto name = componentOf(id, owned.detail); guarded(name) != nullptr) {
            out[id] = std::move(name);
        }
    }
    return out;
}

Components componentsOf(const std::vector<render::Resource>& resources) {
    Components out;
    for (const auto& resource : resources) {
        if (auto name = componentOf(resource); guarded(name) != nullptr) {
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
