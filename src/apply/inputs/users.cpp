// As which users the programs of this host run.

#include "apply/inputs/users.hpp"

#include "base/text.hpp"
#include "kinds/directory/data_tree.hpp"
#include "kinds/hosts.hpp"
#include "render/builder.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

bool isCompose(const std::string& id) {
    return kinds::isA(kinds::Kind::compose, id);
}

/// The ids of the containers that an apply of `target` would make anew.
std::set<std::string> madeAnew(const DesiredState& target, const state::Inventory& inventory,
                               const system::System& system) {
    std::set<std::string> out;
    if (target.options.activation != plan::Activation::all) {
        return out;
    }
    std::vector<render::Resource> containers;
    std::copy_if(target.desired.begin(), target.desired.end(), std::back_inserter(containers),
                 [](const render::Resource& resource) { return isCompose(resource.id); });
    state::Inventory owned;
    for (const auto& [id, each] : inventory) {
        if (isCompose(id)) {
            owned[id] = each;
        }
    }
    const auto observed = kinds::observeAll(
        {.desired = containers, .inventory = owned, .options = target.options, .system = system});
    for (const auto& change : plan::makePlan(containers, observed, owned, target.options).changes) {
        if (change.action == plan::Action::create || change.action == plan::Action::recreate) {
            out.insert(change.id);
        }
    }
    return out;
}

}  // namespace

spec::UsersWritten usersWritten(const state::Inventory& inventory, const system::Files& files) {
    spec::UsersWritten out;
    for (const auto& [id, owned] : inventory) {
        const auto path = kinds::nameOf(id);
        const bool yaml = path.ends_with(".yaml") || path.ends_with(".yml");
        if (!kinds::isA(kinds::Kind::file, id) || !yaml ||
            files.inspect(path).type != FileInfo::Type::regular) {
            continue;
        }
        const auto bytes = files.read(path, system::kLargestFile);
        if (render::isManaged(view(bytes)) && view(bytes).find("\nservices:") != std::string_view::npos) {
            if (auto users = spec::usersIn(view(bytes)); !users.empty()) {
                out[path] = std::move(users);
            }
        }
    }
    return out;
}

Moving movingUsers(const DesiredState& target, const std::vector<spec::ProgramUser>& programs,
                   const std::set<std::string>& kept, const state::Inventory& inventory,
                   const system::System& system) {
    Moving out;
    const auto anew = madeAnew(target, inventory, system);
    for (const auto& program : programs) {
        if (kept.count(program.name) == 0 ||
            anew.count(kinds::idOf(kinds::Kind::compose, program.name)) == 0) {
            continue;
        }
        if (!program.data.empty() && system.files.inspect(program.data).type == FileInfo::Type::directory) {
            const auto tree = observeTree(program.data, system.files);
            if (tree.large()) {
                out.notes.push_back(
                    program.name + " is made anew and still keeps 65534:65534: " + program.data + " holds " +
                    tree.text() + ", which change their owner with `spec.uids: separate` only");
                continue;
            }
        }
        out.programs.insert(program.name);
    }
    return out;
}

std::string keptNote(const std::set<std::string>& kept) {
    if (kept.empty()) {
        return {};
    }
    return join({kept.begin(), kept.end()}, ", ") + (kept.size() == 1 ? " runs" : " run") +
           " as 65534:65534, as in 0.1, and can read what belongs to Prometheus: each gets a user of its own "
           "when its container is made anew, or now with `spec.uids: separate`";
}

}  // namespace vigie::apply
