// Tests apply/engine.
#include "kinds/compose/engine.hpp"

#include "base/error.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <nlohmann/json.hpp>

namespace vigie::apply {
namespace {

using nlohmann::json;
using system::HttpRequest;
using system::HttpResponse;
using tests::contains;
using Texts = std::vector<std::string>;

// As the engine's API 1.41 documents `GET /containers/{id}/json`; what nobody reads is left out in part.
constexpr const char* kInspect = R"({
  "Id": "0123456789abcdef", "Created": "2024-05-01T09:59:58.123456789Z",
  "Path": "/bin/prometheus", "Args": ["--config.file=/etc/prometheus/prometheus.yml"],
  "State": {"Status": "running", "Running": true, "Paused": false, "Restarting": false, "OOMKilled": false,
            "Dead": false, "Pid": 4711, "ExitCode": 0, "Error": "", "StartedAt": "2024-05-01T10:00:00.987654321Z",
            "FinishedAt": "0001-01-01T00:00:00Z",
            "Health": {"Status": "healthy", "FailingStreak": 0, "Log": []}},
  "Image": "sha256:1111", "ResolvConfPath": "/var/lib/docker/x", "Name": "/prometheus", "RestartCount": 2,
  "Driver": "overlay2", "Platform": "linux", "AppArmorProfile": "docker-default", "ExecIDs": null,
  "HostConfig": {
    "Binds": ["/opt/monitoring/prometheus:/etc/prometheus:ro"], "NetworkMode": "monitoring_default",
    "PortBindings": {"9090/tcp": [{"HostIp": "127.0.0.1", "HostPort": "9090"},
                                  {"HostIp": "10.66.66.1", "HostPort": "9090"}],
                     "9091/udp": [{"HostIp": "", "HostPort": "9091"}],
                     "9092/tcp": [{"HostIp": "fd00::1", "HostPort": "80"}], "9093/tcp": null},
    "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0}, "AutoRemove": false,
    "CapAdd": ["NET_ADMIN"], "CapDrop": ["ALL"], "Privileged": true, "Memory": 0},
  "Mounts": [
    {"Type": "bind", "Source": "/opt/monitoring/prometheus", "Destination": "/etc/prometheus", "Mode": "ro",
     "RW": false, "Propagation": "rprivate"},
    {"Type": "volume", "Name": "data", "Source": "/var/lib/docker/volumes/data/_data", "Destination": "/prometheus",
     "Driver": "local", "Mode": "z", "RW": true, "Propagation": ""},
    {"Type": "bind", "Source": "/opt/monitoring/data", "Destination": "/data", "Mode": "", "RW": true,
     "Propagation": "rprivate"}],
  "Config": {"Healthcheck": {"Test": ["CMD", "true"], "Interval": 30000000000, "Timeout": 0, "Retries": 3},
             
    "Hostname": "0123456789ab", "User": "65534:65534", "ExposedPorts": {"9090/tcp": {}}, "Tty": false,
    "Env": ["PATH=/bin", "EMPTY=", "DSN=a=b=c", "BARE"], "Cmd": ["--config.file=/etc/prometheus/prometheus.yml"],
    "Image": "prom/prometheus:v3.5.0", "Volumes": null, "WorkingDir": "/prometheus", "Entrypoint": ["/bin/prometheus"],
    "OnBuild": null,
    "Labels": {"com.docker.compose.project": "monitoring", "com.docker.compose.service": "prometheus",
               "dev.vigie.config": "abc"}},
  "NetworkSettings": {"Bridge": "", "Ports": {"9090/tcp": [{"HostIp": "127.0.0.1", "HostPort": "9090"}]},
    "Networks": {"other": {"Aliases": null}, "monitoring_default": {"IPAddress": "172.18.0.2", "NetworkID": "19afa8c6"}}}})";

