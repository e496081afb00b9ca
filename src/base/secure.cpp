#include "base/secure.hpp"

#include "base/error.hpp"

#include <sodium.h>

namespace vigie {

void initialiseSodium() {
    if (sodium_init() < 0) {
        throw Error("libsodium cannot be initialised", "is /dev/urandom there?");
    }
}

void wipe(void* data, std::size_t size) noexcept {
    if (data != nullptr) {
        sodium_memzero(data, size);
    }
}

}  // namespace vigie
