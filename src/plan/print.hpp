#pragma once

#include "plan/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vigie::plan {

enum class Unchanged : std::uint8_t { list, hide };

/// For a terminal: every change with its reason and diff, then what stays, then a summary.
std::string toText(const Plan& plan, bool colour, Unchanged unchanged = Unchanged::list);

/// For a comment in a code review.
std::string toMarkdown(const Plan& plan);

/// `{"version": 1, "hosts": [{"stack", "host", "revision", "digest", "notes": […], "changes": [{"id", "kind",
/// "action", "reason", "reversible", "diff"}]}]}`; stable.
std::string toJson(const std::vector<Plan>& plans);

/// `2 to create, 1 to reload, 11 unchanged`.
std::string summary(const Plan& plan);

}  // namespace vigie::plan
