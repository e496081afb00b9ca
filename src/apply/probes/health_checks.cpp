// Makes the health checks of the document.

#include "apply/probes/health_checks.hpp"

#include "apply/http_api.hpp"
#include "base/error.hpp"
#include "base/redact.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

/// Why the answer is not that of a healthy one; empty when it is.
std::string problemOf(const spec::HealthCheck& check, std::chrono::milliseconds patience,
                      const system::System& system) {
    const std::string what = "GET " + redactLine(check.url);
    try {
        const auto answer = system.http.send({"GET", check.url, {}, patience, system::kLargeAnswer});
        return answer.status == check.expectStatus ? ""
                                                   : what + " " + answeredWith(answer.status) +
                                                         " rather than " + std::to_string(check.expectStatus);
    } catch (const Error& error) {
        return what + ": " + redactLine(error.what());
    }
}

}  // namespace

void requireAnswers(const std::vector<spec::HealthCheck>& checks, std::chrono::milliseconds timeout,
                    const system::System& system) {
    constexpr std::chrono::milliseconds kPause{1'000};
    constexpr std::chrono::milliseconds kOneAnswer{5'000};
    const auto deadline = system.clock.monotonic() + timeout.count();
    for (const auto& check : checks) {
        while (!check.url.empty()) {
            const auto left = std::chrono::milliseconds(deadline - system.clock.monotonic());
            const auto problem =
                problemOf(check, std::clamp(left, std::chrono::milliseconds(100), kOneAnswer), system);
            if (problem.empty()) {
                break;
            }
            if (system.clock.monotonic() + kPause.count() >= deadline) {
                throw Error(  // what answers there may be on another host: that is no fault of this render
                    "a health check failed for " + std::to_string(timeout.count() / 1000) + " s: " + problem,
                    "`spec.healthChecks` says what is asked and which status is expected, `spec.timeout` how "
                    "long");
            }
            system.clock.sleep(kPause);
        }
    }
}

}  // namespace vigie::apply
