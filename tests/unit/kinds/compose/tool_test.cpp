// Tests apply/containers.
#include "kinds/compose/tool.hpp"

#include "apply/rejected.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using system::HttpRequest;
using system::HttpResponse;
using system::ProcessResult;
using tests::contains;
using Words = std::vector<std::string>;

const render::ComposeProject kProject{
    "app", "/srv/app", {"compose.yaml", "override.yml"}, {".env", "vigie.env"}, false};

struct Host {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp engine;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    system::System system{files, processes, engine, engine, clock, names, attach};

    void write(const std::string& path) {
        makeParents(files, path);
        files.write(path, "x", 0644, {});
    }
    Words up(Recreate recreate = Recreate::ifDifferent) {
        composeUp(kProject, "web", recreate, system);
        return processes.commands.back();
    }
    /// Compose says that this is its version.
    Error refusal(const ProcessResult& result) {
        processes.answer = [result](const system::Command&) { return result; };
        try {
            requireCompose(system);
        } catch (const Error& error) {
            return error;
        }
        return Error("");
    }
};

bool has(const Words& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

TEST_CASE("a missing or too old Docker Compose is refused with a hint", "[apply][containers]") {
    for (const char* version : {"1.29.2", "v1.29.2", "2.24.3", "v2.24.3\n", "2.23.99", "0.9", "dev", ""}) {
        INFO(version);
        const auto error = Host().refusal({0, false, version, ""});
        CHECK(contains(error.what(), "is too old"));
        CHECK(contains(error.hint(), "install the Compose plugin 2.24.4 or newer"));
    }
    const auto error = Host().refusal({1, false, "", "docker: 'compose' is not a docker command."});
    CHECK(std::string(error.what()) == "Docker Compose version 2 is not installed");
    CHECK(contains(error.hint(), "install the Compose plugin 2.24.4 or newer"));
}

TEST_CASE("a new enough Docker Compose is accepted in every version format", "[apply][containers]") {
    for (const char* version :
         {"2.24.4", "v2.24.4\n", "v2.26.1-4", "2.26.1+ds1-0ubuntu1", "2.30", "2.100.0", "3", "10.0"}) {
        INFO(version);
        Host host;
        CHECK(std::string(host.refusal({0, false, version, ""}).what()).empty());
        CHECK(host.processes.commands == std::vector<Words>{{"docker", "compose", "version", "--short"}});
    }
}

TEST_CASE("bringing up one service names only that service and starts no dependencies",
          "[apply][containers]") {
    Host host;
    host.write("/srv/app/.env");
    host.write("/srv/app/vigie.env");
    CHECK(host.up() == Words{"docker",
                             "compose",
                             "--project-directory",
                             "/srv/app",
                             "--project-name",
                             "app",
                             "--ansi",
                             "never",
                             "--file",
                             "/srv/app/compose.yaml",
                             "--file",
                             "/srv/app/override.yml",
                             "--env-file",
                             "/srv/app/.env",
                             "--env-file",
                             "/srv/app/vigie.env",
                             "up",
                             "--detach",
                             "--no-deps",
                             "--no-build",
                             "--pull",
                             "never",
                             "web"});
    CHECK(host.processes.commands.size() == 1);
}

TEST_CASE("a container is recreated by force only on request", "[apply][containers]") {
    Host host;
    CHECK_FALSE(has(host.up(), "--force-recreate"));
    const auto forced = host.up(Recreate::always);
    CHECK(has(forced, "--force-recreate"));
    CHECK(forced.back() == "web");
}

TEST_CASE("no Docker command contains --dry-run, --remove-orphans or down", "[apply][containers]") {
    Host host;
    host.up();
    host.up(Recreate::always);
    pullImage("prom/prometheus:v3.5.0", {}, host.system);
    buildImage(kProject, "web", host.system);
    for (const auto& command : host.processes.commands) {
        CHECK_FALSE(has(command, "--dry-run"));
        CHECK_FALSE(has(command, "--remove-orphans"));
        CHECK_FALSE(has(command, "down"));
    }
}

TEST_CASE("registry credentials reach docker by a configuration directory, never by an argument",
          "[apply][containers]") {
    Host host;
    std::map<std::string, std::string> environment;
    host.processes.answer = [&](const system::Command& command) {
        environment = command.environment;
        return ProcessResult{0, false, {}, {}};
    };
    pullImage("r.example.org/a:1", "/state/staging", host.system);
    CHECK(environment["DOCKER_CONFIG"] == "/state/staging");
    CHECK(host.processes.commands.back() == Words{"docker", "pull", "--quiet", "r.example.org/a:1"});
    pullImage("a:1", {}, host.system);
    CHECK(environment.count("DOCKER_CONFIG") == 0);
}

TEST_CASE("a missing environment file is not passed to Compose", "[apply][containers]") {
    Host host;
    CHECK_FALSE(has(host.up(), "--env-file"));
    host.write("/srv/app/vigie.env");
    const auto command = host.up();
    CHECK(std::count(command.begin(), command.end(), "--env-file") == 1);
    CHECK(has(command, "/srv/app/vigie.env"));
    CHECK_FALSE(has(command, "/srv/app/.env"));
}

TEST_CASE("a build leaves out a compose file that is not written yet", "[apply][containers]") {
    Host host;
    host.write("/srv/app/compose.yaml");
    buildImage(kProject, "web", host.system);
    const auto& command = host.processes.commands.back();
    CHECK(has(command, "/srv/app/compose.yaml"));
    CHECK_FALSE(has(command, "/srv/app/override.yml"));
    CHECK(Words(command.end() - 4, command.end()) == Words{"build", "--no-cache", "--pull", "web"});
}

TEST_CASE("a build writes its state below vigie's state directory, not into the home directory",
          "[apply][containers]") {
    Host host;
    host.processes.answer = [](const system::Command& command) {
        CHECK(command.environment.at("BUILDX_CONFIG") == "/var/lib/vigie/buildx");
        return ProcessResult{0, false, "", ""};
    };
    buildImage(kProject, "web", host.system);
    CHECK(host.processes.commands.size() == 1);
}

TEST_CASE("docker gets HOME and no other variable of vigie's environment", "[apply][containers]") {
    Host host;
    host.processes.answer = [](const system::Command& command) {
        CHECK(command.environment.size() == 1);
        CHECK(command.environment.at("HOME").substr(0, 1) == "/");
        return ProcessResult{0, false, "", ""};
    };
    host.up();
}

/// The container of app/web as the engine tells it, second by second.
struct Watched : Host {
    std::function<std::string(std::int64_t second)> state;
    std::int64_t begin = clock.milliseconds;

    explicit Watched(std::function<std::string(std::int64_t second)> of) : state(std::move(of)) {
        engine.answer = [this](const HttpRequest& request) -> HttpResponse {
            if (contains(request.url, "/containers/json?")) {
                return {200, R"([{"Id":"1","Labels":{"com.docker.compose.service":"web"}}])"};
            }
            return {200,
                    R"({"Name":"/app-web-1","State":{)" + state((clock.milliseconds - begin) / 1000) + "}}"};
        };
    }
    /// Empty when it is stable.
    std::string trouble() {
        try {
            requireStable({{"app", "web"}}, std::chrono::seconds(10), std::chrono::seconds(60), system);
        } catch (const Rejected& error) {
            return error.what() + (" " + error.hint());
        }
        return {};
    }
    [[nodiscard]] std::int64_t seconds() const { return (clock.milliseconds - begin) / 1000; }
};

constexpr const char* kRuns = R"("Status":"running","StartedAt":"a")";

TEST_CASE("a container that keeps running is stable after the settle time", "[apply][containers]") {
    Watched host([](auto) { return kRuns; });
    CHECK(host.trouble().empty());
    CHECK(host.seconds() == 10);
}

TEST_CASE("a container that exits or restarts during the settle time is rejected", "[apply][containers]") {
    Watched ends(
        [](auto second) { return second < 9 ? kRuns : R"("Status":"exited","ExitCode":3,"StartedAt":"a")"; });
    CHECK(contains(ends.trouble(), "the container of app/web does not stay up: it is exited, exit code 3"));
    CHECK(contains(ends.trouble(), "docker logs app-web-1"));
    Watched again([](auto second) { return second < 5 ? kRuns : R"("Status":"running","StartedAt":"b")"; });
    CHECK(contains(again.trouble(), "does not stay up"));
    CHECK(again.seconds() == 5);
}

TEST_CASE("a starting health check is waited for until it is healthy, unhealthy or late",
          "[apply][containers]") {
    const std::string starting = std::string(kRuns) + R"(,"Health":{"Status":"starting"})";
    Watched becomes([&](auto second) { return second < 30 ? starting : kRuns; });
    CHECK(becomes.trouble().empty());
    CHECK(becomes.seconds() == 30);
    Watched never([&](auto) { return starting; });
    CHECK(contains(never.trouble(), "is not healthy after 70 s"));
    Watched ill([&](auto) { return std::string(kRuns) + R"(,"Health":{"Status":"unhealthy"})"; });
    CHECK(contains(ill.trouble(), "app/web is unhealthy"));
}

TEST_CASE("a container that is missing is rejected as unstable", "[apply][containers]") {
    Host host;
    host.engine.answer = [](const HttpRequest&) { return HttpResponse{200, "[]"}; };
    CHECK_THROWS_AS(
        requireStable({{"app", "web"}}, std::chrono::seconds(1), std::chrono::seconds(1), host.system),
        Rejected);
}

}  // namespace
}  // namespace vigie::apply
