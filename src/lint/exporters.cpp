// Exporters, what they observe, and the variables of containers.

#include "base/redact.hpp"
#include "lint/rules.hpp"
#include "spec/otel.hpp"
#include "spec/places.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace vigie::lint {
namespace {

using spec::Exporter;
using spec::FieldPath;

struct Section {
    std::string_view name;
    bool there = false;
};

std::array<Section, 8> sectionsOf(const Exporter& exporter) {
    return {Section{"pgbouncer", !(exporter.pgbouncer == spec::Pgbouncer{})},
            {"postgres", exporter.postgres.has_value()},
            {"redis", exporter.redis.has_value()},
            {"nginx", exporter.nginx.has_value()},
            {"node", exporter.node.has_value()},
            {"cadvisor", exporter.cadvisor.has_value()},
            {"blackbox", exporter.blackbox.has_value()},
            {"custom", exporter.custom.has_value()}};
}

void lintSections(const Exporter& exporter, const FieldPath& at, const spec::Reporter& report) {
    const auto* type = spec::exporterType(exporter.type);
    if (type == nullptr) {
        return;  // the schema has said so
    }
    for (const auto& section : sectionsOf(exporter)) {
        if (section.there && section.name != type->name) {
            report.error("VG0480", at / section.name,
                         "`" + std::string(section.name) + "` means nothing to an exporter of type `" +
                             exporter.type + "`",
                         "remove it, or write `type: " + std::string(section.name) + "`");
        } else if (!section.there && section.name == type->name && type->needsSection &&
                   !report.written(at / section.name)) {
            report.error("VG0480", at, "exporter `" + exporter.name + "` lacks `" + exporter.type + "`",
                         "add a section `" + exporter.type + "`, which says what is observed");
        }
    }
    if (exporter.image.empty() && type->image.empty() && !report.written(at / "image")) {
        report.error("VG0494", at, "exporter `" + exporter.name + "` has no image",
                     "add `image`, with the version that was tested");
    }
}

/// What it observes is in the same project, and that is the user's own.
void lintObserved(const spec::Stack& stack, const Exporter& exporter, const FieldPath& at,
                  const spec::Reporter& report) {
    const auto* project = stack.project(exporter.project);
    if (project == nullptr || !project->ours()) {
        return;
    }
    const auto refuse = [&](const FieldPath& field, const std::string& service) {
        report.error(
            "VG0481", field,
            "project `" + project->name + "` is rendered by vigie and has no service `" + service + "`",
            "let the exporter join the project of that service, with its `composeFiles`");
    };
    if (!exporter.observedService().empty()) {
        refuse(at / exporter.type / "service", exporter.observedService());
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
        report.warning("VG0491", at / "postgres" / "database",
                       "`pgbouncer` is PgBouncer's console, which knows none of PostgreSQL's views",
                       "write a database of the server, such as `postgres`, or `type: pgbouncer`");
    }
    const bool pooler =
        std::any_of(stack.exporters.begin(), stack.exporters.end(), [&](const Exporter& other) {
            return other.project == exporter.project && other.pgbouncer.service == postgres.service;
        });
    if (pooler) {
        report.warning(
            "VG0491", at / "postgres" / "service",
            "`" + postgres.service + "` is a PgBouncer, and each query may meet another connection",
            "name the service of the PostgreSQL server itself");
    }
}

/// Both show the whole host, whatever project they are in.
void lintOncePerHost(const spec::Stack& stack, const spec::Reporter& report) {
    std::map<std::pair<const spec::Host*, std::string>, std::string> seen;
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        const auto* host = stack.hostOf(exporter.project);
        if (host == nullptr || (exporter.type != "node" && exporter.type != "cadvisor")) {
            continue;
        }
        const auto [first, inserted] = seen.emplace(std::pair{host, exporter.type}, exporter.name);
        if (!inserted) {
            report.warning("VG0492", FieldPath{"spec", "exporters"}[i],
                           "`" + first->second + "` and `" + exporter.name + "` both show the whole host `" +
                               host->name + "`",
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
                report.warning(
                    "VG0495", here / "source",
                    "through `" + volume.source + "` the container reaches the engine's socket",
                    "who may ask the engine is root on the host, also by a read-only mount: mount less");
                break;
            }
        }
        if (const auto place = spec::neverShown(volume.source)) {
            report.error("VG0474", here / "source",
                         "no container may see `" + volume.source + "`: " + std::string(*place) +
                             " holds keys or passwords of the host",
                         "mount only what the program reads");
        }
        if (!volume.target.empty() &&
            (!targets.insert(volume.target).second || below(volume.target, "/etc/vigie-exporter"))) {
            report.error("VG0493", here / "target", "something else is mounted at `" + volume.target + "`",
                         "choose another path; `/etc/vigie-exporter` holds what vigie writes");
        }
    }
    for (std::size_t i = 0; i < exporter.custom->command.size(); ++i) {
        const auto& argument = exporter.custom->command[i];
        if (redactLine(argument) != argument) {
            report.warning("VG0490", (at / "custom" / "command")[i],
                           "a secret seems to stand here in plain text",
                           "seal it and write `env` with `fileFrom` or `valueFrom`");
        }
    }
}

