// Tests base/encoding: Hexadecimal, base64 and percent encoding.

#include "base/encoding.hpp"

#include "base/hash.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie {
namespace {

std::string percent(std::string_view text) {
    SecureBytes out;
    appendPercentEncoded(out, text);
    return std::string(view(out));
}

std::string everyByte() {
    std::string out;
    for (int c = 0; c < 256; ++c) {
        out += static_cast<char>(c);
    }
    return out;
}

TEST_CASE("base64 decodes to the bytes that were encoded", "[base]") {
    const std::string bytes = everyByte();
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const auto back = base64Decode(base64Encode(bytes.substr(0, size)));
        REQUIRE(back);
        CHECK(view(*back) == bytes.substr(0, size));
    }
}

TEST_CASE("base64 matches the test vectors of RFC 4648", "[base]") {
    CHECK(base64Encode("f") == "Zg==");
    CHECK(base64Encode("fo") == "Zm8=");
    CHECK(base64Encode("foobar") == "Zm9vYmFy");
}

TEST_CASE("base64 that differs from the canonical encoding is refused", "[base]") {
    for (const char* text : {"Zg", "Zg=", "Zg===", "Zg==\n", " Zg==", "Z g==", "Zh==", "Zm9=", "=",
                             "====", "Zg==Zg==", "Zm8_", "Zm8-", "Z"}) {
        INFO(text);
        CHECK_FALSE(base64Decode(text));
    }
}

TEST_CASE("no two base64 texts decode to the same bytes", "[base]") {
    tests::Dice dice;
    const std::string alphabet = "ABab01+/=";
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (std::size_t n = dice.below(9); n > 0; --n) {
            text += alphabet[dice.below(alphabet.size())];
        }
        if (const auto bytes = base64Decode(text)) {
            REQUIRE(base64Encode(view(*bytes)) == text);
        }
    }
}

TEST_CASE("percent encoding leaves exactly the unreserved characters unchanged", "[base]") {
    CHECK(percent("p@s s/w#x%1") == "p%40s%20s%2Fw%23x%251");
    CHECK(percent("AZaz09-._~") == "AZaz09-._~");
    CHECK(percent("$:é") == "%24%3A%C3%A9");
    for (const char c : percent(everyByte())) {
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        CHECK((plain || std::string_view("-._~%").find(c) != std::string_view::npos));
    }
}

TEST_CASE("hexadecimal encoding is in lower case with two digits per byte", "[base]") {
    CHECK(hexEncode(std::string_view("\0\x0f\xff", 3)) == "000fff");
}

TEST_CASE("SHA-256 matches the test vectors of FIPS 180", "[base]") {
    CHECK(sha256Hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("the same text split into other fields has another hash", "[base]") {
    CHECK(Sha256().field("ab").field("c").hex() != Sha256().field("a").field("bc").hex());
    CHECK(Sha256().field("").field("a").hex() != Sha256().field("a").field("").hex());
    CHECK(Sha256().field("a").hex() != Sha256().field("a").field("").hex());
    CHECK(Sha256().field("1:a").hex() != Sha256().field("1").field("a").hex());
    CHECK(Sha256().update("a").update("b").hex() == sha256Hex("ab"));
}

TEST_CASE("base64 that is appended to wiped memory is the same base64", "[base]") {
    for (const char* text : {"", "a", "ab", "abc", "\xff\xfe"}) {
        auto out = secureBytes("x");
        appendBase64(out, text);
        CHECK(view(out) == "x" + base64Encode(text));
    }
}

TEST_CASE("base64 with a non-ASCII byte is refused", "[base]") {
    const std::string text = "+/+/";
    CHECK(base64Decode(text));
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ '\x80');
        CHECK_FALSE(base64Decode(changed));
    }
}

}  // namespace
}  // namespace vigie
