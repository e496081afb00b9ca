// SHA-256, by libsodium.

#include "base/hash.hpp"

#include "base/encoding.hpp"

#include <array>

namespace vigie {
namespace {

const unsigned char* bytesOf(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Sha256::Sha256() {
    crypto_hash_sha256_init(&state_);
}

Sha256& Sha256::update(std::string_view bytes) {
    crypto_hash_sha256_update(&state_, bytesOf(bytes), bytes.size());
    return *this;
}

Sha256& Sha256::field(std::string_view bytes) {
    return update(std::to_string(bytes.size())).update(":").update(bytes);
}

std::string Sha256::hex() {
    std::array<unsigned char, crypto_hash_sha256_BYTES> out{};
    crypto_hash_sha256_final(&state_, out.data());
    return hexEncode({reinterpret_cast<const char*>(out.data()), out.size()});
}

std::string sha256Hex(std::string_view bytes) {
    return Sha256().update(bytes).hex();
}

}  // namespace vigie
