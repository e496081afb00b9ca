// Mounts of the users' own services.

#include "base/text.hpp"
#include "lint/host_facts_view.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace vigie::lint {
namespace {

using facts::MountFacts;

/// Paths of a host that vigie writes.
struct Written {
    std::vector<std::string> files;
    std::vector<std::string> directories;  ///< any file below them may be one
};

Written writtenOn(const HostFactsView& host) {
    Written out;
    const auto& stack = host.stack();
    for (const auto& project : stack.projects) {
        if (project.host != host.host().name || project.directory.empty()) {
            continue;
        }
        if (project.ours()) {
            out.files.push_back(project.directory + "/compose.yaml");
            out.directories.push_back(project.directory + "/prometheus");
            out.directories.push_back(project.directory + "/alertmanager");
        } else {
            out.files.push_back(pathIn(project, project.overrideFile));
        }
        out.directories.push_back(project.directory + "/vigie-secrets");
        if (stack.grafana && stack.grafana->project == project.name) {
            out.directories.push_back(project.directory + "/grafana");
        }
        if (stack.jaeger && stack.jaeger->project == project.name) {
            out.directories.push_back(project.directory + "/jaeger");
        }
        for (const auto& exporter : stack.exporters) {
            if (exporter.project == project.name && !exporter.name.empty()) {
                out.directories.push_back(pathIn(project, exporter.serviceName()));
            }
            if (exporter.project == project.name && exporter.pgbouncer && exporter.pgbouncer->userlist) {
                out.files.push_back(exporter.pgbouncer->userlist->file);
            }
        }
    }
    if (stack.wireguard.exists()) {
        out.files.push_back("/etc/wireguard/" + stack.wireguard.interface + ".conf");
    }
    return out;
}

bool below(const std::string& path, const std::string& directory) {
    return path.size() > directory.size() && path.starts_with(directory) && path[directory.size()] == '/';
}

bool isOurs(const Written& written, const MountFacts& mount) {
    return std::find(written.files.begin(), written.files.end(), mount.source) != written.files.end() ||
           (mount.kind != "directory" &&
            std::any_of(written.directories.begin(), written.directories.end(),
                        [&](const auto& directory) { return below(mount.source, directory); }));
}

/// True if a path has a usual name of a file. Docker creates a directory if a mounted file is missing.
bool namedLikeAFile(const std::string& path) {
    static constexpr std::array<std::string_view, 8> kEndings = {".yml",  ".yaml", ".conf", ".ini",
                                                                 ".json", ".toml", ".txt",  ".cfg"};
    return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
        return path.size() > ending.size() &&
               path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
    });
}

/// The uid as which a service runs; nothing when only its image knows.
std::optional<std::int64_t> uidOf(const std::string& user) {
    std::int64_t out = 0;
    const std::string_view name = std::string_view(user).substr(0, user.find(':'));
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), out);
    return error == std::errc{} && end == name.data() + name.size() ? std::optional(out) : std::nullopt;
}

/// Reports on one service of a project.
class Mounts {
public:
    Mounts(HostFactsView& host, const spec::Project& project, const std::string& name,
           const spec::Reporter& report)
        : name_(printable(name)), at_(host.pathOf(project) / "name"), report_(report) {
        for (const auto& named : host.named()) {
            if (named.project == &project && named.service == name) {
                at_ = named.at;
                break;
            }
        }
    }

    void replaced(const MountFacts& mount) const {
        report_.warning(code::VG0358, at_,
                        "service `" + name_ + "` mounts the single file " + printable(mount.source) +
                            ", which vigie replaces: after a change the container still sees the old file",
                        "mount the directory of the file, or restart the service after each change");
    }

    void nested(const MountFacts& inner, const MountFacts& outer) const {
        report_.warning(code::VG0359, at_,
                        "service `" + name_ + "` mounts the file " + printable(inner.target) +
                            " inside the directory " + printable(outer.target) + ", which it also mounts",
                        "put the file into the directory on the host, and mount only the directory");
    }

    void madeByDocker(const MountFacts& mount) const {
        report_.warning(code::VG0359, at_,
                        "service `" + name_ + "` mounts " + printable(mount.source) +
                            ", which is named like a file but is a directory on the host",
                        "Docker created it because the file was missing: remove it, and put the file there");
    }

    void unwritable(const MountFacts& mount, std::int64_t uid) const {
        report_.warning(code::VG0360, at_,
                        "service `" + name_ + "` runs as uid " + std::to_string(uid) + ", but " +
                            printable(mount.source) + " belongs to uid " + std::to_string(*mount.owner),
                        "run `chown " + std::to_string(uid) + " " + printable(mount.source) +
                            "` on the host, or mount it read-only");
    }

private:
    std::string name_;
    spec::FieldPath at_;
    const spec::Reporter& report_;
};

void lintService(const Mounts& say, const Written& written, const facts::ServiceFacts& service) {
    const auto uid = uidOf(service.user);
    for (const auto& mount : service.volumes) {
        if (mount.type != "bind") {
            continue;
        }
        if (isOurs(written, mount)) {
            say.replaced(mount);
        }
        if (mount.kind == "directory" && namedLikeAFile(mount.source)) {
            say.madeByDocker(mount);
        }
        for (const auto& outer : service.volumes) {
            if (mount.kind == "file" && outer.kind != "file" && below(mount.target, outer.target)) {
                say.nested(mount, outer);
            }
        }
        const bool asked = !mount.readOnly && mount.kind == "directory" && mount.owner && !mount.writable;
        if (asked && uid && *uid != 0 && *mount.owner != *uid) {
            say.unwritable(mount, *uid);
        }
    }
}

}  // namespace

void lintFactsOfMounts(HostFactsView& host, const spec::Reporter& report) {
    const auto written = writtenOn(host);
    for (const auto* project : host.projects()) {
        const auto* services = host.services(*project);
        for (const auto& [name, service] : services == nullptr ? Services{} : *services) {
            lintService(Mounts(host, *project, name, report), written, service);
        }
    }
}

}  // namespace vigie::lint
