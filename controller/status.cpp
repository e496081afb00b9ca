// The status of a host, as the CRD describes it.
#include "controller/status.hpp"

#include "base/text.hpp"
#include "state/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace vigie::controller {

Status whileApplying(const Status& status, const Activity& activity, std::int64_t now) {
    Status out = status;
    out.applying = activity;
    if (out.conditions.empty()) {
        out.conditions = conditionsFor({.outcome = {.result = Result::starting}}, {}, now);
    }
    const std::string message = (activity.repair ? "drift is repaired at revision " : "revision ") +
                                shortRevision(activity.revision) + ": " + activity.step;
    for (auto& condition : out.conditions) {
        const bool ready = condition.type == ConditionType::ready;
        const bool reconciling = condition.type == ConditionType::reconciling;
        if (!ready && !reconciling && condition.type != ConditionType::stalled) {
            continue;  // what is known of the source, of health and of the tunnel stays
        }
        const auto is = ready         ? ConditionStatus::unknown
                        : reconciling ? ConditionStatus::yes
                                      : ConditionStatus::no;
        condition.lastTransition = condition.status == is ? condition.lastTransition : now;
        condition.status = is;
        condition.reason = Reason::applying;
        condition.message = message;
        condition.observedGeneration = status.observedGeneration;
    }
    return out;
}

std::string toJson(const Status& status) {
    using nlohmann::ordered_json;
    ordered_json conditions = ordered_json::array();
    for (const auto& condition : status.conditions) {
        conditions.push_back({{"type", toText(condition.type)},
                              {"status", toText(condition.status)},
                              {"lastTransitionTime", state::rfc3339(condition.lastTransition)},
                              {"reason", toText(condition.reason)},
                              {"message", condition.message},
                              {"observedGeneration", condition.observedGeneration}});
    }
    ordered_json history = ordered_json::array();
    for (const auto& attempt : status.history) {
        history.push_back({{"revision", attempt.revision},
                           {"time", state::rfc3339(attempt.time)},
                           {"result", toText(attempt.result)},
                           {"message", attempt.message}});
    }
    ordered_json out{{"host", status.host},
                     {"stack", status.stack},
                     {"observedGeneration", status.observedGeneration},
                     {"lastHandledRequest", status.lastHandledRequest},
                     {"suspended", status.suspended},
                     {"lastAttemptedRevision", status.lastAttemptedRevision},
                     {"lastAppliedRevision", status.lastAppliedRevision},
                     {"conditions", std::move(conditions)},
                     {"inventory", status.inventory},
                     {"history", std::move(history)},
                     {"mode", status.mode},
                     {"version", status.version},
                     {"page", status.page}};
    if (status.applying) {
        out["applying"] = {{"revision", status.applying->revision},
                           {"repair", status.applying->repair},
                           {"step", status.applying->step},
                           {"since", state::rfc3339(status.applying->since)},
                           {"stepSince", state::rfc3339(status.applying->stepSince)}};
    }
    for (const auto& [name, note] : {std::pair{"tip", &status.tip}, std::pair{"applied", &status.applied}}) {
        if (*note) {
            out[name] = {{"revision", (*note)->revision},
                         {"subject", (*note)->subject},
                         {"author", (*note)->author},
                         {"time", state::rfc3339((*note)->time)}};
        }
    }
    if (status.waiting) {
        out["waiting"] = {{"revision", status.waiting->revision}};
        if (status.waiting->deadline != 0) {
            out["waiting"]["deadline"] = state::rfc3339(status.waiting->deadline);
        }
    }
    for (const auto& [name, at] :
         {std::pair{"observedAt", status.observedAt}, std::pair{"lastContactAt", status.contactAt},
          std::pair{"nextPollAt", status.nextPollAt}, std::pair{"startedAt", status.startedAt},
          std::pair{"stoppedAt", status.stoppedAt}}) {
        if (at != 0) {
            out[name] = state::rfc3339(at);
        }
    }
    return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace vigie::controller
