// Plans for people and for programs.

#pragma once

#include "plan/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vigie::plan {

enum class Unchanged : std::uint8_t { list, hide };

/// As text: a summary, every change with its reason and diff, what takes something away first, then what
/// stays, then the summary once more.
std::string toText(const Plan& plan, bool colour, Unchanged unchanged = Unchanged::hide,
                   Audience audience = Audience::everybody);
/// Of several hosts, with a total before them.
std::string toText(const std::vector<Plan>& plans, bool colour, Unchanged unchanged = Unchanged::hide,
                   Audience audience = Audience::everybody);

/// What a comment of GitHub may hold, in characters; of all the hosts that people use, the least.
constexpr std::size_t kLongestComment = 65'536;

/// For a comment in a code review, of at most `longest` bytes: what does not fit is counted instead, diffs
/// before rows, and rows before notes. Summaries are always there.
std::string toMarkdown(const std::vector<Plan>& plans, Unchanged unchanged = Unchanged::hide,
                       std::size_t longest = kLongestComment);

/// As docs/json.md says; stable.
std::string toJson(const std::vector<Plan>& plans);

/// `1 to delete, 2 to create, 1 to reload, 11 unchanged`.
std::string summary(const Plan& plan);
/// Of all hosts together.
std::string summary(const std::vector<Plan>& plans);

}  // namespace vigie::plan
