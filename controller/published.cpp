// What the other threads may know of the last look.

#include "controller/published.hpp"

#include "plan/print.hpp"

#include <nlohmann/json.hpp>

namespace vigie::controller {

void addPlan(const plan::Plan& plan, Snapshot& snapshot) {
    using nlohmann::json;
    const std::string note = snapshot.planNote.empty() ? "" : "NOTE: " + snapshot.planNote + "\n\n";
    snapshot.planDigest = plan.digest;
    snapshot.planText =
        std::make_shared<const std::string>(note + plan::toText(plan, false, plan::Unchanged::hide));
    snapshot.planJson = std::make_shared<const std::string>(
        "{\n  \"digest\": " + json(plan.digest).dump() + ",\n  \"waitsForApproval\": " +
        (snapshot.planWaits ? "true" : "false") + ",\n  \"note\": " + json(snapshot.planNote).dump() +
        ",\n  \"plan\": " + plan::toJson({plan}) + "}\n");
}

Snapshot failedLook(const Snapshot& before, const std::string& why, std::int64_t now, std::int64_t request) {
    Outcome outcome;
    outcome.result = Outcome::Result::failed;
    outcome.message = "the look at this host failed: " + why;
    Snapshot out = before;
    out.ready = false;
    out.status.lastHandledRequest = request;
    out.status.conditions =
        conditionsFor(outcome, before.status.conditions, now, before.status.observedGeneration);
    out.readyReason = out.status.conditions.front().reason;
    out.readyMessage = outcome.message;
    out.status.applying.reset();
    out.statusJson = toJson(out.status);
    return out;
}

}  // namespace vigie::controller
