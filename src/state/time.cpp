// Writes times as RFC 3339.

#include "state/time.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace vigie::state {
namespace {

constexpr std::int64_t kMilliseconds = 1000;

}  // namespace

std::string rfc3339Millis(std::int64_t milliseconds) {
    std::array<char, 8> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(milliseconds % kMilliseconds));
    std::string out = rfc3339(milliseconds);
    out.pop_back();
    return out + fraction.data();
}

std::optional<std::int64_t> fromRfc3339(const std::string& text) {
    std::tm utc{};
    const char* end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (end == nullptr || *end != '\0') {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(timegm(&utc)) * kMilliseconds;
}

std::string rfc3339(std::int64_t milliseconds) {
    const auto seconds = static_cast<std::time_t>(milliseconds / kMilliseconds);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::array<char, 32> out{};
    std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return out.data();
}

}  // namespace vigie::state