void lintUserlist(const Exporter& exporter, const FieldPath& at, const std::string& host,
                  std::map<std::string, std::string>& files, const spec::Reporter& report) {
    const auto& userlist = exporter.pgbouncer.userlist;
    if (!userlist) {
        return;
    }
    const FieldPath here = at / "pgbouncer" / "userlist";
    const auto [first, inserted] = files.emplace(host + ":" + userlist->file, exporter.name);
    if (!inserted && !userlist->file.empty()) {
        report.error("VG0497", here / "file",
                     "exporters `" + first->second + "` and `" + exporter.name + "` write the same file",
                     "write one `userlist`, and name the other users in its `users`");
    }
    for (std::size_t i = 0; i < userlist->users.size(); ++i) {
        if (userlist->users[i].name == exporter.pgbouncer.user && !exporter.pgbouncer.user.empty()) {
            report.error("VG0497", (here / "users")[i] / "name",
                         "`" + exporter.pgbouncer.user + "` is in the list already: the exporter's own user",
                         "remove it from `users`");
        }
    }
}

/// What vigie sets itself in an exporter's container, and what would win over it.
std::set<std::string> ownVariables(const Exporter& exporter) {
    if (exporter.type == "postgres") {
        return {"DATA_SOURCE_NAME",      "DATA_SOURCE_URI",      "DATA_SOURCE_USER",     "DATA_SOURCE_PASS",
                "DATA_SOURCE_PASS_FILE", "DATA_SOURCE_URI_FILE", "DATA_SOURCE_USER_FILE"};
    }
    if (exporter.type == "redis") {
        return {"REDIS_ADDR", "REDIS_USER", "REDIS_PASSWORD", "REDIS_PASSWORD_FILE"};
    }
    if (exporter.type == "pgbouncer") {
        return {"PGPASSFILE", "PGBOUNCER_EXPORTER_CONNECTION_STRING"};
    }
    return {};
}

std::set<std::string> ownVariables(const spec::Application& application) {
    std::set<std::string> out;
    if (application.traces && !application.traces->variable.empty()) {
        out.insert(application.traces->variable);
    }
    if (application.traces && application.traces->variables == "otel") {
        out.insert({"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_SERVICE_NAME",
                    "OTEL_RESOURCE_ATTRIBUTES"});
    }
    return out;
}

/// The file in an exporter's directory that holds its own password; files of variables are called like
/// these. Empty: there is none.
std::string ownFile(const Exporter& exporter) {
    if (exporter.type == "pgbouncer" && exporter.pgbouncer.passwordIn != "command") {
        return "pgpass";
    }
    if (exporter.postgres) {
        return "password";
    }
    return exporter.redis && exporter.redis->passwordFrom ? "passwords.json" : "";
}

void lintFilesOfVariables(const Exporter& exporter, const FieldPath& at, const spec::Reporter& report) {
    const auto own = ownFile(exporter);
    for (std::size_t i = 0; i < exporter.env.size(); ++i) {
        if (exporter.env[i].fileFrom && !own.empty() && exporter.env[i].name == own) {
            report.error("VG0488", at[i] / "name",
                         "the file of `" + own + "` would be the one in which the exporter's own password is",
                         "choose another variable: its file has the same name");
        }
    }
}

