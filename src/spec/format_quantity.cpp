// The formats of durations and sizes.
#include "spec/format_quantity.hpp"

#include "spec/characters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace vigie::spec {
namespace {

constexpr double kMost = 9223372036854775808.0;  ///< 2^63: nanoseconds of a duration, bytes of a size

/// True if every number in `text` is zero.
bool nought(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return c >= '1' && c <= '9'; });
}

std::optional<FormatProblem> notNought(std::string_view text, std::optional<FormatProblem> problem,
                                       const char* what, const char* example) {
    if (problem || !nought(text)) {
        return problem;
    }
    return FormatProblem{std::string("is not a ") + what,
                         std::string("write it like ") + example + ", or omit the field"};
}

/// A decimal number in front of `text`, taken off it: digits with at most one point, and at least one digit.
std::optional<double> takeNumber(std::string_view& text) {
    const auto end = static_cast<std::size_t>(
        std::find_if(text.begin(), text.end(), [](char c) { return !digit(c) && c != '.'; }) - text.begin());
    const auto number = text.substr(0, end);
    if (std::count(number.begin(), number.end(), '.') > 1 ||
        std::none_of(number.begin(), number.end(), digit)) {
        return std::nullopt;
    }
    text.remove_prefix(end);
    double value = 0;
    // from_chars wants a digit in front of the point.
    const std::string padded = "0" + std::string(number);
    std::from_chars(padded.data(), padded.data() + padded.size(), value);
    return value;
}

}  // namespace

std::optional<FormatProblem> checkDuration(std::string_view text) {
    if (parseDuration(text)) {
        return {};
    }
    if (!text.empty() && all(text, digit)) {
        return FormatProblem{"is not a duration", "add the unit: `" + std::string(text) + "s`"};
    }
    // What is as long as that only by its numbers is well formed with a single digit each.
    std::string shortened;
    for (const char c : text) {
        if (!digit(c) || shortened.empty() || !digit(shortened.back())) {
            shortened += digit(c) ? '1' : c;
        }
    }
    if (parseDuration(shortened)) {
        return FormatProblem{"is longer than the longest supported duration", "write 292y at most"};
    }
    return FormatProblem{"is not a duration", "write it like `15s`, `5m` or `1h30m`"};
}

std::optional<FormatProblem> checkPositiveDuration(std::string_view text) {
    return notNought(text, checkDuration(text), "duration greater than zero", "`15s`, `5m` or `1h30m`");
}

std::optional<std::int64_t> parseGoDuration(std::string_view text) {
    struct Unit {
        std::string_view name;
        double nanoseconds;
    };
    static constexpr std::array<Unit, 8> kUnits = {{{"ns", 1},
                                                    {"us", 1e3},
                                                    {"\u00b5s", 1e3},  // the micro sign
                                                    {"\u03bcs", 1e3},  // the Greek letter mu
                                                    {"ms", 1e6},
                                                    {"s", 1e9},
                                                    {"m", 60e9},
                                                    {"h", 3600e9}}};
    if (text == "0") {
        return 0;
    }
    double sum = text.empty() ? kMost : 0;
    while (!text.empty()) {
        const auto number = takeNumber(text);
        const auto length = static_cast<std::size_t>(
            std::find_if(text.begin(), text.end(), [](char c) { return digit(c) || c == '.'; }) -
            text.begin());
        const auto unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& known) {
            return known.name == text.substr(0, length);
        });
        if (!number || unit == kUnits.end()) {
            return std::nullopt;
        }
        sum += *number * unit->nanoseconds;
        text.remove_prefix(length);
    }
    return sum < kMost ? std::optional(static_cast<std::int64_t>(sum)) : std::nullopt;
}

std::optional<FormatProblem> checkGoDuration(std::string_view text) {
    if (parseGoDuration(text)) {
        return {};
    }
    if (!text.empty() && all(text, digit)) {
        return FormatProblem{"is not a duration", "add the unit: `" + std::string(text) + "s`"};
    }
    if (const auto days = parseDuration(text); days && text.find_first_of("dwy") != std::string_view::npos) {
        constexpr std::int64_t kHour = 3'600'000;
        return FormatProblem{"is a duration in a form that this program cannot read",
                             *days % kHour == 0
                                 ? "it does not know days: write `" + std::to_string(*days / kHour) + "h`"
                                 : "it does not know days: write hours, like `36h`"};
    }
    return FormatProblem{"is not a duration", "write it like `15s`, `5m` or `1.5h`"};
}

std::optional<FormatProblem> checkPositiveGoDuration(std::string_view text) {
    return notNought(text, checkGoDuration(text), "duration greater than zero", "`15s`, `5m` or `1.5h`");
}

std::optional<FormatProblem> checkByteSize(std::string_view text) {
    constexpr std::string_view kPrefixes = "KMGTPE";
    constexpr std::size_t kMostDigits = 18;
    auto unit = text;
    const auto number = takeNumber(unit);
    const auto digits = text.substr(0, text.size() - unit.size());
    const bool numeral = number && digit(digits.front()) && digit(digits.back());
    std::size_t power = 0;
    if (!unit.empty() && oneOf(unit.front(), kPrefixes)) {
        power = kPrefixes.find(unit.front()) + 1;
        unit.remove_prefix(1);
        unit.remove_prefix(unit.starts_with("i") ? 1 : 0);
    }
    if (!numeral || digits.size() > kMostDigits || unit != "B") {
        return FormatProblem{"is not a size", "write it like `512MB` or `10GB`"};
    }
    if (std::ldexp(*number, static_cast<int>(10 * power)) >= kMost) {
        return FormatProblem{"is larger than the largest supported size", "write less than `8EB`"};
    }
    return {};
}

std::optional<FormatProblem> checkPositiveByteSize(std::string_view text) {
    return notNought(text, checkByteSize(text), "size greater than zero", "`512MB` or `10GB`");
}

std::optional<FormatProblem> checkBinarySize(std::string_view text) {
    if (!parseByteSize(text)) {
        return FormatProblem{"is not a size", "write it like `512MiB` or `2GiB`"};
    }
    return {};
}

}  // namespace vigie::spec
