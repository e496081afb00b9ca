// Settings of receivers with which Alertmanager would reject its configuration.
#include "lint/rules.hpp"
#include "spec/settings.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;

std::string textOf(const Node& item, std::string_view field) {
    const auto* value = item.find(field);
    return value == nullptr ? "" : value->scalar;
}

bool isTrue(const Node& item, std::string_view field) {
    return textOf(item, field) == "true";
}

void lintSlack(const Node& item, const FieldPath& at, const spec::Reporter& report) {
    const auto* actions = item.find("actions");
    for (std::size_t i = 0; actions != nullptr && i < actions->items.size(); ++i) {
        if (textOf(actions->items[i], "url").empty() && textOf(actions->items[i], "name").empty()) {
            report.error(code::VG0456, (at / "actions")[i], "this Slack button has neither `url` nor `name`",
                         "add the `url` that it opens, or the `name` by which a Slack app knows it");
        }
    }
}

/// The types are written in a text that may be a template.
void lintOpsgenie(const Node& item, const FieldPath& at, const spec::Reporter& report) {
    static constexpr std::array<std::string_view, 5> kTypes = {"team", "teams", "user", "escalation",
                                                               "schedule"};
    const auto* responders = item.find("responders");
    for (std::size_t i = 0; responders != nullptr && i < responders->items.size(); ++i) {
        const auto& responder = responders->items[i];
        const FieldPath here = (at / "responders")[i];
        if (textOf(responder, "id").empty() && textOf(responder, "name").empty() &&
            textOf(responder, "username").empty()) {
            report.error(code::VG0456, here, "this responder has no `name`, `username` or `id`",
                         "add one of them");
        }
        std::string type = textOf(responder, "type");
        std::transform(type.begin(), type.end(), type.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        if (!type.empty() && type.find("{{") == std::string::npos &&
            std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
            report.error(code::VG0104, here / "type", "`type` cannot be `" + textOf(responder, "type") + "`",
                         "one of: team, teams, user, escalation, schedule");
        }
    }
}

void lintSns(const Node& item, const FieldPath& at, const spec::Reporter& report) {
    const auto* sigv4 = item.find("sigv4");
    if (sigv4 == nullptr) {
        return;
    }
    const bool key = sigv4->find("accessKey") != nullptr;
    if (key != (sigv4->find("secretKeyFrom") != nullptr)) {
        report.error(code::VG0446, at / "sigv4",
                     key ? "`sigv4` has an access key without its secret key"
                         : "`sigv4` has a secret key without its access key",
                     key ? "add `secretKeyFrom`" : "add `accessKey`");
    }
}

void lintTelegram(const Node& item, const FieldPath& at, const spec::Reporter& report) {
    if (textOf(item, "chatID") == "0") {
        report.error(code::VG0105, at / "chatID", "`chatID` cannot be 0",
                     "write the chat's number; that of a group is negative");
    }
}

/// Source: `ReservedFields` in alertmanager config/notifiers.go.
void lintVictorops(const Node& item, const FieldPath& at, const spec::Reporter& report) {
    static constexpr std::array<std::string_view, 6> kReserved = {"routing_key",     "message_type",
                                                                  "state_message",   "entity_display_name",
                                                                  "monitoring_tool", "entity_id"};
    const auto* fields = item.find("customFields");
    for (const auto& entry : fields == nullptr ? std::vector<spec::Entry>{} : fields->entries) {
        if (std::find(kReserved.begin(), kReserved.end(), entry.key) != kReserved.end()) {
            report.error(code::VG0457, at / "customFields" / entry.key,
                         "`" + entry.key + "` is a field that Alertmanager itself sends to VictorOps",
                         "write the structured field instead, or another name");
        }
    }
}

void lintPushover(const Node& item, const FieldPath& at, const spec::Reporter& report) {
    if (isTrue(item, "html") && isTrue(item, "monospace")) {
        report.error(code::VG0457, at / "monospace", "`html` and `monospace` exclude each other",
                     "keep one of them");
    }
}

struct Rule {
    std::string_view kind;
    void (*lint)(const Node& item, const FieldPath& at, const spec::Reporter& report);
};

constexpr std::array<Rule, 6> kRules = {{{"slackConfigs", lintSlack},
                                         {"opsgenieConfigs", lintOpsgenie},
                                         {"snsConfigs", lintSns},
                                         {"telegramConfigs", lintTelegram},
                                         {"victoropsConfigs", lintVictorops},
                                         {"pushoverConfigs", lintPushover}}};

/// Names of headers know no case.
void lintMailHeaders(const Node& mail, const FieldPath& at, const spec::Reporter& report) {
    const auto* headers = mail.find("headers");
    std::set<std::string> seen;
    for (const auto& entry : headers == nullptr ? std::vector<spec::Entry>{} : headers->entries) {
        std::string small = entry.key;
        std::transform(small.begin(), small.end(), small.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        if (!seen.insert(small).second) {
            report.error(code::VG0107, at / "headers" / entry.key,
                         "`headers` has `" + entry.key + "` twice: header names are case-insensitive",
                         "remove one of them");
        }
    }
}

void lintGroupBy(const std::vector<std::string>& labels, const FieldPath& at, const spec::Reporter& report) {
    const bool all = std::find(labels.begin(), labels.end(), "...") != labels.end();
    if (all && labels.size() > 1) {
        report.error(code::VG0457, at, "`...` means all labels and cannot be combined with others",
                     "write `[\"...\"]`");
    }
}

void lintRoutes(const std::vector<spec::ChildRoute>& routes, const FieldPath& at,
                const spec::Reporter& report) {
    for (std::size_t i = 0; i < routes.size(); ++i) {
        lintGroupBy(routes[i].groupBy, at[i] / "groupBy", report);
        lintRoutes(routes[i].routes, at[i] / "routes", report);
    }
}

}  // namespace

void lintReceivers(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.alertmanager || !stack.alertmanager->configFile.empty()) {
        return;
    }
    const FieldPath alertmanager{"spec", "alertmanager"};
    const FieldPath route = alertmanager / "route";
    lintGroupBy(stack.alertmanager->route.groupBy, route / "groupBy", report);
    lintRoutes(stack.alertmanager->route.routes, route / "routes", report);
    for (std::size_t i = 0; i < stack.alertmanager->receivers.size(); ++i) {
        const auto& receiver = stack.alertmanager->receivers[i];
        const FieldPath at = (alertmanager / "receivers")[i];
        for (std::size_t j = 0; j < receiver.emailConfigs.size(); ++j) {
            lintMailHeaders(receiver.emailConfigs[j].settings, (at / "emailConfigs")[j], report);
        }
        for (const auto& rule : kRules) {
            const auto* items = receiver.settings.find(rule.kind);
            for (std::size_t j = 0; items != nullptr && j < items->items.size(); ++j) {
                rule.lint(items->items[j], (at / rule.kind)[j], report);
            }
        }
    }
}

}  // namespace vigie::lint
