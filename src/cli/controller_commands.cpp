// The commands that talk to the controller of this host, when one runs.

#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/controller_client.hpp"
#include "cli/status_text.hpp"
#include "cli/terminal.hpp"
#include "system/real_clock.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace vigie::cli {
namespace {

using nlohmann::ordered_json;

std::string dumped(const ordered_json& json) {
    return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

/// Reports the status after `request`, and whether the host is ready.
int report(ControllerClient& controller, std::int64_t request, const std::string& output) {
    auto answer = controller.await(request);
    const Seen seen{controller.pid(), system::RealClock().now(), 0};
    const auto status = asSeen(std::move(answer), seen);
    print(output == "json" ? dumped(status) : statusText(status, seen));
    return readiness(status);
}

}  // namespace

int events(const StatusOptions& options) {
    const HostSystem here(options.root);
    ControllerClient controller(here);
    const auto answer = controller.get("/api/v1/events");
    if (options.output == "json") {
        print(dumped(answer));
        return kOk;
    }
    for (const auto& event : memberOr(answer, "events", ordered_json::array())) {
        const int times = memberOr(event, "count", 1);
        print(memberOr(event, "lastTimestamp", "") + "  " + memberOr(event, "type", "") + "  " +
              printable(memberOr(event, "reason", "")) +
              (times > 1 ? " (x" + std::to_string(times) + ")" : "") + "  " +
              besideIt(memberOr(event, "message", "")));
    }
    return kOk;
}

int reconcile(const ReconcileOptions& options) {
    const HostSystem here(options.root);
    ControllerClient controller(here);
    auto body = ordered_json::object();
    if (!options.allowRewind.empty()) {
        body["allowRewind"] = options.allowRewind;
    }
    const auto request = memberOr(controller.post("/api/v1/reconcile", body), "request", 0LL);
    if (options.wait) {
        return report(controller, request, options.output);
    }
    print(options.output == "json"
              ? dumped({{"request", request}})
              : "requested: the controller fetches the repository and reconciles this host now\n");
    return kOk;
}

int approve(const ApproveOptions& options) {
    const HostSystem here(options.root);
    ControllerClient controller(here);
    const auto answer = controller.post("/api/v1/approve", {{"digest", options.digest}});
    say("approved: " + memberOr(answer, "digest", ""));
    return options.wait ? report(controller, memberOr(answer, "request", 0LL), "text") : kOk;
}

int pendingPlan(const PlanOptions& options) {
    const HostSystem here(options.root);
    ControllerClient controller(here);
    const auto answer = controller.get("/api/v1/plan");
    if (options.output == "json") {
        print(dumped(answer));
    } else {
        print(controller.text("/api/v1/plan?format=text"));
        print("plan " + memberOr(answer, "digest", "") +
              (memberOr(answer, "waitsForApproval", false) ? "; it waits for `vigie approve`\n" : "\n"));
    }
    std::size_t acts = 0;
    for (const auto& host :
         memberOr(memberOr(answer, "plan", ordered_json()), "hosts", ordered_json::array())) {
        for (const auto& change : memberOr(host, "changes", ordered_json::array())) {
            const auto action = memberOr(change, "action", "none");
            acts += action == "none" || action == "drift" ? 0U : 1U;
        }
    }
    return acts == 0 ? kOk : options.detailedExitCode ? kError : kDifference;
}

}  // namespace vigie::cli
