// Which lines of a plan that was written as text (plan/print.hpp, without colour) are differences. For who
// has only the text any more: the history.

#pragma once

#include <string>
#include <string_view>

namespace vigie {

/// `plan` without the lines that its differences take away: such a line was found on a host. vigie 0.1 wrote
/// plans with what others had written into their files. How many there were is said in their place.
std::string withoutFoundLines(std::string_view plan);

/// `plan` without its differences: its rows, reasons and notes.
std::string withoutDiffs(std::string_view plan);

}  // namespace vigie
