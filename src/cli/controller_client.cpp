// Talks to the controller over its unix socket.

#include "cli/controller_client.hpp"

#include "apply/transaction/lock.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <chrono>

namespace vigie::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kBase = "http://vigie";
constexpr int kAttempts = 100;  // a controller that reloads its configuration has no socket meanwhile
constexpr std::chrono::milliseconds kBetween{100};

}  // namespace

ControllerClient::ControllerClient(const HostSystem& here)
    : lock_(here.statePath("controller.lock")),
      pid_(apply::Lock::holder(lock_)),
      socket_(here.statePath("controller.sock")),
      http_(socket_, here.stop) {}

void ControllerClient::require() const {
    if (pid_ == 0) {
        throw Error("no controller runs on this root", "start it with `vigie run`");
    }
}

std::string ControllerClient::send(const std::string& method, const std::string& path,
                                   const std::string& body) {
    require();
    constexpr std::chrono::milliseconds kTimeout{15'000};
    constexpr std::size_t kLargest = 32U << 20U;
    system::HttpResponse response;
    // A request that changes nothing, or is idempotent, may be sent again.
    int left = method == "GET" || path == "/api/v1/reconcile" ? kAttempts : 0;
    const auto send = [&] {
        while (true) {
            try {
                return http_.send({method, kBase + path, body, kTimeout, kLargest});
            } catch (const Error&) {
                const system::Stop interrupted;
                if (left-- <= 0 || apply::Lock::holder(lock_) != pid_ || interrupted.waitFor(kBetween)) {
                    throw;
                }
            }
        }
    };
    try {
        response = send();
    } catch (const Error& error) {
        throw Error(
            "the controller (process " + std::to_string(pid_) + ") does not answer at " + socket_ + ": " +
                error.what(),
            "run as root, or as the controller's user; its log says whether it is starting or ending");
    }
    constexpr int kFirstFailure = 300;
    if (response.status >= kFirstFailure) {
        const auto json = parseJson<ordered_json>(response.body);
        if (json.is_object() && json.contains("error") && json["error"].is_string()) {
            throw Error(printable(json["error"].get<std::string>()), printable(memberOr(json, "hint", "")));
        }
        throw Error("the controller answered with HTTP status " + std::to_string(response.status));
    }
    return response.body;
}

ordered_json ControllerClient::get(const std::string& path) {
    auto json = parseJson<ordered_json>(send("GET", path, ""));
    if (!json.is_object()) {
        throw Error("the controller's answer is not JSON");
    }
    return json;
}

std::string ControllerClient::text(const std::string& path) {
    return send("GET", path, "");
}

ordered_json ControllerClient::post(const std::string& path, const ordered_json& body) {
    auto json = parseJson<ordered_json>(send("POST", path, body.dump()));
    if (!json.is_object()) {
        throw Error("the controller's answer is not JSON");
    }
    return json;
}

ordered_json ControllerClient::await(std::int64_t request) {
    constexpr std::chrono::milliseconds kPause{50};
    constexpr std::chrono::milliseconds kLongestPause{500};
    const system::Stop interrupted;
    std::chrono::milliseconds pause = kPause;
    while (true) {
        try {
            auto status = get("/api/v1/status");
            if (memberOr(status, "lastHandledRequest", std::int64_t{0}) >= request) {
                return status;
            }
        } catch (const Error& error) {
            // The first pass may not have ended yet. Any other error is reported once the controller is gone.
            if (apply::Lock::holder(lock_) != pid_) {
                throw Error("the controller ended before it finished its pass", error.what());
            }
        }
        static_cast<void>(interrupted.waitFor(pause));
        pause = std::min(kLongestPause, pause * 2);
    }
}

}  // namespace vigie::cli
