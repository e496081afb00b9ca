// Tests controller/other_hosts: What the controllers of the other hosts say of themselves.

#include "controller/other_hosts.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

using system::HttpRequest;
using system::HttpResponse;

struct Three {
    Three() {
        for (const std::string name : {"a", "b", "c"}) {
            spec::Host host;
            host.name = name;
            host.vpnAddress = "10.0.0." + std::to_string(stack.hosts.size() + 1);
            stack.hosts.push_back(host);
        }
        stack.wireguard.network = "10.0.0.0/24";
        stack.selfMonitoring.enabled = true;
        http.answer = [this](const HttpRequest& request) {
            CHECK(request.timeout == std::chrono::seconds(1));
            clock.milliseconds += delay;
            const std::string name(1, static_cast<char>('a' + request.url[14] - '1'));
            return HttpResponse{200, R"({"host":")" + name + R"(","lastAppliedRevision":"r1","conditions":)" +
                                         R"([{"type":"Ready","status":"True","message":"well"}]})"};
        };
    }
    void ask(const std::set<std::string>& alive) { others.ask(stack, alive, http, clock); }

    spec::Stack stack;
    tests::FakeHttp http;
    tests::FakeClock clock;
    OtherHosts others;
    std::int64_t delay = 10;
};

}  // namespace

TEST_CASE("peers are asked for their status once a minute", "[controller][hosts]") {
    Three test;
    test.ask({"b", "c"});
    REQUIRE(test.others.answers().size() == 2);
    CHECK(test.others.answers()[0].status.host == "b");
    CHECK(test.others.answers()[0].status.ready == "True");
    CHECK(test.others.answers()[0].status.lastAppliedRevision == "r1");
    CHECK(test.http.requests == std::vector<std::string>{"GET http://10.0.0.2:9469/api/v1/status",
                                                         "GET http://10.0.0.3:9469/api/v1/status"});
    test.clock.milliseconds += 50'000;
    test.ask({"b", "c"});
    CHECK(test.http.requests.size() == 2);
    test.clock.milliseconds += 11'000;
    test.ask({"c"});
    CHECK(test.http.requests.size() == 3);
    CHECK(test.others.answers().size() == 1);
}

TEST_CASE("no peer is asked while self-monitoring is disabled", "[controller][hosts]") {
    Three test;
    test.ask({"b"});
    test.stack.selfMonitoring.enabled = false;
    test.ask({"b"});
    CHECK(test.others.answers().empty());
    CHECK(test.http.requests.size() == 1);
}

TEST_CASE("when one peer answers slowly, the others are asked later and keep their last status",
          "[controller][hosts]") {
    Three test;
    test.ask({"a", "b", "c"});
    const auto first = test.others.answers();
    test.clock.milliseconds += 61'000;
    test.delay = 5'000;
    test.ask({"a", "b", "c"});
    CHECK(test.http.requests.size() == 4);
    REQUIRE(test.others.answers().size() == 3);
    CHECK(test.others.answers()[0].at > first[0].at);
    CHECK(test.others.answers()[2].at == first[2].at);  // what it said before
}

TEST_CASE("a peer that does not answer is reported with the reason", "[controller][hosts]") {
    Three test;
    test.http.answer = [](const HttpRequest&) -> HttpResponse { throw Error("connection refused"); };
    test.ask({"b"});
    REQUIRE(test.others.answers().size() == 1);
    CHECK_FALSE(test.others.answers()[0].status.answered);
    CHECK(test.others.answers()[0].status.problem == "connection refused");
}

}  // namespace vigie::controller
