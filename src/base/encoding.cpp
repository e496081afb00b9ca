// Hexadecimal, base64 and percent encoding.

#include "base/encoding.hpp"

#include <sodium.h>

#include <algorithm>

namespace vigie {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kUpperHexDigits = "0123456789ABCDEF";

bool unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string hexEncode(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += kHexDigits[byte >> 4U];
        out += kHexDigits[byte & 15U];
    }
    return out;
}

std::string base64Encode(std::string_view bytes) {
    std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    out.resize(out.size() - 1);  // libsodium counts the terminating zero
    return out;
}

void appendBase64(SecureBytes& to, std::string_view bytes) {
    const auto before = to.size();
    to.resize(before + sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL));
    sodium_bin2base64(to.data() + before, to.size() - before,
                      reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    to.pop_back();  // the terminating zero
}

std::optional<SecureBytes> base64Decode(std::string_view text) {
    // libsodium takes `+` and `/` with their highest bit set for the same.
    if (std::any_of(text.begin(), text.end(),
                    [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; })) {
        return std::nullopt;
    }
    SecureBytes out(text.size() / 4 * 3 + 3);
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(),
                          nullptr, &size, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    out.resize(size);
    return out;
}

void appendPercentEncoded(SecureBytes& to, std::string_view bytes) {
    for (const char c : bytes) {
        if (unreserved(c)) {
            to.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            to.push_back('%');
            to.push_back(kUpperHexDigits[byte >> 4U]);
            to.push_back(kUpperHexDigits[byte & 15U]);
        }
    }
}

}  // namespace vigie
