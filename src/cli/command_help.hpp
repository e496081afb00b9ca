// Exit codes and examples below the help of each command.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vigie::cli {

/// What stands below the options in a command's help: its own exit codes, and an example. `command` as it is
/// typed behind `vigie`, such as `keys init`. Throws std::out_of_range for a command without an entry.
std::string helpBelow(std::string_view command);

/// The commands that may have been meant by `word`, the likeliest first; also by other programs' words for
/// what they do (`lint` is `validate`).
std::vector<std::string> nearCommands(std::string_view word, const std::vector<std::string>& commands);

}  // namespace vigie::cli
