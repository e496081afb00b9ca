// Compose services, images and projects.

#include "lint/rules.hpp"
#include "spec/exporter_types.hpp"
#include "spec/image_version.hpp"
#include "spec/places.hpp"
#include "spec/ports.hpp"
#include "spec/rollout.hpp"

#include <algorithm>
#include <map>

namespace vigie::lint {
namespace {

using spec::FieldPath;

void lintImage(const FieldPath& at, const std::string& image, const spec::Reporter& report) {
    const bool digest = image.find("@sha256:") != std::string::npos;
    if (!image.empty() && !digest && !spec::imageVersion(image)) {
        report.warning(
            code::VG0406, at, "the image `" + image + "` names no version",
            "write a version, such as `:v3.5.0`; otherwise a later pull may bring another version");
    }
}

void lintImages(const spec::Stack& stack, const spec::Reporter& report) {
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        lintImage(FieldPath{"spec", "exporters"}[i] / "image", stack.exporters[i].image, report);
    }
    if (stack.prometheus) {
        lintImage({"spec", "prometheus", "image"}, stack.prometheus->image, report);
    }
    if (stack.alertmanager) {
        lintImage({"spec", "alertmanager", "image"}, stack.alertmanager->image, report);
    }
    if (stack.jaeger) {
        lintImage({"spec", "jaeger", "image"}, stack.jaeger->image, report);
    }
    if (stack.grafana) {
        lintImage({"spec", "grafana", "image"}, stack.grafana->image, report);
    }
}

void lintPorts(const spec::Stack& stack, const spec::Reporter& report) {
    const auto waitedFor = spec::waitedFor(stack);
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        std::map<int, std::string> seen;
        auto ports = spec::portsPublished(stack, stack.hosts[i]);
        if (stack.selfMonitoring.enabled) {
            ports.push_back({stack.selfMonitoring.port, "vigie's own metrics"});
        } else if (waitedFor.count(stack.hosts[i].name) != 0) {
            ports.push_back({stack.selfMonitoring.port, "vigie itself"});
        }
        for (const auto& application : stack.applications) {
            if (application.metrics && stack.hostOf(application.project) == &stack.hosts[i]) {
                ports.push_back({application.metrics->port, "application `" + application.name + "`"});
            }
        }
        for (const auto& port : ports) {
            const auto [first, inserted] = seen.emplace(port.number, port.purpose);
            // Two applications may be two paths of one program.
            const bool shared =
                first->second.starts_with("application") && port.purpose.starts_with("application");
            if (!inserted && port.number != 0 && !shared) {
                report.error(code::VG0402, FieldPath{"spec", "hosts"}[i],
                             "port " + std::to_string(port.number) + " of host `" + stack.hosts[i].name +
                                 "` is used twice: by " + first->second + " and by " + port.purpose,
                             "give one of them another `port`");
            }
        }
    }
}

void lintProjects(const spec::Stack& stack, const spec::Reporter& report) {
    std::map<std::string, std::string> seen;
    for (std::size_t i = 0; i < stack.projects.size(); ++i) {
        const auto& project = stack.projects[i];
        const FieldPath at = FieldPath{"spec", "projects"}[i];
        if (project.directory.empty()) {
            continue;
        }
        if (const auto place = spec::neverWritten(project.directory)) {
            report.error(code::VG0474, at / "directory",
                         "`" + project.directory + "` cannot be the directory of a project: " +
                             std::string(*place) + " is reserved",
                         "choose a directory such as `/opt/" + project.name + "`");
        }
        const auto [first, inserted] = seen.emplace(project.host + ":" + project.directory, project.name);
        if (!inserted) {
            report.error(code::VG0409, at / "directory",
                         "projects `" + first->second + "` and `" + project.name +
                             "` have the same directory on the same host",
                         "give each project a directory of its own");
        }
        if (!project.ours() && project.envFile == project.overrideFile) {
            report.error(code::VG0408, at / "envFile",
                         "`" + project.overrideFile +
                             "` is both your own file and the override file that vigie writes",
                         "give `overrideFile` another name");
        }
        for (std::size_t j = 0; j < project.composeFiles.size(); ++j) {
            if (project.composeFiles[j] == project.overrideFile) {
                report.error(code::VG0408, (at / "composeFiles")[j],
                             "`" + project.overrideFile +
                                 "` is both your own file and the override file that vigie writes",
                             "give `overrideFile` another name");
            }
        }
    }
}

