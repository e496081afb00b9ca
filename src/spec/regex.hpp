#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vigie::spec {

/// Why RE2, the expressions of Prometheus and Alertmanager, would refuse `text`; nothing when no reason is
/// seen. It finds the usual mistakes: brackets that do not match, a repetition of nothing, and what other
/// dialects have and RE2 does not. The programs' own checkers stay the judges.
std::optional<std::string> regexProblem(std::string_view text);

}  // namespace vigie::spec
