#include "plan/compare.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"
#include "plan/diff.hpp"
#include "plan/guard.hpp"
#include "plan/planner.hpp"

namespace vigie::plan {

using render::Resource;

std::string digestOfPlan(const Plan& plan, const std::vector<Resource>& desired) {
    Sha256 hash;
    for (const auto& change : plan.changes) {
        hash.field(change.id).field(toText(change.action)).field(change.reason).field(change.diff);
    }
    return hash.field(digestOf(desired)).hex();
}

Plan compare(const std::vector<Resource>& base, const std::vector<Resource>& head, const Options& options) {
    std::map<std::string_view, const Resource*> before;
    for (const auto& resource : base) {
        before[resource.id] = &resource;
    }
    const auto contentOf = [](const Resource* resource) {
        return resource == nullptr ? std::string() : describe(*resource);
    };
    const auto pathOf = [](const Resource& resource) {
        return resource.id.substr(resource.id.find(':') + 1);
    };
    Plan out;
    for (const auto& resource : head) {
        const auto it = before.find(resource.id);
        const Resource* old = it == before.end() ? nullptr : it->second;
        Change change{resource.id, Action::none, "unchanged", {}, {}};
        if (options.leavesAlone(resource.id)) {
            change.reason = kIgnored;
        } else if (old == nullptr) {
            change.action = Action::create;
            change.reason = resource.purpose;
        } else if (digestOf(*old) != digestOf(resource)) {
            const bool reload = std::holds_alternative<render::Reload>(resource.what);
            change.action = reload ? Action::reload : Action::update;
            change.reason = resource.purpose + ": changed in the document";
        }
        if (change.action != Action::none) {
            change.diff = unifiedDiff(contentOf(old), contentOf(&resource),
                                      old == nullptr ? kNowhere : pathOf(resource), pathOf(resource));
            if (change.diff.empty() && old != nullptr &&
                std::holds_alternative<render::File>(resource.what)) {
                change.diff = "a secret, the mode or the owner changes\n";
            }
        }
        out.changes.push_back(std::move(change));
        before.erase(resource.id);
    }
    for (auto it = base.rbegin(); it != base.rend(); ++it) {
        if (before.count(it->id) != 0 && options.leavesAlone(it->id)) {
            out.changes.push_back({it->id, Action::none, kIgnored, {}, {}});
        } else if (before.count(it->id) != 0) {
            out.changes.push_back({it->id,
                                   Action::remove,
                                   std::holds_alternative<render::Directory>(it->what)
                                       ? "no longer in the document; stays where it is not empty"
                                       : "no longer in the document",
                                   unifiedDiff(contentOf(&*it), "", pathOf(*it), kNowhere),
                                   {}});
        }
    }
    guardComponents(componentsOf(base), head, options, out);
    noteIgnored(options, out);
    out.digest = digestOfPlan(out, head);
    return out;
}

void noteIgnored(const Options& options, Plan& plan) {
    std::vector<std::string> whole;
    for (const auto& change : plan.changes) {
        const auto it = options.ignored.find(change.id);
        if (it == options.ignored.end()) {
            continue;
        }
        if (it->second.empty()) {
            whole.push_back(change.id);
        } else {
            plan.notes.push_back("not compared of " + change.id +
                                 " (spec.ignore): " + join({it->second.begin(), it->second.end()}, ", "));
        }
    }
    if (!whole.empty()) {
        plan.notes.push_back("ignored (spec.ignore): " + join(whole, ", "));
    }
}

}  // namespace vigie::plan
