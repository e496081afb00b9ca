// What a probe asks, taken apart.
#pragma once

#include <string>
#include <string_view>

namespace vigie::spec {

/// What a probe asks, taken apart: a URL, `host:port`, or a host alone.
struct ProbeTarget {
    std::string scheme;  ///< empty: none is written
    std::string host;    ///< without brackets
    std::string port;    ///< as it is written; empty: none is
};

ProbeTarget probeTarget(std::string_view text);

}  // namespace vigie::spec
