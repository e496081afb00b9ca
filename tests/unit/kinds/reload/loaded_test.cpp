// Tests apply/reload.
#include "kinds/reload/loaded.hpp"

#include "base/error.hpp"
#include "kinds/hosts.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::apply {
namespace {

using render::Reload;
using system::HttpRequest;
using system::HttpResponse;

const Reload kPrometheus{
    {Reload::Program::prometheus, "http://p:9090", "new", {"a", "b"}, "/opt/p/prometheus.yml"}};
const Reload kAlertmanager{
    {Reload::Program::alertmanager, "http://a:9093", "new", {}, "/opt/a/alertmanager.yml"}};

HttpResponse rules(const std::string& digest) {
    return {
        200,
        R"({"data":{"groups":[{"rules":[{"name":"other"},{"name":"vigie_render_info","labels":{"digest":")" +
            digest + R"("}}]}]}})"};
}

HttpResponse configuration(const std::string& yaml) {
    return {200, R"({"data":{"yaml":")" + yaml + R"("}})"};
}

/// A Prometheus that has loaded `digest` and the jobs a and b, and answers a reload with `status`.
struct Host {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    std::string digest = "old";
    std::string jobs = R"(scrape_configs:\n- job_name: a\n- job_name: b\n)";
    HttpResponse answer{200, ""};
    std::function<void()> onReload = [this] { digest = "new"; };

    Host() {
        http.answer = [this](const HttpRequest& request) {
            if (request.method == "POST") {
                onReload();
                return answer;
            }
            return tests::contains(request.url, "/rules") ? rules(digest) : configuration(jobs);
        };
    }
    Reload wanted = kPrometheus;
    std::string reloadOnce() {
        return reloadOnly(wanted, std::chrono::seconds(1),
                          {files, processes, http, http, clock, names, attach});
    }
    void reload() {
        reloadAndProve(wanted, std::chrono::seconds(10),
                       {files, processes, http, http, clock, names, attach});
    }
    Error failure() {
        try {
            reload();
        } catch (const Error& error) {
            return error;
        }
        FAIL("reloaded");
        return Error("");
    }
};

plan::ObservedReload observe(const render::Reload& reload, system::Http& http) {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    return observeReload(reload, {files, processes, http, http, clock, names, attach});
}

TEST_CASE("a reload after which the new digest is loaded is proven at once", "[apply]") {
    Host host;
    const auto start = host.clock.milliseconds;
    host.reload();
    CHECK(host.clock.milliseconds == start);
    CHECK(host.http.requests.front() == "POST http://p:9090/-/reload");
    CHECK(host.http.posts() == 1);
}

TEST_CASE("a program that loads a reloaded configuration late is waited for", "[apply]") {
    Host host;
    host.onReload = [] {};
    int asked = 0;
    const auto answer = host.http.answer;
    host.http.answer = [&](const HttpRequest& request) {
        host.digest = ++asked > 20 ? "new" : "old";
        return answer(request);
    };
    CHECK_NOTHROW(host.reload());
    CHECK(host.http.posts() == 1);
}

