// What of the inventory is no longer desired: what goes, what stays, and in which order.

#include "plan/guard.hpp"
#include "plan/planner.hpp"

#include <algorithm>
#include <array>

namespace vigie::plan {
namespace {

using render::Resource;

/// Whether `id` is a file that was ours and is the host's own by now.
bool becameTheHosts(const std::vector<Resource>& desired, const std::string& id) {
    return std::any_of(desired.begin(), desired.end(), [&](const Resource& resource) {
        const auto* reload = std::get_if<render::Reload>(&resource.what);
        return reload != nullptr && reload->hosts != render::Reload::Hosts::no &&
               id == "file:" + reload->configPath;
    });
}

/// Containers before the files that they mount, the tunnel before its file, files before the directories that
/// hold them, and firewall rules at the very end: what they let in must be gone first.
int removalRank(const std::string& id) {
    static constexpr std::array<std::string_view, 9> kOrder = {
        "silence", "reload", "rebuild", "compose", "unit", "wireguard", "file", "directory", "sysctl"};
    const auto kind = std::string_view(id).substr(0, id.find(':'));
    return static_cast<int>(std::find(kOrder.begin(), kOrder.end(), kind) - kOrder.begin());
}

/// What of the inventory is no longer desired, in the order in which it goes.
std::vector<std::string> noLongerDesired(const std::vector<Resource>& desired,
                                         const state::Inventory& inventory) {
    std::set<std::string_view> wanted;
    for (const auto& resource : desired) {
        wanted.insert(resource.id);
    }
    std::vector<std::string> out;
    for (const auto& [id, owned] : inventory) {
        if (wanted.count(id) == 0) {
            out.push_back(id);
        }
    }
    // Within a kind in reverse: a directory's id sorts before those of what lies in it.
    std::sort(out.begin(), out.end(), [](const std::string& a, const std::string& b) {
        const int rankA = removalRank(a);
        const int rankB = removalRank(b);
        return rankA != rankB ? rankA < rankB : a > b;
    });
    return out;
}

std::string pathOf(const std::string& id) {
    return id.substr(id.find(':') + 1);
}

/// Whether a directory holds something beyond what goes as well: data of a program, files of a person.
bool keepsContent(const Context& context, const std::string& id, const std::set<std::string>& gone) {
    const auto it = context.observed.files.find(id);
    if (id.compare(0, 10, "directory:") != 0 || it == context.observed.files.end()) {
        return false;
    }
    const auto& names = it->second.names;
    return std::any_of(names.begin(), names.end(),
                       [&](const auto& name) { return gone.count(pathOf(id) + "/" + name) == 0; });
}

Change removal(const Context& context, const std::string& id) {
    Change out{id, Action::remove, "no longer in the document", {}, {}};
    const auto it = context.observed.files.find(id);
    if (it != context.observed.files.end() && it->second.info.type == FileInfo::Type::regular) {
        // What it held is not known any more: whether a line was a secret cannot be told. Show none.
        out.diff = "--- " + pathOf(id) + "\n+++ " + kNowhere + "\n";
    }
    return out;
}

Change released(const std::string& id, const std::string& reason) {
    Change out{id, Action::none, reason, {}, {}};
    out.released = true;
    return out;
}

}  // namespace

void planRemovals(const Context& context, const std::vector<Resource>& desired, Plan& plan) {
    std::set<std::string> gone;  // paths
    for (const auto& id : noLongerDesired(desired, context.inventory)) {
        if (becameTheHosts(desired, id)) {
            plan.changes.push_back(released(id, "is the host's own from now on; kept"));
        } else if (!context.options.prune) {
            plan.changes.push_back(
                {id, Action::none, "no longer in the document; kept (spec.prune)", {}, {}});
        } else if (keepsContent(context, id, gone)) {
            plan.changes.push_back(
                released(id, "no longer in the document; stays, for it is not empty, and is no longer ours"));
        } else {
            plan.changes.push_back(removal(context, id));
            if (!context.options.leavesAlone(id)) {
                gone.insert(pathOf(id));
            }
        }
    }
    guardComponents(componentsOf(context.inventory), desired, context.options, plan);
}

}  // namespace vigie::plan
