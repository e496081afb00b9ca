// Tests controller/engine_events.

#include "controller/engine_events.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

// As Docker 20.10 sends them; attributes that do not matter are left out.
constexpr const char* kDie =
    R"({"status":"die","id":"4f6","from":"prom/prometheus:v3.5.0","Type":"container","Action":"die","Actor":{"ID":"4f6","Attributes":{"com.docker.compose.project":"monitoring","com.docker.compose.service":"prometheus","exitCode":"137","image":"prom/prometheus:v3.5.0","name":"monitoring-prometheus-1"}},"scope":"local","time":1732650000,"timeNano":1732650000123456789})"
    "\n";
constexpr const char* kHealth =
    R"({"status":"health_status: unhealthy","id":"7aa","from":"web","Type":"container","Action":"health_status: unhealthy","Actor":{"ID":"7aa","Attributes":{"com.docker.compose.project":"shop","com.docker.compose.service":"web"}},"scope":"local","time":1732650001})"
    "\n";
constexpr const char* kForeign =
    R"({"status":"start","id":"9","Type":"container","Action":"start","Actor":{"ID":"9","Attributes":{"name":"mine"}},"time":1})"
    "\n";
constexpr const char* kNetwork =
    R"({"Type":"network","Action":"connect","Actor":{"ID":"1","Attributes":{}},"time":1})"
    "\n";
constexpr const char* kHeader =
    "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nTransfer-Encoding: "
    "chunked\r\n\r\n";

std::string chunk(const std::string& text) {
    std::string size;
    for (auto n = text.size(); n != 0; n /= 16) {
        size.insert(0, 1, "0123456789abcdef"[n % 16]);
    }
    return size + "\r\n" + text + "\r\n";
}

const std::vector<EngineEvent> kExpected{
    {"die", "monitoring", "prometheus"}, {"health_status: unhealthy", "shop", "web"}, {"start", "", ""}};

TEST_CASE("engine events are parsed the same wherever the answer is split", "[controller][engine]") {
    const std::string whole =
        kHeader + chunk(kDie) + chunk(std::string(kNetwork) + kHealth) + chunk(kForeign);
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        EngineEventParser parser;
        auto events = parser.feed(std::string_view(whole).substr(0, cut));
        CHECK(parser.established() == (cut >= std::string(kHeader).size()));
        for (const auto& each : parser.feed(std::string_view(whole).substr(cut))) {
            events.push_back(each);
        }
        CHECK(events == kExpected);
    }
    EngineEventParser byByte;
    std::vector<EngineEvent> events;
    for (const char c : whole) {
        for (const auto& each : byByte.feed({&c, 1})) {
            events.push_back(each);
        }
    }
    CHECK(events == kExpected);
}

TEST_CASE("engine events without chunked encoding or across two chunks are parsed", "[controller][engine]") {
    EngineEventParser plain;
    CHECK(plain.feed(std::string("HTTP/1.0 200 OK\r\n\r\n") + kDie).size() == 1);
    EngineEventParser halves;
    const std::string die = kDie;
    CHECK(halves.feed(kHeader + chunk(die.substr(0, 40)) + chunk(die.substr(40))).size() == 1);
}

TEST_CASE("a line that is no engine event is skipped", "[controller][engine]") {
    EngineEventParser parser;
    CHECK(parser.feed(kHeader + chunk("{\"Type\":\n") + chunk("[]\n7\n") + chunk(kDie)).size() == 1);
    EngineEventParser odd;
    CHECK(odd.feed(kHeader + chunk(R"({"Type":"container","Action":7,"Actor":[]})"
                                   "\n"))
              .front() == EngineEvent{});
}

TEST_CASE("a malformed or unbounded answer of the engine is refused", "[controller][engine]") {
    const auto feed = [](const std::string& text) { EngineEventParser().feed(text); };
    CHECK_THROWS_AS(feed("HTTP/1.1 404 Not Found\r\n\r\n"), Error);
    CHECK_THROWS_AS(feed("SSH-2.0-OpenSSH\r\n\r\n"), Error);
    CHECK_THROWS_AS(feed(kHeader + std::string("-2\r\n")), Error);
    CHECK_THROWS_AS(feed(kHeader + std::string("zz\r\n")), Error);
    CHECK_THROWS_AS(feed(kHeader + std::string("\r\n")), Error);
    CHECK_THROWS_AS(feed(kHeader + std::string("ffffffffffffffffff\r\n")), Error);
    CHECK_THROWS_AS(feed(kHeader + std::string("0\r\n")), Error);
    CHECK_THROWS_AS(feed(std::string(1U << 20U, 'x')), Error);
    CHECK_THROWS_AS(feed(kHeader + chunk(std::string(2U << 20U, 'x'))), Error);
}

TEST_CASE("an engine that is not there is an error", "[controller][engine]") {
    const tests::TemporaryDirectory directory;
    CHECK_THROWS_AS(EngineStream(directory.path + "/none.sock"), Error);
    CHECK_THROWS_AS(EngineStream(std::string(200, 'x')), Error);
}

}  // namespace
}  // namespace vigie::controller
