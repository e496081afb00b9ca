// What of a text that was found on the host is shown beside the one that is wanted.

#pragma once

#include "plan/views.hpp"
#include "render/text.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::plan {

/// Whose the bytes are.
enum class Whose : std::uint8_t {
    ours,    ///< byte for byte what vigie has rendered and put there, without secrets
    edited,  ///< vigie put something there, and this is another: somebody's edit, or it held secrets
    others,  ///< never applied by vigie
};

/// What is wanted in the place of a text that was found.
struct Wanted {
    const render::Text& text;
    std::string_view name;     ///< of the file, or of what it is
    bool heldSecrets = false;  ///< the found text may hold secrets of which `text` knows nothing any more
};

/// The difference. Everybody sees of what is not ours only lines that the wanted text has as well, and how
/// many more there are; the terminal sees `showable` (plan/redact.hpp). Of a text that is too large to
/// compare (plan/diff.hpp) nobody sees a line.
Diff diffOfFound(std::string_view found, const Wanted& wanted, Whose whose);

/// What is said in the place of so many lines.
std::string notShown(std::size_t lines, Whose whose);

}  // namespace vigie::plan
