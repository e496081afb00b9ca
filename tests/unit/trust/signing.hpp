// Signs texts with new keys, for tests of signatures.
#pragma once

#include "base/encoding.hpp"
#include "trust/untrusted.hpp"
#include "trust/wire.hpp"

#include <sodium.h>

#include <array>
#include <functional>
#include <string>
#include <string_view>

/// SSH signatures as ssh-keygen makes them (tests/e2e/trust_test.py compares with the real one).
namespace vigie::trust::tests {

inline std::string wire(std::string_view text) {
    std::string out;
    appendWireString(out, text);
    return out;
}

/// A key pair that is the same in every run.
class Key {
public:
    explicit Key(unsigned char seed = 1) {
        std::array<unsigned char, crypto_sign_SEEDBYTES> bytes{};
        bytes.fill(seed);
        crypto_sign_seed_keypair(public_.data(), secret_.data(), bytes.data());
    }
    [[nodiscard]] std::string raw() const {
        return {reinterpret_cast<const char*>(public_.data()), public_.size()};
    }
    [[nodiscard]] std::string blob() const { return wire("ssh-ed25519") + wire(raw()); }
    /// As in a .pub file.
    [[nodiscard]] std::string line() const { return "ssh-ed25519 " + base64Encode(blob()); }

    [[nodiscard]] std::string signatureBlob(std::string_view payload) const {
        std::array<unsigned char, crypto_hash_sha512_BYTES> digest{};
        crypto_hash_sha512(digest.data(), reinterpret_cast<const unsigned char*>(payload.data()),
                           payload.size());
        const std::string message = "SSHSIG" + wire("git") + wire("") + wire("sha512") +
                                    wire({reinterpret_cast<const char*>(digest.data()), digest.size()});
        std::array<unsigned char, crypto_sign_BYTES> signature{};
        crypto_sign_detached(signature.data(), nullptr,
                             reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                             secret_.data());
        return std::string("SSHSIG\0\0\0\1", 10) + wire(blob()) + wire("git") + wire("") + wire("sha512") +
               wire(wire("ssh-ed25519") +
                    wire({reinterpret_cast<const char*>(signature.data()), signature.size()}));
    }

private:
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_{};
};

inline std::string armored(std::string_view blob) {
    const std::string text = base64Encode(blob);
    std::string out = "-----BEGIN SSH SIGNATURE-----\n";
    for (std::size_t at = 0; at < text.size(); at += 70) {
        out += text.substr(at, 70) + "\n";
    }
    return out + "-----END SSH SIGNATURE-----\n";
}

inline std::string signedBy(const Key& key, std::string_view payload) {
    return armored(key.signatureBlob(payload));
}

/// Why it is refused; nothing when it is not.
inline std::optional<Reason> refusal(const std::function<void()>& action) {
    try {
        action();
    } catch (const Untrusted& error) {
        return error.reason();
    }
    return std::nullopt;
}

}  // namespace vigie::trust::tests
