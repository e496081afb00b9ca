// Reads and writes SSH's binary encoding.

#include "trust/wire.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"

#include <sodium.h>

#include <array>

namespace vigie::trust {

std::optional<std::string_view> WireReader::bytes(std::size_t size) {
    if (size > rest_.size()) {
        return std::nullopt;
    }
    const auto out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
}

std::optional<std::uint32_t> WireReader::number() {
    const auto four = bytes(4);
    if (!four) {
        return std::nullopt;
    }
    std::uint32_t out = 0;
    for (const char c : *four) {
        out = out << 8U | static_cast<unsigned char>(c);
    }
    return out;
}

std::optional<std::string_view> WireReader::string() {
    const auto size = number();
    return size ? bytes(*size) : std::nullopt;
}

void appendWireString(std::string& to, std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        to += static_cast<char>(size >> shift & 255U);
    }
    to += text;
}

std::optional<std::string> ed25519KeyIn(std::string_view blob) {
    WireReader reader(blob);
    const auto kind = reader.string();
    const auto key = reader.string();
    if (!kind || *kind != "ssh-ed25519" || !key || key->size() != crypto_sign_PUBLICKEYBYTES ||
        !reader.done()) {
        return std::nullopt;
    }
    return std::string(*key);
}

std::string keyKindIn(std::string_view blob) {
    const auto kind = WireReader(blob).string();
    constexpr std::size_t kLongest = 64;
    return kind && !kind->empty() && kind->size() <= kLongest ? printable(*kind) : "unknown";
}

std::string fingerprintOf(std::string_view blob) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(blob.data()), blob.size());
    std::string out = base64Encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
    out.resize(out.find_last_not_of('=') + 1);
    return "SHA256:" + out;
}

std::optional<std::string> decodeBase64(std::string_view text) {
    const auto out = base64Decode(text);
    return out ? std::optional(std::string(view(*out))) : std::nullopt;
}

}  // namespace vigie::trust
