// SCRAM-SHA-256 verifiers and MD5 hashes, as PostgreSQL keeps passwords.

#include "base/password.hpp"

#include "base/encoding.hpp"

#include <sodium.h>

#include <bit>
#include <cmath>
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

// RFC 1321, section 3.4.
constexpr std::array<std::uint32_t, 64> kShifts = {
    7,  12, 17, 22, 7,  12, 17, 22, 7,  12, 17, 22, 7,  12, 17, 22, 5,  9,  14, 20, 5,  9,
    14, 20, 5,  9,  14, 20, 5,  9,  14, 20, 4,  11, 16, 23, 4,  11, 16, 23, 4,  11, 16, 23,
    4,  11, 16, 23, 6,  10, 15, 21, 6,  10, 15, 21, 6,  10, 15, 21, 6,  10, 15, 21};

/// The table T of RFC 1321: 4294967296 times abs(sin(i)).
const std::array<std::uint32_t, 64>& sines() {
    static const std::array<std::uint32_t, 64> kSines = [] {
        std::array<std::uint32_t, 64> out{};
        constexpr double kTwoTo32 = 4294967296.0;
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<std::uint32_t>(
                std::floor(std::fabs(std::sin(static_cast<double>(i + 1))) * kTwoTo32));
        }
        return out;
    }();
    return kSines;
}

constexpr std::size_t kBlock = 64;

std::uint32_t littleEndian(std::string_view bytes) {
    std::uint32_t out = 0;
    for (std::size_t i = 4; i-- > 0;) {
        out = (out << 8U) | static_cast<unsigned char>(bytes[i]);
    }
    return out;
}

void md5Block(std::array<std::uint32_t, 4>& state, std::string_view block) {
    auto [a, b, c, d] = state;
    for (std::uint32_t i = 0; i < kBlock; ++i) {
        std::uint32_t mixed = 0;
        std::uint32_t word = 0;
        if (i < 16) {
            mixed = (b & c) | (~b & d);
            word = i;
        } else if (i < 32) {
            mixed = (d & b) | (~d & c);
            word = (5 * i + 1) % 16;
        } else if (i < 48) {
            mixed = b ^ c ^ d;
            word = (3 * i + 5) % 16;
        } else {
            mixed = c ^ (b | ~d);
            word = (7 * i) % 16;
        }
        const std::uint32_t sum = a + mixed + sines()[i] + littleEndian(block.substr(word * 4, 4));
        a = d;
        d = c;
        c = b;
        b += std::rotl(sum, static_cast<int>(kShifts[i]));
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

}  // namespace

SecureBytes md5Hex(std::string_view bytes) {
    SecureBytes padded = secureBytes(bytes);
    padded.push_back('\x80');
    while (padded.size() % kBlock != kBlock - 8) {
        padded.push_back('\0');
    }
    for (unsigned shift = 0; shift < 64; shift += 8) {
        padded.push_back(static_cast<char>((static_cast<std::uint64_t>(bytes.size()) * 8) >> shift));
    }
    std::array<std::uint32_t, 4> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    for (std::size_t at = 0; at < padded.size(); at += kBlock) {
        md5Block(state, view(padded).substr(at, kBlock));
    }
    SecureBytes out;
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const auto word : state) {
        for (unsigned shift = 0; shift < 32; shift += 8) {
            const auto byte = (word >> shift) & 0xffU;
            out.push_back(kDigits[byte >> 4U]);
            out.push_back(kDigits[byte & 0xfU]);
        }
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
