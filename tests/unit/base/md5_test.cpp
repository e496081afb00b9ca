// Tests base/md5: MD5, for what other programs name by it.

#include "base/md5.hpp"

#include "base/encoding.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace vigie {
namespace {

std::string hex(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const auto byte : md5(text)) {
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    }
    return out;
}

TEST_CASE("MD5 matches the test vectors of RFC 1321", "[base]") {
    CHECK(hex("") == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(hex("abc") == "900150983cd24fb0d6963f7d28e17f72");
    CHECK(hex("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
          "d174ab98d277d9f5a5611c2c9f419d9f");
    CHECK(hex("1234567890123456789012345678901234567890123456789012345678901234567890123456789"
              "0") == "57edf4a22be3c955ac49da2e2107b67a");
}

}  // namespace
}  // namespace vigie
