#include "state/time.hpp"

#include <array>
#include <ctime>

namespace vigie::state {

std::string rfc3339(std::int64_t milliseconds) {
    constexpr std::int64_t kMilliseconds = 1000;
    const auto seconds = static_cast<std::time_t>(milliseconds / kMilliseconds);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::array<char, 32> out{};
    std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return out.data();
}

}  // namespace vigie::state