void lintVariables(const std::vector<spec::EnvVar>& env, const std::set<std::string>& own,
                   const FieldPath& at, const spec::Reporter& report) {
    for (std::size_t i = 0; i < env.size(); ++i) {
        const auto& variable = env[i];
        const int sources =
            (variable.value.empty() ? 0 : 1) + (variable.valueFrom ? 1 : 0) + (variable.fileFrom ? 1 : 0);
        if (sources > 1) {
            report.error("VG0488", at[i], "`" + variable.name + "` gets its value from several places",
                         "keep one of `value`, `valueFrom` and `fileFrom`");
        }
        if (own.count(variable.name) != 0) {
            report.error("VG0488", at[i] / "name", "vigie sets `" + variable.name + "` itself",
                         "remove it: the fields beside `env` say it");
        }
        if (variable.valueFrom) {
            report.info("VG0487", at[i] / "valueFrom",
                        "who may ask the engine can read `" + variable.name + "` (`docker inspect`)",
                        "write `fileFrom` where the program knows a variable for a file, such as `" +
                            variable.name + "_FILE`");
        }
        const std::string setting = variable.name + "=" + variable.value;
        if (!variable.value.empty() && redactLine(setting) != setting) {
            report.warning("VG0490", at[i] / "value", "a secret seems to stand here in plain text",
                           "seal it and write `fileFrom` or `valueFrom`");
        }
    }
}

/// One service may hold several applications: what one sets must not be what another sets differently.
class SetBy {
public:
    explicit SetBy(const spec::Reporter& report) : report_(report) {}

    void see(const spec::Application& application, const std::string& variable, const std::string& value,
             const FieldPath& at) {
        if (application.service.empty()) {
            return;
        }
        const auto [first, inserted] =
            seen_.emplace(application.project + "/" + application.service + "/" + variable, value);
        if (!inserted && first->second != value) {
            report_.error("VG0488", at,
                          "two applications of service `" + application.service + "` set `" + variable +
                              "` differently",
                          "set it for one of them");
        }
    }

private:
    const spec::Reporter& report_;
    std::map<std::string, std::string> seen_;
};

std::string sourceOf(const spec::EnvVar& variable) {
    if (variable.fileFrom) {
        return "file " + variable.fileFrom->secret + " " + std::to_string(variable.fileFrom->uid.value_or(0));
    }
    return variable.valueFrom ? "secret " + variable.valueFrom->secret : "value " + variable.value;
}

void lintApplicationVariables(const spec::Stack& stack, const spec::Reporter& report) {
    SetBy setBy(report);
    for (std::size_t i = 0; i < stack.applications.size(); ++i) {
        const auto& application = stack.applications[i];
        const FieldPath at = FieldPath{"spec", "applications"}[i];
        if (application.traces && application.traces->variable.empty() &&
            application.traces->variables.empty() && !report.written(at / "traces" / "variable") &&
            !report.written(at / "traces" / "variables")) {
            report.error("VG0489", at / "traces",
                         "application `" + application.name + "` does not say which variable it reads",
                         "add `variable: OTEL_ENDPOINT`, or `variables: otel` for OpenTelemetry's own");
        }
        if (application.traces &&
            spec::otelVariable(application.traces->variable) == spec::OtelVariable::other) {
            report.error(
                "VG0498", at / "traces" / "variable",
                "OpenTelemetry's `" + application.traces->variable + "` holds no endpoint of traces",
                "write `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, or `variables: otel` for all that its SDKs "
                "want to know");
        }
        if (application.traces && application.traces->variables == "otel") {
            setBy.see(application, "OTEL_SERVICE_NAME", "otel " + application.name,
                      at / "traces" / "variables");
        }
        lintVariables(application.env, ownVariables(application), at / "env", report);
        for (std::size_t j = 0; j < application.env.size(); ++j) {
            setBy.see(application, application.env[j].name, sourceOf(application.env[j]), (at / "env")[j]);
        }
    }
}

}  // namespace

bool exporterUses(const spec::Stack& stack, const std::string& project, std::string_view directory) {
    return std::any_of(stack.exporters.begin(), stack.exporters.end(), [&](const Exporter& exporter) {
        const bool files = !ownFile(exporter).empty() || exporter.blackbox ||
                           std::any_of(exporter.env.begin(), exporter.env.end(),
                                       [](const auto& variable) { return variable.fileFrom.has_value(); });
        return files && exporter.project == project && exporter.serviceName() == directory;
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
        lintVariables(exporter.env, ownVariables(exporter), at / "env", report);
        lintFilesOfVariables(exporter, at / "env", report);
        if (exporter.cadvisor && exporter.cadvisor->privileged) {
            report.info("VG0496", at / "cadvisor" / "privileged",
                        "this container may do everything on its host",
                        "leave it away unless you need the metrics of processes that were killed for memory");
        }
    }
    lintOncePerHost(stack, report);
    lintApplicationVariables(stack, report);
}

}  // namespace vigie::lint
