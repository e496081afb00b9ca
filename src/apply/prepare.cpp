#include "apply/prepare.hpp"

#include "apply/check.hpp"
#include "apply/containers.hpp"
#include "apply/engine.hpp"
#include "apply/firewall.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

namespace vigie::apply {
namespace {

using plan::Action;

bool starts(const std::string& id, std::string_view kind) {
    return id.compare(0, kind.size(), kind) == 0;
}

const plan::Change* changeOf(const plan::Plan& plan, const std::string& id) {
    for (const auto& change : plan.changes) {
        if (change.id == id) {
            return &change;
        }
    }
    return nullptr;
}

void prepareImages(const Target& target, const plan::Plan& plan, const Settings& settings,
                   const system::System& system) {
    const auto progress = [&](const std::string& line) {
        if (settings.progress) {
            settings.progress(line);
        }
    };
    for (const auto& resource : target.desired) {
        const auto* change = changeOf(plan, resource.id);
        if (change == nullptr || !change->acts()) {
            continue;
        }
        if (const auto* compose = std::get_if<render::ComposeService>(&resource.what)) {
            if (compose->service.whole() && !observeImage(compose->service.image, system)) {
                progress("pull " + compose->service.image);
                pullImage(compose->service.image, system);
            }
        } else if (const auto* rebuild = std::get_if<render::Rebuild>(&resource.what)) {
            progress("build " + rebuild->project.name + "/" + rebuild->service);
            buildImage(*rebuild, system);
        }
    }
}

/// A door that is open now must stay open, unless somebody stands by to confirm that it still is.
void keepDoorsOpen(const Target& target, const plan::Plan& plan, const state::Inventory& inventory,
                   const Settings& settings, const system::System& system) {
    const auto firewall = observeFirewall(system);
    if (settings.confirmWithin.count() != 0 || !firewall.problem.empty()) {
        return;
    }
    auto entrances = sshEntrances(system.files);
    for (const auto& resource : target.desired) {
        if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what)) {
            entrances.push_back({wireguard->listenPort, "udp", "the tunnel"});
        }
    }
    const auto closed = entrancesClosed(firewall, plan, target.desired, inventory, entrances);
    if (!closed.empty()) {
        throw Error("this would close " + join(closed, ", "),
                    "apply it with --confirm-within 2m, and confirm over a new connection");
    }
}

}  // namespace

bool touchesTheWayIn(const plan::Plan& plan) {
    for (const auto& change : plan.changes) {
        if (change.acts() && (starts(change.id, "wireguard:") || starts(change.id, "firewall:"))) {
            return true;
        }
    }
    return false;
}

void prepare(const Target& target, const plan::Plan& plan, const state::Inventory& inventory,
             const Settings& settings, const system::System& system) {
    std::vector<std::string> changed;
    bool containers = false;
    for (const auto& change : plan.changes) {
        if (change.acts()) {
            changed.push_back(change.id);
            containers = containers || starts(change.id, "compose:") || starts(change.id, "rebuild:");
        }
    }
    checkWithTools(target.desired, changed, settings.stateDirectory + "/staging", system, settings.progress);
    if (target.options.activation != plan::Activation::all) {
        return;
    }
    if (touchesTheWayIn(plan)) {
        keepDoorsOpen(target, plan, inventory, settings, system);
    }
    if (containers) {
        requireCompose(system);
        prepareImages(target, plan, settings, system);
    }
}

}  // namespace vigie::apply
