// The latest lines that a container wrote, for people to look at.
#pragma once

#include "system/http.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vigie::apply {

/// What a container without a terminal wrote, out of the engine's frames: a header of eight bytes (the
/// stream, three zeros, the length in big endian) before each piece. What is cut off at its end is there as
/// far as it goes. Source: the engine's API, "Attach to a container", stream format.
std::string unframed(std::string_view bytes);

/// One line as it is shown: without what moves a terminal's cursor or colours it, secrets masked as
/// base/redact knows them, cut to `kLongestLogLine` bytes.
std::string shownLogLine(std::string_view line);
constexpr std::size_t kLongestLogLine = 2000;

/// The last `lines` lines of both streams, oldest first. Takes a few seconds at most, and reads a bounded
/// number of bytes: of a container whose lines are very long there are fewer of them. Throws Error.
std::vector<std::string> lastLogLines(const std::string& containerId, int lines, system::Http& engine);

}  // namespace vigie::apply