constexpr const char* kList = R"([
  {"Id": "oneoff", "Names": ["/run"], "State": "running", "Labels": {"com.docker.compose.project": "monitoring",
   "com.docker.compose.service": "prometheus", "com.docker.compose.oneoff": "True"}, "Mounts": []},
  {"Id": "other", "Names": ["/app"], "Image": "app", "State": "exited", "Status": "Exited (0) 2 hours ago",
   "Labels": {"com.docker.compose.project": "monitoring", "com.docker.compose.service": "app",
              "com.docker.compose.oneoff": "False"},
   "Mounts": [{"Type": "bind", "Source": "/etc/one.yml", "Destination": "/one.yml", "RW": false}]},
  {"Id": "0123456789abcdef", "Names": ["/prometheus"], "Image": "prom/prometheus:v3.5.0", "State": "running",
   "Labels": {"com.docker.compose.project": "monitoring", "com.docker.compose.service": "prometheus",
              "com.docker.compose.oneoff": "False"}, "Mounts": []}])";

/// An engine that knows the project `monitoring`.
struct Host {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeHttp engine;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    system::System system{files, processes, http, engine, clock, names, attach};
    HttpResponse list{200, kList};
    HttpResponse inspect{200, kInspect};
    HttpResponse act{204, ""};

    Host() {
        clock.milliseconds = 1'714'557'660'000;  // 2024-05-01T10:01:00Z
        engine.answer = [this](const HttpRequest& request) -> HttpResponse {
            if (request.method != "GET") {
                return act;
            }
            return contains(request.url, "/containers/json?") ? list : inspect;
        };
    }
    [[nodiscard]] plan::ObservedProject project() const {
        return observeProject("monitoring", {"prometheus"}, system);
    }
    /// After `edit` of what the engine says about the container.
    plan::ObservedContainer edited(const std::function<void(json&)>& edit) {
        auto all = json::parse(kInspect);
        edit(all);
        inspect.body = all.dump();
        return findContainer("monitoring", "prometheus", system).value();
    }
};

