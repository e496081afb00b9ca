// Text in which secrets are known by their ids.
#pragma once

#include "base/secure.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::render {

/// A secret as the renderer sees it: known by its id, its value there only on the host that may open it.
struct SecretValue {
    std::string id;                            ///< hash of the ciphertext, or a WireGuard public key
    std::shared_ptr<const SecureBytes> value;  ///< null: sealed elsewhere

    [[nodiscard]] bool available() const { return value != nullptr; }
};

/// How a secret is written at its place.
enum class Encoding : std::uint8_t {
    raw,
    percent,  ///< percent-encoded, for URLs
    pgpass,   ///< `:` and `\` escaped, for a field of PostgreSQL's password file
    yaml,     ///< escaped for a double-quoted YAML scalar
    base64,
    compose,  ///< as `yaml`, in a compose file, where `$` would begin a variable
    json,     ///< escaped for a JSON string
};

/// Rendered text in which each secret is a typed segment. There is no conversion to a string that reveals:
/// one asks for `masked()`, which anybody may see, or for `reveal()`, which is wiped when it is freed.
class Text {
public:
    Text() = default;
    Text(std::string_view literal) {
        append(literal);
    }  // NOLINT(google-explicit-constructor): literals are text
    Text(const char* literal) : Text(std::string_view(literal)) {}
    Text(const std::string& literal) : Text(std::string_view(literal)) {}

    Text& append(std::string_view literal);
    Text& append(const SecretValue& secret, Encoding encoding);
    Text& appendText(const Text& other);

    [[nodiscard]] bool hasSecrets() const;
    /// Whether every secret in it can be revealed here.
    [[nodiscard]] bool available() const;
    /// With `***` for each secret.
    [[nodiscard]] std::string masked() const;
    /// With `mask` for each secret.
    [[nodiscard]] std::string masked(std::string_view mask) const;
    /// The bytes to write. Throws std::logic_error unless `available()`.
    [[nodiscard]] SecureBytes reveal() const;
    /// SHA-256 over the literals and the *ids* of the secrets; never over a plaintext.
    [[nodiscard]] std::string digest() const;

private:
    struct Segment {
        std::string literal;
        std::shared_ptr<const SecretValue> secret;
        Encoding encoding = Encoding::raw;
    };
    std::vector<Segment> segments_;
};

}  // namespace vigie::render
