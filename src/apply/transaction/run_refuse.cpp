// What an apply never begins.

#include "apply/refused.hpp"
#include "apply/transaction/run.hpp"
#include "base/text.hpp"

namespace vigie::apply {

using plan::Action;

namespace {

/// Whether nothing stays of what is ours, and nothing comes in its place.
bool removesEverything(const Run& run) {
    std::size_t removed = 0;  // also what must not be removed
    std::size_t stays = 0;
    for (const auto& change : run.plan.changes) {
        const bool ours = run.transaction.before.count(change.id) != 0;
        const bool goes = change.action == Action::remove || change.action == Action::release ||
                          change.action == Action::refuse;
        removed += ours && goes && run.transaction.resource(change.id) == nullptr ? 1U : 0U;
        stays += ours && !goes && !run.target.options.leavesAlone(change.id) ? 1U : 0U;
    }
    return removed != 0 && stays == 0 && run.plan.count(Action::create) + run.plan.count(Action::adopt) == 0;
}

}  // namespace

void refuse(const Run& run) {
    if (!run.settings.uninstall && removesEverything(run)) {
        throw Refused("this would delete everything that vigie owns on this host, and make nothing instead",
                      "is this the right document, and the right host, for this root? `vigie uninstall` is "
                      "the way to remove everything");
    }
    std::vector<std::string> refused;
    bool onlyUnobserved = true;  // what cannot be looked at now may be there the next time
    for (const auto& change : run.plan.changes) {
        if (change.action == Action::refuse) {
            refused.push_back(change.id + ": " + change.reason);
            onlyUnobserved = onlyUnobserved && change.unobserved;
        }
    }
    const std::string look = "look at the difference with `vigie plan`";
    if (!refused.empty() && onlyUnobserved) {
        throw Error(join(refused, "\n"), look);
    }
    if (!refused.empty()) {
        throw Refused(join(refused, "\n"), look);
    }
}

}  // namespace vigie::apply
