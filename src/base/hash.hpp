// SHA-256 of texts and of sequences of fields.
#pragma once

#include <sodium.h>

#include <string>
#include <string_view>

namespace vigie {

/// Incremental SHA-256. `field` is length-prefixed, so that two different sequences of fields never hash
/// alike.
class Sha256 {
public:
    Sha256();
    Sha256& update(std::string_view bytes);
    Sha256& field(std::string_view bytes);
    /// Lower-case hexadecimal, 64 characters. The object must not be used afterwards.
    std::string hex();

private:
    crypto_hash_sha256_state state_{};
};

/// SHA-256 of `bytes`, lower-case hexadecimal.
std::string sha256Hex(std::string_view bytes);

}  // namespace vigie
