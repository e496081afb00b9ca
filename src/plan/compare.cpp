// Rendered against rendered: what a change of the document means for a host, as far as the document tells.

#include "plan/compare.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"
#include "plan/containers.hpp"
#include "plan/diff.hpp"
#include "plan/guard.hpp"
#include "plan/planner.hpp"
#include "plan/removals.hpp"

#include <algorithm>

namespace vigie::plan {

using render::ComposeService;
using render::Resource;

std::string digestOfPlan(const Plan& plan, const std::vector<Resource>& desired) {
    Sha256 hash;
    for (const auto& change : plan.changes) {
        hash.field(change.id).field(toText(change.action)).field(change.reason).field(change.diff.text());
    }
    return hash.field(digestOf(desired)).hex();
}

namespace {

std::string pathOf(const Resource& resource) {
    return resource.id.substr(resource.id.find(':') + 1);
}

/// A container as the host compares it; `old` is null for one that is new in the document.
void compareContainer(const Resource* old, const Resource& resource, const ComposeService& wanted,
                      const Options& options, Change& out) {
    const auto* was = old == nullptr ? nullptr : std::get_if<ComposeService>(&old->what);
    if (was == nullptr && wanted.service.whole()) {
        out.action = Action::create;
        out.reason = resource.purpose;
        return;
    }
    if (was == nullptr) {
        out.action = Action::recreate;
        out.reason = resource.purpose + ", which is yours and is made anew" + kMemoryIsLost;
        return;
    }
    const auto ignored = options.ignored.find(resource.id);
    static const std::set<std::string> kNone;
    const auto found = differing(*was, wanted, ignored == options.ignored.end() ? kNone : ignored->second);
    if (found.names.empty()) {
        out.reason = "its container stays as it is";
        return;
    }
    out.action = Action::recreate;
    out.reason = found.names + " changed" + kMemoryIsLost;
    out.diff = Diff::ofFacts(found.diff);
}

Change compareOne(const Resource* old, const Resource& resource, const Options& options) {
    Change out{resource.id, Action::none, "unchanged", {}, {}};
    if (old != nullptr && digestOf(*old) == digestOf(resource)) {
        return out;
    }
    if (const auto* compose = std::get_if<ComposeService>(&resource.what)) {
        compareContainer(old, resource, *compose, options, out);
        return out;
    }
    if (const auto* rebuild = std::get_if<render::Rebuild>(&resource.what)) {
        out.action = Action::recreate;
        out.reason = rebuildReason(resource, *rebuild);
        return out;
    }
    const bool reload = std::holds_alternative<render::Reload>(resource.what);
    out.action = reload ? Action::reload : (old == nullptr ? Action::create : Action::update);
    out.reason = resource.purpose + (old == nullptr ? "" : ": changed in the document");
    if (reload && old == nullptr) {
        return out;  // its URL is no difference to look at
    }
    out.diff = Diff::ofFacts(unifiedDiff(old == nullptr ? "" : describe(*old), describe(resource),
                                         old == nullptr ? kNowhere : pathOf(resource), pathOf(resource)));
    if (out.diff.empty() && old != nullptr && std::holds_alternative<render::File>(resource.what)) {
        out.diff = Diff::ofFacts("a secret, the mode or the owner changes\n");
    }
    return out;
}

/// What becomes of a directory can be told only where it is. One in which vigie writes nothing is a
/// program's, and holds its data.
Change compareGoneDirectory(const std::string& id, bool holdsOurs, bool staysFull) {
    if (!holdsOurs || staysFull) {
        return {id,
                Action::release,
                "no longer in the document; stays where it is not empty, and is no longer ours",
                {},
                {}};
    }
    return {id, Action::remove, "no longer in the document; stays where it is not empty", {}, {}};
}

/// What of `base` is gone, what it held before what holds it.
class Gone {
public:
    Gone(const std::vector<Resource>& base, const std::vector<Resource>& head, const Options& options)
        : base_(&base), head_(&head), options_(&options) {
        for (const auto& resource : head) {
            wanted_.insert(resource.id);
        }
    }

    void addTo(Plan& plan) {
        for (auto it = base_->rbegin(); it != base_->rend(); ++it) {
            if (wanted_.count(it->id) == 0) {
                plan.changes.push_back(changeOf(*it));
                if (plan.changes.back().action != Action::remove) {
                    kept_.push_back(pathOf(*it));
                }
            } else if (isPath(*it)) {
                kept_.push_back(pathOf(*it));
            }
        }
    }

private:
    static bool isPath(const Resource& resource) {
        return std::holds_alternative<render::File>(resource.what) ||
               std::holds_alternative<render::Directory>(resource.what);
    }
    static bool liesIn(const std::string& path, const Resource& directory) {
        const std::string place = pathOf(directory) + "/";
        return path.compare(0, place.size(), place) == 0;
    }
    [[nodiscard]] Change changeOf(const Resource& resource) const {
        if (options_->leavesAlone(resource.id)) {
            return {resource.id, Action::none, kIgnored, {}, {}};
        }
        if (becameTheHosts(*head_, resource.id)) {
            return {resource.id, Action::release, kHostsOwn, {}, {}};
        }
        if (!options_->prune) {
            return {resource.id, Action::none, kKept, {}, {}};
        }
        if (std::holds_alternative<render::Directory>(resource.what)) {
            return compareGoneDirectory(
                resource.id,
                std::any_of(base_->begin(), base_->end(),
                            [&](const auto& each) { return liesIn(pathOf(each), resource); }),
                std::any_of(kept_.begin(), kept_.end(),
                            [&](const auto& path) { return liesIn(path, resource); }));
        }
        const auto* compose = std::get_if<ComposeService>(&resource.what);
        Change out = removalOf(resource.id, compose != nullptr && !compose->service.whole());
        if (out.action == Action::remove) {
            out.diff = Diff::ofFacts(unifiedDiff(describe(resource), "", pathOf(resource), kNowhere));
        }
        return out;
    }

    const std::vector<Resource>* base_;
    const std::vector<Resource>* head_;
    const Options* options_;
    std::set<std::string_view> wanted_;
    std::vector<std::string> kept_;  ///< paths that are there afterwards
};

}  // namespace

Plan compare(const std::vector<Resource>& base, const std::vector<Resource>& head, const Options& options) {
    std::map<std::string_view, const Resource*> before;
    for (const auto& resource : base) {
        before[resource.id] = &resource;
    }
    Plan out;
    for (const auto& resource : head) {
        const auto it = before.find(resource.id);
        out.changes.push_back(compareOne(it == before.end() ? nullptr : it->second, resource, options));
    }
    reloadWhatStarts(head, out);
    for (auto& change : out.changes) {
        if (options.leavesAlone(change.id)) {
            change = Change{change.id, Action::none, kIgnored, {}, {}};
        }
    }
    Gone(base, head, options).addTo(out);
    guardComponents(componentsOf(base), head, options, out);
    noteIgnored(options, out);
    noteKept(out);
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
