// Memory of secrets, overwritten by libsodium.

#include "base/secure.hpp"

#include "base/error.hpp"

#include <sodium.h>

namespace vigie {

void initialiseSodium() {
    if (sodium_init() < 0) {
        throw Error("libsodium cannot be initialised", "check that /dev/urandom exists");
    }
}

void wipe(void* data, std::size_t size) noexcept {
    if (data != nullptr) {
        sodium_memzero(data, size);
    }
}

bool sameSecret(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace vigie
