// Untrusted text in one line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vigie {

/// `text` as one line of UTF-8: control characters, and bytes that are no text, as `\xNN`; at most `longest`
/// characters, the last of which is an ellipsis when something was cut off.
std::string oneLine(std::string_view text, std::size_t longest);

}  // namespace vigie
