// How a plan is applied on behalf of the reconciler, and what is said of it.
#include "apply/transaction/root_session.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/reconcile/failure.hpp"
#include "controller/reconcile/steps.hpp"
#include "plan/print.hpp"

#include <algorithm>
#include <utility>

namespace vigie::controller {

apply::Settings settingsOf(Context& on, const State& state, const std::string& revision, bool repair) {
    auto out = apply::settingsOn(on.config.state, on.world.changing);
    out.reloadTimeout = on.config.apply.timeout;
    out.imagesWith = &on.world.looking;  // a stop does not wait for a pull
    out.progress = [&on, revision, repair](const std::string& line) {
        on.narrator.info(line);
        on.report.step(revision, repair, line);
    };
    // What could not be reached before proves nothing when it cannot be reached afterwards.
    if (!state.pass.sourceFailed) {
        out.proveOutbound = [&on] { on.world.source.reach(); };
    }
    return out;
}

void applyPlan(Context& on, State& state, const apply::DesiredState& desired, const plan::Plan& plan,
               apply::ObservedPlan& comparison) {
    const auto lock = on.world.lockRoot();
    // The plan was made without the lock: somebody may have rolled the host back since.
    if (on.store.suspended() || on.store.journal() ||
        apply::planFor(desired, on.store.inventory(), on.world.looking).digest != plan.digest) {
        throw HostMoved();
    }
    const bool repair = desired.revision == on.store.lastAppliedRevision();
    on.report.step(desired.revision, repair, "check what is to be written");
    auto how = settingsOf(on, state, desired.revision, repair);
    how.verified = [&](apply::ObservedPlan seen) { comparison = std::move(seen); };
    apply::apply(desired, plan, on.store, how, on.world.changing);
}

void tellPlan(Context& on, State& state, const plan::Plan& plan, const std::string& revision, bool drift) {
    on.narrator.info((drift ? "drift on host " : "plan for host ") + on.config.host + " at revision " +
                     shortRevision(revision) + ":\n" + toText(plan, false, plan::Unchanged::hide));
    if (!drift) {
        return;
    }
    std::string ids;
    for (const auto& change : plan.changes) {
        if (change.acts()) {
            state.pass.metrics.drifted.push_back(change.id);
            ids += (ids.empty() ? "" : ", ") + change.id;
        }
    }
    on.narrator.warn("Drift", ids);
}

void tellDone(Context& on, const plan::Plan& plan, const char* event, const std::string& story,
              const std::string& unproven) {
    on.narrator.normal(event, story, unproven);
    for (const auto& change : plan.changes) {
        const bool stale = std::any_of(change.dials.begin(), change.dials.end(),
                                       [](const auto& each) { return !each.second.isNew; });
        if (stale) {
            on.narrator.info("dialled anew: " + change.reason);
            on.narrator.event("Redialled", change.reason);
        }
    }
}

}  // namespace vigie::controller
