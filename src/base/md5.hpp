// MD5, for formats of others that demand it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace vigie {

/// MD5 (RFC 1321). For formats of others that demand it, and to recognise what they have named by it; it
/// protects nothing. No copy of `bytes` stays in memory.
std::array<std::uint8_t, 16> md5(std::string_view bytes);

}  // namespace vigie
