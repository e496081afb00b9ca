// Routes, matchers, inhibition and silences.

#include "lint/findings.hpp"
#include "lint/matchers.hpp"
#include "lint/rules.hpp"
#include "spec/format.hpp"
#include "spec/names.hpp"
#include "spec/regex.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;

const FieldPath kAlertmanager{"spec", "alertmanager"};

/// Usual names of receivers that are meant to send nothing.
bool meantToBeEmpty(const std::string& name) {
    static constexpr std::array<std::string_view, 6> kNames = {"null",    "none",   "blackhole",
                                                               "devnull", "nobody", "drop"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool sendsNotifications(const spec::Receiver& receiver) {
    const bool settings = std::any_of(receiver.settings.entries.begin(), receiver.settings.entries.end(),
                                      [](const auto& entry) { return !entry.value.items.empty(); });
    return settings || !receiver.emailConfigs.empty() || (receiver.raw && !receiver.raw->entries.empty());
}

/// Names that a route tree uses.
struct Used {
    std::set<std::string> receivers;
};

MatcherSyntax syntaxOf(const spec::Alertmanager& alertmanager) {
    for (const auto& argument : alertmanager.extraArgs) {
        if (argument.name == "enable-feature" && argument.value.find("classic-mode") != std::string::npos) {
            return MatcherSyntax::classic;
        }
        if (argument.name == "enable-feature" &&
            argument.value.find("utf8-strict-mode") != std::string::npos) {
            return MatcherSyntax::utf8;
        }
    }
    return spec::namesOf(spec::Program::alertmanager, alertmanager.image) == spec::Names::any
               ? MatcherSyntax::fallback
               : MatcherSyntax::classic;
}

/// Characters that authors write around or before a value, but that Alertmanager treats as a part of it.
bool oddlyQuoted(const Matcher& matcher) {
    static constexpr std::array<std::string_view, 9> kSigns = {
        "=", "'", "`", "\u201c", "\u201d", "\u201e", "\u2018", "\u2019", "\u00ab"};
    return std::any_of(kSigns.begin(), kSigns.end(), [&](auto sign) {
        return !matcher.quoted && std::string_view(matcher.value).substr(0, sign.size()) == sign;
    });
}

void lintMatchers(const std::vector<std::string>& matchers, const FieldPath& at, MatcherSyntax syntax,
                  const spec::Reporter& report) {
    for (std::size_t i = 0; i < matchers.size(); ++i) {
        const auto refuse = [&](const std::string& problem) {
            report.error(code::VG0450, at[i], "the matcher `" + matchers[i] + "` " + problem,
                         "write it like `severity=\"page\"` or `team=~\"a|b\"`");
        };
        const auto read = readMatchers(matchers[i], syntax);
        if (!read.problem.empty()) {
            refuse(read.problem);
            continue;
        }
        for (const auto& matcher : read.matchers) {
            const auto problem = matcher.op.back() == '~' ? spec::regexProblem(matcher.value) : std::nullopt;
            if (problem) {
                refuse(*problem);
            } else if (oddlyQuoted(matcher)) {
                report.warning(
                    code::VG0463, at[i],
                    "Alertmanager reads the value as `" + matcher.value + "`, which no alert has",
                    "write `" + matcher.name + matcher.op + "\"…\"`: one operator, and double quotes");
            }
        }
    }
}

void walkRoutes(const std::vector<spec::ChildRoute>& routes, const FieldPath& at, Used& used,
                MatcherSyntax syntax, const spec::Reporter& report) {
    bool taken = false;
    bool said = false;
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const auto& route = routes[i];
        if (taken && !said) {
            said = true;
            report.warning(code::VG0436, at[i],
                           "no alert reaches this route: an earlier route takes all alerts",
                           "give the earlier route `matchers`, or `continue: true`, or move it to the end");
        }
        taken = taken || (route.matchers.empty() && !route.proceed);
        used.receivers.insert(route.receiver);
        lintMatchers(route.matchers, at[i] / "matchers", syntax, report);
        walkRoutes(route.routes, at[i] / "routes", used, syntax, report);
    }
}

void lintRouting(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    Used used;
    used.receivers.insert(alertmanager.route.receiver);
    walkRoutes(alertmanager.route.routes, kAlertmanager / "route" / "routes", used, syntaxOf(alertmanager),
               report);
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
            report.warning(code::VG0437, at / "name",
                           "no route leads to the receiver `" + receiver.name + "`",
                           "name it in a route, or remove it");
        } else if (!unused && !sendsNotifications(receiver) && !meantToBeEmpty(receiver.name)) {
            report.warning(
                code::VG0435, at,
                "receiver `" + receiver.name + "` has no notification settings: its alerts are not sent",
                "add a configuration such as `emailConfigs`; if nothing is to be sent, call it `null`");
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
            lintMatchers(matchers, (kAlertmanager / "inhibitRules")[i] / field, syntaxOf(alertmanager),
                         report);
        }
    }
}

void lintSilences(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    for (std::size_t i = 0; i < alertmanager.silences.size(); ++i) {
        const auto& silence = alertmanager.silences[i];
        const FieldPath at = (kAlertmanager / "silences")[i];
        const auto starts = spec::parseTimestamp(silence.startsAt);
        const auto ends = spec::parseTimestamp(silence.endsAt);
        if (starts && ends && *ends <= *starts) {
            report.error(code::VG0441, at / "endsAt", "the silence ends before it begins",
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
            if (matcher.isRegex) {
                lintRegex((at / "matchers")[j] / "value", matcher.value, report);
            }
        }
        if (everything) {
            report.error(code::VG0442, at / "matchers", "the matchers of this silence match every alert",
                         "match a label that the alerts have, and its value");
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
    lintNotifications(*stack.alertmanager, report);
    lintTimeIntervals(*stack.alertmanager, report);
}

}  // namespace vigie::lint
