// Which settings hold a secret, and the mask that is shown for one.
#pragma once

#include <string>
#include <string_view>

namespace vigie {

/// What is shown for a secret, in rendered text as well as in found text.
constexpr std::string_view kSecretMask = "***";

/// `text` in lower case (ASCII), for comparing names of settings.
std::string lowerCase(std::string_view text);

/// Masks the values of what looks like passwords in one line of a configuration: `password: x`,
/// `PrivateKey = x`, `://user:x@`. For showing lines that somebody wrote by hand.
std::string redactLine(std::string_view line);

}  // namespace vigie
