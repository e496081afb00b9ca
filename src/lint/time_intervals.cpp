// Time intervals of Alertmanager, judged as it does.

#include "base/text.hpp"
#include "lint/rules.hpp"
#include "spec/time_zones.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <span>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;

/// A number as Go's strconv.Atoi reads it.
std::optional<int> numberOf(std::string_view text) {
    if (text.starts_with("+")) {
        text.remove_prefix(1);
        if (text.starts_with("-")) {
            return std::nullopt;
        }
    }
    int out = 0;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, out);
    return !text.empty() && read.ec == std::errc{} && read.ptr == end ? std::optional(out) : std::nullopt;
}

/// The place of `text` among `words`, whatever its case.
std::optional<int> wordOf(std::string_view text, std::span<const std::string_view> words) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto it = std::find(words.begin(), words.end(), lower);
    return it == words.end() ? std::nullopt : std::optional(static_cast<int>(it - words.begin()));
}

constexpr std::array<std::string_view, 7> kDays = {"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};

std::optional<int> dayOf(std::string_view text) {
    return wordOf(text, kDays);
}

std::optional<int> dayOfMonth(std::string_view text) {
    constexpr int kLast = 31;
    const auto day = numberOf(text);
    return day && *day != 0 && *day >= -kLast && *day <= kLast ? day : std::nullopt;
}

/// Alertmanager takes any number, but only 1 to 12 ever come.
std::optional<int> monthOf(std::string_view text) {
    if (const auto word = wordOf(text, kMonths)) {
        return *word + 1;
    }
    const auto number = numberOf(text);
    return number && *number >= 1 && *number <= 12 ? number : std::nullopt;
}

std::optional<int> yearOf(std::string_view text) {
    const auto year = numberOf(text);
    return year && *year > 0 ? year : std::nullopt;
}

bool forwards(int begin, int end) {
    return begin <= end;
}

/// Days from the end are counted in a month of 28 days, so that what runs backwards in every month is found.
/// Source: Alertmanager's timeinterval.go.
bool forwardsInMonth(int begin, int end) {
    constexpr int kShortest = 28;
    if (begin < 0 && end > 0) {
        return false;
    }
    return (begin < 0 ? kShortest + begin : begin) <= (end < 0 ? kShortest + end : end);
}

/// A field of ranges such as `1:5`, and how it is read.
struct Ranges {
    const char* field;
    std::optional<int> (*value)(std::string_view);
    bool (*inOrder)(int, int);
    const char* hint;
};

void lintRanges(const Node& interval, const FieldPath& at, const Ranges& ranges,
                const spec::Reporter& report) {
    const auto* list = interval.find(ranges.field);
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
        const auto& text = list->items[i].scalar;
        const auto parts = split(text, ':');
        const auto begin = ranges.value(parts.front());
        const auto end = ranges.value(parts.back());
        if (parts.size() > 2 || !begin || !end) {
            report.error(code::VG0451, (at / ranges.field)[i],
                         "`" + text + "` is not a valid value of `" + ranges.field + "`", ranges.hint);
        } else if (!ranges.inOrder(*begin, *end)) {
            report.error(code::VG0451, (at / ranges.field)[i], "`" + text + "` ends before it begins",
                         "write it as two ranges: one up to the end, one from the beginning");
        }
    }
}

bool timeOfDay(std::string_view text) {
    const auto two = [&](std::size_t at) {
        return text[at] >= '0' && text[at] <= '9' && text[at + 1] >= '0' && text[at + 1] <= '9';
    };
    return text == "24:00" || (text.size() == 5 && text[2] == ':' && two(0) && two(3) &&
                               text.substr(0, 2) < "24" && text.substr(3) < "60");
}

void lintTimes(const Node& interval, const FieldPath& at, const spec::Reporter& report) {
    const auto* times = interval.find("times");
    for (std::size_t i = 0; times != nullptr && i < times->items.size(); ++i) {
        const auto* start = times->items[i].find("startTime");
        const auto* end = times->items[i].find("endTime");
        for (const auto* each : {start, end}) {
            if (each != nullptr && !timeOfDay(each->scalar)) {
                report.error(code::VG0451, (at / "times")[i] / (each == start ? "startTime" : "endTime"),
                             "`" + each->scalar + "` is not a time of day", "write it like `08:00`");
            }
        }
        if (start != nullptr && end != nullptr && timeOfDay(start->scalar) && timeOfDay(end->scalar) &&
            start->scalar >= end->scalar) {
            report.error(code::VG0451, (at / "times")[i],
                         "`" + start->scalar + "\u2013" + end->scalar + "` does not end after it begins",
                         "write the part before and after midnight as two items");
        }
    }
}

void lintLocation(const Node& interval, const FieldPath& at, const spec::Reporter& report) {
    const auto* location = interval.find("location");
    const std::string name = location == nullptr ? "" : location->scalar;
    const auto zone = spec::knownTimeZone(name);
    if (zone == spec::TimeZone::known) {
        return;
    }
    const auto& names = spec::timeZones();
    const auto close = nearest(name, {names.begin(), names.end()});
    const std::string hint =
        close.empty() ? "write a name such as `Europe/Paris`, or `UTC`" : "did you mean `" + close + "`?";
    if (zone == spec::TimeZone::none) {
        report.error(code::VG0451, at / "location", "there is no time zone `" + name + "`", hint);
    } else {
        report.warning(
            code::VG0451, at / "location",
            "vigie does not know the time zone `" + name + "`: Alertmanager starts only if its image does",
            hint);
    }
}

void lintInterval(const Node& interval, const FieldPath& at, const spec::Reporter& report) {
    static constexpr std::array<Ranges, 4> kRanges = {
        Ranges{"weekdays", dayOf, forwards, "write `monday` or `monday:friday`"},
        Ranges{"daysOfMonth", dayOfMonth, forwardsInMonth, "write `1`, `1:5` or, from the end, `-3:-1`"},
        Ranges{"months", monthOf, forwards, "write `december`, `12` or `1:3`"},
        Ranges{"years", yearOf, forwards, "write `2026` or `2026:2028`"}};
    for (const auto& ranges : kRanges) {
        lintRanges(interval, at, ranges, report);
    }
    lintTimes(interval, at, report);
    lintLocation(interval, at, report);
}

}  // namespace

void lintTimeIntervals(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    const FieldPath at{"spec", "alertmanager", "timeIntervals"};
    for (std::size_t i = 0; i < alertmanager.timeIntervals.size(); ++i) {
        const auto* list = alertmanager.timeIntervals[i].find("timeIntervals");
        for (std::size_t j = 0; list != nullptr && j < list->items.size(); ++j) {
            lintInterval(list->items[j], (at[i] / "timeIntervals")[j], report);
        }
    }
}

}  // namespace vigie::lint
