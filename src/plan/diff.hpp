// Differences between texts, line by line, of a bounded size.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::plan {

/// A text of more bytes, or of more lines, is not compared line by line.
constexpr std::size_t kMostBytes = std::size_t{4} << 20U;
constexpr std::size_t kMostLines = 100'000;
/// A difference is cut behind so many bytes, or so many lines.
constexpr std::size_t kLongestDiff = std::size_t{256} << 10U;
constexpr std::size_t kMostDiffLines = 10'000;

[[nodiscard]] bool isTooLarge(std::string_view text);

/// A unified diff with three lines of context; empty when the texts are equal. What does not fit is counted
/// in a last line. Of texts that are too large only their sizes are told.
std::string unifiedDiff(std::string_view before, std::string_view after, std::string_view beforeName,
                        std::string_view afterName);

/// Of a text of which only the size is known, and which is too large.
std::string diffOfSizes(std::uint64_t before, std::string_view after, std::string_view name);

/// Its first two lines.
std::string diffHead(std::string_view beforeName, std::string_view afterName);

}  // namespace vigie::plan
