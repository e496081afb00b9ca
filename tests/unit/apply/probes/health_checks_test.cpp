// Tests apply/health_checks.
#include "apply/probes/health_checks.hpp"

#include "base/error.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

struct Host {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeHttp engine;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;

    /// What was wrong; empty: nothing.
    std::string ask(const std::vector<spec::HealthCheck>& checks) {
        try {
            requireAnswers(checks, std::chrono::seconds(20),
                           {files, processes, http, engine, clock, names, attach});
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    }
};

spec::HealthCheck url(const std::string& address, int status = 200) {
    spec::HealthCheck out;
    out.url = address;
    out.expectStatus = status;
    return out;
}

TEST_CASE("a URL that answers as expected passes its health check at once", "[apply][health]") {
    Host host;
    host.http.answer = [](const system::HttpRequest&) { return system::HttpResponse{204, ""}; };
    const auto before = host.clock.milliseconds;
    CHECK(host.ask({url("http://127.0.0.1/health", 204)}).empty());
    CHECK(host.clock.milliseconds == before);
    CHECK(host.http.requests == std::vector<std::string>{"GET http://127.0.0.1/health"});
}

TEST_CASE("a URL that becomes healthy within the timeout passes its health check", "[apply][health]") {
    Host host;
    int left = 5;
    host.http.answer = [&](const system::HttpRequest&) {
        if (left-- > 0) {
            throw Error("connection refused");
        }
        return system::HttpResponse{200, ""};
    };
    CHECK(host.ask({url("http://a/"), url("http://b/")}).empty());
    CHECK(host.http.requests.size() == 7);
}

TEST_CASE("a URL that stays unhealthy fails its health check with its last answer", "[apply][health]") {
    Host host;
    host.http.answer = [](const system::HttpRequest&) { return system::HttpResponse{503, "secret"}; };
    CHECK(host.ask({url("http://a/")}) ==
          "a health check failed for 20 s: GET http://a/ answered 503 rather than 200");
    host.http.answer = [](const system::HttpRequest&) -> system::HttpResponse {
        throw Error("connection refused");
    };
    CHECK(host.ask({url("http://a/")}) ==
          "a health check failed for 20 s: GET http://a/: connection refused");
}

TEST_CASE("a health check of a container requests no URL", "[apply][health]") {
    Host host;
    spec::HealthCheck check;
    check.project = "moments";
    check.service = "backend";
    CHECK(host.ask({check}).empty());
    CHECK(host.http.requests.empty());
}

}  // namespace
}  // namespace vigie::apply