TEST_CASE("the engine's inspect output is decoded field by field", "[apply][engine]") {
    Host host;
    const auto is = findContainer("monitoring", "prometheus", host.system).value();
    CHECK(is.id == "0123456789abcdef");
    CHECK(is.service == "prometheus");
    CHECK(is.name == "prometheus");
    CHECK(is.image == "prom/prometheus:v3.5.0");
    CHECK(is.imageId == "sha256:1111");
    CHECK(is.state == "running");
    CHECK(is.health == "healthy");
    CHECK(is.exitCode == 0);
    CHECK(is.restartCount == 2);
    CHECK(is.startedAt == "2024-05-01T10:00:00.987654321Z");
    CHECK(is.quietMs == 60'000);
    CHECK(is.entrypoint == Texts{"/bin/prometheus"});
    CHECK(is.command == Texts{"--config.file=/etc/prometheus/prometheus.yml"});
    CHECK(is.user == "65534:65534");
    CHECK(is.restart == "unless-stopped");
    CHECK(is.environment == std::map<std::string, std::string>{
                                {"PATH", "/bin"}, {"EMPTY", ""}, {"DSN", "a=b=c"}, {"BARE", ""}});
    CHECK(is.ports ==
          Texts{"0.0.0.0:9091:9091/udp", "10.66.66.1:9090:9090", "127.0.0.1:9090:9090", "[fd00::1]:80:9092"});
    CHECK(is.binds ==
          std::vector<plan::ObservedMount>{{"/opt/monitoring/prometheus", "/etc/prometheus", true},
                                           {"/opt/monitoring/data", "/data", false}});
    CHECK(is.networks == Texts{"monitoring_default", "other"});
    CHECK(is.networkIds.at("monitoring_default") == "19afa8c6");
    CHECK(is.volumes == std::vector<plan::ObservedMount>{{"data", "/prometheus", false}});
    CHECK(is.healthcheck == Texts{"CMD", "true", "Interval=30000000000", "Retries=3"});
    CHECK(is.capabilities == Texts{"+NET_ADMIN", "-ALL", "privileged"});
    CHECK(is.labels.at("dev.vigie.config") == "abc");
    CHECK(is.labels.size() == 3);
}

TEST_CASE("null fields in the engine's inspect output are decoded as empty", "[apply][engine]") {
    Host host;
    const auto is = host.edited([](json& all) {
        all["Config"]["Entrypoint"] = nullptr;
        all["Config"]["Cmd"] = nullptr;
        all["Config"]["Labels"] = nullptr;
        all["Config"]["Env"] = nullptr;
        all["State"].erase("Health");
        for (const char* each : {"CapAdd", "CapDrop", "PortBindings", "RestartPolicy", "Privileged"}) {
            all["HostConfig"][each] = nullptr;
        }
        all["Mounts"] = {{{"Type", "bind"}, {"Source", "/a"}, {"Destination", "/b"}, {"RW", nullptr}}};
        all["NetworkSettings"]["Networks"] = nullptr;
    });
    CHECK(is.entrypoint.empty());
    CHECK(is.command.empty());
    CHECK(is.labels.empty());
    CHECK(is.environment.empty());
    CHECK(is.health.empty());
    CHECK(is.capabilities.empty());
    CHECK(is.ports.empty());
    CHECK(is.restart.empty());
    CHECK(is.networks.empty());
    CHECK(is.binds == std::vector<plan::ObservedMount>{{"/a", "/b", false}});
}

TEST_CASE("a container's quiet time counts from its last creation, start or end", "[apply][engine]") {
    const auto quiet = [](const char* created, const char* started, const char* finished) {
        Host host;
        return host
            .edited([&](json& all) {
                all["Created"] = created;
                all["State"]["StartedAt"] = started;
                all["State"]["FinishedAt"] = finished;
            })
            .quietMs;
    };
    constexpr const char* kNever = "0001-01-01T00:00:00Z";
    CHECK(quiet("2024-05-01T09:00:00Z", "2024-05-01T10:00:30Z", kNever) == 30'000);
    CHECK(quiet("2024-05-01T09:00:00Z", "2024-05-01T10:00:30.5Z", "2024-05-01T10:00:50.123456789Z") ==
          10'000);
    CHECK(quiet("2024-05-01T10:00:59Z", kNever, kNever) == 1'000);
    CHECK(quiet("1970-01-01T00:01:00Z", kNever, kNever) == 1'714'557'600'000);
    CHECK(quiet("yesterday", "", "2024-13-45") == 1'714'557'660'000);
}

TEST_CASE("a paused container's quiet time counts from the pause event", "[apply][engine]") {
    Host host;
    auto all = json::parse(kInspect);
    all["State"]["Status"] = "paused";
    host.inspect.body = all.dump();
    HttpResponse events{200, R"({"timeNano":1714557600000000000})"
                             "\n"
                             R"({"timeNano":1714557655123456789})"
                             "\n"};
    host.engine.answer = [&](const HttpRequest& request) {
        return contains(request.url, "/events?")            ? events
               : contains(request.url, "/containers/json?") ? host.list
                                                            : host.inspect;
    };
    const auto quiet = [&] { return findContainer("monitoring", "prometheus", host.system).value().quietMs; };
    CHECK(quiet() == 4'877);
    CHECK(host.engine.requests.back() ==
          "GET http://docker/events?since=1714557540.000000000&until=1714557660.000000000&filters="
          "%7B%22container%22%3A%5B%220123456789abcdef%22%5D%2C%22event%22%3A%5B%22pause%22%5D%2C%22type%22%"
          "3A%5B"
          "%22container%22%5D%7D");
    events.body.clear();  // longer ago than it was asked about
    CHECK(quiet() == 60'000);
    events = {500, ""};
    CHECK_FALSE(host.project().problem.empty());
}

TEST_CASE("a mounted directory that was replaced on the host is stale in the container", "[apply][engine]") {
    Host host;
    const auto stale = [&] {
        return host
            .edited([](json& all) {
                all["State"]["Pid"] = 4711;
                all["Mounts"] = {{{"Type", "bind"}, {"Source", "/opt/a"}, {"Destination", "/etc/a"}},
                                 {{"Type", "bind"}, {"Source", "/opt/b"}, {"Destination", "/etc/b"}},
                                 {{"Type", "bind"}, {"Source", "/opt/f.yml"}, {"Destination", "/etc/f.yml"}}};
            })
            .staleMounts;
    };
    CHECK(stale().empty());  // where there is no /proc
    system::makeParents(host.files, "/proc/4711/mountinfo");
    system::makeParents(host.files, "/opt/a/x");
    host.files.write("/opt/f.yml", "", 0644, std::nullopt);
    host.files.write("/proc/4711/mountinfo",
                     "2 1 8:1 /opt/a//deleted /etc/a ro - ext4 /dev/sda1 rw\n"
                     "3 1 8:1 /opt/b /etc/b ro - ext4 /dev/sda1 rw\n"
                     "4 1 8:1 /opt/f.yml//deleted /etc/f.yml ro - ext4 /dev/sda1 rw\n"
                     "5 1 0:5 /hosts//deleted /etc/hosts rw - ext4 /dev/sda1 rw\n",
                     0444, std::nullopt);
    CHECK(stale() == Texts{"/etc/a"});
}

TEST_CASE("the named services of a project are inspected in full; of other services only mounts are known",
          "[apply][engine]") {
    Host host;
    const auto project = host.project();
    CHECK(project.problem.empty());
    REQUIRE(project.containers.size() == 2);  // what `docker compose run` started is no service
    CHECK(project.service("prometheus")->name == "prometheus");
    CHECK(project.service("app")->state == "exited");
    CHECK(project.service("app")->binds ==
          std::vector<plan::ObservedMount>{{"/etc/one.yml", "/one.yml", true}});
    CHECK(project.service("missing") == nullptr);
    REQUIRE(host.engine.requests.size() == 2);
    CHECK(host.engine.requests[0] ==
          "GET http://docker/containers/json?all=1&filters="
          "%7B%22label%22%3A%5B%22com.docker.compose.project%3Dmonitoring%22%5D%7D");
    CHECK(host.engine.requests[1] == "GET http://docker/containers/0123456789abcdef/json");
}

TEST_CASE("an unreachable engine is reported as a problem of the observation; a direct lookup is an error",
          "[apply][engine]") {
    Host host;
    host.engine.answer = [](const HttpRequest&) -> HttpResponse {
        throw Error("connection refused", "start it");
    };
    CHECK(host.project().problem == "connection refused (start it)");
    CHECK(host.project().containers.empty());
    CHECK_THROWS_AS(findContainer("monitoring", "prometheus", host.system), Error);
}

TEST_CASE("a container that vanishes while it is inspected counts as missing", "[apply][engine]") {
    Host host;
    host.inspect = {404, R"({"message":"No such container: 0123456789abcdef"})"};
    CHECK(host.project().problem.empty());
    CHECK(host.project().service("prometheus") == nullptr);
}

TEST_CASE("malformed engine answers cause no crash while containers and images are observed",
          "[apply][engine]") {
    for (const char* body :
         {"", "{", "[]", "{}", "null", "5", "\"x\"", "[5]", "[null]", "[[]]", "[{}]",
          R"([{"Id":5,"Labels":[],"Mounts":5}])", R"({"message":"x"})",
          R"([{"Mounts":[5,{"Type":"bind","RW":"yes"}]}])",
          R"({"State":5,"Config":[],"HostConfig":[],"Mounts":{},"NetworkSettings":5})",
          R"({"State":{"ExitCode":"x","Health":[]},"HostConfig":{"Privileged":"x","CapAdd":5}})",
          R"({"HostConfig":{"PortBindings":{"/tcp":[5,null],"":[{}],"tcp":{}}}})",
          R"({"Config":{"Env":[5,null,"="],"Labels":{"a":5}},"Name":"","Image":[]})"}) {
        INFO(body);
        for (const int status : {200, 500}) {
            Host host;
            host.list = {status, body};
            CHECK_NOTHROW(host.project());
            host.list = {200, kList};
            host.inspect = {status, body};
            CHECK_NOTHROW(host.project());
            CHECK_NOTHROW(observeImage("app", host.system));
        }
    }
    Host host;
    host.list.body = "<html>";
    CHECK(contains(host.project().problem, "the Docker engine answered 200 to GET /containers/json"));
}

TEST_CASE("an image is looked up by its name", "[apply][engine]") {
    Host host;
    host.inspect.body = R"({"Id":"sha256:1","RepoTags":["a:1"],"Config":{"Env":["PATH=/bin"],"Cmd":["x"],
        "Entrypoint":null,"Healthcheck":{"Test":["CMD-SHELL","exit 0"]},"User":"nobody"}})";
    const auto image = observeImage("prom/prometheus:v3.5.0", host.system).value();
    CHECK(host.engine.requests.back() == "GET http://docker/images/prom/prometheus:v3.5.0/json");
    CHECK(image.id == "sha256:1");
    CHECK(image.entrypoint.empty());
    CHECK(image.command == Texts{"x"});
    CHECK(image.user == "nobody");
    CHECK(image.healthcheck == Texts{"CMD-SHELL", "exit 0"});
    CHECK(image.environment.at("PATH") == "/bin");
    host.inspect = {404, R"({"message":"No such image: a:1"})"};
    CHECK_FALSE(observeImage("a:1", host.system));
}

TEST_CASE("a container is restarted by its id", "[apply][engine]") {
    Host host;
    restartContainer("monitoring", "prometheus", host.system);
    CHECK(host.engine.requests.back() == "POST http://docker/containers/0123456789abcdef/restart");
    CHECK_THROWS_AS(restartContainer("monitoring", "missing", host.system), Error);
}

TEST_CASE("the engine's error message is quoted; stopping or removing a missing container succeeds",
          "[apply][engine]") {
    Host host;
    host.act = {500, R"({"message":"driver failed: address already in use"})"};
    try {
        startContainer("abc", host.system);
        FAIL("started");
    } catch (const Error& error) {
        CHECK(std::string(error.what()) ==
              "the Docker engine answered 500 to POST /containers/abc/start: driver "
              "failed: address already in use");
    }
    for (const char* body : {"", "[]", "<html>", R"({"message":null})"}) {
        host.act.body = body;
        CHECK_THROWS_AS(stopContainer("abc", host.system), Error);
    }
    for (const int status : {204, 304, 404}) {
        host.act = {status, ""};
        CHECK_NOTHROW(stopContainer("abc", host.system));
    }
}

TEST_CASE("an image gets its former name and tag restored", "[apply][engine]") {
    Host host;
    const auto asked = [&](const char* name) {
        tagImage("sha256:1", name, host.system);
        return host.engine.requests.back().substr(
            std::string("POST http://docker/images/sha256:1/tag?").size());
    };
    CHECK(asked("app:1.2") == "repo=app&tag=1.2");
    CHECK(asked("app") == "repo=app&tag=latest");
    CHECK(asked("localhost:5000/app") == "repo=localhost%3A5000%2Fapp&tag=latest");
}

TEST_CASE("a network and a volume are found by their whole names", "[apply][engine]") {
    Host host;
    host.engine.answer = [](const HttpRequest& request) -> HttpResponse {
        if (contains(request.url, "/networks?")) {
            return {200,
                    R"([{"Name": "shop_default_2", "Id": "2222"}, {"Name": "shop_default", "Id": "1111"}])"};
        }
        return contains(request.url, "/volumes/metrics")
                   ? HttpResponse{200,
                                  R"({"Name": "metrics", "Mountpoint": "/var/lib/docker/volumes/metrics/_data"})"}
                   : HttpResponse{404, R"({"message": "no such volume"})"};
    };
    CHECK(networkId("shop_default", host.system) == "1111");
    CHECK(networkId("shop", host.system).empty());
    CHECK(volumePath("metrics", host.system) == "/var/lib/docker/volumes/metrics/_data");
    CHECK(volumePath("other", host.system).empty());
}

}  // namespace
}  // namespace vigie::apply
