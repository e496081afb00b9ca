// Observes a host, plans, and applies a plan.

#include "apply/apply.hpp"

#include "apply/refused.hpp"
#include "apply/transaction/run.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"
#include "kinds/hosts.hpp"

namespace vigie::apply {

std::string renderDigest(const DesiredState& target) {
    const std::string digest = digestOf(target.desired);
    if (target.healthChecks.empty()) {
        return digest;
    }
    Sha256 hash;
    hash.field(digest);
    for (const auto& check : target.healthChecks) {
        hash.field(check.project).field(check.service).field(check.url);
        hash.field(std::to_string(check.expectStatus));
    }
    return hash.hex();
}

ObservedPlan observeAndPlan(const DesiredState& target, const state::Inventory& inventory,
                            const system::System& system) {
    ObservedPlan out;
    out.observed = kinds::observeAll(
        {.desired = target.desired, .inventory = inventory, .options = target.options, .system = system});
    out.plan = plan::makePlan(target.desired, out.observed, inventory, target.options);
    out.plan.stack = target.stack;
    out.plan.host = target.host;
    out.plan.revision = target.revision;
    const auto others = kinds::warnings(target.desired, system.files);
    out.plan.notes.insert(out.plan.notes.end(), others.begin(), others.end());
    return out;
}

plan::Plan planFor(const DesiredState& target, const state::Inventory& inventory,
                   const system::System& system) {
    return observeAndPlan(target, inventory, system).plan;
}

namespace {

/// A wrong `--host` would remove everything that the other host does not have.
void requireSameHost(const DesiredState& target, const state::Store& store, const Settings& settings) {
    const auto host = store.lastHost();
    if (!settings.changeHost && !host.empty() && host != target.host && !store.inventory().empty()) {
        throw Refused("this root is host `" + host + "` of the document, and not `" + target.host + "`",
                      "if it is to become that one, `vigie apply --host " + target.host +
                          " --change-host` removes what belongs to `" + host + "` alone");
    }
}

}  // namespace

Applied apply(const DesiredState& target, const plan::Plan& plan, state::Store& store,
              const Settings& settings, const system::System& system) {
    requireSameHost(target, store, settings);
    auto run = makeRun(target, plan, store, settings, system);
    return runAll(run);
}

}  // namespace vigie::apply
