// Asks the controller of another host for its status.

#include "apply/probes/peers.hpp"

#include "apply/http_api.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "spec/address.hpp"
#include "spec/topology.hpp"

namespace vigie::apply {

bool PeerStatus::healthyAt(const std::string& revision) const {
    // A host on which nothing can be observed but its tunnel, such as a hub, is as healthy as it is ready.
    const bool nothingToObserve = healthy == "Unknown" && unhealthyReason == "NotObserved" && ready == "True";
    const bool betweenHosts = unhealthyReason == "TargetsDown" || unhealthyReason == "NotificationsFailing";
    return answered && lastAppliedRevision == revision &&
           (healthy == "True" || nothingToObserve || (healthy == "False" && betweenHosts));
}

PeerStatus askPeer(const spec::Stack& stack, const spec::Host& host, std::chrono::milliseconds timeout,
                   system::Http& http) {
    PeerStatus out;
    out.host = host.name;
    system::HttpRequest request;
    request.url = "http://" + spec::hostPort(spec::addressOf(stack, host), stack.selfMonitoring.port) +
                  "/api/v1/status";
    request.timeout = timeout;
    request.maxBytes = 1U << 20U;
    request.ofOtherHost = true;
    try {
        const auto response = http.send(request);
        const auto status = parseJson(response.body);
        constexpr int kGood = 200;
        if (response.status != kGood || !status.is_object() || text(status, "host") != host.name) {
            out.problem = "what answers at " + request.url + " is not the controller of " + host.name;
            return out;
        }
        out.answered = true;
        out.lastAppliedRevision = text(status, "lastAppliedRevision");
        const auto& conditions = member(status, "conditions");
        if (!conditions.is_array()) {
            return out;
        }
        for (const auto& condition : conditions) {
            if (text(condition, "type") == "Ready") {
                out.ready = text(condition, "status");
                out.message = text(condition, "message");
            } else if (text(condition, "type") == "Healthy") {
                out.healthy = text(condition, "status");
                out.unhealthyReason = text(condition, "reason");
                out.unhealthyMessage = text(condition, "message");
            }
        }
    } catch (const Error& error) {
        out.problem = error.what();
    }
    return out;
}

}  // namespace vigie::apply
