// SCRAM-SHA-256 verifiers and MD5 hashes, as PostgreSQL keeps passwords.

#include "base/password.hpp"

#include "base/encoding.hpp"
#include "base/md5.hpp"

#include <sodium.h>

#include <string>

namespace vigie {
namespace {

constexpr std::size_t kSha256 = crypto_auth_hmacsha256_BYTES;

const unsigned char* bytesOf(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytesOf(SecureBytes& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

/// HMAC-SHA-256 under one key; the key is worked in once.
class Hmac {
public:
    explicit Hmac(std::string_view key) { crypto_auth_hmacsha256_init(&keyed_, bytesOf(key), key.size()); }
    Hmac(const Hmac&) = delete;
    Hmac& operator=(const Hmac&) = delete;
    ~Hmac() { wipe(&keyed_, sizeof keyed_); }

    [[nodiscard]] SecureBytes of(std::string_view message) const {
        crypto_auth_hmacsha256_state state = keyed_;
        crypto_auth_hmacsha256_update(&state, bytesOf(message), message.size());
        SecureBytes out(kSha256);
        crypto_auth_hmacsha256_final(&state, bytesOf(out));
        wipe(&state, sizeof state);
        return out;
    }

private:
    crypto_auth_hmacsha256_state keyed_{};
};

}  // namespace

SecureBytes md5Hex(std::string_view bytes) {
    SecureBytes out;
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const unsigned byte : md5(bytes)) {
        out.push_back(kDigits[byte >> 4U]);
        out.push_back(kDigits[byte & 0xfU]);
    }
    return out;
}

SecureBytes pbkdf2Sha256(std::string_view password, std::string_view salt, std::uint32_t iterations) {
    const Hmac hmac(password);
    SecureBytes last = hmac.of(std::string(salt) + std::string("\0\0\0\1", 4));
    SecureBytes out = last;
    for (std::uint32_t i = 1; i < iterations; ++i) {
        last = hmac.of(view(last));
        for (std::size_t j = 0; j < out.size(); ++j) {
            out[j] = static_cast<char>(out[j] ^ last[j]);
        }
    }
    return out;
}

SecureBytes postgresMd5(std::string_view user, std::string_view password) {
    SecureBytes both = secureBytes(password);
    append(both, user);
    SecureBytes out = secureBytes("md5");
    append(out, view(md5Hex(view(both))));
    return out;
}

SecureBytes scramSha256(std::string_view password, std::string_view salt, std::uint32_t iterations) {
    const Hmac salted(view(pbkdf2Sha256(password, salt, iterations)));
    const SecureBytes clientKey = salted.of("Client Key");
    SecureBytes storedKey(kSha256);
    crypto_hash_sha256(bytesOf(storedKey), bytesOf(view(clientKey)), clientKey.size());
    SecureBytes out =
        secureBytes("SCRAM-SHA-256$" + std::to_string(iterations) + ":" + base64Encode(salt) + "$");
    appendBase64(out, view(storedKey));
    out.push_back(':');
    appendBase64(out, view(salted.of("Server Key")));
    return out;
}

}  // namespace vigie
