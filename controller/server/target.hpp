// Parses the target of a request: path and query.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace vigie::controller {

struct RequestTarget {
    std::string path;  ///< decoded; begins with `/`, or is `*`
    std::map<std::string, std::string> query;
};

/// A request's target in origin form (RFC 9112, section 3.2.1), or `*`. Nothing when it is malformed or could
/// mean more than one thing: dot segments, encoded slashes, control characters, a query parameter twice.
std::optional<RequestTarget> parseTarget(std::string_view text);

}  // namespace vigie::controller
