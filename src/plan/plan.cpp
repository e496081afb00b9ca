// Compares desired with observed resources.

#include "plan/plan.hpp"

#include "kinds/models.hpp"
#include "plan/compare.hpp"
#include "plan/context.hpp"
#include "plan/own_state.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

using render::Resource;

/// Whatever was planned for what is left alone is dropped.
void leaveAlone(Change& change) {
    change = Change{change.id, Action::none, kIgnored, {}, {}};
    change.ownable = false;  // and what was ours before stays so
}

Change changeOf(const Context& context, const Resource& resource) {
    Change out{resource.id, Action::none, {}, {}, {}};
    if (context.options.leavesAlone(resource.id)) {
        leaveAlone(out);
        return out;
    }
    if (context.options.activation < kinds::traitsOf(resource).from) {
        out.reason = "not activated here: " + resource.purpose;
    } else {
        kinds::difference(context, resource, out);
    }
    return out;
}

/// Somebody's change by hand is undone, told or passed over, as the document says.
void heedDriftPolicy(const Context& context, const Resource& resource, Change& change) {
    if (!change.acts() || !context.applied(resource)) {
        return;
    }
    const auto it = context.options.driftOf.find(resource.id);
    const auto policy = it == context.options.driftOf.end() ? context.options.drift : it->second;
    if (policy == DriftPolicy::report) {
        change.action = Action::drift;
        change.reason += "; only reported (driftPolicy)";
    } else if (policy == DriftPolicy::ignore) {
        change.action = Action::none;
        change.diff.clear();
        change.reason += "; ignored (driftPolicy)";
    }
}

void addNotes(const std::vector<Resource>& desired, const Observed& observed, const Options& options,
              Plan& plan) {
    if (!observed.canChown) {
        plan.notes.emplace_back(
            "without the right to change owners, owners are neither applied nor compared");
    }
    if (options.masked) {
        plan.notes.emplace_back(
            "this root has no identity (`vigie keys init`): secrets are written as ***, to look at and not "
            "to run");
    }
    plan.notes.insert(plan.notes.end(), options.notes.begin(), options.notes.end());
    if (!options.suspended.empty()) {
        plan.notes.push_back("suspended: nothing is changed here as long as the document says " +
                             options.suspended);
    }
    for (auto& note : kinds::notesOf(desired, observed)) {
        plan.notes.push_back(std::move(note));
    }
}

}  // namespace

std::string_view toText(Action action) {
    switch (action) {
        case Action::none:
            return "none";
        case Action::create:
            return "create";
        case Action::update:
            return "update";
        case Action::remove:
            return "delete";
        case Action::release:
            return "release";
        case Action::reload:
            return "reload";
        case Action::recreate:
            return "recreate";
        case Action::restart:
            return "restart";
        case Action::adopt:
            return "adopt";
        case Action::refuse:
            return "refuse";
        case Action::drift:
            return "drift";
    }
    return {};
}

std::string_view toText(Activation activation) {
    switch (activation) {
        case Activation::none:
            return "none";
        case Activation::reload:
            return "reload";
        case Activation::all:
            return "all";
    }
    return {};
}

std::optional<Activation> activationFrom(std::string_view text) {
    for (const auto each : {Activation::none, Activation::reload, Activation::all}) {
        if (toText(each) == text) {
            return each;
        }
    }
    return std::nullopt;
}

bool Change::acts() const {
    return action != Action::none && action != Action::refuse && action != Action::drift;
}

bool Change::reversible() const {
    const bool gone = action == Action::remove || action == Action::release;
    return action != Action::recreate && action != Action::restart &&
           !(gone && kinds::traitsOf(id).holdsMemory);
}

bool Change::destructive() const {
    return action == Action::remove || !reversible();
}

bool Options::leavesAlone(const std::string& id) const {
    const auto it = ignored.find(id);
    return it != ignored.end() && it->second.empty();
}

const std::set<std::string>& Context::ignoredOf(const std::string& id) const {
    static const std::set<std::string> kNone;
    const auto it = options.ignored.find(id);
    return it == options.ignored.end() ? kNone : it->second;
}

bool Context::applied(const Resource& resource) const {
    const auto it = inventory.find(resource.id);
    return it != inventory.end() && it->second.digest == digestOf(resource);
}

bool Plan::empty() const {
    return std::all_of(changes.begin(), changes.end(),
                       [](const Change& c) { return !c.acts() && c.action != Action::refuse; });
}

bool Plan::drifted() const {
    return count(Action::drift) != 0;
}

bool Plan::refused() const {
    return count(Action::refuse) != 0;
}

std::size_t Plan::count(Action action) const {
    return static_cast<std::size_t>(
        std::count_if(changes.begin(), changes.end(), [&](const Change& c) { return c.action == action; }));
}

Plan makePlan(const std::vector<Resource>& desired, const Observed& observed,
              const state::Inventory& inventory, const Options& options) {
    const Context context{observed, inventory, options};
    Plan out;
    for (const auto& resource : desired) {
        out.changes.push_back(changeOf(context, resource));
        heedDriftPolicy(context, resource, out.changes.back());
    }
    for (const auto& step : kinds::followUps()) {
        step.run(context, desired, out);
    }
    planRemovals(context, desired, out);
    refuseInOwnState(desired, options, out);
    for (auto& change : out.changes) {  // also what others would have done to it
        if (options.leavesAlone(change.id)) {
            leaveAlone(change);
        }
    }
    addNotes(desired, observed, options, out);
    noteIgnored(options, out);
    noteKept(out);
    out.digest = digestOfPlan(out, desired);
    return out;
}

}  // namespace vigie::plan
