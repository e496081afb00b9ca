// What of the inventory is no longer desired: what goes, what stays, and in which order.

#include "plan/removals.hpp"

#include "base/text.hpp"
#include "kinds/models.hpp"
#include "plan/compare.hpp"
#include "plan/context.hpp"
#include "plan/diff.hpp"
#include "plan/guard.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

using render::Resource;

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
        const auto turnA = kinds::traitsOf(a).removalTurn;
        const auto turnB = kinds::traitsOf(b).removalTurn;
        return turnA != turnB ? turnA < turnB : a > b;
    });
    return out;
}

/// Whether a directory holds something beyond what goes as well: data of a program, files of a person.
bool keepsContent(const Context& context, const std::string& id, const std::set<std::string>& gone) {
    const auto it = context.observed.files.find(id);
    if (kinds::traitsOf(id).place != kinds::Place::directory || it == context.observed.files.end()) {
        return false;
    }
    const auto& names = it->second.names;
    return std::any_of(names.begin(), names.end(),
                       [&](const auto& name) { return gone.count(kinds::nameOf(id) + "/" + name) == 0; });
}

/// The first two parts of the name of an attached program's file: the program.
std::string programOf(const std::string& id) {
    const auto name = kinds::nameOf(id);
    const auto first = name.find('/');
    return name.substr(0, first == std::string::npos ? first : name.find('/', first + 1));
}

/// Its program runs on, and reads what is left to it.
Change release(const Context& context, const std::vector<Resource>& desired, const std::string& id) {
    const bool stays = std::any_of(desired.begin(), desired.end(), [&](const Resource& resource) {
        return kinds::isA(kinds::Kind::attached, resource.id) && programOf(resource.id) == programOf(id);
    });
    const bool theirs = !context.inventory.at(id).backup.empty();
    if (theirs && (stays || context.options.givesBack)) {
        return {id, Action::release, "gets back what it was before vigie took it over", {}, {}};
    }
    if (stays || context.options.givesBack || id.ends_with(std::string("/").append(kinds::kAttachedProof))) {
        return {id, Action::remove, stays ? "no longer in the document" : "vigie made it", {}, {}};
    }
    return {id, Action::release, "stays as it is, and is yours again", {}, {}};
}

Change removal(const Context& context, const std::vector<Resource>& desired, const std::string& id) {
    if (kinds::isA(kinds::Kind::attached, id)) {
        return release(context, desired, id);
    }
    const auto& owned = context.inventory.at(id);
    Change out = removalOf(id, owned.detail);
    if (context.options.givesBack && !owned.backup.empty() &&
        kinds::traitsOf(id).place == kinds::Place::file) {
        return {id, Action::release, "gets back what it was before vigie took it over", {}, {}};
    }
    const auto it = context.observed.files.find(id);
    if (it != context.observed.files.end() && it->second.info.type == FileInfo::Type::regular) {
        // What it held is not known any more: whether a line was a secret cannot be told. Show none.
        out.diff = Diff::ofFacts(diffHead(kinds::nameOf(id), kNowhere));
    }
    return out;
}

}  // namespace

bool becameTheHosts(const std::vector<Resource>& desired, const std::string& id) {
    return std::any_of(desired.begin(), desired.end(), [&](const Resource& resource) {
        const auto users = kinds::usersFileOf(resource);
        return !users.empty() && id == kinds::idOf(kinds::Kind::file, users);
    });
}

Change removalOf(const std::string& id, const std::string& record) {
    auto removal = kinds::removalOf(id, record);
    return {id, removal.action, std::move(removal.reason), {}, {}};
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
        } else if (!context.options.prune &&
                   !(context.options.releases && kinds::isA(kinds::Kind::attached, id))) {
            plan.changes.push_back({id, Action::none, kKept, {}, {}});
        } else if (keepsContent(context, id, gone)) {
            plan.changes.push_back(
                {id,
                 Action::release,
                 "no longer in the document; stays, for it is not empty, and is no longer ours",
                 {},
                 {}});
        } else {
            plan.changes.push_back(removal(context, desired, id));
            if (!context.options.leavesAlone(id) && plan.changes.back().action == Action::remove) {
                gone.insert(kinds::nameOf(id));
            }
        }
    }
    guardComponents(componentsOf(context.inventory), desired, context.options, plan);
}

}  // namespace vigie::plan
