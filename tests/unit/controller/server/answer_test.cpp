// Tests controller/server/answer.

#include "controller/server/answer.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

constexpr std::int64_t kNow = 784111777;  // the example of RFC 9110, section 5.6.7

TEST_CASE("a response has its content headers and the security headers", "[controller][server]") {
    const auto text = answerHead({200, "text/html", "abc", {}}, true, kNow);
    CHECK(text.rfind("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 0) == 0);
    for (const char* line : {"Content-Length: 3\r\n", "Content-Type: text/html\r\n",
                             "Connection: keep-alive\r\n", "X-Content-Type-Options: nosniff\r\n",
                             "Cache-Control: no-store\r\n", "default-src 'self'", "frame-ancestors 'none'"}) {
        INFO(line);
        CHECK(tests::contains(text, line));
    }
    CHECK(text.substr(text.size() - 4) == "\r\n\r\n");
    CHECK(tests::contains(answerHead({400, "a", "", {}}, false, kNow), "Connection: close\r\n"));
}

TEST_CASE("a handler's own header replaces the default one", "[controller][server]") {
    const auto text = answerHead({200, "text/css", "", {{"cache-control", "max-age=60"}}}, true, kNow);
    CHECK(tests::contains(text, "cache-control: max-age=60\r\n"));
    CHECK_FALSE(tests::contains(text, "no-store"));
}

TEST_CASE("a header with a line break is refused", "[controller][server]") {
    for (const std::string bad : {"a\r\nSet-Cookie: b", "a\nb", "a\rb"}) {
        CHECK_THROWS_AS(answerHead({200, "a", "", {{"X", bad}}}, true, kNow), std::logic_error);
        CHECK_THROWS_AS(answerHead({200, "a", "", {{bad, "x"}}}, true, kNow), std::logic_error);
        CHECK_THROWS_AS(answerHead({200, bad, "", {}}, true, kNow), std::logic_error);
    }
}

TEST_CASE("a response without content has no body and no length", "[controller][server]") {
    CHECK_FALSE(tests::contains(answerHead({204, "", "", {}}, true, kNow), "Content-Length"));
    CHECK_FALSE(hasAnswerBody(204, "GET"));
    CHECK_FALSE(hasAnswerBody(200, "HEAD"));
    CHECK(hasAnswerBody(404, "POST"));
}

}  // namespace
}  // namespace vigie::controller
