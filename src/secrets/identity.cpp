// Makes, reads and writes the keys of a host.

#include "secrets/identity.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

#include <sodium.h>

namespace vigie::secrets {
namespace {

constexpr std::string_view kHeader = "vigie-identity-1 ";

unsigned char* bytesOf(SecureBytes& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* bytesOf(const SecureBytes& bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string publicKeyOf(const SecureBytes& secretKey) {
    SecureBytes out(crypto_scalarmult_BYTES);
    if (crypto_scalarmult_base(bytesOf(out), bytesOf(secretKey)) != 0) {
        throw Error("the private key is not valid: it has no public key");
    }
    return base64Encode(view(out));
}

/// base64 of a secret, in memory that is wiped.
SecureBytes encodeSecret(const SecureBytes& secret) {
    SecureBytes out(sodium_base64_encoded_len(secret.size(), sodium_base64_VARIANT_ORIGINAL));
    sodium_bin2base64(out.data(), out.size(), bytesOf(secret), secret.size(), sodium_base64_VARIANT_ORIGINAL);
    out.pop_back();  // the terminating zero
    return out;
}

}  // namespace

Identity generateIdentity() {
    initialiseSodium();
    Identity out;
    out.secretKey.resize(crypto_box_SECRETKEYBYTES);
    randombytes_buf(out.secretKey.data(), out.secretKey.size());
    out.publicKey = publicKeyOf(out.secretKey);
    return out;
}

SecureBytes encodeIdentity(const Identity& identity) {
    SecureBytes out = secureBytes(kHeader);
    append(out, view(encodeSecret(identity.secretKey)));
    out.push_back('\n');
    return out;
}

Identity decodeIdentity(std::string_view text) {
    text = trim(text);
    auto key = text.starts_with(kHeader) ? base64Decode(text.substr(kHeader.size())) : std::nullopt;
    if (!key || key->size() != crypto_box_SECRETKEYBYTES) {
        throw Error(
            "this file is not the identity of a host",
            "restore the file from a backup, or remove it and create a new identity with `vigie keys init`");
    }
    Identity out;
    out.secretKey = std::move(*key);
    out.publicKey = publicKeyOf(out.secretKey);
    return out;
}

SecureBytes generateWireguardPresharedKey() {
    initialiseSodium();
    SecureBytes key(crypto_scalarmult_BYTES);
    randombytes_buf(key.data(), key.size());
    return encodeSecret(key);
}

WireguardKey generateWireguardKey() {
    initialiseSodium();
    SecureBytes key(crypto_scalarmult_SCALARBYTES);
    randombytes_buf(key.data(), key.size());
    return wireguardKeyFrom(view(encodeSecret(key)));
}

bool isWireguardKey(std::string_view text) {
    const auto key = base64Decode(text);
    return key && key->size() == crypto_scalarmult_SCALARBYTES &&
           sodium_is_zero(bytesOf(*key), key->size()) == 0;
}

WireguardKey wireguardKeyFrom(std::string_view privateKeyBase64) {
    auto key = base64Decode(trim(privateKeyBase64));
    if (!key || key->size() != crypto_scalarmult_SCALARBYTES) {
        throw Error("this is not a WireGuard private key",
                    "write 44 characters of base64, as `wg genkey` prints them");
    }
    auto* bytes = bytesOf(*key);
    bytes[0] = static_cast<unsigned char>(bytes[0] & 248U);
    bytes[31] = static_cast<unsigned char>((bytes[31] & 127U) | 64U);
    return {encodeSecret(*key), publicKeyOf(*key)};
}

WireguardKey wireguardKeyAt(std::string_view privateKeyBase64, const std::string& file, int line) {
    try {
        return wireguardKeyFrom(privateKeyBase64);
    } catch (const Error& error) {
        throw Error(file + ":" + std::to_string(line) + ": this PrivateKey is not a WireGuard key",
                    error.hint());
    }
}

}  // namespace vigie::secrets
