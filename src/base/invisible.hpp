// Characters that one does not see, or takes for a blank, and that YAML takes for text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigie {

/// The first of them in `text`: where it begins, how many bytes it has, and which it is.
struct Invisible {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::string name;    ///< such as `U+00A0`
    bool blank = false;  ///< it looks like a blank; else like nothing at all
};

/// Source: Unicode, the general categories Zs (but U+0020) and Cf, as far as they come from word processors,
/// web pages and chats; U+FEFF at the beginning of a file is its byte order mark and no part of a value.
std::optional<Invisible> findInvisible(std::string_view text);

/// Whether it is one that one does not see at all, or that turns the direction of what follows.
[[nodiscard]] bool isUnseen(std::uint32_t character);

/// `text` with each of them written as `<U+00A0>`, for messages.
std::string withNames(std::string_view text);

/// What to do about those in `text`; empty when there is none.
std::string cureForInvisible(std::string_view text);

}  // namespace vigie
