// The lines of a wg-quick file, for everybody who reads one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie {

/// One line that is neither blank nor a comment.
struct WgLine {
    enum class Kind : std::uint8_t {
        section,    ///< `[Interface]`, `[Peer]`, or one that WireGuard does not know
        setting,    ///< `Key = value`
        malformed,  ///< neither of them
    };
    Kind kind = Kind::malformed;
    int number = 0;          ///< from 1
    std::string section;     ///< in lower case; empty: before the first one
    std::string key;         ///< in lower case; of settings
    std::string spelling;    ///< the key, or the section's name, as it was written
    std::string_view value;  ///< not copied: it may be a private key
    /// Of sections, what people call them: the comment behind it, else the one right above, else right below.
    std::string_view comment;

    [[nodiscard]] bool isSetting(std::string_view inSection, std::string_view name) const {
        return kind == Kind::setting && section == inSection && key == name;
    }
};

/// As wg(8) and wg-quick(8) read a file: sections and keys in any case, blanks of any kind around and inside
/// of them, comments from `#` to the end of the line. The values point into `text`.
std::vector<WgLine> wgLines(std::string_view text);

}  // namespace vigie
