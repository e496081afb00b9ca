#pragma once

#include <string>
#include <string_view>

namespace vigie {

/// Masks the values of what looks like passwords in one line of a configuration: `password: x`, `PrivateKey =
/// x`,
/// `://user:x@`. For showing lines that somebody wrote by hand.
std::string redactLine(std::string_view line);

}  // namespace vigie
