// Regular expressions of Prometheus and Alertmanager.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vigie::spec {

/// Why Prometheus and Alertmanager would refuse the expression `text`: what it does wrong, as the end of a
/// sentence that begins with the expression. Nothing when they take it, or when only their own checkers can
/// tell. They use Go's package regexp, whose syntax is RE2's (github.com/google/re2/wiki/Syntax).
std::optional<std::string> regexProblem(std::string_view text);

}  // namespace vigie::spec
