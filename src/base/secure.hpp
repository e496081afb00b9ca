// Bytes of secrets, which are overwritten when they are given back.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace vigie {

/// Lets libsodium choose its random source and its fastest code; once is enough. Throws Error.
void initialiseSodium();

/// Overwrites `size` bytes in a way that the compiler may not remove.
void wipe(void* data, std::size_t size) noexcept;

/// Wipes memory before it is given back. For vectors only: a short `std::string` lives outside its allocator.
template <class T>
struct WipingAllocator {
    using value_type = T;
    WipingAllocator() = default;
    template <class U>
    explicit WipingAllocator(const WipingAllocator<U>& /*other*/) noexcept {}
    T* allocate(std::size_t n) { return std::allocator<T>().allocate(n); }
    void deallocate(T* p, std::size_t n) noexcept {
        wipe(p, n * sizeof(T));
        std::allocator<T>().deallocate(p, n);
    }
    template <class U>
    bool operator==(const WipingAllocator<U>& /*other*/) const noexcept {
        return true;
    }
};

/// Bytes that are wiped when they are freed: keys, plaintext secrets, and files that contain them.
using SecureBytes = std::vector<char, WipingAllocator<char>>;

inline std::string_view view(const SecureBytes& bytes) {
    return {bytes.data(), bytes.size()};
}
/// In a time that tells nothing about where they differ.
bool sameSecret(std::string_view a, std::string_view b) noexcept;
inline SecureBytes secureBytes(std::string_view text) {
    return {text.begin(), text.end()};
}
inline void append(SecureBytes& to, std::string_view text) {
    to.insert(to.end(), text.begin(), text.end());
}

}  // namespace vigie
