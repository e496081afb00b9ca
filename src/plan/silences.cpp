#include "plan/planner.hpp"
#include "state/inventory.hpp"

namespace vigie::plan {
namespace {

using render::Resource;

/// What differs, in words; empty when nothing does.
std::string difference(const render::Silence& wanted, const ObservedSilence& is) {
    if (is.several) {
        return "it exists several times";
    }
    if (is.matchers != wanted.matchers) {
        return "its matchers changed";
    }
    if (is.endsAt != wanted.endsAt) {
        return "its end changed";
    }
    if (is.comment != wanted.markedComment()) {
        return "its comment changed";
    }
    // One that has begun has the time at which it was made as its beginning.
    if (wanted.startsAt != 0 && is.startsAt != wanted.startsAt && !is.active) {
        return "its beginning changed";
    }
    return {};
}

}  // namespace

void planSilence(const Context& context, const Resource& resource, const render::Silence& silence,
                 Change& out) {
    const auto it = context.observed.silences.find(resource.id);
    if (it == context.observed.silences.end()) {
        out.reason = "not looked at";
        return;
    }
    const ObservedSilence& is = it->second;
    if (is.ended) {
        out.reason = "has ended, and is not made again";
        return;
    }
    if (!is.answered) {
        out.reason = "Alertmanager does not answer at " + silence.baseUrl;
        return;
    }
    if (!is.exists) {
        out.action = Action::create;
        out.reason = context.ours(resource.id) ? "was ended by hand before its time" : resource.purpose;
        return;
    }
    const auto why = difference(silence, is);
    if (why.empty()) {
        out.reason = "as it should be";
        return;
    }
    out.action = Action::update;
    out.reason = why;
}

void silenceOnceItRuns(const std::vector<Resource>& desired, const Observed& observed, Plan& plan) {
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto seen = observed.silences.find(desired[i].id);
        if (!std::holds_alternative<render::Silence>(desired[i].what) || seen == observed.silences.end() ||
            seen->second.answered || seen->second.ended) {
            continue;
        }
        for (const auto& change : plan.changes) {
            if (change.id == "reload:alertmanager" && change.action == Action::reload) {
                plan.changes[i].action = Action::create;
                plan.changes[i].reason = "made once Alertmanager runs";
            }
        }
    }
}

}  // namespace vigie::plan
