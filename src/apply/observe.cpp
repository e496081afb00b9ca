#include "apply/observe.hpp"

#include "apply/data_tree.hpp"
#include "apply/endpoints.hpp"
#include "apply/engine.hpp"
#include "apply/firewall.hpp"
#include "apply/host.hpp"
#include "apply/reload.hpp"
#include "apply/silences.hpp"
#include "apply/target.hpp"
#include "apply/wireguard.hpp"
#include "plan/diff.hpp"

namespace vigie::apply {
namespace {

/// Whether a file of that size may be what is wanted.
bool mayBe(const render::Text& wanted, std::uint64_t size) {
    return size == wanted.masked().size() || (wanted.available() && size == wanted.reveal().size());
}

/// A large file that is not ours costs no memory: whoever may write there decides how large it is.
plan::ObservedFile observeFile(const system::Files& files, const render::File& file) {
    plan::ObservedFile out;
    out.info = files.inspect(file.path);
    if (out.info.type == FileInfo::Type::regular) {
        out.unread = out.info.size > plan::kMostBytes && !mayBe(file.content, out.info.size);
        if (!out.unread) {
            out.bytes = files.read(file.path, system::kLargestFile);
        }
    }
    return out;
}

/// The projects that have containers here, each with the services that are looked at closely.
std::map<std::string, std::set<std::string>> servicesByProject(const std::vector<render::Resource>& desired) {
    std::map<std::string, std::set<std::string>> out;
    for (const auto& resource : desired) {
        if (const auto* compose = std::get_if<render::ComposeService>(&resource.what)) {
            out[compose->project.name].insert(compose->service.name);
        } else if (const auto* rebuild = std::get_if<render::Rebuild>(&resource.what)) {
            out[rebuild->project.name].insert(rebuild->service);
        }
    }
    return out;
}

void observeContainers(const std::vector<render::Resource>& desired, const system::System& system,
                       plan::Observed& out) {
    for (const auto& [project, services] : servicesByProject(desired)) {
        auto& observed = out.projects[project] = observeProject(project, services, system);
        if (!observed.problem.empty()) {
            continue;
        }
        for (const auto& resource : desired) {
            const auto* compose = std::get_if<render::ComposeService>(&resource.what);
            if (compose == nullptr || compose->project.name != project || !compose->service.whole() ||
                out.images.count(compose->service.image) != 0) {
                continue;
            }
            if (auto image = observeImage(compose->service.image, system)) {
                out.images[compose->service.image] = std::move(*image);
            }
        }
    }
}

}  // namespace

plan::Observed observe(const std::vector<render::Resource>& desired, const state::Inventory& inventory,
                       const plan::Options& options, const system::System& system) {
    plan::Observed out;
    out.canChown = system.files.canChown();
    const bool reloads = options.activation != plan::Activation::none;
    const bool all = options.activation == plan::Activation::all;
    bool firewall = false;
    for (const auto& resource : desired) {
        if (const auto* file = std::get_if<render::File>(&resource.what)) {
            out.files[resource.id] = observeFile(system.files, *file);
        } else if (const auto* directory = std::get_if<render::Directory>(&resource.what)) {
            auto& observed = out.files[resource.id];
            observed.info = system.files.inspect(directory->path);
            if (directory->tree && out.canChown && observed.info.type == FileInfo::Type::directory &&
                observed.info.owner != directory->owner) {
                observed.tree = observeTree(directory->path, system.files);
            }
        } else if (const auto* reload = std::get_if<render::Reload>(&resource.what); reload && reloads) {
            out.reloads[resource.id] = observeReload(*reload, system);
        } else if (const auto* silence = std::get_if<render::Silence>(&resource.what); silence && reloads) {
            out.silences[resource.id] = observeSilence(*silence, system);
        } else if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what);
                   wireguard && all) {
            auto& tunnel = out.wireguard[resource.id] = observeWireguard(wireguard->interface, system);
            if (tunnel.up) {  // else `wg-quick` asks for itself
                resolveEndpoints(*wireguard, system.names, tunnel);
            }
            tunnel.keyFiles = observeKeyFiles(wireguard->interface, system.files);
        } else if (const auto* sysctl = std::get_if<render::Sysctl>(&resource.what); sysctl && all) {
            out.sysctls[resource.id] = observeSysctl(sysctl->key, system);
        } else if (const auto* unit = std::get_if<render::Unit>(&resource.what); unit && all) {
            out.units[resource.id] = observeUnit(unit->name, system);
        }
        firewall = firewall || std::holds_alternative<render::FirewallRule>(resource.what);
    }
    if (all && firewall) {
        out.firewall = observeFirewall(system);
    }
    if (all) {
        observeContainers(desired, system, out);
    }
    std::set<std::string_view> wanted;
    for (const auto& resource : desired) {
        wanted.insert(resource.id);
    }
    for (const auto& [id, owned] : inventory) {
        const auto colon = id.find(':');
        if (id.substr(0, colon) == "file" || id.substr(0, colon) == "directory") {
            auto& observed = out.files[id];
            if (!observed.info.exists()) {
                observed.info = system.files.inspect(id.substr(colon + 1));
            }
            if (observed.info.type == FileInfo::Type::directory && wanted.count(id) == 0) {
                observed.names = system.files.list(id.substr(colon + 1));
            }
        }
    }
    return out;
}

}  // namespace vigie::apply
