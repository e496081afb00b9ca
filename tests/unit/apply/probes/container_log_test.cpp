// Tests apply/container_log: The latest lines that a container wrote, for people to look at.
#include "apply/probes/container_log.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

using system::HttpRequest;
using system::HttpResponse;
using tests::contains;
using Lines = std::vector<std::string>;

/// A piece of stdout (1) or stderr (2) as the engine sends it.
std::string frame(char stream, const std::string& text) {
    const auto size = static_cast<unsigned>(text.size());
    std::string out{stream, 0, 0, 0};
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        out += static_cast<char>(size >> shift & 0xFFU);
    }
    return out + text;
}

class Engine : public tests::FakeHttp {
public:
    explicit Engine(const std::string& logs, const std::string& inspect = R"({"Config":{"Tty":false}})") {
        answer = [logs, inspect](const HttpRequest& request) {
            CHECK(request.timeout <= std::chrono::seconds(3));
            CHECK(request.maxBytes <= (1U << 20U));
            return HttpResponse{200, contains(request.url, "/json") ? inspect : logs};
        };
    }
};

}  // namespace

TEST_CASE("frames of both log streams are joined to text", "[apply][logs]") {
    CHECK(unframed(frame(1, "one\n") + frame(2, "two\n") + frame(1, "")) == "one\ntwo\n");
    CHECK(unframed(frame(1, std::string(70000, 'x'))) == std::string(70000, 'x'));
    CHECK(unframed("").empty());
    CHECK(unframed(std::string(7, '\0')).empty());
    CHECK(unframed(frame(1, "cut off").substr(0, 11)) == "cut");
    CHECK(unframed(std::string("\x01\0\0\0\xff\xff\xff\xff", 8) + "all") == "all");
}

TEST_CASE("a log line is shown without colours and secrets, cut at the length limit", "[apply][logs]") {
    CHECK(shownLogLine("\x1b[31mred\x1b[0m and \x1b(plain\r") == "red and plain");
    CHECK(shownLogLine("a\x1b[") == "a");
    CHECK(shownLogLine("a\x1b") == "a");
    for (const std::string line :
         {"password: hunter2", "pass\x1b[1mword=hunter2", "connect postgres://app:hunter2@db/x"}) {
        INFO(line);
        CHECK_FALSE(contains(shownLogLine(line), "hunter2"));
        CHECK(contains(shownLogLine(line), "***"));
    }
    CHECK(shownLogLine(std::string(100'000, 'x')).size() == kLongestLogLine);
    CHECK(shownLogLine("tab\there") == "tab\there");
}

TEST_CASE("the last lines of a container's log are requested from the engine and masked", "[apply][logs]") {
    Engine http(frame(1, "one\ntw") + frame(1, "o\n") + frame(2, "token: abc\n"));
    CHECK(lastLogLines("abc", 50, http) == Lines{"one", "two", "token: ***"});
    CHECK(http.requests == Lines{"GET http://docker/containers/abc/json",
                                 "GET http://docker/containers/abc/logs?stdout=1&stderr=1&tail=50"});
    Engine few(frame(1, "1\n2\n3\n4"));
    CHECK(lastLogLines("abc", 2, few) == Lines{"3", "4"});
    Engine none("");
    CHECK(lastLogLines("abc", 2, none).empty());
}

TEST_CASE("the log of a container with a terminal is read without frames", "[apply][logs]") {
    Engine http("one\r\ntwo\r\n", R"({"Config":{"Tty":true}})");
    CHECK(lastLogLines("abc", 50, http) == Lines{"one", "two"});
}

TEST_CASE("when log lines are too long for the size limit, fewer lines are requested", "[apply][logs]") {
    Engine http("");
    http.answer = [](const HttpRequest& request) {
        if (contains(request.url, "/json")) {
            return HttpResponse{200, "{}"};
        }
        if (!contains(request.url, "tail=6")) {
            throw Error("the answer is larger than 1048576 bytes");
        }
        return HttpResponse{200, frame(1, "long\n")};
    };
    CHECK(lastLogLines("abc", 50, http) == Lines{"long"});
    http.answer = [](const HttpRequest& request) {
        return contains(request.url, "/json") ? HttpResponse{200, "{}"} : throw Error("too large");
    };
    CHECK_THROWS_AS(lastLogLines("abc", 500, http), Error);
}

TEST_CASE("an engine that cannot read a container's log is an error with the engine's reason",
          "[apply][logs]") {
    Engine http("");
    http.answer = [](const HttpRequest& request) {
        return contains(request.url, "/json")
                   ? HttpResponse{200, "{}"}
                   : HttpResponse{501, R"({"message":"configured logging driver does not support reading"})"};
    };
    try {
        (void)lastLogLines("abc", 50, http);
        FAIL("it answered");
    } catch (const Error& error) {
        CHECK(contains(error.what(), "configured logging driver does not support reading"));
    }
}

}  // namespace vigie::apply
