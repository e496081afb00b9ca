// `vigie status` and `vigie history`.
#include "apply/transaction/lock.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/controller_client.hpp"
#include "cli/host_system.hpp"
#include "cli/status_text.hpp"
#include "cli/terminal.hpp"
#include "state/time.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <optional>
#include <utility>

namespace vigie::cli {
namespace {

using nlohmann::ordered_json;

struct Observation {
    ordered_json status;
    Seen seen;
};

/// The status from the running controller, which is newer than its file when the disk is full. Nothing when
/// it does not answer, or has not finished a pass yet.
std::optional<Observation> askController(const HostSystem& here, std::int64_t now) {
    try {
        ControllerClient controller(here);
        auto json = controller.pid() == 0 ? ordered_json() : controller.get("/api/v1/status");
        if (json.is_object() && json.contains("conditions")) {
            return Observation{std::move(json), {controller.pid(), now, 0}};
        }
    } catch (const Error&) {
        // it may be starting, or ending
    }
    return std::nullopt;
}

Observation ask(const HostSystem& here, const std::string& state) {
    const auto now = here.clock.now();
    if (auto observed = askController(here, now)) {
        return *observed;
    }
    const std::string path = state + "/status.json";
    if (!here.files.inspect(path).exists()) {
        throw Error(
            "no controller has written a status on this host: " + here.files.real(path) + " is missing",
            "start it with `vigie run`");
    }
    constexpr std::uint64_t kLargest = 4U << 20U;
    auto json = parseJson<ordered_json>(view(here.files.read(path, kLargest)));
    if (!json.is_object()) {
        throw Error(here.files.real(path) + " is damaged", "the controller writes it again on its next pass");
    }
    const auto at = json.find("observedAt");
    const auto written =
        at != json.end() && at->is_string() ? state::fromRfc3339(at->get<std::string>()) : std::nullopt;
    const int pid = apply::Lock::holder(here.statePath("controller.lock"));
    return {std::move(json), {pid, now, written.value_or(0)}};
}

std::string shown(const ordered_json& status, const Seen& seen, const std::string& output) {
    return output == "json" ? status.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n"
                            : statusText(status, seen);
}

/// The text again whenever it says something new, until Ctrl-C.
int watch(HostSystem& here, const StatusOptions& options) {
    constexpr std::chrono::milliseconds kPause{500};
    constexpr std::string_view kClear = "\x1b[H\x1b[2J\x1b[3J";
    const bool terminal = ::isatty(STDOUT_FILENO) == 1 && options.output == "text";
    here.stop.listen();
    int out = kDifference;
    std::string said;
    do {
        std::string text;
        try {
            const auto observed = ask(here, options.root.state);
            const auto status = asSeen(observed.status, observed.seen);
            text = shown(status, observed.seen, options.output);
            out = readiness(status);
        } catch (const Interrupted&) {
            break;
        } catch (const Error& error) {
            text = std::string(error.what()) + "\n";
            out = kError;
        }
        if (text != said) {
            print((terminal ? std::string(kClear) : said.empty() ? "" : "\n") + text);
            std::cout.flush();
            said = text;
        }
    } while (!here.stop.waitFor(kPause));
    return out;
}

}  // namespace

int status(const StatusOptions& options) {
    HostSystem here(options.root);
    if (options.watch) {
        return watch(here, options);
    }
    const auto observed = ask(here, options.root.state);
    const auto status = asSeen(observed.status, observed.seen);
    print(shown(status, observed.seen, options.output));
    return readiness(status);
}

int history(const StatusOptions& options) {
    const HostSystem here(options.root);
    const auto store = state::Store::openReadOnly(here.statePath("vigie.db"));
    if (!store) {
        throw Error("nothing has been applied on this host yet");
    }
    const auto attempts =
        store->history(options.limit, options.plans ? state::Plans::read : state::Plans::skip);
    if (options.output == "json") {
        ordered_json out = ordered_json::array();
        for (const auto& attempt : attempts) {
            out.push_back({{"time", state::rfc3339(attempt.time)},
                           {"revision", attempt.revision},
                           {"result", toText(attempt.result)},
                           {"message", attempt.message}});
            if (options.plans) {
                out.back()["plan"] = attempt.plan;
            }
        }
        print(out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
        return kOk;
    }
    for (const auto& attempt : attempts) {
        print(state::rfc3339(attempt.time) + "  " + toText(attempt.result) + "  " +
              (attempt.revision.empty() ? "(directory)" : shortRevision(attempt.revision)) +
              (attempt.message.empty() ? "\n" : "  " + besideIt(attempt.message)));
        if (options.plans && !attempt.plan.empty()) {
            print(attempt.plan + "\n");
        }
    }
    return kOk;
}

}  // namespace vigie::cli
