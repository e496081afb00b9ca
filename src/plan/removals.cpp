// What of the inventory is no longer desired: what goes, what stays, and in which order.

#include "plan/removals.hpp"

#include "base/fields.hpp"
#include "base/text.hpp"
#include "plan/compare.hpp"
#include "plan/diff.hpp"
#include "plan/guard.hpp"
#include "plan/planner.hpp"

#include <algorithm>
#include <array>

namespace vigie::plan {
namespace {

using render::Resource;

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

/// A container of which the inventory says too little to remove it counts as the user's: it is left alone.
/// `detail` is what apply/owned.cpp packed.
bool usersContainer(const std::string& id, const std::string& detail) {
    return id.compare(0, 8, "compose:") == 0 && (detail.empty() || FieldReader(detail).next() != "whole");
}

Change removal(const Context& context, const std::string& id) {
    const auto& owned = context.inventory.at(id);
    Change out = removalOf(id, usersContainer(id, owned.detail));
    if (context.options.givesBack && !owned.backup.empty() && id.compare(0, 5, "file:") == 0) {
        return {id, Action::release, "gets back what it was before vigie took it over", {}, {}};
    }
    const auto it = context.observed.files.find(id);
    if (it != context.observed.files.end() && it->second.info.type == FileInfo::Type::regular) {
        // What it held is not known any more: whether a line was a secret cannot be told. Show none.
        out.diff = Diff::ofFacts(diffHead(pathOf(id), kNowhere));
    }
    return out;
}

}  // namespace

bool becameTheHosts(const std::vector<Resource>& desired, const std::string& id) {
    return std::any_of(desired.begin(), desired.end(), [&](const Resource& resource) {
        const auto* reload = std::get_if<render::Reload>(&resource.what);
        return reload != nullptr && reload->hosts != render::Reload::Hosts::no &&
               id == "file:" + reload->configPath;
    });
}

Change removalOf(const std::string& id, bool usersContainer) {
    const auto kind = std::string_view(id).substr(0, id.find(':'));
    std::string reason = "no longer in the document";
    Action action = Action::release;
    if (kind == "compose" && usersContainer) {
        reason +=
            ": the container is yours and stays; it is made anew without what vigie added, and what it "
            "holds in memory is lost";
    } else if (kind == "sysctl") {
        reason += "; the kernel keeps the value until the next boot";
    } else if (kind == "reload") {
        reason += ": vigie asks it to reload no more";
    } else if (kind == "rebuild") {
        reason += "; what was built stays";
    } else {
        action = Action::remove;
        reason += kind == "compose" ? "; what it holds in memory is lost" : "";
    }
    return {id, action, std::move(reason), {}, {}};
}

void noteKept(Plan& plan) {
    std::vector<std::string> kept;
    for (const auto& change : plan.changes) {
        if (change.reason == kKept) {
            kept.push_back(change.id);
        }
    }
    if (!kept.empty()) {
        plan.notes.push_back(std::string(kKept) + ": " + join(kept, ", "));
    }
}

void planRemovals(const Context& context, const std::vector<Resource>& desired, Plan& plan) {
    std::set<std::string> gone;  // paths
    for (const auto& id : noLongerDesired(desired, context.inventory)) {
        if (becameTheHosts(desired, id)) {
            plan.changes.push_back({id, Action::release, kHostsOwn, {}, {}});
        } else if (!context.options.prune) {
            plan.changes.push_back({id, Action::none, kKept, {}, {}});
        } else if (keepsContent(context, id, gone)) {
            plan.changes.push_back(
                {id,
                 Action::release,
                 "no longer in the document; stays, for it is not empty, and is no longer ours",
                 {},
                 {}});
        } else {
            plan.changes.push_back(removal(context, id));
            if (!context.options.leavesAlone(id) && plan.changes.back().action == Action::remove) {
                gone.insert(pathOf(id));
            }
        }
    }
    guardComponents(componentsOf(context.inventory), desired, context.options, plan);
}

}  // namespace vigie::plan
