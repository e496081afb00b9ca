// Writes a status as text.

#include "cli/status_text.hpp"

#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "state/time.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

namespace vigie::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kNotRunning = "ControllerNotRunning";

std::string revisionOr(const char* otherwise, const std::string& revision) {
    return revision.empty() ? otherwise : shortRevision(revision);
}

std::string text(const ordered_json& json, const char* key) {
    return memberOr(json, key, "");
}

std::optional<std::int64_t> time(const ordered_json& json, const char* key) {
    return state::fromRfc3339(text(json, key));
}

ordered_json conditionsOf(const ordered_json& status) {
    const auto it = status.find("conditions");
    return it != status.end() && it->is_array() ? *it : ordered_json::array();
}

ordered_json condition(const ordered_json& status, std::string_view type) {
    for (const auto& each : conditionsOf(status)) {
        if (text(each, "type") == type) {
            return each;
        }
    }
    return ordered_json::object();
}

/// Each line of a message, printable and indented.
std::string lines(const std::string& message, std::string_view indent) {
    std::string out;
    for (const auto line : splitLines(message)) {
        out.append(indent).append(printable(line)).append("\n");
    }
    return out;
}

std::string controllerLine(const ordered_json& status, const Seen& seen) {
    if (seen.pid != 0) {
        const auto since = text(status, "startedAt");
        return "running (process " + std::to_string(seen.pid) + ")" +
               (since.empty() ? "" : ", since " + printable(since));
    }
    if (const auto since = text(status, "stoppedAt"); !since.empty()) {
        return "not running, since " + printable(since) + ": stopped";
    }
    if (seen.written == 0) {
        return "not running";
    }
    return "not running; its last report was at " + state::rfc3339(seen.written) + ", " +
           roughly(seen.now - seen.written) + " ago";
}

/// One sentence that summarizes the state of the host for a first-time reader.
std::string verdict(const ordered_json& status, const Seen& seen) {
    const auto ready = condition(status, "Ready");
    const auto reason = text(ready, "reason");
    const auto is = [&](const char* type) { return text(condition(status, type), "status") == "True"; };
    if (reason == kNotRunning) {
        return "No controller runs on this host: `systemctl start vigie` starts it, `journalctl -u vigie` "
               "shows why it ended";
    }
    if (reason == "Applying") {
        const auto it = status.find("applying");
        const auto applying = it != status.end() && it->is_object() ? *it : ordered_json::object();
        const auto since = time(applying, "since");
        const auto repair = applying.find("repair");
        return std::string(repair != applying.end() && *repair == true ? "Repairing" : "Applying") +
               (since ? ", for " + roughly(seen.now - *since) : "");
    }
    if (is("Ready")) {
        bool ill = false;
        for (const auto* type : {"Healthy", "TunnelReady", "NetworkReady"}) {
            ill = ill || text(condition(status, type), "status") == "False";
        }
        return ill ? "Ready, but not healthy" : "Ready";
    }
    if (is("Stalled")) {
        return "Stalled (" + reason + "): it needs a commit or an operator";
    }
    if (reason == "Starting") {
        return "The controller has just started and has not observed this host yet";
    }
    if (!text(status, "suspended").empty() && reason != "Suspended") {
        return "Suspended, and not ready (" + reason + "): nothing is changed on this host";
    }
    if (is("Reconciling")) {
        return "Not ready (" + reason + "): the controller retries by itself";
    }
    return (text(ready, "status") == "Unknown" ? "" : "Not ready: ") + reason;
}

}  // namespace

std::string roughly(std::int64_t milliseconds) {
    constexpr std::int64_t kSecond = 1000;
    constexpr std::int64_t kMinute = 60 * kSecond;
    constexpr std::int64_t kHour = 60 * kMinute;
    constexpr std::int64_t kDay = 24 * kHour;
    const auto m = std::max<std::int64_t>(0, milliseconds);
    if (m < 2 * kMinute) {
        return std::to_string(m / kSecond) + " s";
    }
    if (m < 2 * kHour) {
        return std::to_string(m / kMinute) + " min";
    }
    return m < 2 * kDay ? std::to_string(m / kHour) + " h" : std::to_string(m / kDay) + " days";
}

ordered_json asSeen(ordered_json status, const Seen& seen) {
    if (!status.is_object()) {  // a peer may answer anything
        status = ordered_json::object();
    }
    const bool runs = seen.pid != 0;
    ordered_json controller{{"running", runs}};
    controller["process"] = runs ? ordered_json(seen.pid) : ordered_json();
    controller["since"] = memberOr(status, runs ? "startedAt" : "stoppedAt", ordered_json());
    if (!runs) {
        auto conditions = conditionsOf(status);
        for (auto& each : conditions) {
            each["message"] = "the controller does not run; its last status was " + text(each, "status") +
                              " (" + text(each, "reason") + ")" +
                              (text(each, "message").empty() ? "" : ": " + text(each, "message"));
            each["status"] = "Unknown";
            each["reason"] = kNotRunning;
        }
        status["conditions"] = std::move(conditions);
        status.erase("applying");
    }
    status["controller"] = std::move(controller);
    return status;
}

std::string statusText(const ordered_json& status, const Seen& seen) {
    const auto applied = text(status, "lastAppliedRevision");
    const auto stack = text(status, "stack");
    std::string out = "host " + printable(text(status, "host")) + ", " +
                      (stack.empty() ? "no stack yet" : "stack " + printable(stack)) + "\n";
    out += "controller: " + controllerLine(status, seen) + "\n";
    if (seen.pid != 0) {
        const auto page = text(status, "page");
        out += "page:       " +
               (page.empty() ? "not served; set `http.listen` in vigie.yaml to serve it" : printable(page)) +
               "\n";
        if (const auto at = time(status, "observedAt")) {
            out += "observed:   " + roughly(seen.now - *at) + " ago\n";
        }
    }
    if (const auto why = text(status, "suspended"); !why.empty()) {
        out += "suspended:  " + printable(why) + "\n";
    }
    out += "applied:    " + printable(revisionOr("nothing yet", applied)) + "\n";
    out +=
        "attempted:  " + printable(revisionOr("nothing yet", text(status, "lastAttemptedRevision"))) + "\n";

    std::set<std::string> said;
    const auto ready = condition(status, "Ready");
    out += "\n" + printable(verdict(status, seen)) + "\n";
    if (const auto message = text(ready, "message");
        !message.empty() && text(ready, "reason") != kNotRunning) {
        out += lines(message, "  ");
        said.insert(message);
    }
    out += "\n";
    for (const auto& each : conditionsOf(status)) {
        const auto message = text(each, "message");
        out += printable(text(each, "type") + "=" + text(each, "status") + "  " + text(each, "reason"));
        if (message.empty() || !said.insert(message).second) {
            out += "\n";
        } else {
            out += ": " + besideIt(message);
        }
    }
    return out;
}

std::string besideIt(const std::string& message) {
    const auto first = message.substr(0, message.find('\n'));
    return printable(first) + "\n" +
           (first.size() == message.size() ? "" : lines(message.substr(first.size() + 1), "    "));
}

int readiness(const ordered_json& status) {
    return text(condition(status, "Ready"), "status") == "True" ? kOk : kDifference;
}

}  // namespace vigie::cli
