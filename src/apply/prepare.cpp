#include "apply/prepare.hpp"

#include "apply/check.hpp"
#include "apply/containers.hpp"
#include "apply/engine.hpp"
#include "apply/firewall.hpp"
#include "apply/refused.hpp"
#include "apply/routes.hpp"
#include "apply/tools.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "render/builder.hpp"

#include <algorithm>

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

/// The document's logins, for one pull: their own file is not there before the transaction.
void writeLogins(const Target& target, const std::string& directory, const system::System& system) {
    system::removeTree(system.files, directory);
    for (const auto& resource : target.desired) {
        const auto* file = std::get_if<render::File>(&resource.what);
        if (file != nullptr && file->path == render::kRegistryLogins) {
            system.files.makeDirectory(directory, 0700, std::nullopt);
            system.files.write(directory + "/config.json", view(file->content.reveal()), 0600, std::nullopt);
        }
    }
}

/// Logins that were refused must not stay.
void removeLogins(const std::string& directory, const system::System& system) {
    try {
        system::removeTree(system.files, directory);
    } catch (const Error&) {
        return;  // the next transaction removes it
    }
}

void pull(const render::ComposeService& compose, const Target& target, const Settings& settings,
          const system::System& system) {
    if (!compose.login) {
        pullImage(compose.service.image, {}, system);
        return;
    }
    const std::string directory = settings.stateDirectory + "/staging";
    try {
        writeLogins(target, directory, system);
        pullImage(compose.service.image, directory, system);
    } catch (...) {  // also a stop, which is no `Error`
        removeLogins(directory, system);
        throw;
    }
    removeLogins(directory, system);
}

void progress(const Settings& settings, const std::string& line) {
    if (settings.progress) {
        settings.progress(line);
    }
}

bool acts(const plan::Plan& plan, const std::string& id) {
    const auto* change = changeOf(plan, id);
    return change != nullptr && change->acts();
}

/// The images of containers that change, and those `alsoNeeded`.
void pullImages(const Target& target, const plan::Plan& plan, const std::vector<std::string>& alsoNeeded,
                const Settings& settings, const system::System& system) {
    for (const auto& resource : target.desired) {
        const auto* compose = std::get_if<render::ComposeService>(&resource.what);
        if (compose == nullptr || !compose->service.whole()) {
            continue;
        }
        const auto& image = compose->service.image;
        const bool needed = acts(plan, resource.id) ||
                            std::find(alsoNeeded.begin(), alsoNeeded.end(), image) != alsoNeeded.end();
        if (needed && !observeImage(image, system)) {
            progress(settings, "pull " + image);
            pull(*compose, target, settings, system);
        }
    }
}

void buildImages(const Target& target, const plan::Plan& plan, const Settings& settings,
                 const system::System& system) {
    for (const auto& resource : target.desired) {
        const auto* rebuild = std::get_if<render::Rebuild>(&resource.what);
        if (rebuild != nullptr && acts(plan, resource.id)) {
            progress(settings, "build " + rebuild->project.name + "/" + rebuild->service);
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
        // Where the document says that nobody dials this host any more, its port is no door.
        if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what);
            wireguard != nullptr && wireguard->dialled) {
            entrances.push_back({wireguard->listenPort, "udp", "the tunnel"});
        }
    }
    const auto closed = entrancesClosed(firewall, plan, target.desired, inventory, entrances);
    if (!closed.empty()) {
        throw Refused("this would close " + join(closed, ", "),
                      "apply it with --confirm-within 2m, and confirm over a new connection");
    }
}

/// Ways that the host has now, and that no confirmation would bring back.
void keepWays(const Target& target, const plan::Plan& plan, const system::System& system) {
    for (const auto& resource : target.desired) {
        const auto* change = changeOf(plan, resource.id);
        if (change == nullptr || !change->acts()) {
            continue;
        }
        if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what)) {
            keepOwnNetworks(*wireguard, system);
        } else if (const auto* sysctl = std::get_if<render::Sysctl>(&resource.what);
                   sysctl != nullptr && sysctl->key == "net.ipv6.conf.all.forwarding") {
            keepDefaultRoute6(system);
        }
    }
}

}  // namespace

bool touchesTheWayIn(const plan::Plan& plan) {
    for (const auto& change : plan.changes) {
        if (change.acts() && (starts(change.id, "wireguard:") || starts(change.id, "firewall:") ||
                              starts(change.id, "sysctl:"))) {
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
    Checks checks{settings.stateDirectory + "/staging", false, settings.progress, &system};
    if (target.options.activation != plan::Activation::all) {
        checkWithTools(target.desired, changed, checks, system);
        return;
    }
    for (const auto& resource : target.desired) {
        const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what);
        const auto* change = changeOf(plan, resource.id);
        if (wireguard != nullptr && !wireguard->dns.empty() && change != nullptr && change->acts() &&
            !system.processes.find("resolvconf")) {
            throw Error("resolvconf is missing, by which wg-quick sets name servers",
                        "install the package `resolvconf` or `openresolv`, or remove `vpn.dns`");
        }
    }
    keepWays(target, plan, system);
    if (touchesTheWayIn(plan)) {
        keepDoorsOpen(target, plan, inventory, settings, system);
    }
    const auto& interruptible = settings.imagesWith == nullptr ? system : *settings.imagesWith;
    if (containers) {
        requireCompose(system);
    }
    const auto checking = imagesThatCheck(target.desired, changed);
    checks.inContainers =
        !checking.empty() && system.processes.find(kDocker.program) && engineAnswers(system);
    if (!checks.inContainers) {  // before anything is pulled
        checkWithTools(target.desired, changed, checks, system);
    }
    pullImages(target, plan, checks.inContainers ? checking : std::vector<std::string>{}, settings,
               interruptible);
    if (checks.inContainers) {
        checkWithTools(target.desired, changed, checks, interruptible);
    }
    buildImages(target, plan, settings, interruptible);
}

}  // namespace vigie::apply
