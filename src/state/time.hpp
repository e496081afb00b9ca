// Times as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace vigie::state {

/// Unix milliseconds as RFC 3339 in UTC, to the second, as Kubernetes writes times.
std::string rfc3339(std::int64_t milliseconds);
/// The same with its milliseconds, for logs.
std::string rfc3339Millis(std::int64_t milliseconds);
/// Unix milliseconds of what `rfc3339` wrote; nothing when it is none.
std::optional<std::int64_t> fromRfc3339(const std::string& text);

}  // namespace vigie::state
