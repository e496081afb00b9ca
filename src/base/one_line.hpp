// Untrusted text as lines of a log or of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vigie {

/// `text` as one line of UTF-8: control characters, and bytes that are no text, as `\xNN`; at most `longest`
/// characters, the last of which is an ellipsis when something was cut off.
std::string oneLine(std::string_view text, std::size_t longest);

/// `text` with its line ends and tabs; other control characters, and bytes that are no text, as `\xNN`. Each
/// line after the first begins with `continued`, so that nobody's text can look like a line of our own.
std::string shownLines(std::string_view text, std::string_view continued);

}  // namespace vigie
