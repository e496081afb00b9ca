#include "apply/reload.hpp"

#include "apply/observe.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

constexpr int kOk = 200;
constexpr int kForbidden = 403;
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr std::size_t kEnoughOfAReason = 2000;

std::string hintFor(int status) {
    return status == kForbidden ? "start it with --web.enable-lifecycle"
                                : "the old configuration is put back";
}

}  // namespace

std::string reloadOnly(const std::string& baseUrl, std::chrono::milliseconds timeout, system::Http& http) {
    const std::string url = baseUrl + "/-/reload";
    try {
        const auto response = http.send({"POST", url, {}, timeout});
        if (response.status != kOk) {
            return "POST " + url + " answered " + std::to_string(response.status) + ": " +
                   std::string(trim(std::string_view(response.body).substr(0, kEnoughOfAReason)));
        }
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

void reloadAndProve(const render::Reload& reload, std::chrono::milliseconds timeout,
                    const system::System& system) {
    const std::string problem = reloadOnly(reload.baseUrl, timeout, system.http);
    if (!problem.empty()) {
        const bool forbidden = problem.find(" answered 403") != std::string::npos;
        throw Error(problem, hintFor(forbidden ? kForbidden : 0));
    }
    const auto deadline = system.clock.monotonic() + timeout.count();
    while (true) {
        const auto observed = observeReload(reload, system.http);
        if (observed.answered && observed.digest == reload.digest && observed.jobs == reload.jobs) {
            return;
        }
        if (system.clock.monotonic() >= deadline) {
            throw Error(reload.baseUrl +
                            " accepted the reload, but has not loaded this configuration after " +
                            std::to_string(timeout.count() / 1000) + " s" +
                            (observed.answered ? "" : ": " + observed.problem),
                        "does its container see " + reload.configPath +
                            "? A single mounted file that was replaced is not seen");
        }
        system.clock.sleep(kPause);
    }
}

}  // namespace vigie::apply
