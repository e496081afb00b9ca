// Containers of compose services on the host: observe, capture, recreate, undo, remove, prove.

#include "kinds/compose/host.hpp"

#include "apply/refused.hpp"
#include "base/error.hpp"
#include "kinds/compose/compare.hpp"
#include "kinds/compose/engine.hpp"
#include "kinds/compose/others_write.hpp"
#include "kinds/compose/override_read.hpp"
#include "kinds/compose/tool.hpp"
#include "render/builder.hpp"

#include <algorithm>

namespace vigie::kinds {
namespace {

/// What the engine says about a port that is bound to an address that is not there.
constexpr std::string_view kNoAddress = "cannot assign requested address";

/// A container that is ours, or to which we add something, as the inventory has it.
struct Known {
    OwnedContainer owned;
    render::ComposeProject project;  ///< with its name
    std::string service;
};

Known known(const std::string& id, const std::string& record) {
    Known out{.owned = OwnedContainer::read(record), .project = {}, .service = {}};
    out.project = out.owned.project;
    std::tie(out.project.name, out.service) = serviceOf(id);
    return out;
}

/// The document's logins, for one pull: their own file is not there before the transaction.
void writeLogins(const Preparing& preparing, const std::string& directory) {
    auto& files = preparing.patient.files;
    system::removeTree(files, directory);
    for (const auto& resource : preparing.desired) {
        const auto* content = contentOf(resource);
        if (content != nullptr && pathOf(resource) == render::kRegistryLogins) {
            files.makeDirectory(directory, 0700, std::nullopt);
            files.write(directory + "/config.json", view(content->reveal()), 0600, std::nullopt);
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

void pull(const render::ComposeService& compose, const Preparing& preparing) {
    const auto& system = preparing.patient;
    if (!compose.login) {
        apply::pullImage(compose.service.image, {}, system);
        return;
    }
    const std::string directory = preparing.stateDirectory + "/staging";
    try {
        writeLogins(preparing, directory);
        apply::pullImage(compose.service.image, directory, system);
    } catch (...) {  // also a stop, which is no `Error`
        removeLogins(directory, system);
        throw;
    }
    removeLogins(directory, system);
}

/// The projects that have containers here, each with the services that are looked at closely.
std::map<std::string, std::set<std::string>> servicesByProject(const std::vector<render::Resource>& desired) {
    std::map<std::string, std::set<std::string>> out;
    for (const auto& resource : desired) {
        if (isA(Kind::compose, resource.id) || isA(Kind::rebuild, resource.id)) {
            const auto [project, service] = serviceOf(resource.id);
            out[project].insert(service);
        }
    }
    return out;
}

/// The owner of data that were there before; nothing when they cannot be seen from here.
std::optional<plan::ObservedData> observeData(const render::Mount& mount, const system::System& system) {
    std::string path = mount.source;
    if (mount.isVolume()) {
        path = apply::volumePath(mount.source, system);
        if (path.empty()) {
            return plan::ObservedData{"are not there: there is no such volume; `docker volume ls` lists them",
                                      {}};
        }
    }
    const auto info = system.files.inspect(path);
    if (info.type == FileInfo::Type::directory) {
        return plan::ObservedData{{}, info.owner};
    }
    if (mount.isVolume()) {
        return std::nullopt;  // that of a plugin, or of an engine elsewhere
    }
    return plan::ObservedData{
        info.exists() ? "are no directory" : "are not there: there is no such directory", {}};
}

/// What a container of ours needs of others.
void observeNeeds(const render::Container& compose, const system::System& system, plan::Observed& out) {
    for (const auto& network : compose.service.networks) {
        if (out.networks.count(network) == 0) {
            out.networks[network] = apply::networkId(network, system);
        }
    }
    for (const auto& mount : compose.service.mounts) {
        if (mount.found && out.data.count(mount.source) == 0) {
            if (auto data = observeData(mount, system)) {
                out.data[mount.source] = std::move(*data);
            }
        }
    }
}

}  // namespace

void ComposeHost::observe(const Looking& looking, plan::Observed& out) {
    if (looking.options.activation < Model::traits.from) {
        return;
    }
    const auto& system = looking.system;
    for (const auto& [name, services] : servicesByProject(looking.desired)) {
        auto& observed = out.projects[name] = apply::observeProject(name, services, system);
        if (!observed.problem.empty()) {
            continue;
        }
        for (const auto& resource : looking.desired) {
            const auto* compose = containerOf(resource);
            if (compose == nullptr || compose->project.name != name || !compose->service.whole() ||
                out.images.count(compose->service.image) != 0) {
                continue;
            }
            if (auto image = apply::observeImage(compose->service.image, system)) {
                out.images[compose->service.image] = std::move(*image);
            }
        }
        try {
            for (const auto& resource : looking.desired) {
                const auto* compose = containerOf(resource);
                if (compose != nullptr && compose->project.name == name && compose->service.whole()) {
                    observeNeeds(*compose, system, out);
                }
            }
        } catch (const Error& error) {
            observed = {error.what(), {}};
        }
    }
}

void captureContainer(const Capturing& capturing, const render::ComposeProject* desired,
                      BeforeImages& images) {
    const std::string name = nameOf(capturing.change.id);
    const std::string id = idOf(Kind::compose, name);
    const auto was = capturing.before.find(id);
    const bool owned = was != capturing.before.end() && !was->second.detail.empty();
    if (!owned && desired == nullptr) {
        return;
    }
    const auto project = owned ? known(id, was->second.detail).project : *desired;
    const auto service = serviceOf(id).second;
    const std::string what = project.name + "/" + service;
    if (images.first("compose", what)) {
        images.add("compose", what, apply::snapshotContainer(project, service, images.system()));
    }
}

void ComposeHost::capture(const Capturing& capturing, const render::ComposeService* compose,
                          BeforeImages& images) {
    const auto& change = capturing.change;
    if (compose == nullptr && change.action == plan::Action::restart) {
        // Somebody else's, which mounts a single file that changes: a rename is not seen in there, neither
        // ours nor that of a rollback. The id says it all.
        if (images.first("mount", change.id)) {
            images.add("mount", change.id, {});
        }
        return;
    }
    captureContainer(capturing, compose == nullptr ? nullptr : &compose->project, images);
}

void ComposeHost::make(Transaction& transaction, const plan::Change& change,
                       const render::Resource& /*resource*/, const render::ComposeService& compose) {
    const auto& project = compose.project;
    if (change.action == plan::Action::restart) {
        apply::restartContainer(project.name, compose.service.name, transaction.system);
    } else {
        apply::composeUp(
            project, compose.service.name,
            change.action == plan::Action::recreate ? apply::Recreate::always : apply::Recreate::ifDifferent,
            transaction.system);
    }
    transaction.started.insert({project.name, compose.service.name});
}

/// A container that mounts a single file that was replaced.
void ComposeHost::makeOfOthers(Transaction& transaction, const plan::Change& change) {
    const auto container = serviceOf(change.id);
    apply::restartContainer(container.first, container.second, transaction.system);
    transaction.started.insert(container);
}

/// A program writes down what it has in memory when it ends, which it can do only as long as the directory is
/// its own: those that are made anew end before their data change the owner.
void ComposeHost::letGo(Transaction& transaction, const plan::Change& change,
                        const render::ComposeService& compose, const std::string& path, Touch touch) {
    if (touch != Touch::owner || change.action != plan::Action::recreate) {
        return;
    }
    const auto& mounts = compose.service.mounts;
    const bool writes = std::any_of(mounts.begin(), mounts.end(), [&](const render::Mount& mount) {
        return !mount.readOnly && mount.path(compose.project.directory) == path;
    });
    const auto container =
        writes ? apply::findContainer(compose.project.name, compose.service.name, transaction.system)
               : std::nullopt;
    if (container && container->state == "running") {
        apply::stopContainer(container->id, transaction.system);
    }
}

void ComposeHost::remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned) {
    if (owned.detail.empty()) {
        return;
    }
    auto container = known(change.id, owned.detail);
    if (container.owned.whole) {
        apply::removeContainer(container.project.name, container.service, transaction.system);
    } else {  // recreated without us once our file is gone
        transaction.parts.push_back({std::move(container.project), std::move(container.service)});
    }
}

void ComposeHost::recreateParts(Transaction& transaction) {
    const auto& system = transaction.system;
    for (auto& part : transaction.parts) {
        std::erase_if(part.project.files, [&](const std::string& file) {
            return !system.files.inspect(part.project.directory + "/" + file).exists();
        });
        if (!part.project.files.empty() && apply::findContainer(part.project.name, part.service, system)) {
            apply::composeUp(part.project, part.service, apply::Recreate::ifDifferent, system);
        }
    }
}

std::string ComposeHost::cause(const render::ComposeService& compose, const system::System& system) {
    if (!compose.service.whole()) {
        return {};
    }
    const auto is = apply::findContainer(compose.project.name, compose.service.name, system);
    return is && !is->staleMounts.empty() ? plan::staleMountReason(*is) : std::string();
}

std::vector<std::string> ComposeHost::warnings(const std::vector<render::Resource>& desired,
                                               const system::Files& files) {
    auto out = apply::notesOnOthers(desired, files);
    for (auto& note : apply::notesOnOverrides(desired, files)) {
        out.push_back(std::move(note));
    }
    return out;
}

void ComposeHost::requireTool(const Preparing& preparing) {
    const auto& changes = preparing.plan.changes;
    if (std::any_of(changes.begin(), changes.end(), [](const plan::Change& change) {
            return change.acts() && (isA(Kind::compose, change.id) || isA(Kind::rebuild, change.id));
        })) {
        apply::requireCompose(preparing.system);
    }
}

/// Compose would find out in the middle of the transaction, and go on finding out.
void ComposeHost::requireNeeds(const Preparing& preparing) {
    each<Model>(preparing.desired, [&](const render::Resource& resource, const Model::Desired& compose) {
        if (!compose.service.whole() || !preparing.acts(resource.id)) {
            return;
        }
        plan::Observed now;
        observeNeeds(compose, preparing.system, now);
        const auto lacks = plan::lacking(compose, now);
        const std::string who = compose.project.name + "/" + compose.service.name + ": ";
        if (!lacks.network.empty()) {
            throw apply::NetworkMissing(who + lacks.network, "nothing was changed; it is tried again");
        }
        if (!lacks.data.empty()) {
            throw apply::Refused(who + lacks.data, "nothing was changed");
        }
    });
}

/// The images of containers that change, and those that are needed for something else.
void ComposeHost::pullImages(const Preparing& preparing) {
    const auto& also = preparing.alsoNeeded;
    each<Model>(preparing.desired, [&](const render::Resource& resource, const Model::Desired& compose) {
        const auto& image = compose.service.image;
        const bool needed =
            compose.service.whole() &&
            (preparing.acts(resource.id) || std::find(also.begin(), also.end(), image) != also.end());
        if (needed && !apply::observeImage(image, preparing.patient)) {
            preparing.tell("pull " + image);
            pull(compose, preparing);
        }
    });
}

void ComposeHost::removeNew(Undoing& undoing, const std::string& /*id*/, std::string_view data) {
    apply::removeIfNew(data, undoing.system);  // before its files and directories go
}

void ComposeHost::putBack(Undoing& undoing, const std::string& /*id*/, std::string_view data) {
    try {
        const auto problem = apply::restoreContainer(data, undoing.system);
        if (!problem.empty()) {
            undoing.out.notes.push_back(problem);
        }
    } catch (const Error& error) {
        if (std::string_view(error.what()).find(kNoAddress) == std::string_view::npos) {
            throw;
        }
        // The tunnel had lost the address before; a repair brings both.
        undoing.out.notes.emplace_back(error.what());
    }
}

void ComposeHost::restartMounting(Undoing& undoing, const std::string& id, std::string_view /*data*/) {
    const auto [project, service] = serviceOf(id);
    if (const auto container = apply::findContainer(project, service, undoing.system);
        container && container->state == "running") {
        apply::restartContainer(project, service, undoing.system);
    }
}

}  // namespace vigie::kinds
