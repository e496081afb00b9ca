// Exporters and the services that they observe.

#include "base/redact.hpp"
#include "lint/findings.hpp"
#include "lint/rules.hpp"
#include "spec/exporter_types.hpp"
#include "spec/places.hpp"
#include "spec/users.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace vigie::lint {
namespace {

using spec::Exporter;
using spec::FieldPath;

void lintSections(const Exporter& exporter, const FieldPath& at, const spec::Reporter& report) {
    const auto& type = exporter.row();
    const std::string name(type.program.id);
    if (exporter.type == spec::ExporterType::unknown) {
        return;  // the schema has said so
    }
    const auto look = [&](const std::string& section, bool there) {
        if (there && section != name) {
            report.error(code::VG0480, at / section,
                         "an exporter of type `" + name + "` has no section `" + section + "`",
                         "remove it, or write `type: " + section + "`");
        } else if (!there && section == name && type.needsSection && !exporter.attach &&
                   !report.written(at / section)) {
            report.error(code::VG0480, at, "exporter `" + exporter.name + "` has no section `" + name + "`",
                         "add a section `" + name + "`, which says what it observes");
        }
    };
    std::size_t next = 0;
    std::apply(
        [&](const auto&... sections) {
            (look(std::string(spec::kExporterTypes[next++]->program.id), sections.has_value()), ...);
        },
        spec::sectionsOf(exporter));
    if (exporter.image.empty() && type.program.image.empty() && !report.written(at / "image")) {
        report.error(code::VG0494, at, "exporter `" + exporter.name + "` has no image",
                     "add `image`, with the version that was tested");
    }
}

/// The observed service must be in the exporter's project, which must be the user's own.
void lintObserved(const spec::Stack& stack, const Exporter& exporter, const FieldPath& at,
                  const spec::Reporter& report) {
    const auto* project = stack.project(exporter.project);
    if (project == nullptr || !project->ours()) {
        return;
    }
    const auto refuse = [&](const FieldPath& field, const std::string& service) {
        report.error(code::VG0481, field,
                     "project `" + project->name + "` is rendered entirely by vigie and has no service `" +
                         service + "`",
                     "put the exporter into the project that has this service, one with `composeFiles`");
    };
    if (!exporter.observedService().empty()) {
        refuse(at / toText(exporter.type) / "service", exporter.observedService());
    }
    for (std::size_t i = 0; exporter.custom && i < exporter.custom->dependsOn.size(); ++i) {
        refuse((at / "custom" / "dependsOn")[i], exporter.custom->dependsOn[i]);
    }
}

void lintDatabase(const spec::Stack& stack, const Exporter& exporter, const FieldPath& at,
                  const spec::Reporter& report) {
    if (!exporter.postgres) {
        return;
    }
    const auto& postgres = *exporter.postgres;
    if (postgres.database == "pgbouncer") {
        report.warning(code::VG0491, at / "postgres" / "database",
                       "`pgbouncer` is PgBouncer's console, which has none of PostgreSQL's statistics views",
                       "write a database of the server, such as `postgres`, or `type: pgbouncer`");
    }
    const bool pooler =
        std::any_of(stack.exporters.begin(), stack.exporters.end(), [&](const Exporter& other) {
            return other.project == exporter.project && other.pgbouncer &&
                   other.pgbouncer->service == postgres.service;
        });
    if (pooler) {
        report.warning(
            code::VG0491, at / "postgres" / "service",
            "service `" + postgres.service + "` is PgBouncer: each query may use another server connection",
            "name the service of the PostgreSQL server itself");
    }
}

/// Some types of exporters report on the whole host, so one is enough for each host.
void lintOncePerHost(const spec::Stack& stack, const spec::Reporter& report) {
    std::map<std::pair<const spec::Host*, spec::ExporterType>, std::string> seen;
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        const auto* host = stack.hostOf(exporter.project);
        if (host == nullptr || !exporter.row().showsHost) {
            continue;
        }
        const auto [first, inserted] = seen.emplace(std::pair{host, exporter.type}, exporter.name);
        if (!inserted) {
            report.warning(code::VG0492, FieldPath{"spec", "exporters"}[i],
                           "exporters `" + first->second + "` and `" + exporter.name +
                               "` both report on the whole host `" + host->name + "`",
                           "keep one of them: sums over both count everything twice");
        }
    }
}

