// Seals and opens secrets by libsodium's sealed boxes.

#include "secrets/sealing.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"

#include <sodium.h>

namespace vigie::secrets {
namespace {

constexpr char kVersion = 1;

void appendField(SecureBytes& to, std::string_view field) {
    for (unsigned shift = 32; shift != 0; shift -= 8) {
        to.push_back(static_cast<char>(field.size() >> (shift - 8) & 0xFFU));
    }
    append(to, field);
}

SecureBytes headerOf(const SealingContext& context) {
    SecureBytes out;
    out.push_back(kVersion);
    appendField(out, context.stack);
    appendField(out, context.secret);
    appendField(out, context.host);
    return out;
}

template <class Bytes>
auto* raw(Bytes& bytes) {
    using Byte = std::conditional_t<std::is_const_v<Bytes>, const unsigned char, unsigned char>;
    return reinterpret_cast<Byte*>(bytes.data());
}

}  // namespace

std::string seal(std::string_view value, const SealingContext& context, std::string_view sealingKey) {
    const auto key = base64Decode(sealingKey);
    if (!key || key->size() != crypto_box_PUBLICKEYBYTES) {
        throw Error("this is not a sealing key", "copy the line that `vigie keys show` prints on the host");
    }
    initialiseSodium();
    SecureBytes plain = headerOf(context);
    append(plain, value);
    std::string box(plain.size() + crypto_box_SEALBYTES, '\0');
    if (crypto_box_seal(raw(box), raw(plain), plain.size(), raw(*key)) != 0) {
        throw Error("the value cannot be sealed to this key");
    }
    return base64Encode(box);
}

SecureBytes open(std::string_view ciphertext, const SealingContext& context, const Identity& identity) {
    const std::string what = "secret `" + std::string(context.secret) + "`";
    const auto box = base64Decode(ciphertext);
    const auto publicKey = base64Decode(identity.publicKey);
    if (!box || box->size() < crypto_box_SEALBYTES || !publicKey) {
        throw Error(what + " is not a sealed value", "seal it again with `vigie seal`");
    }
    SecureBytes plain(box->size() - crypto_box_SEALBYTES);
    if (crypto_box_seal_open(raw(plain), raw(*box), box->size(), raw(*publicKey), raw(identity.secretKey)) !=
        0) {
        throw Error(what + " cannot be decrypted on host `" + std::string(context.host) + "`",
                    "it was sealed to another key, or it is damaged: compare `sealingKey` with `vigie keys "
                    "show`, then seal it again");
    }
    const SecureBytes header = headerOf(context);
    if (view(plain).substr(0, header.size()) != view(header)) {
        throw Error(what + " was sealed for another stack, secret or host",
                    "seal the value again for this stack, secret and host with `vigie seal`");
    }
    return {plain.begin() + static_cast<std::ptrdiff_t>(header.size()), plain.end()};
}

std::string secretId(std::string_view ciphertext) {
    return sha256Hex(ciphertext);
}

}  // namespace vigie::secrets
