#pragma once

#include <cstdint>
#include <string>

namespace vigie::state {

/// Unix milliseconds as RFC 3339 in UTC, to the second, as Kubernetes writes times.
std::string rfc3339(std::int64_t milliseconds);
/// The same with its milliseconds, for logs.
std::string rfc3339Millis(std::int64_t milliseconds);

}  // namespace vigie::state
