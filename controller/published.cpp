// What the other threads may know of the reconcile thread.
#include "controller/published.hpp"

#include "plan/print.hpp"

#include <nlohmann/json.hpp>

namespace vigie::controller {

PublishedPlan publishedPlan(const plan::Plan& plan, bool waits, const std::string& note) {
    using nlohmann::json;
    const std::string before = note.empty() ? "" : "NOTE: " + note + "\n\n";
    return {
        .digest = plan.digest,
        .json = std::make_shared<const std::string>(
            "{\n  \"digest\": " + json(plan.digest).dump() +
            ",\n  \"waitsForApproval\": " + (waits ? "true" : "false") +
            ",\n  \"note\": " + json(note).dump() + ",\n  \"plan\": " + plan::toJson({plan}) + "}\n"),
        .text =
            std::make_shared<const std::string>(before + plan::toText(plan, false, plan::Unchanged::hide)),
        .waits = waits,
    };
}

Snapshot failedPass(const Snapshot& before, const std::string& why, std::int64_t now, std::int64_t request) {
    Snapshot out = before;
    out.status.lastHandledRequest = request;
    out.status.conditions =
        conditionsFor({.outcome = {.result = Result::failed, .message = "this pass failed: " + why}},
                      before.status.conditions, now, before.status.observedGeneration);
    out.status.applying.reset();
    return out;
}

}  // namespace vigie::controller
