#include "apply/apply.hpp"

#include "apply/observe.hpp"
#include "apply/run.hpp"

namespace vigie::apply {

plan::Plan planFor(const Target& target, const state::Inventory& inventory, const system::System& system) {
    auto out = plan::makePlan(target.desired, observe(target.desired, inventory, target.options, system),
                              inventory, target.options);
    out.stack = target.stack;
    out.host = target.host;
    out.revision = target.revision;
    return out;
}

Applied apply(const Target& target, const plan::Plan& plan, state::Store& store, const Settings& settings,
              const system::System& system) {
    return Run(target, plan, store, settings, system).run();
}

}  // namespace vigie::apply
