// Encrypts what a host keeps for itself.

#include "secrets/storage.hpp"

#include "base/error.hpp"

#include <sodium.h>

namespace vigie::secrets {
namespace {

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

void requireKey(const SecureBytes& key) {
    initialiseSodium();
    if (key.size() != crypto_secretbox_KEYBYTES) {
        throw Error("the key of the journal is damaged");
    }
}

}  // namespace

SecureBytes generateStorageKey() {
    initialiseSodium();
    SecureBytes out(crypto_secretbox_KEYBYTES);
    randombytes_buf(out.data(), out.size());
    return out;
}

std::string encrypt(std::string_view plain, const SecureBytes& key) {
    requireKey(key);
    std::string out(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.size(), '\0');
    auto* nonce = reinterpret_cast<unsigned char*>(out.data());
    randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(nonce + crypto_secretbox_NONCEBYTES, bytes(plain), plain.size(), nonce,
                          bytes(view(key)));
    return out;
}

SecureBytes decrypt(std::string_view box, const SecureBytes& key) {
    requireKey(key);
    constexpr std::size_t kExtra = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    if (box.size() < kExtra) {
        throw Error("a record of the journal is damaged");
    }
    SecureBytes out(box.size() - kExtra);
    if (crypto_secretbox_open_easy(
            reinterpret_cast<unsigned char*>(out.data()), bytes(box) + crypto_secretbox_NONCEBYTES,
            box.size() - crypto_secretbox_NONCEBYTES, bytes(box), bytes(view(key))) != 0) {
        throw Error("a record of the journal was not written with this host's key",
                    "check that the state directory was not combined from two hosts");
    }
    return out;
}

}  // namespace vigie::secrets
