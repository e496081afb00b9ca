// What every step of a pass works with.
#include "controller/reconcile/context.hpp"

#include "apply/transaction/suspension.hpp"

namespace vigie::controller {

plan::Options planOptions(const Config& config) {
    plan::Options out;
    out.activation = plan::activationFrom(config.apply.activate)
                         .value_or(config.root != "/" ? plan::Activation::none : plan::Activation::all);
    return out;
}

std::optional<std::string> suspended(Context& on) {
    if (on.store.endSuspension(on.now())) {
        on.narrator.normal("Resumed", apply::kSuspensionOver);
    }
    if (auto why = on.store.suspended()) {
        return why;
    }
    const std::string field = on.store.suspendedByDocument();
    return field.empty() ? std::nullopt : std::optional("suspended by the document, which says " + field);
}

}  // namespace vigie::controller
