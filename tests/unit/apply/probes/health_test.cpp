// Tests apply/health.
#include "apply/probes/health.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

using system::HttpRequest;
using system::HttpResponse;

TEST_CASE("a Prometheus with all targets up gets one query", "[apply][health]") {
    tests::FakeHttp http;
    http.answer = [](const HttpRequest&) {
        return HttpResponse{200, R"({"status":"success","data":{"resultType":"vector","result":[]}})"};
    };
    CHECK(downTargets("http://p:9090", http).empty());
    CHECK(http.requests == std::vector<std::string>{"GET http://p:9090/api/v1/query?query=up%20%3D%3D%200"});
}

TEST_CASE("a down target is named with its last scrape error, unless it is no longer a target",
          "[apply][health]") {
    tests::FakeHttp http;
    http.answer = [](const HttpRequest& request) {
        if (tests::contains(request.url, "/query")) {
            return HttpResponse{200, R"({"data":{"result":[
                {"metric":{"job":"my api","instance":"a:1"}},{"metric":{"job":"my api","instance":"b:1"}}]}})"};
        }
        CHECK(tests::contains(request.url, "scrapePool=my%20api"));
        return HttpResponse{200, R"({"data":{"activeTargets":[
            {"labels":{"job":"my api","instance":"b:1"},"lastError":"connection refused"},
            {"labels":{"job":"other","instance":"a:1"},"lastError":"not this one"}]}})"};
    };
    const auto down = downTargets("http://p:9090", http);
    REQUIRE(down.size() == 1);
    CHECK(down[0].job == "my api");
    CHECK(down[0].instance == "b:1");
    CHECK(down[0].error == "connection refused");
    CHECK(http.requests.size() == 2);
}

TEST_CASE("a failed query for down targets is an error; a malformed answer yields no targets",
          "[apply][health]") {
    tests::FakeHttp http;
    http.answer = [](const HttpRequest&) { return HttpResponse{503, "starting"}; };
    CHECK_THROWS_AS(downTargets("http://p:9090", http), Error);
    http.answer = [](const HttpRequest&) { return HttpResponse{200, R"({"data":[1,{"result":7}]})"}; };
    CHECK(downTargets("http://p:9090", http).empty());
    http.answer = [](const HttpRequest&) { return HttpResponse{200, "<html>"}; };
    CHECK(downTargets("http://p:9090", http).empty());
}

TEST_CASE("notifications are counted by the kind of receiver", "[apply][health]") {
    tests::FakeHttp http;
    http.answer = [](const HttpRequest&) {
        return HttpResponse{
            200,
            "# TYPE alertmanager_notification_requests_total counter\n"
            "alertmanager_notification_requests_total{integration=\"email\"} 5\n"
            "alertmanager_notification_requests_total{integration=\"webhook\",receiver=\"x\"} 1\n"
            "alertmanager_notification_requests_total{integration=\"webhook\",receiver=\"y\"} 1e+03\n"
            "alertmanager_notification_requests_failed_total{integration=\"email\"} 2\n"
            "alertmanager_notification_requests_total{broken\n"};
    };
    const auto counted = notifications("http://a:9093", http);
    CHECK(counted.at("email").requests == 5);
    CHECK(counted.at("email").failed == 2);
    CHECK(counted.at("webhook").requests == 1001);
    CHECK(counted.size() == 2);
}

}  // namespace
}  // namespace vigie::apply
