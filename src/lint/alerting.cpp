#include "base/text.hpp"
#include "lint/rules.hpp"
#include "spec/format.hpp"
#include "spec/regex.hpp"
#include "spec/settings.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;

const FieldPath kAlertmanager{"spec", "alertmanager"};

/// Names by which people say that a receiver is to do nothing.
bool meantToBeEmpty(const std::string& name) {
    static constexpr std::array<std::string_view, 6> kNames = {"null",    "none",   "blackhole",
                                                               "devnull", "nobody", "drop"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool tellsSomebody(const spec::Receiver& receiver) {
    const bool settings = std::any_of(receiver.settings.entries.begin(), receiver.settings.entries.end(),
                                      [](const auto& entry) { return !entry.value.items.empty(); });
    return settings || !receiver.emailConfigs.empty() || (receiver.raw && !receiver.raw->entries.empty());
}

/// What of a route tree is met.
struct Used {
    std::set<std::string> receivers;
};

void lintMatchers(const std::vector<std::string>& matchers, const FieldPath& at,
                  const spec::Reporter& report);

void walkRoutes(const std::vector<spec::ChildRoute>& routes, const FieldPath& at, Used& used,
                const spec::Reporter& report) {
    bool taken = false;
    for (std::size_t i = 0; i < routes.size(); ++i) {
        if (taken) {
            report.warning("VG0436", at[i], "no alert comes to this route: one before it takes all",
                           "give the earlier route `matchers`, or `continue: true`, or move it to the end");
            break;
        }
        const auto& route = routes[i];
        taken = route.matchers.empty() && !route.proceed;
        used.receivers.insert(route.receiver);
        lintMatchers(route.matchers, at[i] / "matchers", report);
        walkRoutes(route.routes, at[i] / "routes", used, report);
    }
}

void collect(const std::vector<spec::ChildRoute>& routes, Used& used) {
    for (const auto& route : routes) {
        used.receivers.insert(route.receiver);
        collect(route.routes, used);
    }
}

void lintRouting(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    Used used;
    used.receivers.insert(alertmanager.route.receiver);
    walkRoutes(alertmanager.route.routes, kAlertmanager / "route" / "routes", used, report);
    collect(alertmanager.route.routes, used);
    used.receivers.erase("");  // inherited
    std::set<std::string> known;
    for (const auto& receiver : alertmanager.receivers) {
        known.insert(receiver.name);
    }
    // A name that is misspelt was reported, and the receiver that was meant is not unused.
    const bool complete =
        !alertmanager.route.receiver.empty() &&
        std::includes(known.begin(), known.end(), used.receivers.begin(), used.receivers.end());
    for (std::size_t i = 0; i < alertmanager.receivers.size(); ++i) {
        const auto& receiver = alertmanager.receivers[i];
        const FieldPath at = (kAlertmanager / "receivers")[i];
        if (receiver.name.empty()) {
            continue;
        }
        const bool unused = used.receivers.count(receiver.name) == 0;
        if (unused && complete) {
            report.warning("VG0437", at / "name", "no route leads to the receiver `" + receiver.name + "`",
                           "name it in a route, or remove it");
        } else if (!unused && !tellsSomebody(receiver) && !meantToBeEmpty(receiver.name)) {
            report.warning("VG0435", at,
                           "alerts that come to the receiver `" + receiver.name + "` reach nobody",
                           "add a configuration such as `emailConfigs`; call it `null` when that is meant");
        }
    }
}

/// A matcher in Alertmanager's spelling: `name OPERATOR value`, the value in quotes or without spaces.
std::optional<std::string> matcherProblem(std::string_view text) {
    text = trim(text);
    if (text.size() > 1 && text.front() == '{' && text.back() == '}') {
        return std::nullopt;  // several in braces: amtool is the judge
    }
    const auto end = static_cast<std::size_t>(
        std::find_if(text.begin(), text.end(), [](char c) { return c == '=' || c == '!' || c == ' '; }) -
        text.begin());
    if (text.substr(0, 1) != "\"" && spec::checkFormat("label-name", text.substr(0, end))) {
        return "begins with no label name";
    }
    auto rest = trim(text.substr(std::min(end, text.size())));
    if (text.substr(0, 1) == "\"") {
        return std::nullopt;
    }
    std::size_t length = 0;
    for (const std::string_view each : {"=~", "!~", "!=", "="}) {
        if (length == 0 && rest.substr(0, each.size()) == each) {
            length = each.size();
        }
    }
    if (length == 0) {
        return "has no `=`, `!=`, `=~` or `!~` behind the label";
    }
    const bool regex = rest.substr(0, length).back() == '~';
    rest = trim(rest.substr(length));
    const bool opens = rest.substr(0, 1) == "\"";
    if (opens && (rest.size() < 2 || rest.back() != '"')) {
        return "has a quote that does not end";
    }
    if (!opens && rest.find('"') != std::string_view::npos) {
        return "has a quote inside of its value";
    }
    if (regex) {
        return spec::regexProblem(opens ? rest.substr(1, rest.size() - 2) : rest);
    }
    return std::nullopt;
}

void lintMatchers(const std::vector<std::string>& matchers, const FieldPath& at,
                  const spec::Reporter& report) {
    for (std::size_t i = 0; i < matchers.size(); ++i) {
        if (const auto problem = matchers[i].empty() ? std::nullopt : matcherProblem(matchers[i])) {
            report.error("VG0450", at[i], "the matcher `" + matchers[i] + "` " + *problem,
                         "write it like `severity=\"page\"` or `team=~\"a|b\"`");
        }
    }
}

void lintInhibition(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    for (std::size_t i = 0; i < alertmanager.inhibitRules.size(); ++i) {
        for (const char* field : {"sourceMatchers", "targetMatchers"}) {
            std::vector<std::string> matchers;
            if (const auto* list = alertmanager.inhibitRules[i].find(field)) {
                for (const auto& item : list->items) {
                    matchers.push_back(item.scalar);
                }
            }
            lintMatchers(matchers, (kAlertmanager / "inhibitRules")[i] / field, report);
        }
    }
}

/// What a notification cannot be sent without.
void lintCredentials(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    const auto global = [&](const char* field) {
        return *field != '\0' && alertmanager.global && alertmanager.global->find(field) != nullptr;
    };
    struct Need {
        std::string_view kind;
        std::vector<const char*> oneOf;
        const char* global;
    };
    static const std::vector<Need> kNeeds = {{"webhookConfigs", {"url", "urlFrom"}, ""},
                                             {"slackConfigs", {"apiURLFrom"}, "slackAPIURLFrom"},
                                             {"pagerdutyConfigs", {"routingKeyFrom", "serviceKeyFrom"}, ""},
                                             {"opsgenieConfigs", {"apiKeyFrom"}, "opsgenieAPIKeyFrom"},
                                             {"victoropsConfigs", {"apiKeyFrom"}, "victoropsAPIKeyFrom"},
                                             {"wechatConfigs", {"apiSecretFrom"}, "wechatAPISecretFrom"},
                                             {"wechatConfigs", {"corpID"}, "wechatAPICorpID"},
                                             {"jiraConfigs", {"apiURL"}, "jiraAPIURL"},
                                             {"rocketchatConfigs", {"apiURL"}, "rocketchatAPIURL"},
                                             {"webexConfigs", {"httpConfig"}, ""},
                                             {"snsConfigs", {"topicARN", "phoneNumber", "targetARN"}, ""}};
    for (std::size_t i = 0; i < alertmanager.receivers.size(); ++i) {
        for (const auto& kind : alertmanager.receivers[i].settings.entries) {
            for (std::size_t j = 0; j < kind.value.items.size(); ++j) {
                const auto& item = kind.value.items[j];
                const FieldPath at = ((kAlertmanager / "receivers")[i] / kind.key)[j];
                for (const auto& need : kNeeds) {
                    const auto given =
                        std::count_if(need.oneOf.begin(), need.oneOf.end(),
                                      [&](const char* field) { return item.find(field) != nullptr; });
                    if (need.kind != kind.key || (given == 0 && global(need.global))) {
                        continue;
                    }
                    std::string fields;
                    for (const char* field : need.oneOf) {
                        fields += (fields.empty() ? "`" : ", `") + std::string(field) + "`";
                    }
                    if (given == 0) {
                        report.error("VG0438", at, "nothing says how to reach this receiver",
                                     "add one of " + fields);
                    } else if (given > 1) {
                        report.error("VG0438", at, "more than one of " + fields, "keep one of them");
                    }
                }
            }
        }
    }
}

void lintSmtp(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    const auto port = [](const std::string& smarthost) { return smarthost.substr(smarthost.rfind(':') + 1); };
    if (alertmanager.smtp && !alertmanager.smtp->username.empty() && !alertmanager.smtp->requireTls &&
        port(alertmanager.smtp->smarthost) != "465") {
        report.warning(
            "VG0439", kAlertmanager / "smtp" / "requireTLS",
            "the password may go to the mail server unencrypted; Alertmanager then refuses to log in",
            "remove `requireTLS: false`, or use the port 465, where TLS comes first");
    }
}

void lintSilences(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    for (std::size_t i = 0; i < alertmanager.silences.size(); ++i) {
        const auto& silence = alertmanager.silences[i];
        const FieldPath at = (kAlertmanager / "silences")[i];
        const auto starts = spec::parseTimestamp(silence.startsAt);
        const auto ends = spec::parseTimestamp(silence.endsAt);
        if (starts && ends && *ends <= *starts) {
            report.error("VG0441", at / "endsAt", "the silence ends before it begins",
                         "write a later `endsAt`");
        }
        bool everything = !silence.matchers.empty();
        for (std::size_t j = 0; j < silence.matchers.size(); ++j) {
            const auto& matcher = silence.matchers[j];
            const bool equal = matcher.isEqual.value_or(true);
            const bool matchesEmpty = matcher.isRegex
                                          ? (matcher.value.empty() || matcher.value == ".*") == equal
                                          : matcher.value.empty() == equal;
            everything = everything && matchesEmpty;
            if (const auto problem = matcher.isRegex ? spec::regexProblem(matcher.value) : std::nullopt) {
                report.error("VG0444", (at / "matchers")[j] / "value",
                             "the expression `" + matcher.value + "` " + *problem,
                             "expressions are RE2's: github.com/google/re2/wiki/Syntax");
            }
        }
        if (everything) {
            report.error("VG0442", at / "matchers", "this silences every alert",
                         "name a label that the alerts have");
        }
    }
}

bool inRange(std::string_view text, const std::vector<std::string_view>& words, int low, int high) {
    const auto known = [&](std::string_view part) {
        if (std::find(words.begin(), words.end(), part) != words.end()) {
            return true;
        }
        const bool negative = part.substr(0, 1) == "-";
        const auto digits = part.substr(negative ? 1 : 0);
        if (digits.empty() || digits.size() > 4 ||
            digits.find_first_not_of("0123456789") != std::string_view::npos) {
            return false;
        }
        const int value = std::stoi(std::string(part));
        return value >= low && value <= high && value != 0;
    };
    const auto parts = split(text, ':');
    return parts.size() <= 2 && std::all_of(parts.begin(), parts.end(), known);
}

bool timeOfDay(std::string_view text) {
    const auto two = [&](std::size_t at) {
        return text[at] >= '0' && text[at] <= '9' && text[at + 1] >= '0' && text[at + 1] <= '9';
    };
    return text == "24:00" || (text.size() == 5 && text[2] == ':' && two(0) && two(3) &&
                               text.substr(0, 2) < "24" && text.substr(3) < "60");
}

void lintInterval(const Node& interval, const FieldPath& at, const spec::Reporter& report) {
    static const std::vector<std::string_view> kDays = {"sunday",   "monday", "tuesday", "wednesday",
                                                        "thursday", "friday", "saturday"};
    static const std::vector<std::string_view> kMonths = {"january",   "february", "march",    "april",
                                                          "may",       "june",     "july",     "august",
                                                          "september", "october",  "november", "december"};
    const auto bad = [&](const FieldPath& where, const std::string& text, const std::string& hint) {
        report.error("VG0451", where, "`" + text + "` means no time", hint);
    };
    const auto ranges = [&](const char* field, const std::vector<std::string_view>& words, int low, int high,
                            const std::string& hint) {
        const auto* list = interval.find(field);
        for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
            if (!inRange(list->items[i].scalar, words, low, high)) {
                bad((at / field)[i], list->items[i].scalar, hint);
            }
        }
    };
    constexpr int kNone = 0;
    ranges("weekdays", kDays, kNone, kNone, "write `monday` or `monday:friday`");
    ranges("daysOfMonth", {}, -31, 31, "write `1`, `1:5` or, from the end, `-3:-1`");
    ranges("months", kMonths, 1, 12, "write `december`, `12` or `1:3`");
    ranges("years", {}, 1, 9999, "write `2026` or `2026:2028`");
    const auto* times = interval.find("times");
    for (std::size_t i = 0; times != nullptr && i < times->items.size(); ++i) {
        const auto* start = times->items[i].find("startTime");
        const auto* end = times->items[i].find("endTime");
        for (const auto* each : {start, end}) {
            if (each != nullptr && !timeOfDay(each->scalar)) {
                bad((at / "times")[i] / (each == start ? "startTime" : "endTime"), each->scalar,
                    "write it like `08:00`");
            }
        }
        if (start != nullptr && end != nullptr && timeOfDay(start->scalar) && timeOfDay(end->scalar) &&
            start->scalar >= end->scalar) {
            bad((at / "times")[i], start->scalar + "–" + end->scalar,
                "write the part before and after midnight as two items");
        }
    }
}

void lintIntervals(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    for (std::size_t i = 0; i < alertmanager.timeIntervals.size(); ++i) {
        const auto* list = alertmanager.timeIntervals[i].find("timeIntervals");
        for (std::size_t j = 0; list != nullptr && j < list->items.size(); ++j) {
            lintInterval(list->items[j], ((kAlertmanager / "timeIntervals")[i] / "timeIntervals")[j], report);
        }
    }
}

}  // namespace

void lintAlerting(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.alertmanager) {
        return;
    }
    lintSilences(*stack.alertmanager, report);
    if (!stack.alertmanager->configFile.empty()) {
        return;
    }
    lintRouting(*stack.alertmanager, report);
    lintInhibition(*stack.alertmanager, report);
    lintCredentials(*stack.alertmanager, report);
    lintSmtp(*stack.alertmanager, report);
    lintIntervals(*stack.alertmanager, report);
}

}  // namespace vigie::lint
