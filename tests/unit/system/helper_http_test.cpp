// Tests system/helper_http: HTTP by the helper program vigie-http.

#include "system/helper_http.hpp"

#include "base/error.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace vigie::system {
namespace {

using nlohmann::json;

const std::vector<HttpRequest> kBoth{{"GET", "http://127.0.0.1:1/a", {}},
                                     {"GET", "http://127.0.0.1:1/b", {}}};

/// A helper that prints `answer` to whatever it is asked.
struct Helper {
    explicit Helper(std::string answer) {
        processes.answer = [this, answer = std::move(answer)](const Command& command) {
            asked = json::parse(command.input);
            timeout = command.timeout;
            return ProcessResult{0, false, answer, {}};
        };
    }
    MemoryProcesses processes;
    HelperHttp http{processes, "/vigie-http"};
    json asked;
    std::chrono::milliseconds timeout{0};
};

TEST_CASE("several HTTP requests are sent by one helper process, with the sum of their timeouts",
          "[system]") {
    Helper helper(R"([{"status":200,"body":"A"},{"status":404,"body":"B"}])");
    const auto answers = helper.http.sendAll(kBoth);
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].body == "A");
    CHECK(answers[1].status == 404);
    CHECK(helper.processes.commands.size() == 1);
    CHECK(helper.asked.size() == 2);
    CHECK(helper.asked[1]["url"] == "http://127.0.0.1:1/b");
    CHECK(helper.timeout == kBoth[0].timeout + kBoth[1].timeout);
}

TEST_CASE("an address of another host is asked only by who means another host", "[system]") {
    Helper helper(R"([{"status":200,"body":"A"}])");
    HttpRequest request{"GET", "http://203.0.113.10:9469/api/v1/status", {}};
    CHECK_THROWS_WITH(
        helper.http.send(request),
        "GET http://203.0.113.10:9469/api/v1/status: 203.0.113.10 is not an address of this host");
    CHECK(helper.processes.commands.empty());
    request.ofOtherHost = true;
    CHECK(helper.http.send(request).body == "A");
}

TEST_CASE("the first HTTP request without an answer is the error", "[system]") {
    Helper helper(R"([{"status":200,"body":"A"},{"error":"refused"}])");
    CHECK_THROWS_WITH(helper.http.sendAll(kBoth), "GET http://127.0.0.1:1/b: refused");
}

TEST_CASE("an HTTP helper with too few answers is a fault of the helper, not of the server", "[system]") {
    for (const char* answer : {"", "{}", "[]", R"([{"status":200,"body":"A"}])"}) {
        Helper helper(answer);
        CHECK_THROWS_AS(helper.http.sendAll(kBoth), std::runtime_error);
        try {
            helper.http.sendAll(kBoth);
        } catch (const std::exception& error) {
            CHECK(dynamic_cast<const Error*>(&error) == nullptr);
        }
    }
}

TEST_CASE("no HTTP request is sent if one of them would leave the host", "[system]") {
    Helper helper("[]");
    CHECK_THROWS_AS(helper.http.sendAll({kBoth[0], {"GET", "http://203.0.113.9:1/b", {}}}), Error);
    CHECK(helper.processes.commands.empty());
}

}  // namespace
}  // namespace vigie::system
