#include "base/secure.hpp"

#include <sodium.h>

namespace vigie {

void wipe(void* data, std::size_t size) noexcept {
    if (data != nullptr) {
        sodium_memzero(data, size);
    }
}

}  // namespace vigie