/// Two components that write the same service of the same project would overwrite each other.
class Services {
public:
    explicit Services(const spec::Reporter& report) : report_(report) {}

    void see(const std::string& project, const std::string& service, const std::string& what,
             const FieldPath& at) {
        if (project.empty() || service.empty()) {
            return;
        }
        const auto [first, inserted] = seen_.emplace(project + "/" + service, what);
        if (!inserted) {
            report_.error(code::VG0417, at,
                          "service `" + service + "` of project `" + project + "` is defined twice: as " +
                              first->second + " and as " + what,
                          "give one of them another `service`");
        }
    }

private:
    const spec::Reporter& report_;
    std::map<std::string, std::string> seen_;
};

void lintServiceNames(const spec::Stack& stack, const spec::Reporter& report) {
    Services services(report);
    const auto server = [&](const char* name, const auto& component) {
        if (component) {
            services.see(component->project, name, name, FieldPath{"spec", name} / "project");
        }
    };
    const auto replicas = [&](const char* name, const auto& component) {
        for (std::size_t i = 0; component && i < component->replicas.size(); ++i) {
            services.see(component->replicas[i].project, name, std::string("a replica of ") + name,
                         FieldPath{"spec", name, "replicas"}[i] / "project");
        }
    };
    server("prometheus", stack.prometheus);
    server("alertmanager", stack.alertmanager);
    server("jaeger", stack.jaeger);
    server("grafana", stack.grafana);
    replicas("prometheus", stack.prometheus);
    replicas("alertmanager", stack.alertmanager);
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        const FieldPath at = FieldPath{"spec", "exporters"}[i];
        services.see(exporter.project, exporter.name.empty() ? "" : exporter.serviceName(),
                     "exporter `" + exporter.name + "`", at / "name");
        if (!exporter.name.empty() && exporter.serviceName() == exporter.observedService()) {
            report.error(code::VG0417, at / toText(exporter.type) / "service",
                         "the exporter's own service would replace the " +
                             std::string(exporter.row().observes) + " that it observes",
                         "give the exporter another `service`");
        }
        const auto application =
            std::find_if(stack.applications.begin(), stack.applications.end(), [&](const auto& each) {
                return each.project == exporter.project && each.service == exporter.serviceName();
            });
        if (!exporter.name.empty() && !exporter.project.empty() && application != stack.applications.end()) {
            report.error(code::VG0417, at / (exporter.service.empty() ? "name" : "service"),
                         "the exporter's own service `" + exporter.serviceName() +
                             "` would replace application `" + application->name + "`",
                         "give the exporter another `service`");
        }
    }
    std::map<std::string, std::string> variables;
    std::map<std::string, std::string> rebuilds;
    for (std::size_t i = 0; i < stack.applications.size(); ++i) {
        const auto& application = stack.applications[i];
        const FieldPath at = FieldPath{"spec", "applications"}[i];
        const auto* project = stack.project(application.project);
        if (project != nullptr && project->ours()) {
            report.error(code::VG0418, at / "project",
                         "project `" + project->name +
                             "` is rendered entirely by vigie and has no service `" + application.service +
                             "`",
                         "name the project that has the application, one with `composeFiles`");
        }
        if (!application.rebuild.empty() && !application.service.empty()) {
            const auto [first, inserted] =
                rebuilds.emplace(application.project + "/" + application.service, application.rebuild);
            if (!inserted && first->second != application.rebuild) {
                report.error(code::VG0417, at / "rebuild",
                             "two applications rebuild service `" + application.service + "` differently",
                             "write the same `rebuild` for both, or keep only one");
            }
        }
        if (application.traces && !application.service.empty() && !application.traces->variable.empty()) {
            const auto [first, inserted] = variables.emplace(
                application.project + "/" + application.service + "/" + application.traces->variable,
                application.traces->protocol);
            if (!inserted && first->second != application.traces->protocol) {
                report.error(code::VG0417, at / "traces",
                             "two applications set `" + application.traces->variable + "` of service `" +
                                 application.service + "` to different endpoints",
                             "choose one `protocol`");
            }
        }
    }
}

}  // namespace

void lintServices(const spec::Stack& stack, const spec::Reporter& report) {
    lintImages(stack, report);
    lintPorts(stack, report);
    lintProjects(stack, report);
    lintServiceNames(stack, report);
}

}  // namespace vigie::lint
