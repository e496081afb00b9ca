#include "apply/apply.hpp"

#include "apply/observe.hpp"
#include "apply/run.hpp"

namespace vigie::apply {

Look lookAt(const Target& target, const state::Inventory& inventory, const system::System& system) {
    Look out;
    out.observed = observe(target.desired, inventory, target.options, system);
    out.plan = plan::makePlan(target.desired, out.observed, inventory, target.options);
    out.plan.stack = target.stack;
    out.plan.host = target.host;
    out.plan.revision = target.revision;
    return out;
}

plan::Plan planFor(const Target& target, const state::Inventory& inventory, const system::System& system) {
    return lookAt(target, inventory, system).plan;
}

Applied apply(const Target& target, const plan::Plan& plan, state::Store& store, const Settings& settings,
              const system::System& system) {
    return Run(target, plan, store, settings, system).run();
}

}  // namespace vigie::apply
