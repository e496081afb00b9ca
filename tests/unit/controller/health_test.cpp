#include "controller/health.hpp"

#include "base/error.hpp"
#include "system/memory_files.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

using system::HttpRequest;
using system::HttpResponse;

/// A host with an Alertmanager that counts.
struct Host {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeClock clock;
    apply::Target target;
    Health health;
    int requests = 0;
    int failed = 0;

    Host() {
        target.options.activation = plan::Activation::reload;
        render::Resource resource;
        resource.id = "reload:alertmanager";
        resource.what = render::Reload{
            render::Reload::Program::alertmanager, "http://a:9093", "d", {}, "/alertmanager.yml"};
        target.desired.push_back(resource);
        http.answer = [this](const HttpRequest& request) {
            if (tests::contains(request.url, "/metrics")) {
                const auto line = [](const char* name, int value) {
                    return std::string("alertmanager_notification_") + name + "{integration=\"email\"} " +
                           std::to_string(value) + "\n";
                };
                return HttpResponse{200,
                                    line("requests_total", requests) + line("requests_failed_total", failed)};
            }
            return HttpResponse{200,
                                R"({"config":{"original":"receivers:\n- name: vigie-render-info/d\n"}})"};
        };
    }
    std::string look() {
        Outcome outcome;
        const system::System system{files, processes, http, http, clock};
        health.observe(target, apply::lookAt(target, {}, system), system, outcome);
        CHECK(outcome.healthKnown);
        return outcome.ailments();
    }
};

TEST_CASE("mail that fails is reported until one goes out", "[controller][health]") {
    Host host;
    CHECK(host.look().empty());
    host.requests = host.failed = 2;
    CHECK(tests::contains(host.look(), "cannot notify by email"));
    CHECK(tests::contains(host.look(), "cannot notify by email"));
    host.requests = 3;
    CHECK(host.look().empty());
}

TEST_CASE("counters that begin anew are no success", "[controller][health]") {
    Host host;
    host.requests = host.failed = 9;
    CHECK_FALSE(host.look().empty());
    host.requests = host.failed = 1;
    CHECK_FALSE(host.look().empty());
    host.requests = host.failed = 0;
    CHECK_FALSE(host.look().empty());
    host.requests = 1;
    CHECK(host.look().empty());
}

TEST_CASE("a program that does not answer is not asked for more", "[controller][health]") {
    Host host;
    host.http.answer = [](const HttpRequest&) -> HttpResponse { throw Error("connection refused"); };
    CHECK(tests::contains(host.look(), "reload:alertmanager does not answer"));
    CHECK(host.http.requests.size() == 1);
}

}  // namespace
}  // namespace vigie::controller
