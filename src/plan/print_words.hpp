// What the printed forms of a plan have in common. Only for print*.cpp.

#pragma once

#include "plan/plan.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vigie::plan {

/// How an action looks on a terminal, and how a summary counts it.
struct Style {
    Action action;
    const char* sign;
    const char* colour;
    const char* summary;
};

/// Each action once, in the order of a summary: what keeps a plan from being applied, what takes away, what
/// makes.
const std::vector<Style>& styles();

/// `host vm, stack moments, revision 1f2e3d4c5b6a`.
std::string title(const Plan& plan);

/// The rows that say something: what takes something away first, the others in their order.
std::vector<const Change*> listed(const Plan& plan);
/// The rest, in its order.
std::vector<const Change*> unlisted(const Plan& plan);

/// Of several plans; nothing for one, whose own summary says it.
std::string total(const std::vector<Plan>& plans);

}  // namespace vigie::plan
