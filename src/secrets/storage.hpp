// Encrypts what a host keeps for itself.
#pragma once

#include "base/secure.hpp"

#include <string>
#include <string_view>

namespace vigie::secrets {

/// A new key for `encrypt`: 32 random bytes.
SecureBytes generateStorageKey();

/// Encrypts what a host keeps for itself (libsodium's secretbox: a random nonce, then the box). Throws Error
/// when `key` is none.
std::string encrypt(std::string_view plain, const SecureBytes& key);

/// Throws Error when it was not encrypted with `key`, or was changed since.
SecureBytes decrypt(std::string_view box, const SecureBytes& key);

}  // namespace vigie::secrets
