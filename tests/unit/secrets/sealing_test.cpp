// Tests secrets/sealing: Seals a secret for one host, bound to its name and its stack.

#include "secrets/sealing.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::secrets {
namespace {

const SealingContext kPlace{"moments", "smtp", "vm"};

TEST_CASE("a value sealed for a host is opened by that host", "[secrets]") {
    const Identity identity = generateIdentity();
    for (const std::string& value :
         {std::string(), std::string("p@s s/w#x%1"), std::string("\0\xff\n", 3), std::string(100'000, 'x')}) {
        CHECK(view(open(seal(value, kPlace, identity.publicKey), kPlace, identity)) == value);
    }
}

TEST_CASE("sealing a value twice gives different ciphertexts that do not contain it", "[secrets]") {
    const Identity identity = generateIdentity();
    const auto one = seal("hunter2hunter2", kPlace, identity.publicKey);
    const auto two = seal("hunter2hunter2", kPlace, identity.publicKey);
    CHECK(one != two);
    CHECK(secretId(one) != secretId(two));
    CHECK_FALSE(tests::contains(view(*base64Decode(one)), "hunter2"));
}

TEST_CASE("a ciphertext opens only for its stack, secret and host", "[secrets]") {
    const Identity identity = generateIdentity();
    const auto sealed = seal("value", kPlace, identity.publicKey);
    for (const SealingContext& other :
         {SealingContext{"Moments", "smtp", "vm"}, SealingContext{"moments", "smtq", "vm"},
          SealingContext{"moments", "smtp", "vps"}, SealingContext{"momentss", "mtp", "vm"},
          SealingContext{"moments", "smtpv", "m"}, SealingContext{"moments", "smtp", "vmv"},
          SealingContext{"", "", ""}}) {
        INFO(other.stack << " " << other.secret << " " << other.host);
        CHECK_THROWS_AS(open(sealed, other, identity), Error);
    }
}

TEST_CASE("a ciphertext cannot be opened with another host's identity", "[secrets]") {
    const auto sealed = seal("value", kPlace, generateIdentity().publicKey);
    CHECK_THROWS_AS(open(sealed, kPlace, generateIdentity()), Error);
}

TEST_CASE("a ciphertext with a changed or missing byte cannot be opened", "[secrets]") {
    const Identity identity = generateIdentity();
    const std::string box(view(*base64Decode(seal("value", kPlace, identity.publicKey))));
    for (std::size_t i = 0; i < box.size(); ++i) {
        std::string damaged = box;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        CHECK_THROWS_AS(open(base64Encode(damaged), kPlace, identity), Error);
        CHECK_THROWS_AS(open(base64Encode(box.substr(0, i)), kPlace, identity), Error);
    }
    CHECK_THROWS_AS(open("not base64", kPlace, identity), Error);
}

TEST_CASE("an error from opening a ciphertext names the secret and never its value", "[secrets]") {
    const Identity identity = generateIdentity();
    const auto sealed = seal("hunter2", kPlace, identity.publicKey);
    try {
        open(sealed, {"other", "smtp", "vm"}, identity);
        FAIL("opened");
    } catch (const Error& error) {
        CHECK(tests::contains(error.what(), "`smtp`"));
        CHECK_FALSE(tests::contains(error.what() + error.hint(), "hunter2"));
    }
}

TEST_CASE("sealing to an invalid public key is refused", "[secrets]") {
    CHECK_THROWS_AS(seal("value", kPlace, ""), Error);
    CHECK_THROWS_AS(seal("value", kPlace, base64Encode(std::string(31, 'x'))), Error);
}

TEST_CASE("an identity is read back from its file", "[secrets]") {
    const Identity identity = generateIdentity();
    const auto file = encodeIdentity(identity);
    CHECK(view(file).substr(0, 17) == "vigie-identity-1 ");
    const Identity back = decodeIdentity(view(file));
    CHECK(back.secretKey == identity.secretKey);
    CHECK(back.publicKey == identity.publicKey);
    CHECK(generateIdentity().publicKey != identity.publicKey);
}

TEST_CASE("a malformed identity file is refused", "[secrets]") {
    const std::string good(view(encodeIdentity(generateIdentity())));
    for (const std::string& text :
         {std::string(), std::string("vigie-identity-1 "), good.substr(17), good + good,
          "vigie-identity-2 " + good.substr(17), good.substr(0, good.size() - 4)}) {
        CHECK_THROWS_AS(decodeIdentity(text), Error);
    }
}

std::string unhex(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return out;
}

TEST_CASE("WireGuard public keys match RFC 7748, section 6.1", "[secrets]") {
    const auto alice = wireguardKeyFrom(
        base64Encode(unhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")));
    CHECK(hexEncode(view(*base64Decode(alice.publicKey))) ==
          "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    const auto bob = wireguardKeyFrom(
        base64Encode(unhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")));
    CHECK(hexEncode(view(*base64Decode(bob.publicKey))) ==
          "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

TEST_CASE("a generated private key is clamped and read back unchanged", "[secrets]") {
    const auto check = [](const WireguardKey& key) {
        const auto bytes = *base64Decode(view(key.privateKey));
        CHECK((static_cast<unsigned char>(bytes[0]) & 7U) == 0);
        CHECK((static_cast<unsigned char>(bytes[31]) & 0xC0U) == 0x40);
        const auto again = wireguardKeyFrom(view(key.privateKey));
        CHECK(again.privateKey == key.privateKey);
        CHECK(again.publicKey == key.publicKey);
    };
    for (int i = 0; i < 20; ++i) {
        check(generateWireguardKey());
    }
    check(wireguardKeyFrom(base64Encode(std::string(32, '\xff'))));
    check(wireguardKeyFrom(base64Encode(std::string(32, '\0')) + "\n"));
}

TEST_CASE("an invalid private key is refused without being quoted", "[secrets]") {
    try {
        wireguardKeyFrom("hunter2");
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK_FALSE(tests::contains(error.what() + error.hint(), "hunter2"));
    }
    CHECK_THROWS_AS(wireguardKeyFrom(base64Encode(std::string(33, 'x'))), Error);
}

}  // namespace
}  // namespace vigie::secrets
