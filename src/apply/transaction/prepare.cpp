// Does everything of an apply that may fail before the host changes.

#include "apply/transaction/prepare.hpp"

#include "apply/probes/check.hpp"
#include "apply/tools.hpp"
#include "kinds/compose/engine.hpp"
#include "kinds/hosts.hpp"

namespace vigie::apply {

bool touchesTheWayIn(const plan::Plan& plan) {
    for (const auto& change : plan.changes) {
        if (change.acts() && kinds::traitsOf(change.id).wayIn) {
            return true;
        }
    }
    return false;
}

void prepare(const DesiredState& target, const plan::Plan& plan, const state::Inventory& inventory,
             const Settings& settings, const system::System& system) {
    using kinds::PreparationTurn;
    std::vector<std::string> changed;
    for (const auto& change : plan.changes) {
        if (change.acts()) {
            changed.push_back(change.id);
        }
    }
    Checks checks{settings.stateDirectory + "/staging", false, settings.progress, &system};
    if (target.options.activation != plan::Activation::all) {
        checkWithTools(target.desired, changed, checks, system);
        return;
    }
    kinds::Preparing preparing{.desired = target.desired,
                               .plan = plan,
                               .inventory = inventory,
                               .stateDirectory = settings.stateDirectory,
                               .progress = settings.progress,
                               .attended = settings.confirmWithin.count() != 0,
                               .system = system,
                               .patient = settings.imagesWith == nullptr ? system : *settings.imagesWith};
    kinds::prepare(PreparationTurn::requirements, preparing);
    kinds::prepare(PreparationTurn::kernelWays, preparing);
    kinds::prepare(PreparationTurn::tunnelWays, preparing);
    if (touchesTheWayIn(plan)) {
        kinds::prepare(PreparationTurn::doors, preparing);
    }
    kinds::prepare(PreparationTurn::tools, preparing);
    const auto checking = imagesThatCheck(target.desired, changed);
    const bool attached = checksAttached(target.desired, changed);
    checks.inContainers =
        (attached || !checking.empty()) && system.processes.find(kDocker.program) && engineAnswers(system);
    if (checks.inContainers) {
        preparing.alsoNeeded = checking;
    } else {  // before anything is pulled
        checkWithTools(target.desired, changed, checks, system);
    }
    kinds::prepare(PreparationTurn::images, preparing);
    if (checks.inContainers) {
        checkWithTools(target.desired, changed, checks, preparing.patient);
    }
    kinds::prepare(PreparationTurn::builds, preparing);
}

}  // namespace vigie::apply
