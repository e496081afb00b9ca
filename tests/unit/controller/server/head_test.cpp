// Tests controller/server/head.

#include "controller/server/head.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

using State = HeadScanner::State;

State scan(const std::string& bytes, std::size_t piece) {
    HeadScanner scanner;
    State state = State::more;
    for (std::size_t size = std::min(piece, bytes.size()); state == State::more;
         size = std::min(size + piece, bytes.size())) {
        state = scanner.scan(std::string_view(bytes).substr(0, size));
        if (size == bytes.size()) {
            break;
        }
    }
    return state;
}

/// Status 0: a request.
int statusOf(const std::string& bytes, const Limits& limits = {}) {
    HeadScanner scanner;
    if (scanner.scan(bytes) != State::complete) {
        return -1;
    }
    const auto parsed = parseHead(std::string_view(bytes).substr(0, scanner.size()), limits);
    const auto* refused = std::get_if<HttpResponse>(&parsed);
    return refused == nullptr ? 0 : refused->status;
}

Head parsed(const std::string& bytes) {
    auto out = parseHead(bytes, {});
    REQUIRE(std::holds_alternative<Head>(out));
    return std::get<Head>(std::move(out));
}

std::string with(const std::string& fields, const std::string& line = "POST /a HTTP/1.1") {
    return line + "\r\nHost: a\r\n" + fields + "\r\n";
}

TEST_CASE("the end of an HTTP head is found however the bytes are split", "[controller][server]") {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (std::size_t piece = 1; piece <= head.size(); ++piece) {
        CHECK(scan(head + "next", piece) == State::complete);
    }
    HeadScanner scanner;
    scanner.scan(head + "next");
    CHECK(scanner.size() == head.size());
    for (std::size_t size = 0; size < head.size(); ++size) {
        CHECK(scan(head.substr(0, size), 1) == State::more);
    }
}

TEST_CASE("an HTTP head that no later byte could make valid is refused at once", "[controller][server]") {
    for (const std::string bytes :
         {"\n", " GET", "\tGET", "\x16\x03\x01", "1", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\r",
          "GET / HTTP/1.1\rHost", "GET / HTTP/1.1\r\n Host", "GET / HTTP/1.1\r\n\tHost",
          "GET / HTTP/1.1\r\nHost: a\r\n folded", "GET /\x01", "GET / HTTP/1.1\r\nHost: a\r\nA: b\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\n\n", "GET /\x7f"}) {
        INFO(bytes);
        CHECK(scan(bytes, 1) == State::malformed);
        CHECK(scan(bytes, 100) == State::malformed);
    }
    CHECK(scan(std::string("GET /\0", 6), 100) == State::malformed);
}

TEST_CASE("an HTTP head is parsed into method, path, query, headers and length", "[controller][server]") {
    const auto head = parsed(
        "POST /a/b?c=d HTTP/1.1\r\nHost: [::1]:9469\r\nX-One: 1\r\nx-one: 2\r\nContent-Length: 5\r\n\r\n");
    CHECK(head.request.method == "POST");
    CHECK(head.request.path == "/a/b");
    CHECK(head.request.query.at("c") == "d");
    CHECK(head.request.headers.at("x-one") == "1, 2");
    CHECK(head.length == 5);
    CHECK_FALSE(head.chunked);
    CHECK(head.keepAlive);
    CHECK_FALSE(head.request.mayChange);
    CHECK(parsed("GET http://A:1/x HTTP/1.1\r\nHost: a:1\r\n\r\n").request.path == "/x");
    CHECK(parsed("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").request.path == "/");
    CHECK(parsed("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").request.path == "*");
}

TEST_CASE("a connection is kept alive only if neither HTTP version nor headers say otherwise",
          "[controller][server]") {
    CHECK_FALSE(parsed(with("Connection: close\r\n")).keepAlive);
    CHECK_FALSE(parsed(with("Connection: x, Close\r\n")).keepAlive);
    CHECK_FALSE(parsed("GET / HTTP/1.0\r\n\r\n").keepAlive);
    CHECK(parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keepAlive);
}

TEST_CASE("a request with ambiguous or conflicting length headers is refused", "[controller][server]") {
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    const std::string length = "Content-Length: 5\r\n";
    CHECK(statusOf(with(chunked)) == 0);
    CHECK(statusOf(with(length)) == 0);
    for (const auto& fields : {chunked + length,
                               length + chunked,
                               length + length,
                               length + "Content-Length: 6\r\n",
                               chunked + chunked,
                               std::string("Content-Length: 5, 5\r\n"),
                               std::string("Content-Length: +5\r\n"),
                               std::string("Content-Length: -5\r\n"),
                               std::string("Content-Length: 0x5\r\n"),
                               std::string("Content-Length: 5 5\r\n"),
                               std::string("Content-Length:\r\n"),
                               std::string("Content-Length: 99999999999999999999\r\n"),
                               std::string("Content-Length : 5\r\n"),
                               std::string("Host: b\r\n"),
                               std::string("Transfer-Encoding : chunked\r\n"),
                               std::string("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"),
                               std::string("Authorization: a\r\nAuthorization: b\r\n"),
                               std::string(": x\r\n"),
                               std::string("A\r\n"),
                               std::string("A b: c\r\n")}) {
        INFO(fields);
        CHECK(statusOf(with(fields)) == 400);
    }
    for (const std::string coding :
         {"gzip", "gzip, chunked", "chunked, chunked", "xchunked", "identity", "\"chunked\""}) {
        INFO(coding);
        CHECK(statusOf(with("Transfer-Encoding: " + coding + "\r\n")) == 501);
    }
    CHECK(statusOf(with(chunked, "POST / HTTP/1.0")) == 400);
    CHECK(statusOf(with("Transfer-Encoding:\x0b"
                        "chunked\r\n")) == -1);
}

TEST_CASE("a malformed request line or Host header is refused with the right status",
          "[controller][server]") {
    CHECK(statusOf("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505);
    CHECK(statusOf("GET / HTTP/1.2\r\nHost: a\r\n\r\n") == 505);
    CHECK(statusOf("GET /\r\n\r\n") == 400);
    CHECK(statusOf("GET  / HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(statusOf("G@T / HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(statusOf("GET / HTTP/1.1\r\n\r\n") == 400);
    CHECK(statusOf("GET / HTTP/1.0\r\n\r\n") == 0);
    CHECK(statusOf("GET / HTTP/1.1\r\nHost:\r\n\r\n") == 400);
    CHECK(statusOf("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n") == 400);
    CHECK(statusOf("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n") == 400);
    CHECK(statusOf("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(statusOf("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(statusOf("GET * HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(statusOf("GET /../etc HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(statusOf(with("Expect: 100-continue\r\n")) == 0);
    CHECK(statusOf(with("Expect: tea\r\n")) == 417);
}

TEST_CASE("an HTTP head with too many fields is answered 431, one with a too long path 414",
          "[controller][server]") {
    Limits limits;
    limits.headerFields = 3;
    limits.targetBytes = 10;
    CHECK(statusOf(with("A: 1\r\nB: 2\r\n"), limits) == 0);
    CHECK(statusOf(with("A: 1\r\nA: 2\r\nA: 3\r\n"), limits) == 431);
    CHECK(statusOf("GET /" + std::string(9, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits) == 0);
    CHECK(statusOf("GET /" + std::string(10, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits) == 414);
    CHECK(statusOf(with("A: " + std::string(16000, 'x') + "\r\n")) == 0);
}

}  // namespace
}  // namespace vigie::controller
