// Reads RFC 3339 times.

#include "spec/characters.hpp"
#include "spec/format.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace vigie::spec {

std::optional<std::int64_t> parseTimestamp(std::string_view text) {
    const auto number = [&](std::size_t at, std::size_t length) -> int {
        int value = 0;
        const auto part = text.substr(std::min(at, text.size()), length);
        if (part.size() != length || !all(part, digit)) {
            return -1;
        }
        std::from_chars(part.data(), part.data() + part.size(), value);
        return value;
    };
    constexpr std::size_t kSeconds = 19;  // YYYY-MM-DDTHH:MM:SS
    if (text.size() < kSeconds + 1 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    const int year = number(0, 4);
    const int month = number(5, 2);
    const int day = number(8, 2);
    const int hour = number(11, 2);
    const int minute = number(14, 2);
    const int second = number(17, 2);
    static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (year < 1970 || month < 1 || month > 12 || day < 1 ||
        day > kDays.at(static_cast<std::size_t>(month - 1)) + (leap && month == 2 ? 1 : 0) || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
        return std::nullopt;
    }
    auto rest = text.substr(kSeconds);
    std::int64_t milliseconds = 0;
    if (rest.front() == '.') {
        rest.remove_prefix(1);
        const auto digits = static_cast<std::size_t>(
            std::find_if(rest.begin(), rest.end(), [](char c) { return !digit(c); }) - rest.begin());
        if (digits == 0 || digits > 9) {
            return std::nullopt;
        }
        for (std::size_t i = 0; i < 3; ++i) {
            milliseconds = milliseconds * 10 + (i < digits ? rest[i] - '0' : 0);
        }
        rest.remove_prefix(digits);
    }
    std::int64_t offset = 0;
    if (rest != "Z") {
        if (rest.size() != 6 || !oneOf(rest[0], "+-") || rest[3] != ':' || !all(rest.substr(1, 2), digit) ||
            !all(rest.substr(4, 2), digit)) {
            return std::nullopt;
        }
        const int hours = (rest[1] - '0') * 10 + rest[2] - '0';
        const int minutes = (rest[4] - '0') * 10 + rest[5] - '0';
        if (hours > 23 || minutes > 59) {
            return std::nullopt;
        }
        offset = (hours * 60 + minutes) * (rest[0] == '-' ? -60 : 60);
    }
    // Days since 1970-01-01 in the Gregorian calendar, with years that begin in March.
    const std::int64_t shifted = month <= 2 ? year - 1 : year;
    const std::int64_t era = shifted / 400;
    const std::int64_t yearOfEra = shifted - era * 400;
    const std::int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t days =
        era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
    return (days * 86400 + hour * 3600 + minute * 60 + second - offset) * 1000 + milliseconds;
}

}  // namespace vigie::spec
