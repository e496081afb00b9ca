// SSH's binary encoding (RFC 4251, section 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The encoding of RFC 4251, section 5, that SSH keys and signatures use.
namespace vigie::trust {

/// Reads from the front; nothing when there is too little.
class WireReader {
public:
    explicit WireReader(std::string_view bytes) : rest_(bytes) {}

    std::optional<std::string_view> bytes(std::size_t size);
    std::optional<std::uint32_t> number();
    /// A `string`: its length in four bytes, then its bytes.
    std::optional<std::string_view> string();
    [[nodiscard]] bool done() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

void appendWireString(std::string& to, std::string_view text);

/// The 32 bytes of an `ssh-ed25519` public key; nothing for any other kind, and for a byte too many.
std::optional<std::string> ed25519KeyIn(std::string_view blob);

/// The name of the key's kind, `ssh-rsa`; `unknown` when there is none.
std::string keyKindIn(std::string_view blob);

/// `SHA256:…`, as ssh-keygen shows a public key.
std::string fingerprintOf(std::string_view blob);

/// base64 as ssh-keygen reads it; nothing when malformed.
std::optional<std::string> decodeBase64(std::string_view text);

}  // namespace vigie::trust
