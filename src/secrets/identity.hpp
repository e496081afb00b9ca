// The key pairs of a host.
#pragma once

#include "base/secure.hpp"

#include <string>
#include <string_view>

namespace vigie::secrets {

/// A host's own X25519 key pair (libsodium's crypto_box). The secret half never leaves the host.
struct Identity {
    SecureBytes secretKey;  ///< 32 bytes
    std::string publicKey;  ///< the host's `sealingKey`: 32 bytes in base64
};

Identity generateIdentity();

/// The text of an identity file: one line, `vigie-identity-1 BASE64`.
SecureBytes encodeIdentity(const Identity& identity);

/// Throws Error when `text` is no identity.
Identity decodeIdentity(std::string_view text);

/// A WireGuard key pair, clamped as `wg genkey` does, so that it reads back as the same base64.
struct WireguardKey {
    SecureBytes privateKey;  ///< 44 characters of base64
    std::string publicKey;   ///< 44 characters of base64
};

WireguardKey generateWireguardKey();

/// As `wg genpsk` makes one: 44 characters of base64.
SecureBytes generateWireguardPresharedKey();

/// Whether it is a key as `wg genpsk` prints one: 32 bytes in base64, and not the one that means none.
bool isWireguardKey(std::string_view text);

/// Clamps and completes a private key in base64. Throws Error when it is none.
WireguardKey wireguardKeyFrom(std::string_view privateKeyBase64);

/// The same of a `PrivateKey` in line `line` of `file`, which the Error then names.
WireguardKey wireguardKeyAt(std::string_view privateKeyBase64, const std::string& file, int line);

}  // namespace vigie::secrets
