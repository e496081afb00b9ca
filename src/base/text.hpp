// Lines, words, likely spellings and UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace vigie {

/// The lines of `text` without their line ends; a last line without one counts as well.
std::vector<std::string_view> splitLines(std::string_view text);
/// The lines of a temporary would outlive it.
template <class T>
requires std::is_same_v<T, std::string>
void splitLines(T&& text) = delete;

std::vector<std::string_view> split(std::string_view text, char separator);

std::string_view trim(std::string_view text);

/// As `join`, for a list that a person reads: of a long one the first, and how many more there are.
std::string joinSome(const std::vector<std::string>& parts, std::string_view separator);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The candidate that was probably meant by `word`: the one with the smallest edit distance (insertion,
/// deletion, substitution, transposition, case), if it is at most a third of the word's length plus one; else
/// empty.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// The candidate that a slip of the pen made `word` of: one edit, or another case. Empty: none. Of two
/// letters one edit leaves too little.
std::string slipOf(std::string_view word, const std::vector<std::string>& candidates);

/// The candidates that `word` begins in, at one of their words (`match` in `matchers`, `password` in
/// `adminPasswordFrom`), or that are some of its own words (`name` in `hostName`). More than three say
/// nothing.
std::vector<std::string> sharingWords(std::string_view word, const std::vector<std::string>& candidates);

/// The candidates that may have been meant by `word`, at most three: its `slipOf`, else those `sharingWords`
/// with it, else the `nearest`.
std::vector<std::string> likely(std::string_view word, const std::vector<std::string>& candidates);

/// The first 12 digits of a commit, by which people name it.
std::string shortRevision(std::string_view revision);

/// `1 host`, `2 hosts`.
std::string count(std::size_t n, std::string_view noun);

/// The first bytes of `text`, at most `size`, without a cut inside a character.
std::string_view utf8Prefix(std::string_view text, std::size_t size);

/// A character of UTF-8.
struct Character {
    std::uint32_t value = 0;
    std::size_t size = 1;  ///< in bytes
    bool isText = true;    ///< false: what stands there is no UTF-8, and `value` is that byte
};

/// The one that begins at `offset`, which must be inside of `text`. The shortest form only, no surrogates,
/// nothing above U+10FFFF: RFC 3629, section 4.
[[nodiscard]] Character characterAt(std::string_view text, std::size_t offset);

/// The offset of the first byte that is no UTF-8, or a control character other than tab and line ends; npos
/// when all is text.
std::size_t findNonText(std::string_view text);

/// `text` for messages that quote untrusted input on a terminal: control characters (C0 and C1) and bytes
/// that are no UTF-8 are written as `\xNN`, characters that one does not see or that turn the direction of
/// writing as `\uNNNN`.
std::string printable(std::string_view text);

}  // namespace vigie
