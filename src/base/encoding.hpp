// Hexadecimal, base64 and percent encoding.
#pragma once

#include "base/secure.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vigie {

/// Lower-case hexadecimal.
std::string hexEncode(std::string_view bytes);

/// Standard base64 with padding (RFC 4648, section 4).
std::string base64Encode(std::string_view bytes);

/// The same, for secrets: leaves no other copy.
void appendBase64(SecureBytes& to, std::string_view bytes);

/// Strict inverse of `base64Encode`: no white space, padding demanded; nothing when malformed.
std::optional<SecureBytes> base64Decode(std::string_view text);

/// Percent-encodes everything but RFC 3986's unreserved characters, so that the result is safe in any part of
/// a URL and in a compose file, where a bare `$` would start a variable.
void appendPercentEncoded(SecureBytes& to, std::string_view bytes);

}  // namespace vigie
