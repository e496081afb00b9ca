// What is there before anything is changed.

#include "apply/before.hpp"
#include "apply/host.hpp"
#include "apply/owned.hpp"
#include "apply/recover.hpp"
#include "apply/run.hpp"

#include <algorithm>

namespace vigie::apply {

using plan::Action;
using plan::Change;
using render::Resource;

std::vector<state::BeforeImage> Run::captureAll() {
    const auto key = journalKey(settings_.stateDirectory, system_.files);
    BeforeImages images(key, system_);
    images.origin(settings_.stateDirectory);
    const bool tunnel = std::any_of(plan_.changes.begin(), plan_.changes.end(), [](const Change& change) {
        return change.acts() && kindOf(change.id) == "wireguard";
    });
    const bool firewall = std::any_of(plan_.changes.begin(), plan_.changes.end(), [](const Change& change) {
        return change.acts() && kindOf(change.id) == "firewall";
    });
    for (const auto& change : plan_.changes) {
        const std::string kind = kindOf(change.id);
        // A program may be reached again, see `settle`; a rule that is put back may come to stand behind one
        // of ours.
        const bool concerned =
            (tunnel && kind == "reload") || (firewall && kind == "firewall" && before_.count(change.id) != 0);
        if (!change.acts() && !concerned) {
            continue;
        }
        const std::string name = nameOf(change.id);
        const auto it = byId_.find(change.id);
        const Resource* resource = it == byId_.end() ? nullptr : it->second;
        const auto owned = before_.find(change.id);
        const std::string detail = owned == before_.end() ? "" : owned->second.detail;
        const bool path = kind == "file" || kind == "directory";
        if (path && change.action == Action::release && !(kind == "file" && target_.options.givesBack)) {
            continue;  // nothing of it is touched
        }
        if (path) {
            images.path(name);
            const auto* directory =
                resource == nullptr ? nullptr : std::get_if<render::Directory>(&resource->what);
            if (const auto is = system_.files.inspect(name);
                directory != nullptr && directory->tree && is.exists() && is.owner != directory->owner) {
                images.tree(name, is.owner, directory->owner);
            }
        } else if (kind == "wireguard") {
            const auto* wireguard =
                resource == nullptr ? nullptr : &std::get<render::WireguardInterface>(resource->what);
            images.wireguard(name, wireguard == nullptr ? detail : wireguard->configPath,
                             change.action == Action::restart);
        } else if (kind == "firewall") {
            const auto* rule =
                resource == nullptr ? nullptr : &std::get<render::FirewallRule>(resource->what);
            images.firewall(rule == nullptr ? detail : rule->rule);
        } else if (kind == "silence") {
            const auto where = silenceOf(resource == nullptr ? detail : detailOf(*resource));
            images.silence(where.first, where.second);
        } else if (kind == "sysctl" && resource != nullptr) {
            images.sysctl(name);
        } else if (kind == "unit") {
            images.unit(name);
        } else if (kind == "compose" && resource == nullptr && change.action == Action::restart) {
            images.mount(change.id);
        } else if (const auto was = before_.find("compose:" + name);
                   (kind == "compose" || kind == "rebuild") && was != before_.end() &&
                   !was->second.detail.empty()) {
            // With the files of that time: those of the new document may be others.
            const auto container = ownedContainer(was->first, was->second);
            images.container(container.project, container.service);
        } else if (kind == "compose" && resource != nullptr) {
            images.container(std::get<render::ComposeService>(resource->what).project,
                             serviceOf(change.id).second);
        } else if (kind == "rebuild" && resource != nullptr) {
            images.container(std::get<render::Rebuild>(resource->what).project, serviceOf(change.id).second);
        } else if (kind == "reload" && resource != nullptr) {
            images.program(std::get<render::Reload>(resource->what), change.acts());
        }
    }
    return images.take();
}

}  // namespace vigie::apply
