// Two things in one place, and places of others.

#include "render/places.hpp"

#include "kinds/models.hpp"
#include "render/builder.hpp"
#include "spec/places.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace vigie::render {
namespace {

using spec::FieldPath;

/// The directories around a path, the nearest first, without `/`.
std::vector<std::string> parentsOf(const std::string& path) {
    std::vector<std::string> out;
    for (auto slash = path.rfind('/'); slash != std::string::npos && slash != 0;
         slash = path.rfind('/', slash - 1)) {
        out.push_back(path.substr(0, slash));
    }
    return out;
}

/// A file that is a directory to something else.
std::vector<Clash> clashesOfPaths(const std::vector<Resource>& resources) {
    std::map<std::string, const Resource*> files;
    for (const auto& resource : resources) {
        if (kinds::traitsOf(resource).place == kinds::Place::file) {
            files.emplace(kinds::pathOf(resource), &resource);
        }
    }
    std::vector<Clash> out;
    std::set<std::string> said;
    for (const auto& resource : resources) {
        const auto path = kinds::pathOf(resource);
        auto around = parentsOf(path);
        if (kinds::traitsOf(resource).place == kinds::Place::directory) {
            around.push_back(path);
        }
        for (const auto& each : around) {
            const auto it = files.find(each);
            if (it != files.end() && said.insert(each).second) {
                out.push_back({each, it->second->from, resource.from});
            }
        }
    }
    return out;
}

/// What vigie derives in places that no document may name, out of fields that are no path: whoever names one
/// of these places in a field that is, does not get it.
bool derived(const spec::Stack& stack, const Resource& resource, const std::string& path) {
    static const std::set<std::string> kFields = {"spec.wireguard", "spec.wireguard.interface",
                                                  "spec.registries"};
    if (kFields.count(resource.from.text()) == 0) {
        return false;
    }
    static const std::set<std::string> kOurs = {"/etc/wireguard",
                                                "/etc/systemd/system/docker.service.d",
                                                "/etc/systemd/system/docker.service.d/50-vigie.conf",
                                                "/var/lib/vigie",
                                                "/var/lib/vigie/docker",
                                                kRegistryLogins};
    const auto& interface = stack.wireguard.interface;
    const std::string unit = "/etc/systemd/system/wg-quick@" + interface + ".service.d";
    return kOurs.count(path) != 0 || path == "/etc/wireguard/" + interface + ".conf" ||
           path == "/etc/wireguard/" + interface + ".guests4" ||
           path == "/etc/wireguard/" + interface + ".guests6" || path == unit ||
           path == unit + "/50-vigie.conf";
}

struct UsersFile {
    std::string path;
    FieldPath at;
};

/// Files of the user's that compose and the programs read, and vigie never writes.
std::vector<UsersFile> usersFiles(const spec::Stack& stack, const spec::Host& host) {
    std::vector<UsersFile> out;
    for (std::size_t i = 0; i < stack.projects.size(); ++i) {
        const auto& project = stack.projects[i];
        const FieldPath at = FieldPath{"spec", "projects"}[i];
        if (project.host != host.name) {
            continue;
        }
        for (std::size_t j = 0; j < project.composeFiles.size(); ++j) {
            out.push_back({pathIn(project, project.composeFiles[j]), (at / "composeFiles")[j]});
        }
        if (!project.envFile.empty()) {
            out.push_back({pathIn(project, project.envFile), at / "envFile"});
        }
        out.push_back({pathIn(project, ".env"), at / "directory"});
        const auto& alertmanager = stack.alertmanager;
        if (alertmanager && !alertmanager->configFile.empty() && stack.alertmanagerOn(host) == project.name) {
            out.push_back(
                {pathIn(project, alertmanager->configFile), {"spec", "alertmanager", "configFile"}});
        }
    }
    return out;
}

/// Why nothing of a document may be at `path`; empty: it may.
std::string refusal(const Resource& resource, const std::string& path) {
    if (const auto place = spec::neverWritten(path)) {
        return "is a place that vigie never writes: " + std::string(*place) + " is the system's";
    }
    const auto below = kinds::exact(resource) ? spec::neverWrittenBelow(path) : std::nullopt;
    return below ? "holds " + std::string(*below) + ", and is no place for a file or for data of a program"
                 : std::string();
}

void reportSystems(const spec::Reporter& report, const FieldPath& at, const std::string& path,
                   const std::string& why) {
    report.error(code::VG0474, at, "`" + path + "` " + why,
                 "name a place of its own, such as one below `/opt` or `/srv`");
}

/// What compose and the programs read is quoted when they cannot make sense of it.
void reportUsersFiles(const std::vector<UsersFile>& files, const spec::Reporter& report) {
    for (const auto& file : files) {
        if (const auto place = spec::neverWritten(file.path)) {
            reportSystems(report, file.at, file.path,
                          "is no file of a project: " + std::string(*place) + " is the system's");
        }
    }
}

/// Reports what lies in places of others, each field once; returns these places.
std::set<std::string> reportPlacesOfOthers(const Builder& builder, const spec::Reporter& report) {
    const auto& stack = builder.stack;
    std::map<std::string, FieldPath> users;
    const auto found = usersFiles(stack, builder.host);
    reportUsersFiles(found, report);
    for (const auto& file : found) {
        users.emplace(file.path, file.at);
    }
    std::vector<const Resource*> filesFirst;
    for (const auto& resource : builder.resources()) {
        filesFirst.push_back(&resource);
    }
    std::stable_partition(filesFirst.begin(), filesFirst.end(), [](const Resource* resource) {
        return kinds::traitsOf(*resource).place == kinds::Place::file;
    });
    std::set<std::string> places;
    std::set<std::string> fields;
    for (const auto* resource : filesFirst) {
        const auto path = kinds::pathOf(*resource);
        if (path.empty() || derived(stack, *resource, path)) {
            continue;
        }
        const auto it = users.find(path);
        const auto why = it == users.end() ? refusal(*resource, path) : std::string();
        if (it == users.end() && why.empty()) {
            continue;
        }
        places.insert(path);
        if (!fields.insert(resource->from.text()).second) {
            continue;
        }
        if (it != users.end()) {
            report.error(code::VG0408, resource->from,
                         "`" + path + "` is the user's own file (`" + it->second.text() +
                             "`), which vigie reads and never writes",
                         "give this one another name");
        } else {
            reportSystems(report, resource->from, path, why);
        }
    }
    return places;
}

void reportClashes(const Builder& builder, const std::set<std::string>& known, const spec::Reporter& report) {
    for (const auto& clash : clashesOf(builder)) {
        if (known.count(clash.place.substr(clash.place.find(':') + 1)) != 0) {
            continue;
        }
        const auto line = report.positionOf(clash.first).line;
        report.error(code::VG0473, clash.second,
                     "on host `" + builder.host.name + "` this and `" + clash.first.text() + "`" +
                         (line == 0 ? "" : " (line " + std::to_string(line) + ")") +
                         " want different things at `" + clash.place + "`",
                     "give one of the two another name or directory");
    }
}

}  // namespace

std::vector<Clash> clashesOf(const Builder& builder) {
    auto out = builder.clashes();
    for (auto& clash : clashesOfPaths(builder.resources())) {
        out.push_back(std::move(clash));
    }
    return out;
}

void checkPlaces(const spec::Stack& stack, const spec::Reporter& report) {
    // Targets have no place on a host, and thousands of them would be rendered for nothing.
    spec::Stack small = stack;
    small.indexNames();
    if (small.prometheus) {
        for (auto& job : small.prometheus->scrapeConfigs) {
            job.staticConfigs.clear();
        }
    }
    const Inputs nothing;
    std::set<std::string> busy;
    for (const auto& project : small.projects) {
        busy.insert(project.host);
    }
    bool idle = false;
    for (const auto& host : small.hosts) {
        // What the others have is derived, and the same for all of them: one stands for the rest.
        if (busy.count(host.name) == 0 && std::exchange(idle, true)) {
            continue;
        }
        Builder builder(small, host, nothing);
        renderAll(builder);
        reportClashes(builder, reportPlacesOfOthers(builder, report), report);
    }
}

}  // namespace vigie::render
