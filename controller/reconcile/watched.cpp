// What must be looked at when it changes.
#include "controller/reconcile/watched.hpp"

#include "apply/owned.hpp"
#include "apply/target.hpp"

#include <variant>

namespace vigie::controller {
namespace {

void addPaths(const render::Resource& resource, bool all, const std::string& state,
              std::set<std::string>& out) {
    if (const auto* file = std::get_if<render::File>(&resource.what)) {
        out.insert(file->path);
    } else if (const auto* directory = std::get_if<render::Directory>(&resource.what)) {
        out.insert(directory->path);
    } else if (const auto* reload = std::get_if<render::Reload>(&resource.what);
               reload != nullptr && reload->hosts != render::Reload::Hosts::no) {
        out.insert(reload->configPath);
    } else if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what)) {
        const auto own = apply::keyPaths(state, wireguard->interface);
        out.insert({own.wireguard, own.next});
    } else if (all && std::holds_alternative<render::FirewallRule>(resource.what)) {
        out.insert({"/etc/ufw/user.rules", "/etc/ufw/user6.rules", "/etc/ufw/ufw.conf"});
    }
}

}  // namespace

std::vector<std::string> watchedPaths(const Context& on, const State& state) {
    std::set<std::string> out{apply::keyPaths(on.config.state, {}).identity};
    const auto& known = state.desired;
    const auto* desired = known.tip ? &*known.tip : known.applied ? &*known.applied : nullptr;
    if (desired != nullptr) {
        const bool all = desired->options.activation == plan::Activation::all;
        for (const auto& resource : desired->desired) {
            addPaths(resource, all, on.config.state, out);
        }
    }
    for (const auto& id : on.report.status().inventory) {
        if (const auto kind = apply::kindOf(id); kind == "file" || kind == "directory") {
            out.insert(apply::nameOf(id));
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
        if (const auto* compose = std::get_if<render::ComposeService>(&resource.what)) {
            out.insert(compose->project.name);
        }
    }
    return out;
}

}  // namespace vigie::controller
