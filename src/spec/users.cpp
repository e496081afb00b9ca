// As which user each program runs.

#include "spec/users.hpp"

#include "spec/exporter_types.hpp"
#include "spec/read_yaml.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

constexpr std::size_t kLargestComposeFile = 4U << 20U;

/// What a document says stays, and so does root.
bool keepsUser(const Exporter& exporter) {
    return !exporter.row().movesAtOnce && userOf(exporter) != kRoot;
}

/// Whether the document has the container's user left alone (`spec.ignore`): its files stay with it.
bool leavesUser(const Stack& stack, const ProgramUser& program) {
    return std::any_of(stack.ignore.begin(), stack.ignore.end(), [&](const auto& rule) {
        return rule.resource == "compose:" + program.name &&
               (rule.fields.empty() ||
                std::find(rule.fields.begin(), rule.fields.end(), "user") != rule.fields.end());
    });
}

}  // namespace

bool hasVariableFiles(const Exporter& exporter) {
    return std::any_of(exporter.env.begin(), exporter.env.end(),
                       [](const EnvVar& variable) { return variable.fileFrom.has_value(); });
}

bool ownsFiles(const Exporter& exporter) {
    return !exporter.row().ownFile(exporter).empty() || hasVariableFiles(exporter);
}

Owner userOf(const Exporter& exporter) {
    return exporter.row().user(exporter);
}

Owner userOf(const Alertmanager& alertmanager) {
    return alertmanager.configFile.empty() ? kAlertmanagerUser : kPrometheusUser;
}

std::string alertmanagerData(const Project& project) {
    return project.directory + (project.ours() ? "/alertmanager-data" : "/vigie-alertmanager-data");
}

std::vector<ProgramUser> programsOn(const Stack& stack, const Host& host) {
    std::vector<ProgramUser> out;
    const auto add = [&](const std::string& projectName, const std::string& service, Owner user,
                         FieldPath field) {
        const auto& project = stack.projectNamed(projectName);
        ProgramUser program;
        program.name = project.name + "/" + service;
        program.service = service;
        program.file = project.directory + "/" + (project.ours() ? "compose.yaml" : project.overrideFile);
        program.directory = project.directory + "/" + service;
        program.user = user;
        program.field = std::move(field);
        out.push_back(std::move(program));
    };
    const FieldPath spec{"spec"};
    if (const auto prometheus = stack.prometheusOn(host)) {
        add(prometheus->project, "prometheus", kPrometheusUser, spec / "prometheus");
    }
    if (const auto project = stack.alertmanagerOn(host); !project.empty()) {
        add(project, "alertmanager", userOf(*stack.alertmanager), spec / "alertmanager");
        out.back().keeps = out.back().user != kPrometheusUser;
        if (stack.alertmanager->had.data.empty()) {
            out.back().data = alertmanagerData(stack.projectNamed(project));
        }
    }
    if (stack.jaeger && stack.hostOf(stack.jaeger->project) == &host) {
        add(stack.jaeger->project, "jaeger", kJaegerUser, spec / "jaeger");
    }
    if (stack.grafana && stack.hostOf(stack.grafana->project) == &host) {
        add(stack.grafana->project, "grafana", kGrafanaUser, spec / "grafana");
    }
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        if (stack.hostOf(exporter.project) == &host) {
            add(exporter.project, exporter.serviceName(), userOf(exporter), (spec / "exporters")[i]);
            out.back().keeps = keepsUser(exporter);
            out.back().ownsFiles = ownsFiles(exporter);
        }
    }
    return out;
}

std::map<std::string, std::string> usersIn(std::string_view composeFile) {
    std::map<std::string, std::string> out;
    Diagnostics mistakes;  // the file may be edited by hand; a part that cannot be read is ignored
    YamlLimits limits;
    limits.bytes = kLargestComposeFile;
    limits.aliasNodes = 0;  // vigie writes none
    const auto root = readYaml(composeFile, "compose.yaml", mistakes, limits);
    const auto* services = root ? root->find("services") : nullptr;
    for (const auto& service : services == nullptr ? std::vector<Entry>{} : services->entries) {
        if (const auto* user = service.value.find("user")) {
            out[service.key] = user->scalar;
        }
    }
    return out;
}

std::set<std::string> usersKept(const Stack& stack, const Host& host, const UsersWritten& written) {
    static const std::string kFormer = "65534:65534";
    std::set<std::string> out;
    for (const auto& program : programsOn(stack, host)) {
        const auto file = written.find(program.file);
        const bool moves = stack.uids == "separate" && !leavesUser(stack, program);
        if (!program.keeps || moves || file == written.end()) {
            continue;
        }
        const auto service = file->second.find(program.service);
        if (service != file->second.end() && service->second == kFormer) {
            out.insert(program.name);
        }
    }
    return out;
}

}  // namespace vigie::spec
