#include "apply/lock.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/controller_client.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"
#include "state/time.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

namespace vigie::cli {
namespace {

using nlohmann::ordered_json;

std::string shortRevision(const std::string& revision) {
    constexpr std::size_t kShort = 12;
    return revision.empty() ? "(directory)" : revision.substr(0, kShort);
}

}  // namespace

std::string statusText(const ordered_json& status, int pid) {
    std::string out = "host " + status.value("host", "?") + ", stack " + status.value("stack", "?") + "\n";
    out += pid == 0 ? "controller: not running\n"
                    : "controller: running (process " + std::to_string(pid) + ")\n";
    out += "applied:    " + shortRevision(status.value("lastAppliedRevision", "")) + "\n";
    out += "attempted:  " + shortRevision(status.value("lastAttemptedRevision", "")) + "\n";
    for (const auto& condition : status.value("conditions", ordered_json::array())) {
        out += printable(condition.value("type", "") + "=" + condition.value("status", "") + "  " +
                         condition.value("reason", "") + ": " + condition.value("message", "")) +
               "\n";
    }
    return out;
}

namespace {

/// What a controller that runs says itself: what it could not write to its disk is not in the file. Empty
/// when it does not answer, or has not looked yet.
std::string askController(const HostSystem& here) {
    try {
        ControllerClient controller(here);
        return controller.pid() == 0 ? "" : controller.text("/api/v1/status");
    } catch (const Error&) {
        return {};
    }
}

}  // namespace

int status(const StatusOptions& options) {
    const HostSystem here(options.root);
    if (const auto said = askController(here); !said.empty()) {
        const auto json = ordered_json::parse(said, nullptr, false);
        if (json.is_object() && json.contains("conditions")) {
            print(options.output == "json"
                      ? said
                      : statusText(json, apply::Lock::holder(here.statePath("controller.lock"))));
            return readiness(json);
        }
    }
    const std::string path = options.root.state + "/status.json";
    if (!here.files.inspect(path).exists()) {
        throw Error("no controller has reported here: " + here.files.real(path) + " is missing",
                    "start it with `vigie run`");
    }
    constexpr std::uint64_t kLargest = 4U << 20U;
    const std::string text(view(here.files.read(path, kLargest)));
    const auto json = ordered_json::parse(text, nullptr, false);
    if (!json.is_object()) {
        throw Error(here.files.real(path) + " is damaged", "the controller writes it again at its next look");
    }
    const int pid = apply::Lock::holder(here.statePath("controller.lock"));
    print(options.output == "json" ? text : statusText(json, pid));
    return pid == 0 ? kDifference : readiness(json);  // what it last saw may not be so any more
}

int history(const StatusOptions& options) {
    const HostSystem here(options.root);
    const auto store = state::Store::openReadOnly(here.statePath("vigie.db"));
    if (!store) {
        throw Error("nothing was applied here yet");
    }
    const auto attempts =
        store->history(options.limit, options.plans ? state::Plans::read : state::Plans::skip);
    if (options.output == "json") {
        ordered_json out = ordered_json::array();
        for (const auto& attempt : attempts) {
            out.push_back({{"time", state::rfc3339(attempt.time)},
                           {"revision", attempt.revision},
                           {"result", attempt.result},
                           {"message", attempt.message}});
            if (options.plans) {
                out.back()["plan"] = attempt.plan;
            }
        }
        print(out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
        return kOk;
    }
    for (const auto& attempt : attempts) {
        print(state::rfc3339(attempt.time) + "  " + attempt.result + "  " + shortRevision(attempt.revision) +
              (attempt.message.empty() ? "" : "  " + printable(attempt.message)) + "\n");
        if (options.plans && !attempt.plan.empty()) {
            print(attempt.plan + "\n");
        }
    }
    return kOk;
}

}  // namespace vigie::cli
