// Colours, and who may read what is printed.
#pragma once

#include "plan/views.hpp"

#include <string>
#include <string_view>

namespace vigie::cli {

/// Whether to colour what goes to `fd`: a terminal, and `NO_COLOR` is not set.
bool colourOn(int fd);

/// Who reads what goes to `fd`: somebody at a terminal may see what he may read on the host anyway. A pipe or
/// a file ends who knows where, in the comment of a review or the log of a job.
plan::Audience audienceOf(int fd);

/// The result of a command.
void print(std::string_view text);

/// The talk beside it, a line each. It may quote anybody: control characters are written as `\xNN`.
void say(const std::string& line);

/// Why a command failed, in the same way; `hint` may be empty.
void sayError(const std::string& what, const std::string& hint);

/// What was made for a terminal already, with its colours, and quotes nobody as he is.
void sayAsItIs(const std::string& text);

/// Asks a yes-or-no question on the terminal. Anything but `y` or `yes` is no.
bool confirm(const std::string& question);

/// Asks for a line on the terminal; an empty one is `otherwise`. Throws Error at the end of the input.
std::string ask(const std::string& question, const std::string& otherwise);

}  // namespace vigie::cli
