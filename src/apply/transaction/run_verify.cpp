// What is seen to work, before a transaction counts as done.

#include "apply/probes/health_checks.hpp"
#include "apply/rejected.hpp"
#include "apply/transaction/run.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "kinds/compose/tool.hpp"
#include "kinds/hosts.hpp"

#include <algorithm>

namespace vigie::apply {

void requireHealth(const Run& run) {
    const auto& settings = run.settings;
    auto watched = run.transaction.started;
    // A repair may be what mends them, and is not taken back for what was sick before.
    const bool checks = run.target.options.activation == plan::Activation::all && !repairs(run);
    for (const auto& check : run.target.healthChecks) {
        if (checks && !check.service.empty()) {
            watched.insert({check.project, check.service});
        }
    }
    if (!watched.empty()) {
        run.transaction.tell("watch " + count(watched.size(), "container") + " for " +
                             std::to_string(settings.settle.count() / 1000) + " s");
        requireStable(watched, settings.settle, settings.reloadTimeout, run.system);
    }
    kinds::prove(run.transaction);
    if (checks) {
        requireAnswers(run.target.healthChecks, settings.reloadTimeout, run.system);
    }
}

namespace {

/// What could not be foreseen when the plan was made, because it depends on what moves by itself. Whether
/// something was done.
bool settle(const Run& run, const plan::Plan& after) {
    bool done = false;
    for (const auto& change : after.changes) {
        const auto* resource = run.transaction.resource(change.id);
        if (change.acts() && resource != nullptr) {
            done = kinds::settle(run.transaction, change, *resource) || done;
        }
    }
    return done;
}

}  // namespace

void verify(const Run& run) {
    auto after = observeAndPlan(run.target, run.transaction.inventory, run.system);
    if (settle(run, after.plan)) {
        after = observeAndPlan(run.target, run.transaction.inventory, run.system);
    }
    for (const auto& change : after.plan.changes) {
        // What was written just now and cannot be seen there is no drift of somebody's.
        const bool unseen =
            change.unobserved && kinds::isA(kinds::Kind::attached, change.id) &&
            std::any_of(run.plan.changes.begin(), run.plan.changes.end(),
                        [&](const auto& made) { return made.id == change.id && made.acts(); });
        if (!change.acts() && change.action != plan::Action::refuse && !unseen) {
            continue;
        }
        const std::string what = change.id + " is not as it should be after the apply: " + change.reason;
        if (kinds::hasContent(change.id) || kinds::traitsOf(change.id).place != kinds::Place::none) {
            throw Error(what, "does somebody else write there?");
        }
        throw Rejected(what);
    }
    if (run.settings.verified) {
        run.settings.verified(std::move(after));
    }
}

}  // namespace vigie::apply
