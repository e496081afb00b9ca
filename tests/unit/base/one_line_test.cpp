// Tests base/one_line: Untrusted text as lines of a log or of a terminal.

#include "base/one_line.hpp"

#include "base/text.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace vigie {

TEST_CASE("untrusted text becomes one line of bounded length", "[base]") {
    CHECK(oneLine("", 5).empty());
    CHECK(oneLine("hello", 5) == "hello");
    CHECK(oneLine("hello!", 5) == "hell…");
    CHECK(oneLine("a\nb\x1b[31m", 20) == "a\\x0ab\\x1b[31m");
    CHECK(oneLine("caf\xe9 \xc3\xa9", 20) == "caf\\xe9 é");
    CHECK(oneLine("ééééé", 5) == "ééééé");
    CHECK(oneLine("éééééé", 5) == "éééé…");
    CHECK(oneLine("a😀😀😀😀", 5) == "a😀😀😀😀");
    CHECK(oneLine("a😀😀😀😀😀", 5) == "a😀😀😀…");
}

TEST_CASE("long text of any bytes becomes one line of valid text", "[base]") {
    for (const std::string part : {"x", "\xff", "é", "\xf0\x9f", "\n", "😀"}) {
        std::string text;
        for (int n = 0; n < 3000; ++n) {
            text += part;
        }
        const auto line = oneLine(text, 200);
        CHECK(findNonText(line) == std::string::npos);
        CHECK(line.size() <= 4 * 200);
        CHECK(line.find('\n') == std::string::npos);
        CHECK(line.substr(line.size() - 3) == "…");
    }
}

}  // namespace vigie
