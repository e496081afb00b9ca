// Makes and reads Ed25519 keys in OpenSSH's format.

#include "secrets/ssh_key.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

#include <sodium.h>

#include <array>

namespace vigie::secrets {
namespace {

constexpr std::string_view kMagic{"openssh-key-v1\0", 15};
constexpr std::string_view kType = "ssh-ed25519";
constexpr std::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view kEnd = "-----END OPENSSH PRIVATE KEY-----";

void packNumber(SecureBytes& to, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        to.push_back(static_cast<char>((value >> static_cast<unsigned>(shift)) & 255U));
    }
}

void packString(SecureBytes& to, std::string_view value) {
    packNumber(to, static_cast<std::uint32_t>(value.size()));
    append(to, value);
}

/// Takes a length-prefixed string from the front of `rest`; nothing when it is cut off.
std::optional<std::string_view> takeString(std::string_view& rest) {
    constexpr std::size_t kLength = 4;
    if (rest.size() < kLength) {
        return std::nullopt;
    }
    std::size_t size = 0;
    for (std::size_t i = 0; i < kLength; ++i) {
        size = size * 256 + static_cast<unsigned char>(rest[i]);
    }
    if (rest.size() - kLength < size) {
        return std::nullopt;
    }
    const auto out = rest.substr(kLength, size);
    rest.remove_prefix(kLength + size);
    return out;
}

SecureBytes publicBlob(std::string_view key) {
    SecureBytes out;
    packString(out, kType);
    packString(out, key);
    return out;
}

}  // namespace

SecureBytes generateSshKey(std::string_view comment) {
    initialiseSodium();
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> publicKey{};
    SecureBytes secretKey(crypto_sign_SECRETKEYBYTES);
    crypto_sign_keypair(publicKey.data(), reinterpret_cast<unsigned char*>(secretKey.data()));
    const std::string_view shown(reinterpret_cast<const char*>(publicKey.data()), publicKey.size());

    SecureBytes inner;
    const auto check = randombytes_random();
    packNumber(inner, check);
    packNumber(inner, check);
    packString(inner, kType);
    packString(inner, shown);
    packString(inner, view(secretKey));
    packString(inner, comment);
    constexpr std::size_t kBlock = 8;
    for (char pad = 1; inner.size() % kBlock != 0; ++pad) {
        inner.push_back(pad);
    }

    SecureBytes blob = secureBytes(kMagic);
    packString(blob, "none");  // cipher
    packString(blob, "none");  // key derivation
    packString(blob, "");      // and its options
    packNumber(blob, 1);
    packString(blob, view(publicBlob(shown)));
    packString(blob, view(inner));

    SecureBytes text(sodium_base64_encoded_len(blob.size(), sodium_base64_VARIANT_ORIGINAL));
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(blob.data()),
                      blob.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // the NUL
    SecureBytes out = secureBytes(kBegin);
    constexpr std::size_t kLine = 70;
    for (std::size_t at = 0; at < text.size(); at += kLine) {
        out.push_back('\n');
        append(out, view(text).substr(at, kLine));
    }
    out.push_back('\n');
    append(out, kEnd);
    out.push_back('\n');
    return out;
}

std::string sshPublicKey(std::string_view privateFile) {
    SecureBytes body;
    for (const auto line : splitLines(privateFile)) {
        if (!line.starts_with("-----")) {
            append(body, trim(line));
        }
    }
    const auto blob = base64Decode(view(body));
    std::string_view rest = blob ? view(*blob) : std::string_view();
    if (rest.starts_with(kMagic)) {
        rest.remove_prefix(kMagic.size());
        const auto cipher = takeString(rest);
        const auto derivation = takeString(rest);
        const auto options = takeString(rest);
        constexpr std::size_t kCount = 4;
        if (cipher && *cipher == "none" && derivation && options && rest.size() > kCount) {
            rest.remove_prefix(kCount);
            auto key = takeString(rest);
            const std::string_view whole = key.value_or("");
            std::string_view inside = whole;
            const auto type = takeString(inside);
            if (type && *type == kType) {
                return std::string(kType) + " " + base64Encode(whole);
            }
        }
    }
    throw Error(
        "the deploy key is not an Ed25519 key in OpenSSH's format without a passphrase",
        "create one with `ssh-keygen -t ed25519 -N ''`, or remove it and let `vigie init` create one");
}

std::optional<std::string> sshFingerprint(std::string_view publicKeyBase64) {
    const auto blob = base64Decode(publicKeyBase64);
    if (!blob || blob->empty()) {
        return std::nullopt;
    }
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(blob->data()), blob->size());
    std::string out = base64Encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
    while (!out.empty() && out.back() == '=') {
        out.pop_back();
    }
    return "SHA256:" + out;
}

}  // namespace vigie::secrets
