// Rendered against rendered: what a change of the document means for a host, as far as the document tells.

#include "plan/compare.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"
#include "kinds/models.hpp"
#include "plan/context.hpp"
#include "plan/diff.hpp"
#include "plan/guard.hpp"
#include "plan/removals.hpp"

#include <algorithm>

namespace vigie::plan {

using render::Resource;

std::string digestOfPlan(const Plan& plan, const std::vector<Resource>& desired) {
    Sha256 hash;
    for (const auto& change : plan.changes) {
        hash.field(change.id).field(toText(change.action)).field(change.reason).field(change.diff.text());
    }
    return hash.field(digestOf(desired)).hex();
}

namespace {

Change compareOne(const Resource* old, const Resource& resource, const Options& options) {
    Change out{resource.id, Action::none, "unchanged", {}, {}};
    if (old != nullptr && digestOf(*old) == digestOf(resource)) {
        return out;
    }
    kinds::changed({.old = old, .resource = resource, .options = options}, out);
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
                    kept_.push_back(kinds::nameOf(it->id));
                }
            } else if (kinds::traitsOf(*it).place != kinds::Place::none) {
                kept_.push_back(kinds::nameOf(it->id));
            }
        }
    }

private:
    static bool liesIn(const std::string& path, const Resource& directory) {
        const std::string place = kinds::nameOf(directory.id) + "/";
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
        if (kinds::traitsOf(resource).place == kinds::Place::directory) {
            return compareGoneDirectory(
                resource.id,
                std::any_of(base_->begin(), base_->end(),
                            [&](const auto& each) { return liesIn(kinds::nameOf(each.id), resource); }),
                std::any_of(kept_.begin(), kept_.end(),
                            [&](const auto& path) { return liesIn(path, resource); }));
        }
        Change out = removalOf(resource.id, kinds::recordOf(resource));
        if (out.action == Action::remove) {
            out.diff = Diff::ofFacts(
                unifiedDiff(kinds::describe(resource), "", kinds::nameOf(resource.id), kNowhere));
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
    const Observed notLooked;
    const state::Inventory unknown;
    const Context context{.observed = notLooked, .inventory = unknown, .options = options};
    for (const auto& step : kinds::followUps()) {
        if (step.ofDocuments) {
            step.run(context, head, out);
        }
    }
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
