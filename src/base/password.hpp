// The forms in which PostgreSQL and PgBouncer keep passwords.
#pragma once

#include "base/secure.hpp"

#include <array>
#include <cstdint>
#include <string_view>

/// The forms in which PostgreSQL and PgBouncer keep passwords.
namespace vigie {

/// MD5 (RFC 1321) in lower-case hexadecimal. For formats that demand it, for nothing else.
SecureBytes md5Hex(std::string_view bytes);

/// PBKDF2 with HMAC-SHA-256 and one block of output (RFC 8018, section 5.2), which is SCRAM's `Hi()`.
SecureBytes pbkdf2Sha256(std::string_view password, std::string_view salt, std::uint32_t iterations);

/// `md5` and the MD5 of password and user, as `password_encryption = md5` has it.
SecureBytes postgresMd5(std::string_view user, std::string_view password);

/// `SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY` (RFC 5803 as PostgreSQL writes it). The password is
/// taken as it is: what SASLprep would change, characters beyond ASCII, is not changed, as the drivers in Go
/// do not change it either.
SecureBytes scramSha256(std::string_view password, std::string_view salt, std::uint32_t iterations);

}  // namespace vigie
