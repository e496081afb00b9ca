#include "controller/status.hpp"

#include "base/text.hpp"
#include "state/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace vigie::controller {
namespace {

using Result = Outcome::Result;

struct Reason {
    const char* ready;
    const char* reconciling;
    const char* stalled;
    const char* reason;
};

Reason statusesOf(Result result) {
    switch (result) {
        case Result::starting:
            return {"Unknown", "True", "False", "Starting"};
        case Result::converged:
            return {"True", "False", "False", "Converged"};
        case Result::pending:
            return {"False", "False", "False", "ChangePending"};
        case Result::unapproved:
            return {"False", "False", "False", "WaitingForApproval"};
        case Result::sourceFailed:
            return {"False", "True", "False", "SourceFailed"};
        case Result::untrusted:
            return {"False", "False", "True", "Untrusted"};
        case Result::invalidDocument:
            return {"False", "False", "True", "InvalidDocument"};
        case Result::waiting:
            return {"False", "True", "False", "WaitingForConfirmation"};
        case Result::held:
            return {"False", "True", "False", "WaitingForHosts"};
        case Result::heldTooLong:
            return {"False", "False", "True", "RolloutTimedOut"};
        case Result::quarantined:
            return {"False", "False", "True", "Quarantined"};
        case Result::suspended:
            return {"Unknown", "False", "False", "Suspended"};
        case Result::failed:
            return {"False", "True", "False", "ApplyFailed"};
        case Result::refused:
            return {"False", "False", "True", "ApplyFailed"};
    }
    return {"Unknown", "Unknown", "Unknown", "Unknown"};
}

}  // namespace

std::string reasonOf(Outcome::Result result) {
    return statusesOf(result).reason;
}

std::string Outcome::ailments() const {
    std::string out;
    for (const auto& ailment : unhealthy) {
        out += (out.empty() ? "" : "; ") + ailment.message;
    }
    return out;
}

std::string Outcome::tunnelNotes() const {
    return roamingPeers + (roamingPeers.empty() || keyFile.empty() ? "" : "; ") + keyFile;
}

std::vector<Condition> conditionsFor(const Outcome& outcome, const std::vector<Condition>& previous,
                                     std::int64_t now, std::int64_t generation) {
    Reason reason = statusesOf(outcome.result);
    if (outcome.result == Result::untrusted) {
        reason.reason = outcome.trust.reason.c_str();
    }
    const std::string& message = outcome.message;
    std::vector<Condition> out{
        {"Ready", reason.ready, reason.reason, message, now},
        {"Reconciling", reason.reconciling, reason.reason, message, now},
        {"Stalled", reason.stalled, reason.reason, message, now},
        {"SourceVerified", outcome.trust.status, outcome.trust.reason, outcome.trust.message, now},
        // What is not looked at is unknown; it never counts as good.
        {"Healthy", "Unknown", "NotObserved", "no program is observed on this host", now},
        {"TunnelReady", "Unknown", "NotObserved", "no tunnel is observed on this host", now},
    };
    if (outcome.healthKnown) {
        auto& healthy = out[4];
        healthy.status = outcome.unhealthy.empty() ? "True" : "False";
        healthy.reason = outcome.unhealthy.empty() ? "AllWell" : outcome.unhealthy.front().reason;
        healthy.message = outcome.unhealthy.empty()
                              ? "the observed programs and containers run this configuration, and work"
                              : outcome.ailments();
    }
    if (outcome.tunnelKnown) {
        auto& tunnel = out[5];
        tunnel.status = outcome.silentPeers.empty() ? "True" : "False";
        tunnel.reason = !outcome.silentPeers.empty()    ? "NoHandshake"
                        : !outcome.roamingPeers.empty() ? "EndpointNotUsed"
                        : !outcome.keyFile.empty()      ? "KeyFileReplaced"
                                                        : "Handshake";
        tunnel.message = outcome.silentPeers.empty()
                             ? "every peer was heard of within three minutes"
                             : "not heard of within three minutes: " + outcome.silentPeers;
        if (const auto notes = outcome.tunnelNotes(); !notes.empty()) {
            tunnel.message += "; " + notes;
        }
    }
    for (auto& condition : out) {
        condition.observedGeneration = generation;
        for (const auto& before : previous) {
            if (before.type == condition.type && before.status == condition.status) {
                condition.lastTransition = before.lastTransition;
            }
        }
    }
    return out;
}

Status whileApplying(const Status& status, const Activity& activity, std::int64_t now) {
    Status out = status;
    out.applying = activity;
    if (out.conditions.empty()) {
        Outcome unknown;
        unknown.result = Result::starting;
        out.conditions = conditionsFor(unknown, {}, now);
    }
    const std::string message = (activity.repair ? "drift is repaired at revision " : "revision ") +
                                shortRevision(activity.revision) + ": " + activity.step;
    for (auto& condition : out.conditions) {
        const bool ready = condition.type == "Ready";
        const bool reconciling = condition.type == "Reconciling";
        if (!ready && !reconciling && condition.type != "Stalled") {
            continue;  // what is known of the source, of health and of the tunnel stays
        }
        const char* is = ready ? "Unknown" : reconciling ? "True" : "False";
        condition.lastTransition = condition.status == is ? condition.lastTransition : now;
        condition.status = is;
        condition.reason = "Applying";
        condition.message = message;
        condition.observedGeneration = status.observedGeneration;
    }
    return out;
}

std::string toJson(const Status& status) {
    using nlohmann::ordered_json;
    ordered_json conditions = ordered_json::array();
    for (const auto& condition : status.conditions) {
        conditions.push_back({{"type", condition.type},
                              {"status", condition.status},
                              {"lastTransitionTime", state::rfc3339(condition.lastTransition)},
                              {"reason", condition.reason},
                              {"message", condition.message},
                              {"observedGeneration", condition.observedGeneration}});
    }
    ordered_json history = ordered_json::array();
    for (const auto& attempt : status.history) {
        history.push_back({{"revision", attempt.revision},
                           {"time", state::rfc3339(attempt.time)},
                           {"result", attempt.result},
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
