// Tests controller/server/body.

#include "controller/server/body.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

using State = BodyReader::State;

struct Read {
    State state;
    std::string body;
    std::string rest;
    bool operator==(const Read&) const = default;
};

/// `wire` in pieces of that size.
Read read(BodyReader reader, const std::string& wire, std::size_t piece) {
    std::string pending;
    State state = State::more;
    std::string_view none;
    state = reader.take(none);
    for (std::size_t at = 0; at < wire.size(); at += piece) {
        pending += wire.substr(at, piece);
        std::string_view rest = pending;
        state = reader.take(rest);
        pending = rest;
    }
    return {state, state == State::done ? reader.body : "", state == State::done ? pending : ""};
}

constexpr std::size_t kLimit = 32;

TEST_CASE("a plain HTTP body ends at its Content-Length", "[controller][server]") {
    CHECK(read(BodyReader::plain(3, kLimit), "abcGET /", 100) == Read{State::done, "abc", "GET /"});
    CHECK(read(BodyReader::plain(0, kLimit), "x", 1) == Read{State::done, "", "x"});
    CHECK(read(BodyReader::plain(3, kLimit), "ab", 1).state == State::more);
    CHECK(read(BodyReader::plain(kLimit, kLimit), std::string(kLimit, 'x'), 7).state == State::done);
    CHECK(read(BodyReader::plain(kLimit + 1, kLimit), "", 1).state == State::tooLarge);
    CHECK(read(BodyReader::plain(~std::uint64_t{0}, kLimit), "", 1).state == State::tooLarge);
}

TEST_CASE("a chunked HTTP body is reassembled, and the bytes after it belong to the next request",
          "[controller][server]") {
    for (const auto& [wire, body] : std::vector<std::pair<std::string, std::string>>{
             {"0\r\n\r\n", ""},
             {"000\r\n\r\n", ""},
             {"1\r\na\r\n0\r\n\r\n", "a"},
             {"3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", "abc0123456789"},
             {"3;name=value\r\na\r\n\r\n0;x\r\n\r\n", "a\r\n"},
             {"1\r\na\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n", "a"}}) {
        for (const std::size_t piece : {1U, 2U, 3U, 4U, 5U, 100U}) {
            INFO(wire << " in pieces of " << piece);
            CHECK(read(BodyReader::chunked(kLimit), wire + "GET", piece) == Read{State::done, body, "GET"});
        }
        for (std::size_t size = 0; size < wire.size(); ++size) {
            INFO(wire.substr(0, size));
            CHECK(read(BodyReader::chunked(kLimit), wire.substr(0, size), 1).state == State::more);
        }
    }
}

TEST_CASE("a malformed HTTP chunk is refused however the bytes are split", "[controller][server]") {
    for (const std::string wire : {"-2\r\n",
                                   "+2\r\n",
                                   "0x2\r\nab\r\n",
                                   "\r\n",
                                   ";x\r\n",
                                   "g\r\n",
                                   " 2\r\n",
                                   "2 \r\n",
                                   "2\nab\n",
                                   "2\r\nabc\r\n",
                                   "2\r\nab\n",
                                   "2\r\nab0\r\n",
                                   "2\r\rab",
                                   "1\r\na\r\n-2\r\n",
                                   "0\r\n\n",
                                   "0\n\r\n",
                                   "0\r\nA: b\n\r\n",
                                   "fffffffffffffffff\r\n",
                                   "10000000000000000\r\n",
                                   "2;\x01\r\n"}) {
        for (const std::size_t piece : {1U, 3U, 100U}) {
            INFO(wire);
            CHECK(read(BodyReader::chunked(kLimit), wire, piece).state == State::malformed);
        }
    }
    CHECK(read(BodyReader::chunked(kLimit), "0;" + std::string(1000, 'x'), 100).state == State::malformed);
    CHECK(read(BodyReader::chunked(kLimit), "0\r\n" + std::string(1000, 'x'), 100).state == State::malformed);
    std::string trailers = "0\r\n";
    for (int i = 0; i < 20000; ++i) {
        trailers += "A: b\r\n";
    }
    CHECK(read(BodyReader::chunked(kLimit), trailers, 4096).state == State::malformed);
}

TEST_CASE("a chunked body larger than the limit is refused", "[controller][server]") {
    CHECK(read(BodyReader::chunked(4), "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", 1).state == State::done);
    CHECK(read(BodyReader::chunked(4), "2\r\nab\r\n3\r\n", 1).state == State::tooLarge);
    CHECK(read(BodyReader::chunked(4), "7fffffffffffff\r\n", 1).state == State::tooLarge);
}

TEST_CASE("a body of random bytes is read the same in one piece and in many", "[controller][server]") {
    tests::Dice dice;
    const std::vector<std::string> parts = {"0",  "1",        "2", "a", "\r\n", "\r",
                                            "\n", "\r\n\r\n", ";", "x", "-",    "0\r\n\r\n"};
    for (int i = 0; i < 5000; ++i) {
        std::string wire;
        for (std::size_t n = dice.below(12); n > 0; --n) {
            wire += parts[dice.below(parts.size())];
        }
        INFO(wire);
        const auto whole = read(BodyReader::chunked(kLimit), wire, 1000);
        REQUIRE(read(BodyReader::chunked(kLimit), wire, 1) == whole);
        REQUIRE(read(BodyReader::chunked(kLimit), wire, 3) == whole);
    }
}

}  // namespace
}  // namespace vigie::controller
