// Durations and sizes as numbers.

#include "spec/characters.hpp"
#include "spec/format.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace vigie::spec {

std::optional<std::uint64_t> parseByteSize(std::string_view text) {
    constexpr std::size_t kMostDigits = 7;
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto unit = text.substr(digits);
    if (digits == 0 || digits > kMostDigits || text.front() == '0' || (unit != "MiB" && unit != "GiB")) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + digits, value);
    return value << (unit == "MiB" ? 20U : 30U);
}

std::optional<std::int64_t> parseDuration(std::string_view text) {
    struct Unit {
        std::string_view name;
        std::int64_t milliseconds;
    };
    static constexpr std::array<Unit, 7> kUnits = {{{"y", 31'536'000'000},
                                                    {"w", 604'800'000},
                                                    {"d", 86'400'000},
                                                    {"h", 3'600'000},
                                                    {"m", 60'000},
                                                    {"s", 1'000},
                                                    {"ms", 1}}};
    if (text == "0") {
        return 0;
    }
    if (text.empty()) {
        return std::nullopt;
    }
    // Programs count it in nanoseconds, in 64 bits with a sign.
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 1'000'000;
    std::int64_t sum = 0;
    std::size_t unit = 0;
    while (!text.empty()) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || !digit(text.front())) {
            return std::nullopt;
        }
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const auto length = static_cast<std::size_t>(
            std::find_if(text.begin(), text.end(), [](char c) { return digit(c); }) - text.begin());
        const auto word = text.substr(0, length);
        while (unit < kUnits.size() && kUnits.at(unit).name != word) {
            ++unit;  // units go from large to small, each at most once
        }
        if (unit == kUnits.size() || number > (kMost - sum) / kUnits.at(unit).milliseconds) {
            return std::nullopt;
        }
        sum += number * kUnits.at(unit).milliseconds;
        ++unit;
        text.remove_prefix(length);
    }
    return sum;
}

}  // namespace vigie::spec
