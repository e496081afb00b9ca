// Seals a secret for one host, bound to its name and its stack.
#pragma once

#include "base/secure.hpp"
#include "secrets/identity.hpp"

#include <string>
#include <string_view>

namespace vigie::secrets {

/// What a ciphertext is bound to. All of it is inside the box and is compared on opening, so that a
/// ciphertext cannot be moved to another stack, secret or host.
struct SealingContext {
    std::string_view stack;
    std::string_view secret;
    std::string_view host;
};

/// Encrypts `value` to a host's sealing key: base64 of libsodium's sealed box over
/// version ‖ length-prefixed stack, secret, host ‖ value. Throws Error when `sealingKey` is none.
std::string seal(std::string_view value, const SealingContext& context, std::string_view sealingKey);

/// Throws Error when the ciphertext is not for this identity or was sealed for another stack, secret or host.
SecureBytes open(std::string_view ciphertext, const SealingContext& context, const Identity& identity);

/// How a secret is known in digests, labels and inventories: the hash of its ciphertext.
std::string secretId(std::string_view ciphertext);

}  // namespace vigie::secrets
