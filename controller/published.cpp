#include "controller/published.hpp"

namespace vigie::controller {

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
