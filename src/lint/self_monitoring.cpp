// vigie watched by the stack that it runs.

#include "lint/rules.hpp"

#include <algorithm>

namespace vigie::lint {
namespace {

const spec::FieldPath kEnabled{"spec", "vigie", "metrics", "enabled"};

/// True if a child route matches the alert `Watchdog`, which always fires.
bool watchdogIsRouted(const spec::Route& route) {
    return std::any_of(route.routes.begin(), route.routes.end(), [](const spec::ChildRoute& child) {
        return std::any_of(child.matchers.begin(), child.matchers.end(), [](const std::string& matcher) {
            return matcher.find("Watchdog") != std::string::npos;
        });
    });
}

}  // namespace

void lintSelfMonitoring(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.selfMonitoring.enabled) {
        return;
    }
    if (!stack.prometheus) {
        report.warning(
            code::VG0470, kEnabled, "`vigie.metrics` is on, but no Prometheus scrapes it",
            "add `prometheus:`, or leave `vigie.metrics` off and scrape the controllers from elsewhere");
        return;
    }
    if (!stack.alertmanager) {
        report.warning(code::VG0471, kEnabled,
                       "alerts about vigie are loaded, but there is no Alertmanager to send them",
                       "add `alertmanager:` with a receiver");
        return;
    }
    if (stack.alertmanager->configFile.empty() && !watchdogIsRouted(stack.alertmanager->route)) {
        report.warning(code::VG0472, kEnabled,
                       "the alert `Watchdog`, which always fires, goes to receiver `" +
                           stack.alertmanager->route.receiver + "` like any other alert",
                       "route `alertname=\"Watchdog\"` to a dead man's switch outside these hosts: nothing "
                       "else notices when the host of Prometheus is down (docs/running.md)");
    }
}

}  // namespace vigie::lint