bool below(const std::string& path, const std::string& directory) {
    return path == directory || path.substr(0, directory.size() + 1) == directory + "/";
}

void lintVolumes(const Exporter& exporter, const FieldPath& at, const spec::Reporter& report) {
    if (!exporter.custom) {
        return;
    }
    std::set<std::string> targets;
    for (std::size_t i = 0; i < exporter.custom->volumes.size(); ++i) {
        const auto& volume = exporter.custom->volumes[i];
        const FieldPath here = (at / "custom" / "volumes")[i];
        for (const char* socket : {"/var/run/docker.sock", "/run/docker.sock"}) {
            if (!volume.source.empty() && (volume.source == "/" || below(socket, volume.source))) {
                reportDockerSocket(here / "source", volume.source, report);
                break;
            }
        }
        if (const auto place = spec::neverShown(volume.source)) {
            report.error(code::VG0474, here / "source",
                         "`" + volume.source + "` must not be mounted into a container: " +
                             std::string(*place) + " holds keys or passwords of the host",
                         "mount only what the program reads");
        }
        if (!volume.target.empty() &&
            (!targets.insert(volume.target).second || below(volume.target, "/etc/vigie-exporter"))) {
            report.error(
                code::VG0493, here / "target",
                "the mount target `" + volume.target + "` conflicts with another mount of this container",
                "choose another path; `/etc/vigie-exporter` holds what vigie writes");
        }
    }
    for (std::size_t i = 0; i < exporter.custom->command.size(); ++i) {
        const auto& argument = exporter.custom->command[i];
        if (redactLine(argument) != argument) {
            report.warning(code::VG0490, (at / "custom" / "command")[i],
                           "this looks like a secret in plain text",
                           "seal it and write `env` with `fileFrom` or `valueFrom`");
        }
    }
}

void lintUserlist(const Exporter& exporter, const FieldPath& at, const std::string& host,
                  std::map<std::string, std::string>& files, const spec::Reporter& report) {
    if (!exporter.pgbouncer || !exporter.pgbouncer->userlist) {
        return;
    }
    const auto& userlist = exporter.pgbouncer->userlist;
    const FieldPath here = at / "pgbouncer" / "userlist";
    const auto [first, inserted] = files.emplace(host + ":" + userlist->file, exporter.name);
    if (!inserted && !userlist->file.empty()) {
        report.error(code::VG0497, here / "file",
                     "exporters `" + first->second + "` and `" + exporter.name + "` write the same file",
                     "write one `userlist`, and name the other users in its `users`");
    }
    for (std::size_t i = 0; i < userlist->users.size(); ++i) {
        if (userlist->users[i].name == exporter.pgbouncer->user && !exporter.pgbouncer->user.empty()) {
            report.error(
                code::VG0497, (here / "users")[i] / "name",
                "`" + exporter.pgbouncer->user + "` is the exporter's own user, which vigie adds to the list",
                "remove it from `users`");
        }
    }
}

}  // namespace

bool exporterUses(const spec::Stack& stack, const std::string& project, std::string_view directory) {
    return std::any_of(stack.exporters.begin(), stack.exporters.end(), [&](const Exporter& exporter) {
        return spec::ownsFiles(exporter) && exporter.project == project &&
               exporter.serviceName() == directory;
    });
}

void lintExporters(const spec::Stack& stack, const spec::Reporter& report) {
    std::map<std::string, std::string> userlists;
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        const FieldPath at = FieldPath{"spec", "exporters"}[i];
        const auto* host = stack.hostOf(exporter.project);
        lintSections(exporter, at, report);
        lintObserved(stack, exporter, at, report);
        lintDatabase(stack, exporter, at, report);
        lintVolumes(exporter, at, report);
        lintUserlist(exporter, at, host == nullptr ? "" : host->name, userlists, report);
        const auto& type = exporter.row();
        lintVariables(exporter.env,
                      {.names = std::set<std::string>(type.ownVariables.begin(), type.ownVariables.end()),
                       .file = type.ownFile(exporter)},
                      at / "env", report);
        if (exporter.cadvisor && exporter.cadvisor->privileged) {
            reportAllPowerful(at / "cadvisor" / "privileged",
                              "cAdvisor is privileged: its container can do everything on the host",
                              "remove it unless you need metrics of processes killed for lack of memory",
                              report);
        }
    }
    lintOncePerHost(stack, report);
}

}  // namespace vigie::lint