TEST_CASE("a reload that answers 200 while the old configuration stays loaded is an error after the timeout",
          "[apply]") {
    Host host;
    host.onReload = [] {};
    const auto start = host.clock.milliseconds;
    const Error error = host.failure();
    CHECK(host.clock.milliseconds - start >= 10'000);
    CHECK(host.clock.milliseconds - start < 11'000);
    CHECK(tests::contains(error.what(), "has not loaded this configuration after 10 s"));
    CHECK(tests::contains(error.hint(), "/opt/p/prometheus.yml"));
}

TEST_CASE("the right rules with other scrape jobs, or jobs in another order, prove no reload", "[apply]") {
    Host host;
    host.jobs = R"(scrape_configs:\n- job_name: a\n)";
    CHECK(tests::contains(host.failure().what(), "has not loaded"));
    host.jobs = R"(scrape_configs:\n- job_name: b\n- job_name: a\n)";
    CHECK(tests::contains(host.failure().what(), "has not loaded"));
}

TEST_CASE("a reload that answers 500 is an error with the program's own reason", "[apply]") {
    Host host;
    host.answer = {500, "failed to reload config: bad rule\n"};
    const Error error = host.failure();
    CHECK(std::string(error.what()) ==
          "POST http://p:9090/-/reload answered 500: failed to reload config: bad rule");
    CHECK(host.http.requests.size() == 1);
}

TEST_CASE("the reason of a failed reload is shown without the value it quotes", "[apply]") {
    Host host;
    host.answer = {500,
                   "failed to reload config: parse \"https://hooks.example/S3CR3T\\n\": net/url: invalid\n"};
    CHECK(
        std::string(host.failure().what()) ==
        "POST http://p:9090/-/reload answered 500: failed to reload config: parse \"***\": net/url: invalid");
}

TEST_CASE("the reason of a failed reload is not shown for a user's own configuration", "[apply]") {
    Host host;
    host.answer = {500, "failed to reload config: unknown field S3CR3T\n"};
    host.wanted.owner = render::ConfigOwner::userDirectory;
    const std::string said = host.failure().what();
    CHECK(said.rfind("POST http://p:9090/-/reload answered 500; its reason", 0) == 0);
    CHECK_FALSE(tests::contains(said, "S3CR3T"));
    const auto back = host.reloadOnce();  // it may be anybody's
    CHECK(tests::contains(back, "answered 500"));
    CHECK_FALSE(tests::contains(back, "S3CR3T"));
}

TEST_CASE("a reload that answers 403 names the missing option --web.enable-lifecycle", "[apply]") {
    Host host;
    host.answer = {403, "Lifecycle API is not enabled."};
    CHECK(tests::contains(host.failure().hint(), "--web.enable-lifecycle"));
}

TEST_CASE("an overlong reason of a failed reload is cut", "[apply]") {
    Host host;
    host.answer = {500, std::string(1'000'000, 'x')};
    CHECK(std::string(host.failure().what()).size() < 3000);
}

TEST_CASE("a program that stops answering after a reload is an error", "[apply]") {
    Host host;
    const auto answer = host.http.answer;
    host.http.answer = [&](const HttpRequest& request) -> HttpResponse {
        if (request.method == "GET") {
            throw Error("connection refused");
        }
        return answer(request);
    };
    CHECK(tests::contains(host.failure().what(), "connection refused"));
    CHECK(host.reloadOnce().empty());
}

TEST_CASE("the digest that Alertmanager has loaded is read from the name of a marker receiver", "[apply]") {
    tests::FakeHttp http;
    http.answer = [](const HttpRequest&) {
        return HttpResponse{
            200, R"({"config":{"original":"receivers:\n- name: mail\n- name: vigie-render-info/abc\n"}})"};
    };
    const auto observed = observe(kAlertmanager, http);
    CHECK(observed.answered);
    CHECK(observed.digest == "abc");
    CHECK(http.requests == std::vector<std::string>{"GET http://a:9093/api/v2/status"});
}

TEST_CASE("malformed answers of a program yield an empty digest instead of an error", "[apply]") {
    for (
        const char* body :
        {"", "{", "[]", "null", "5", R"({"data":5})", R"({"data":{"groups":5,"yaml":5}})",
         R"({"data":{"groups":[5,{"rules":{}}],"yaml":"a: ["}})",
         R"({"data":{"groups":[{"rules":[{"name":"vigie_render_info","labels":[]}]}],"yaml":"scrape_configs: 5"}})",
         R"({"config":{"original":"receivers: [5, {}]"}})"}) {
        INFO(body);
        tests::FakeHttp http;
        http.answer = [&](const HttpRequest&) { return HttpResponse{200, body}; };
        CHECK(observe(kPrometheus, http).digest.empty());
        CHECK(observe(kAlertmanager, http).digest.empty());
    }
}

TEST_CASE("an error status counts as no answer", "[apply]") {
    tests::FakeHttp http;
    http.answer = [](const HttpRequest&) { return HttpResponse{503, R"({"data":{}})"}; };
    const auto observed = observe(kPrometheus, http);
    CHECK_FALSE(observed.answered);
    CHECK(tests::contains(observed.problem, "503"));
}

TEST_CASE(
    "a user's own Alertmanager file is compared with the loaded one by Alertmanager's configuration hash",
    "[apply][reload]") {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    tests::FakeHttp http;
    // As Alertmanager 0.25 prints it for this file.
    http.answer = [](const system::HttpRequest&) {
        return system::HttpResponse{200,
                                    "# TYPE alertmanager_config_hash gauge\n"
                                    "alertmanager_config_hash 6.0876418361353e+13\n"};
    };
    const system::System system{files, processes, http, http, clock, names, attach};
    auto own = kAlertmanager;
    own.owner = render::ConfigOwner::userDirectory;
    own.digest.clear();
    CHECK(observeReload(own, system).wanted.empty());
    const std::string text = "route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n";
    system::makeParents(files, own.configPath);
    files.write(own.configPath, text, 0644, std::nullopt);
    const auto same = observeReload(own, system);
    CHECK(same.answered);
    CHECK(same.wanted == "60876418361353");
    CHECK(hasLoaded(own, same));
    files.write(own.configPath, text + "# edited\n", 0644, std::nullopt);
    CHECK_FALSE(hasLoaded(own, observeReload(own, system)));
    CHECK(http.requests.back() == "GET " + own.baseUrl + "/metrics");
    for (const char* value : {"NaN", "+Inf", "-1", "1e300", "2.81474976710656e+14", "x"}) {
        http.answer = [value](const system::HttpRequest&) {
            return system::HttpResponse{200, std::string("alertmanager_config_hash ") + value + "\n"};
        };
        INFO(value);
        CHECK_FALSE(hasLoaded(own, observeReload(own, system)));
    }
}

}  // namespace
}  // namespace vigie::apply
