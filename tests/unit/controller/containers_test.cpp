// The containers of this host as the API tells them.
#include "controller/containers.hpp"

#include "base/error.hpp"
#include "controller/api_containers.hpp"
#include "controller/worker.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <nlohmann/json.hpp>

#include <future>

namespace vigie::controller {
namespace {

using tests::contains;

apply::ObservedPlan look() {
    apply::ObservedPlan out;
    plan::ObservedContainer runs;
    runs.id = "aaa";
    runs.service = "prometheus";
    runs.name = "prometheus";
    runs.image = "prom/prometheus:v3.5.0";
    runs.state = "running";
    runs.health = "healthy";
    runs.restartCount = 2;
    runs.startedAt = "2024-05-01T10:00:00.987654321Z";
    plan::ObservedContainer ended;
    ended.id = "bbb";
    ended.service = "job";
    ended.state = "exited";
    ended.exitCode = 137;
    ended.startedAt = "2024-05-01T10:00:00Z";
    plan::ObservedContainer odd = ended;
    odd.id = "ccc";
    odd.state = "running";
    odd.startedAt = "0001-01-01T00:00:00Z";
    out.observed.projects["monitoring"].containers = {runs, ended, odd};
    out.observed.projects["other"].problem = "the engine is away";
    return out;
}

struct Asked {
    Asked() {
        Snapshot snapshot;
        snapshot.containers.json = "{}";
        snapshot.containers.ids = {"aaa"};
        published.set(std::move(snapshot));
        addContainers(router, {published, [this]() -> system::Http& { return http; },
                               [this](const std::function<void()>& what) {
                                   if (!busy) {
                                       what();
                                   }
                                   return !busy;
                               }});
    }

    HttpResponse get(const std::string& path, bool mayRead, const std::string& lines = "") {
        HttpRequest request;
        request.method = "GET";
        request.path = path;
        request.mayChange = mayRead;
        if (!lines.empty()) {
            request.query["lines"] = lines;
        }
        HttpResponse out;
        router(request, [&](HttpResponse response) { out = std::move(response); });
        return out;
    }

    Published published;
    tests::FakeHttp http;
    Router router;
    bool busy = false;
};

}  // namespace

TEST_CASE("the API lists containers with their observed state", "[controller][containers]") {
    const auto seen = look();
    const auto json = nlohmann::json::parse(containersJson(nullptr, &seen));
    CHECK(json["observed"] == true);
    CHECK(json["problems"][0]["problem"] == "the engine is away");
    REQUIRE(json["containers"].size() == 3);
    const auto& first = json["containers"][0];
    CHECK(first["name"] == "prometheus");
    CHECK(first["image"] == "prom/prometheus:v3.5.0");
    CHECK(first["startedAt"] == "2024-05-01T10:00:00Z");
    CHECK(first["restarts"] == 2);
    CHECK(first["managed"] == false);
    CHECK(json["containers"][1]["startedAt"].is_null());  // it ended
    CHECK(json["containers"][1]["exitCode"] == 137);
    CHECK(json["containers"][2]["startedAt"].is_null());
    CHECK(containerIds(&seen) == std::set<std::string>{"aaa", "bbb", "ccc"});
    CHECK(nlohmann::json::parse(containersJson(nullptr, nullptr))["observed"] == false);
    CHECK(containerIds(nullptr).empty());
}

TEST_CASE("a container's log is served only with the token and only for listed containers",
          "[controller][containers]") {
    Asked asked;
    asked.http.answer = [](const system::HttpRequest& request) {
        return system::HttpResponse{
            200, contains(request.url, "/json") ? R"({"Config":{"Tty":true}})" : "one\npassword: two\n"};
    };
    CHECK(asked.get("/api/v1/containers/aaa/logs", false).status == 401);
    CHECK(asked.get("/api/v1/containers/zzz/logs", true).status == 404);
    CHECK(asked.get("/api/v1/containers/../logs", true).status == 404);
    CHECK(asked.get("/api/v1/containers/aaa", true).status == 404);
    CHECK(asked.get("/api/v1/containers/logs", true).status == 404);
    for (const std::string lines : {"0", "501", "x", "-1", "5x"}) {
        CHECK(asked.get("/api/v1/containers/aaa/logs", true, lines).status == 400);
    }
    CHECK(asked.http.requests.empty());
    const auto answer = asked.get("/api/v1/containers/aaa/logs", true, "7");
    CHECK(answer.status == 200);
    CHECK(nlohmann::json::parse(answer.body.text())["lines"] ==
          std::vector<std::string>{"one", "password: ***"});
    CHECK(contains(asked.http.requests.back(), "tail=7"));
    asked.busy = true;
    CHECK(asked.get("/api/v1/containers/aaa/logs", true).status == 503);
    CHECK(asked.get("/api/v1/containers", false).body.text() == "{}");
}

TEST_CASE("a log request is answered 503 while the engine does not answer", "[controller][containers]") {
    Asked asked;
    asked.http.answer = [](const system::HttpRequest&) -> system::HttpResponse { throw Error("no answer"); };
    CHECK(asked.get("/api/v1/containers/aaa/logs", true).status == 503);
    asked.http.answer = [](const system::HttpRequest&) -> system::HttpResponse { throw Interrupted(); };
    CHECK(asked.get("/api/v1/containers/aaa/logs", true).status == 503);
}

TEST_CASE("a worker runs tasks in order and refuses more than its limit", "[controller][worker]") {
    std::vector<int> done;
    std::promise<void> begun;
    std::promise<void> go;
    std::promise<void> end;
    {
        Worker worker;
        CHECK(worker.later([&] {
            begun.set_value();
            go.get_future().wait();
            done.push_back(0);
        }));
        begun.get_future().wait();
        for (int i = 1; i <= static_cast<int>(Worker::kWaiting); ++i) {
            CHECK(worker.later([&done, &end, i] {
                done.push_back(i);
                if (i == static_cast<int>(Worker::kWaiting)) {
                    end.set_value();
                }
            }));
        }
        CHECK_FALSE(worker.later([] {}));
        go.set_value();
        end.get_future().wait();
        CHECK(worker.later([] {}));
    }
    CHECK(done == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8});
}

}  // namespace vigie::controller
