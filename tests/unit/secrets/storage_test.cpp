// Tests secrets/storage: Encrypts what a host keeps for itself.

#include "secrets/storage.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <set>

namespace vigie::secrets {
namespace {

TEST_CASE("a value encrypted with the storage key is decrypted with it", "[secrets]") {
    const auto key = generateStorageKey();
    for (const std::string& plain :
         {std::string(), std::string("p@s s/w#x%1"), std::string("\0\xff\n", 3), std::string(100'000, 'x')}) {
        CHECK(view(decrypt(encrypt(plain, key), key)) == plain);
    }
}

TEST_CASE("an encrypted value with a byte changed, missing or added is refused", "[secrets]") {
    const auto key = generateStorageKey();
    const std::string box = encrypt("hunter2", key);
    for (std::size_t i = 0; i < box.size(); ++i) {
        for (const int bit : {1, 0x80}) {
            std::string damaged = box;
            damaged[i] = static_cast<char>(damaged[i] ^ bit);
            CHECK_THROWS_AS(decrypt(damaged, key), Error);
        }
        CHECK_THROWS_AS(decrypt(box.substr(0, i), key), Error);
    }
    CHECK_THROWS_AS(decrypt(box + '\0', key), Error);
}

TEST_CASE("decrypting with another host's storage key is refused with a hint and without the value",
          "[secrets]") {
    const std::string box = encrypt("hunter2", generateStorageKey());
    try {
        decrypt(box, generateStorageKey());
        FAIL("decrypted");
    } catch (const Error& error) {
        CHECK(tests::contains(error.hint(), "two hosts"));
        CHECK_FALSE(tests::contains(error.what() + error.hint(), "hunter2"));
    }
}

TEST_CASE("every encryption of a value and every generated key is different", "[secrets]") {
    constexpr std::size_t kNonce = 24;
    const auto key = generateStorageKey();
    std::set<std::string> nonces;
    std::set<std::string> bodies;
    std::set<std::string> keys;
    for (int i = 0; i < 100; ++i) {
        const std::string box = encrypt("the same text", key);
        nonces.insert(box.substr(0, kNonce));
        bodies.insert(box.substr(kNonce));
        keys.insert(std::string(view(generateStorageKey())));
    }
    CHECK(nonces.size() == 100);
    CHECK(bodies.size() == 100);
    CHECK(keys.size() == 100);
}

TEST_CASE("an encrypted value contains no part of its plain text", "[secrets]") {
    const std::string plain = "hunter2hunter2hunter2";
    const std::string box = encrypt(plain, generateStorageKey());
    for (std::size_t i = 0; i + 4 <= plain.size(); ++i) {
        CHECK_FALSE(tests::contains(box, plain.substr(i, 4)));
    }
}

TEST_CASE("a storage key of the wrong length is refused", "[secrets]") {
    const std::string box = encrypt("x", generateStorageKey());
    for (const std::size_t size : {0U, 1U, 31U, 33U}) {
        const SecureBytes key(size, 'k');
        CHECK_THROWS_AS(encrypt("x", key), Error);
        CHECK_THROWS_AS(decrypt(box, key), Error);
    }
}

}  // namespace
}  // namespace vigie::secrets
