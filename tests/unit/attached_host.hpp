// A host in memory with a program of the user's own in a container.
#pragma once

#include "attach/attachment.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "system/system.hpp"
#include "tests/unit/doubles.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace vigie::tests {

using nlohmann::json;

inline const std::string kContainer(64, 'c');
inline const std::string kConfiguration = "/etc/prometheus/prometheus.yml";
constexpr std::uint64_t kMountId = 601;

/// A host with one container: Prometheus of the project `monitoring`, whose directory is mounted.
struct AttachedHost {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    FakeHttp web;
    FakeHttp engine;
    FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    std::map<std::string, json> answers;
    attach::Wanted wanted;

    AttachedHost() {
        wanted.subject = {"prometheus", "monitoring"};
        wanted.directory = "/srv/monitoring";
        answers["/containers/json"] = json::array({{{"Id", kContainer},
                                                    {"Labels",
                                                     {{"com.docker.compose.project", "monitoring"},
                                                      {"com.docker.compose.service", "prometheus"}}}}});
        answers["/containers/" + kContainer + "/json"] = {
            {"Id", kContainer},
            {"Path", "/bin/prometheus"},
            {"Args", {"--config.file=" + kConfiguration}},
            {"State", {{"Status", "running"}, {"Pid", 100}, {"StartedAt", "2026-11-30T10:00:01Z"}}},
            {"Config", {{"WorkingDir", "/prometheus"}}},
            {"HostConfig", json::object()},
            {"Mounts", json::array()}};
        answers["/version"] = {{"ApiVersion", "1.41"}};
        engine.answer = [this](const system::HttpRequest& request) {
            const auto path = request.url.substr(std::string("http://docker").size());
            for (const auto& [key, value] : answers) {
                if (path == key || path.rfind(key + "?", 0) == 0) {
                    return system::HttpResponse{200, value.dump()};
                }
            }
            return system::HttpResponse{404, R"({"message":"none"})"};
        };
        attach::Process program;
        program.id = {100, 7, kContainer, "/bin/prometheus"};
        program.state = "S";
        program.directory = "/prometheus";
        program.arguments = {"/bin/prometheus", "--config.file=" + kConfiguration};
        program.user.uid = program.user.gid = 65534;
        attach.groups[kContainer] = {{program}, false};
        root("/");
        root("/etc");
        mountBind("/etc/prometheus", "/srv/monitoring/prometheus");
        put(kConfiguration, "/srv/monitoring/prometheus/prometheus.yml", 42);
        onHost("/", 1);
        onHost("/srv/monitoring", 2);
    }

    system::System system() { return {files, processes, web, engine, clock, names, attach}; }
    json& inspected() { return answers["/containers/" + kContainer + "/json"]; }
    attach::Process& program() { return attach.groups[kContainer].processes.front(); }

    static attach::PathFacts facts(const std::string& path, std::uint64_t inode, std::uint64_t mount,
                                   const std::string& type) {
        attach::PathFacts out;
        out.path = out.resolved = path;
        out.type = type;
        out.device = 1;
        out.inode = inode;
        out.mount = mount;
        out.mode = type == "directory" ? 0755 : 0644;
        return out;
    }
    void root(const std::string& path) { attach.insidePaths[path] = facts(path, 1, 600, "directory"); }
    void onHost(const std::string& path, std::uint64_t inode, const std::string& type = "directory") {
        attach.hostPaths[path] = facts(path, inode, 30, type);
    }
    void put(const std::string& inside, const std::string& host, std::uint64_t inode) {
        attach.insidePaths[inside] = facts(inside, inode, kMountId, "file");
        onHost(host, inode, "file");
    }
    void mountPoint(const std::string& point, const std::string& type = "ext4") {
        attach.mountinfo = "600 1 0:50 / / rw - overlay overlay rw\n601 600 8:1 /x " + point + " rw - " +
                           type + " /dev/sda1 rw\n";
    }
    void mountBind(const std::string& destination, const std::string& source) {
        inspected()["Mounts"].push_back({{"Type", "bind"}, {"Source", source}, {"Destination", destination}});
        attach.insidePaths[destination] = facts(destination, 41, kMountId, "directory");
        onHost(source, 41);
        mountPoint(destination);
    }
    /// The configuration's directory is the volume `v`.
    void mountVolume() {
        answers["/volumes/v"] = {
            {"Name", "v"}, {"Driver", "local"}, {"Mountpoint", "/var/lib/docker/volumes/v/_data"}};
        mountAgain({{"Type", "volume"},
                    {"Name", "v"},
                    {"Driver", "local"},
                    {"Source", "/var/lib/docker/volumes/v/_data"},
                    {"Destination", "/etc/prometheus"}});
    }
    void mountAgain(const json& mount) {
        inspected()["Mounts"] = json::array({mount});  // compilers disagree about a brace alone
        mountPoint(mount["Destination"]);
    }
};

}  // namespace vigie::tests
