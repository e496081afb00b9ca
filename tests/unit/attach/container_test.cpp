// Tests attach/container: decodes the engine's answers about containers and volumes.

#include "attach/container.hpp"

#include "tests/support/catch.hpp"

namespace vigie::attach {
namespace {

using nlohmann::json;

const std::string kId(64, 'c');

json listed(const std::string& id, const std::string& oneoff = "False") {
    return {{"Id", id},
            {"Labels",
             {{"com.docker.compose.project", "monitoring"},
              {"com.docker.compose.service", "prometheus"},
              {"com.docker.compose.oneoff", oneoff}}}};
}

json inspected() {
    return {
        {"Id", kId},
        {"Name", "/monitoring-prometheus-1"},
        {"Path", "/bin/prometheus"},
        {"Args", {"--config.file=/etc/prometheus/prometheus.yml"}},
        {"Image", "sha256:1"},
        {"Created", "2026-11-30T10:00:00Z"},
        {"RestartCount", 2},
        {"State", {{"Status", "running"}, {"Pid", 4242}, {"StartedAt", "2026-11-30T10:00:01Z"}}},
        {"Config",
         {{"Image", "prom/prometheus"},
          {"Entrypoint", {"/bin/prometheus"}},
          {"WorkingDir", "/prometheus"},
          {"User", "nobody"},
          {"Labels", {{"a", "b"}}}}},
        {"HostConfig",
         {{"NetworkMode", "monitoring_default"},
          {"RestartPolicy", {{"Name", "unless-stopped"}}},
          {"Tmpfs", {{"/gen", ""}}},
          {"Mounts", {{{"Type", "volume"}, {"Target", "/rules"}, {"VolumeOptions", {{"Subpath", "a/b"}}}}}}}},
        {"Mounts",
         {{{"Type", "bind"},
           {"Source", "/srv/m/prometheus"},
           {"Destination", "/etc/prometheus/"},
           {"RW", false}},
          {{"Type", "volume"},
           {"Name", "v"},
           {"Driver", "local"},
           {"Source", "/var/lib/docker/volumes/v/_data"},
           {"Destination", "/rules"},
           {"RW", true}}}}};
}

TEST_CASE("a service's containers are listed without those of `docker compose run`", "[attach]") {
    const std::string other(64, 'd');
    const json list = json::array({listed(kId), listed(other, "True")});
    CHECK(decodeList(list, "monitoring", "prometheus") == std::vector<std::string>{kId});
    CHECK(decodeList(json::array({listed(kId), listed(other)}), "monitoring", "prometheus")->size() == 2);
}

TEST_CASE("a list with containers of others, as an engine that ignores filters gives it, has none of them",
          "[attach]") {
    CHECK(decodeList(json::array({listed(kId)}), "monitoring", "grafana")->empty());
    CHECK(decodeList(json::array({listed(kId)}), "other", "prometheus")->empty());
}

TEST_CASE("a list that is none, or names what cannot be an id, is refused", "[attach]") {
    CHECK_FALSE(decodeList(json::object(), "monitoring", "prometheus"));
    CHECK_FALSE(decodeList(json::array({listed("../x")}), "monitoring", "prometheus"));
    CHECK_FALSE(decodeList(json::array({7}), "monitoring", "prometheus"));
    CHECK_FALSE(decodeList(json::array_t(2000, listed(kId)), "monitoring", "prometheus"));
}

TEST_CASE("a container is decoded with its mounts, also those that only the wish names", "[attach]") {
    const auto container = decodeContainer(inspected());
    REQUIRE(container);
    CHECK(container->name == "monitoring-prometheus-1");
    CHECK(container->state == Container::State::running);
    CHECK(container->runs());
    CHECK(container->pid == 4242);
    CHECK(container->restarts == 2);
    CHECK(container->restartPolicy == "unless-stopped");
    CHECK(container->directory == "/prometheus");
    CHECK(container->networkMode == "monitoring_default");
    CHECK(container->label("a") == "b");
    CHECK(container->label("none").empty());
    REQUIRE(container->mounts.size() == 3);
    CHECK(container->mounts[0].destination == "/etc/prometheus");
    CHECK_FALSE(container->mounts[0].writable);
    CHECK(container->mounts[1].subpath == "a/b");
    CHECK(container->mounts[2].kind == Mount::Kind::tmpfs);
}

TEST_CASE("a container with members of any other type is none, or has not what they would say", "[attach]") {
    for (const char* key : {"Args", "Mounts"}) {
        auto odd = inspected();
        odd[key] = "text";
        CHECK_FALSE(decodeContainer(odd));
        odd[key] = json{7};
        CHECK_FALSE(decodeContainer(odd));
    }
    for (const char* key : {"State", "Config", "HostConfig", "Path", "Created", "RestartCount"}) {
        for (const json& value : {json(), json(7), json("x"), json::array(), json::object()}) {
            auto odd = inspected();
            odd[key] = value;
            CHECK_NOTHROW(decodeContainer(odd));
        }
    }
    CHECK_FALSE(decodeContainer(json()));
    CHECK_FALSE(decodeContainer(json{{"Id", "short"}}));
}

TEST_CASE("what could hide the mount that decides is refused, never left away", "[attach]") {
    auto odd = inspected();
    odd["Mounts"] = json::array_t(2000, odd["Mounts"][0]);
    CHECK_FALSE(decodeContainer(odd));
    odd = inspected();
    odd["Args"] = json::array_t(2000, "x");
    CHECK_FALSE(decodeContainer(odd));
    odd = inspected();
    odd["Args"][0] = std::string(100'000, 'x');
    CHECK_FALSE(decodeContainer(odd));
    odd = inspected();
    odd["Mounts"][0]["Destination"] = "relative";
    CHECK_FALSE(decodeContainer(odd));
    odd = inspected();
    odd["Mounts"][0]["Source"] = std::string("/srv\0/etc", 9);
    CHECK_FALSE(decodeContainer(odd));
}

TEST_CASE("a container that is stopped or starts over and over does not run", "[attach]") {
    for (const char* state : {"exited", "created", "restarting", "dead", "removing", ""}) {
        auto stopped = inspected();
        stopped["State"]["Status"] = state;
        CHECK_FALSE(decodeContainer(stopped)->runs());
    }
    auto paused = inspected();
    paused["State"]["Status"] = "paused";
    CHECK(decodeContainer(paused)->runs());
    auto odd = inspected();
    odd["State"]["Pid"] = -7;
    CHECK_FALSE(decodeContainer(odd)->runs());
}

TEST_CASE("a volume is on the disk of this host, or is a directory of it", "[attach]") {
    const auto plain =
        decodeVolume({{"Name", "v"}, {"Driver", "local"}, {"Mountpoint", "/m"}, {"Options", nullptr}});
    REQUIRE(plain);
    CHECK(plain->isLocal());
    CHECK(plain->device().empty());
    const auto bound =
        decodeVolume({{"Name", "v"},
                      {"Driver", "local"},
                      {"Mountpoint", "/m"},
                      {"Options", {{"type", "none"}, {"o", "ro,bind"}, {"device", "/srv/p"}}}});
    CHECK(bound->isLocal());
    CHECK(bound->device() == "/srv/p");
    const auto nfs = decodeVolume({{"Name", "v"},
                                   {"Driver", "local"},
                                   {"Mountpoint", "/m"},
                                   {"Options", {{"type", "nfs"}, {"o", "addr=1.2.3.4"}, {"device", ":/x"}}}});
    CHECK_FALSE(nfs->isLocal());
    CHECK_FALSE(decodeVolume({{"Name", "v"}, {"Driver", "rclone"}, {"Mountpoint", "/m"}})->isLocal());
    CHECK_FALSE(decodeVolume(json::array()));
}

TEST_CASE("engines before API 1.45 ignore a volume's subpath", "[attach]") {
    CHECK_FALSE(heedsSubpath("1.41"));
    CHECK_FALSE(heedsSubpath("1.44"));
    CHECK(heedsSubpath("1.45"));
    CHECK(heedsSubpath("1.51"));
    CHECK(heedsSubpath("2.0"));
    CHECK_FALSE(heedsSubpath(""));
    CHECK_FALSE(heedsSubpath("x.y"));
}

}  // namespace
}  // namespace vigie::attach
