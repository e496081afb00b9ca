// Tests base/password: The forms in which PostgreSQL and PgBouncer keep passwords.

#include "base/password.hpp"

#include "base/encoding.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <sodium.h>

#include <array>

namespace vigie {
namespace {

std::string md5(std::string_view text) {
    return std::string(view(md5Hex(text)));
}

std::string hmac(std::string_view key, std::string_view message) {
    const auto bytes = [](std::string_view text) {
        return reinterpret_cast<const unsigned char*>(text.data());
    };
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes(key), key.size());
    crypto_auth_hmacsha256_update(&state, bytes(message), message.size());
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> out{};
    crypto_auth_hmacsha256_final(&state, out.data());
    return {reinterpret_cast<const char*>(out.data()), out.size()};
}

TEST_CASE("the MD5 of password hashes matches the test vectors of RFC 1321", "[base][password]") {
    CHECK(md5("") == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(md5("abc") == "900150983cd24fb0d6963f7d28e17f72");
    CHECK(md5("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
          "d174ab98d277d9f5a5611c2c9f419d9f");
    CHECK(md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890") ==
          "57edf4a22be3c955ac49da2e2107b67a");
    // Around the length of a block with its padding.
    CHECK(md5(std::string(55, 'a')) == "ef1772b6dff9a122358552954ad0df65");
    CHECK(md5(std::string(56, 'a')) == "3b0c8ac703f828b04c6c197006d17218");
    CHECK(md5(std::string(64, 'a')) == "014842d480b571495a4a0363793f7367");
}

TEST_CASE("PBKDF2 matches the test vectors of RFC 7914", "[base][password]") {
    CHECK(hexEncode(view(pbkdf2Sha256("passwd", "salt", 1))) ==
          "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
    CHECK(hexEncode(view(pbkdf2Sha256("Password", "NaCl", 80000))) ==
          "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
}

TEST_CASE("a verifier of SCRAM-SHA-256 proves the exchange of RFC 7677", "[base][password]") {
    const std::string encodedSalt = "W22ZaJ0SNY7soEsUEjb6gQ==";
    const std::string verifier(view(scramSha256("pencil", view(*base64Decode(encodedSalt)), 4096)));
    const std::string prefix = "SCRAM-SHA-256$4096:" + encodedSalt + "$";
    REQUIRE(verifier.substr(0, prefix.size()) == prefix);
    const auto colon = verifier.find(':', prefix.size());
    const auto storedKey = *base64Decode(verifier.substr(prefix.size(), colon - prefix.size()));
    const auto serverKey = *base64Decode(verifier.substr(colon + 1));
    const std::string nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const std::string exchange =
        "n=user,r=rOprNGfwEbeRWgbNEkqO,r=" + nonce + ",s=" + encodedSalt + ",i=4096,c=biws,r=" + nonce;
    CHECK(base64Encode(hmac(view(serverKey), exchange)) == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    // What the client proves is its key, of which the stored key is the hash.
    std::string clientKey = hmac(view(storedKey), exchange);
    const auto proof = *base64Decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    for (std::size_t i = 0; i < clientKey.size(); ++i) {
        clientKey[i] = static_cast<char>(clientKey[i] ^ proof[i]);
    }
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(clientKey.data()),
                       clientKey.size());
    CHECK(std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()) == view(storedKey));
}

TEST_CASE("PostgreSQL's md5 hashes the password followed by the user", "[base][password]") {
    CHECK(view(postgresMd5("stats", "p@ss")) == "md5" + md5("p@ssstats"));
}

}  // namespace
}  // namespace vigie
