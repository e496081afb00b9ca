#include "controller/status.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <ctime>

namespace vigie::controller {
namespace {

using Result = Outcome::Result;

struct Reason {
    const char* ready;
    const char* reconciling;
    const char* stalled;
    const char* reason;
};

Reason reasonOf(Result result) {
    switch (result) {
        case Result::converged:
            return {"True", "False", "False", "Converged"};
        case Result::pending:
            return {"False", "False", "False", "ChangePending"};
        case Result::sourceFailed:
            return {"False", "True", "False", "SourceFailed"};
        case Result::invalidDocument:
            return {"False", "False", "True", "InvalidDocument"};
        case Result::failed:
            return {"False", "True", "False", "ApplyFailed"};
    }
    return {"Unknown", "Unknown", "Unknown", "Unknown"};
}

/// RFC 3339 in UTC, as Kubernetes writes times.
std::string timeText(std::int64_t milliseconds) {
    const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::array<char, 32> out{};
    std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return out.data();
}

}  // namespace

std::vector<Condition> conditionsFor(const Outcome& outcome, const std::vector<Condition>& previous,
                                     std::int64_t now) {
    const Reason reason = reasonOf(outcome.result);
    const std::string& message = outcome.message;
    std::vector<Condition> out{
        {"Ready", reason.ready, reason.reason, message, now},
        {"Reconciling", reason.reconciling, reason.reason, message, now},
        {"Stalled", reason.stalled, reason.reason, message, now},
        // What is not looked at is unknown; it never counts as good.
        {"SourceVerified", "Unknown", "NotChecked", "commit signatures are not checked by this version", now},
        {"Healthy", "Unknown", "NotObserved", "no program is observed on this host", now},
        {"TunnelReady", "Unknown", "NotObserved", "the live tunnel is not observed by this version", now},
    };
    if (outcome.healthKnown) {
        auto& healthy = out[4];
        healthy.status = outcome.unhealthy.empty() ? "True" : "False";
        healthy.reason = outcome.unhealthy.empty() ? "ConfigurationLoaded" : "NotLoaded";
        healthy.message =
            outcome.unhealthy.empty() ? "the observed programs run this configuration" : outcome.unhealthy;
    }
    for (auto& condition : out) {
        for (const auto& before : previous) {
            if (before.type == condition.type && before.status == condition.status) {
                condition.lastTransition = before.lastTransition;
            }
        }
    }
    return out;
}

std::string toJson(const Status& status) {
    using nlohmann::ordered_json;
    ordered_json conditions = ordered_json::array();
    for (const auto& condition : status.conditions) {
        conditions.push_back({{"type", condition.type},
                              {"status", condition.status},
                              {"lastTransitionTime", timeText(condition.lastTransition)},
                              {"reason", condition.reason},
                              {"message", condition.message}});
    }
    ordered_json history = ordered_json::array();
    for (const auto& attempt : status.history) {
        history.push_back({{"revision", attempt.revision},
                           {"time", timeText(attempt.time)},
                           {"result", attempt.result},
                           {"message", attempt.message}});
    }
    const ordered_json out{{"host", status.host},
                           {"stack", status.stack},
                           {"lastAttemptedRevision", status.lastAttemptedRevision},
                           {"lastAppliedRevision", status.lastAppliedRevision},
                           {"conditions", std::move(conditions)},
                           {"inventory", status.inventory},
                           {"history", std::move(history)}};
    return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace vigie::controller
