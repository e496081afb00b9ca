// Reads and compares secrets that are shared with clients: tokens and webhook secrets.

#include "controller/shared_secret.hpp"

#include "base/error.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"
#include "system/own_file.hpp"
#include "system/walk.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace vigie::controller {
namespace {

constexpr std::size_t kShortest = 16;
constexpr std::size_t kLongest = 4096;

std::array<unsigned char, crypto_hash_sha256_BYTES> digestOf(std::string_view text) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> out{};
    crypto_hash_sha256(out.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
    return out;
}

}  // namespace

SecureBytes readSharedSecret(const std::string& path, const std::string& what) {
    const std::string name = what + " " + path;
    const system::Descriptor file = system::openFile(path, O_RDONLY | O_NONBLOCK);
    struct stat found {};
    if (!file.valid() || ::fstat(file.get(), &found) != 0) {
        throw Error(name + " cannot be read: " + std::strerror(errno),
                    "make one: (umask 077; openssl rand -hex 32 > " + path + ")");
    }
    if (!S_ISREG(found.st_mode)) {
        throw Error(name + " is no regular file");
    }
    if (!system::isOwn(found.st_uid)) {
        throw Error(name + " belongs to somebody else", "chown root " + path);
    }
    system::requireOwn(what, path);
    if ((found.st_mode & 077U) != 0) {
        throw Error(name + " can be read by others", "chmod 600 " + path + ", and replace what is in it");
    }
    SecureBytes out(kLongest + 2);
    std::size_t size = 0;
    while (size < out.size()) {
        const ssize_t n = ::read(file.get(), out.data() + size, out.size() - size);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            throw Error(name + " cannot be read: " + std::strerror(errno));
        }
        if (n == 0) {
            break;
        }
        size += static_cast<std::size_t>(n);
    }
    if (size > 0 && out[size - 1] == '\n') {
        --size;
    }
    out.resize(size);
    const auto isVisible = [](char c) { return c > ' ' && c <= '~'; };
    if (size < kShortest || size > kLongest || !std::all_of(out.begin(), out.end(), isVisible)) {
        throw Error(name + " does not hold one line of 16 to 4096 visible characters",
                    "make one: (umask 077; openssl rand -hex 32 > " + path + ")");
    }
    return out;
}

bool equalSecrets(std::string_view a, std::string_view b) {
    const auto left = digestOf(a);
    const auto right = digestOf(b);
    return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool bears(std::string_view authorization, std::string_view token) {
    constexpr std::string_view kScheme = "bearer ";
    if (token.empty() || lowerCase(authorization.substr(0, kScheme.size())) != kScheme) {
        return false;
    }
    return equalSecrets(trim(authorization.substr(kScheme.size())), token);
}

}  // namespace vigie::controller
