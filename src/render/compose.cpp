// Compose files and overrides.

#include "render/alertmanager.hpp"
#include "render/attached.hpp"
#include "render/builder.hpp"
#include "render/exporters.hpp"
#include "render/grafana.hpp"
#include "render/jaeger.hpp"
#include "render/kernel_settings.hpp"
#include "render/placement.hpp"
#include "render/prometheus.hpp"
#include "render/service.hpp"
#include "spec/address.hpp"
#include "spec/datasources.hpp"
#include "spec/exposure.hpp"
#include "spec/otel.hpp"
#include "spec/ports.hpp"
#include "spec/registry.hpp"
#include "spec/topology.hpp"

#include <algorithm>
#include <map>

namespace vigie::render {
namespace {

constexpr const char* kRestart = "unless-stopped";
constexpr const char* kTunnel = "vpn";  ///< the exposure of what only hosts of ours reach

Service prometheusService(const Builder& builder, const spec::Project& project) {
    const auto& prometheus = *builder.stack.prometheus;
    constexpr int kContainerPort = 9090;
    Service out;
    out.name = "prometheus";
    out.component = out.name;
    out.image = prometheus.image;
    out.user = userText(spec::kPrometheusUser);
    out.restart = kRestart;
    out.command = prometheusArguments(builder.stack, builder.host);
    if (spec::prometheusInHostNetwork(builder.stack)) {
        out.hostNetwork = true;
    } else {
        publish(out, builder, prometheus.exposure, prometheus.port, kContainerPort);
    }
    const std::string data = prometheusDataDirectory(project, prometheus);
    out.mounts = {{"./" + serverDirectory(project, "prometheus"), "/etc/prometheus", true},
                  dataMount(prometheus.had, "." + data.substr(project.directory.size()), "/prometheus")};
    place(out, prometheus.had);
    return out;
}

Service alertmanagerService(const Builder& builder, const spec::Project& project) {
    const auto& alertmanager = *builder.stack.alertmanager;
    constexpr int kContainerPort = 9093;
    Service out;
    out.name = "alertmanager";
    out.component = out.name;
    out.image = alertmanager.image;
    out.user = userText(alertmanagerUser(builder));
    out.restart = kRestart;
    out.command = alertmanagerArguments(builder.stack, builder.host);
    if (spec::alertmanagerInHostNetwork(builder.stack)) {
        out.hostNetwork = true;
    } else {
        publish(out, builder, alertmanager.exposure, alertmanager.port, kContainerPort);
        if (alertmanager.clustered()) {
            const int port = spec::clusterPort(alertmanager);
            publish(out, builder, kTunnel, port, port);
            publish(out, builder, kTunnel, port, port, true);
        }
    }
    const std::string data = spec::alertmanagerData(project);
    out.mounts = {alertmanagerMount(project, alertmanager),
                  dataMount(alertmanager.had, "." + data.substr(project.directory.size()), "/alertmanager")};
    place(out, alertmanager.had);
    return out;
}

Service jaegerService(const Builder& builder) {
    const auto& jaeger = *builder.stack.jaeger;
    constexpr int kPagePort = 16686;
    Service out = jaegerContainer(builder.stack.projectNamed(jaeger.project), jaeger);
    out.component = "jaeger";
    out.restart = kRestart;
    publish(out, builder, jaeger.exposure, jaeger.port, kPagePort);
    publish(out, builder, jaeger.otlpExposure, spec::kOtlpGrpcPort, spec::kOtlpGrpcPort);
    publish(out, builder, jaeger.otlpExposure, spec::kOtlpHttpPort, spec::kOtlpHttpPort);
    place(out, jaeger.had);
    return out;
}

Service grafanaService(const Builder& builder) {
    const auto& grafana = *builder.stack.grafana;
    Service out = grafanaContainer(builder);
    out.component = "grafana";
    out.restart = kRestart;
    if (!out.hostNetwork) {
        publish(out, builder, grafana.exposure, grafana.port, spec::kGrafanaPort);
    }
    place(out, grafana.had);
    return out;
}

/// `http://address:port` of Jaeger's OTLP receiver.
std::string otlpEndpoint(const spec::Stack& stack, const std::string& protocol) {
    // Without a tunnel the application joins Jaeger's network, where its service's name is its address.
    const std::string address =
        spec::joined(stack) ? spec::addressOf(stack, stack.hostOfProject(stack.jaeger->project)) : "jaeger";
    return "http://" +
           spec::hostPort(address, protocol == "grpc" ? spec::kOtlpGrpcPort : spec::kOtlpHttpPort);
}

void addTraces(Service& service, const Builder& builder, const spec::Application& application) {
    const auto& traces = *application.traces;
    const bool grpc = traces.protocol == "grpc";
    const std::string endpoint = otlpEndpoint(builder.stack, traces.protocol);
    if (!traces.variable.empty()) {
        service.environment[traces.variable] = spec::tracesEndpoint(traces.variable, endpoint, grpc);
    }
    if (traces.variables == "otel") {
        // Source: spec/otel.hpp. Names of ours need no escapes in a list of attributes.
        service.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        service.environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = grpc ? "grpc" : "http/protobuf";
        service.environment["OTEL_SERVICE_NAME"] = application.name;
        service.environment["OTEL_RESOURCE_ATTRIBUTES"] =
            "service.namespace=" + builder.stack.name + ",host.name=" + builder.host.name;
    }
    if (!spec::joined(builder.stack) && builder.stack.jaeger->project != application.project) {
        service.networks = {builder.stack.jaeger->project + "_default"};
    }
}

/// What the user's own services get, by service: one service may hold several applications.
std::map<std::string, Service> additions(const Builder& builder, const spec::Project& project) {
    std::map<std::string, Service> out;
    for (const auto& application : builder.stack.applications) {
        const bool traced = application.traces && builder.stack.jaeger;
        if (application.project != project.name || (!traced && application.env.empty())) {
            continue;
        }
        auto& service = out[application.service];
        service.name = application.service;
        addEnvironment(service, builder, application.env, kApplicationMount);
        if (traced) {
            addTraces(service, builder, application);
        }
    }
    for (auto& [name, service] : out) {
        if (const auto files = applicationFiles(builder, project.name, name); !files.empty()) {
            service.mounts = {{"./" + applicationDirectory(name), kApplicationMount, true}};
            service.contentDigest = digestOf(files);
        }
    }
    return out;
}

std::vector<Service> servicesOf(const Builder& builder, const spec::Project& project) {
    const auto& stack = builder.stack;
    std::vector<Service> out;
    if (const auto server = stack.prometheusOn(builder.host);
        server && server->project == project.name && !stack.prometheus->had.attach) {
        out.push_back(prometheusService(builder, project));
    }
    if (stack.alertmanagerOn(builder.host) == project.name && !stack.alertmanager->had.attach) {
        out.push_back(alertmanagerService(builder, project));
    }
    if (stack.jaeger && stack.jaeger->project == project.name && !stack.jaeger->had.attach) {
        out.push_back(jaegerService(builder));
    }
    if (stack.grafana && stack.grafana->project == project.name && !stack.grafana->had.attach) {
        out.push_back(grafanaService(builder));
    }
    for (auto& [name, service] : additions(builder, project)) {
        out.push_back(std::move(service));
    }
    for (const auto& exporter : stack.exporters) {
        if (exporter.project == project.name && !exporter.attach) {
            out.push_back(exporterService(builder, exporter, project));
        }
    }
    return out;
}

/// What must be there before the container starts.
std::vector<std::string> filesOf(const Builder& builder, const spec::Project& project,
                                 const Service& service) {
    std::vector<std::string> out;
    for (const auto& mount : service.mounts) {
        const std::string path = mount.path(project.directory);
        for (const auto& resource : builder.resources()) {
            const std::string file = "file:" + path + "/";
            if (resource.id == "directory:" + path || resource.id.starts_with(file)) {
                out.push_back(resource.id);
            }
        }
    }
    return out;
}

/// The compose project as the tool is told about it.
ComposeProject toolProject(const spec::Project& project, const std::string& ourFile) {
    ComposeProject out{project.name, project.directory, project.composeFiles, {}, project.ours()};
    if (!ourFile.empty()) {
        out.files.push_back(ourFile);
    }
    if (!project.envFile.empty()) {
        out.envFiles = {".env", project.envFile};  // naming one switches the implicit .env off
    }
    return out;
}

spec::FieldPath fieldOf(const spec::Stack& stack, const spec::Project& project) {
    return spec::FieldPath{"spec", "projects"}[static_cast<std::size_t>(&project - stack.projects.data())];
}

void renderProject(Builder& builder, const spec::Project& project) {
    builder.from(fieldOf(builder.stack, project) / (project.ours() ? "directory" : "overrideFile"));
    const auto services = servicesOf(builder, project);
    if (services.empty()) {
        return;
    }
    const auto directory = builder.directory(project.directory, "the project's directory");
    const std::string name = project.ours() ? "compose.yaml" : project.overrideFile;
    const Text content = composeFile(project.ours() ? project.name : "", services);
    const unsigned mode = content.hasSecrets() ? 0600 : 0644;
    const auto fileId =
        builder.file({project.directory + "/" + name, content, mode, {}},
                     project.ours() ? "the compose project " + project.name
                                    : "what vigie adds to the compose project " + project.name,
                     {directory});
    const auto registries = spec::registriesOf(builder.stack, builder.host);
    for (const auto& service : services) {
        auto dependsOn = filesOf(builder, project, service);
        dependsOn.push_back(fileId);
        if (builder.stack.jaeger && !service.whole() && !service.networks.empty()) {
            // made with the first container of the project that has it
            dependsOn.push_back("compose:" + builder.stack.jaeger->project + "/jaeger");
        }
        const bool login =
            std::any_of(registries.begin(), registries.end(), [&](const spec::Registry* registry) {
                return service.whole() && spec::registryOf(service.image) == registry->server;
            });
        builder.add({"compose:" + project.name + "/" + service.name,
                     ComposeService{{toolProject(project, name), service}, login}, std::move(dependsOn),
                     "the container of " + service.name});
    }
}

void renderRebuilds(Builder& builder, const spec::Project& project) {
    for (const auto& application : builder.stack.applications) {
        if (application.project == project.name && !application.rebuild.empty()) {
            const std::string id = project.name + "/" + application.service;
            const std::string file = project.directory + "/" + project.overrideFile;
            const bool overridden = builder.has("file:" + file);
            builder.add({"rebuild:" + id,
                         Rebuild{toolProject(project, overridden ? project.overrideFile : ""),
                                 application.service, application.rebuild},
                         builder.has("compose:" + id) ? std::vector<std::string>{"compose:" + id}
                                                      : std::vector<std::string>{},
                         "the image of " + application.service + " is built anew"});
        }
    }
}

/// A container that is bound to the VPN address cannot start before the tunnel has it, and is not tried
/// again.
void orderDockerAfterTunnel(Builder& builder) {
    const std::string unit = "wg-quick@" + builder.stack.wireguard.interface + ".service";
    const std::string directory = "/etc/systemd/system/docker.service.d";
    const auto id = builder.directory(directory, "how docker is started");
    builder.file({directory + "/50-vigie.conf",
                  "# " + std::string(kManaged) + "\n[Unit]\nAfter=" + unit + "\n",
                  0644,
                  {}},
                 "docker starts after the tunnel: its ports are bound to the VPN address", {id});
}

/// The address of a network that is somebody else's comes when it likes, and the engine tries once: a
/// container whose port cannot be bound stays away, whatever its restart policy (docker 20.10 to 28). So
/// addresses that are not there yet may be bound.
void bindBeforeTheAddressComes(Builder& builder) {
    const bool v6 = spec::addressOf(builder.stack, builder.host).find(':') != std::string::npos;
    kernelSettings(builder, {v6 ? "net.ipv6.ip_nonlocal_bind" : "net.ipv4.ip_nonlocal_bind"},
                   "programs start before the address of the network is there");
}

}  // namespace

void renderCompose(Builder& builder) {
    const auto ports = spec::portsPublished(builder.stack, builder.host);
    if (std::any_of(ports.begin(), ports.end(),
                    [](const spec::Port& port) { return port.exposure == spec::Exposure::vpn; })) {
        if (builder.stack.wireguard.exists()) {
            builder.from({"spec", "wireguard"});
            orderDockerAfterTunnel(builder);
        } else {
            builder.from({"spec", "network"});
            bindBeforeTheAddressComes(builder);
        }
    }
    std::vector<const spec::Project*> projects;
    for (const auto& project : builder.stack.projects) {
        if (project.host == builder.host.name) {
            projects.push_back(&project);
        }
    }
    if (!spec::joined(builder.stack)) {  // the others may join our networks
        std::stable_partition(projects.begin(), projects.end(),
                              [](const spec::Project* project) { return project->ours(); });
    }
    for (const auto* project : projects) {
        renderProject(builder, *project);
        renderRebuilds(builder, *project);
    }
}

namespace {

/// `program.configPath` is the configuration below its directory.
void addAttachedReload(Builder& builder, ConfiguredProgram program, const std::string& purpose) {
    const auto name = program.attached->name();
    const auto main = kinds::attachedId(name, program.configPath);
    program.baseUrl = "attached:" + name;
    program.configPath = name + "/" + program.configPath;
    const bool prometheus = program.program == Reload::Program::prometheus;
    builder.add({prometheus ? "reload:prometheus" : "reload:alertmanager",
                 Reload{std::move(program)},
                 {main},
                 purpose});
}

}  // namespace

void renderReloads(Builder& builder) {
    const auto& stack = builder.stack;
    builder.from({"spec"});
    const auto url = [&](const auto& server) {
        return "http://" +
               spec::hostPort(spec::ownAddress(stack, builder.host, server.exposure), server.port) +
               server.web.prefix();
    };
    if (const auto server = stack.prometheusOn(builder.host); server && stack.prometheus->had.attach) {
        if (spec::writesConfiguration(*stack.prometheus)) {
            addAttachedReload(
                builder,
                {.program = Reload::Program::prometheus,
                 .baseUrl = {},
                 .digest = prometheusDigest(stack, *server, builder.inputs),
                 .jobs = prometheusJobs(stack, *server, builder.inputs),
                 .configPath = kPrometheusFile,
                 .attached = attachedProgram(builder, *stack.prometheus->had.attach, server->project)},
                "Prometheus has loaded this configuration");
        }
    } else if (server) {
        const auto& project = stack.projectNamed(server->project);
        Reload reload{{.program = Reload::Program::prometheus,
                       .baseUrl = url(*stack.prometheus),
                       .digest = prometheusDigest(stack, *server, builder.inputs),
                       .jobs = prometheusJobs(stack, *server, builder.inputs),
                       .configPath = prometheusDirectory(project) + "/" + kPrometheusFile}};
        const std::string file = "file:" + reload.configPath;
        builder.add({"reload:prometheus",
                     std::move(reload),
                     {file, "compose:" + project.name + "/prometheus"},
                     "Prometheus has loaded this configuration"});
    }
    if (const auto server = stack.alertmanagerOn(builder.host);
        !server.empty() && stack.alertmanager->had.attach) {
        if (spec::writesConfiguration(*stack.alertmanager)) {
            addAttachedReload(builder,
                              {.program = Reload::Program::alertmanager,
                               .baseUrl = {},
                               .digest = {},
                               .jobs = {},
                               .configPath = kAlertmanagerFile,
                               .attached = attachedProgram(builder, *stack.alertmanager->had.attach, server)},
                              "Alertmanager has loaded this configuration");
        }
    } else if (!server.empty()) {
        const auto& project = stack.projectNamed(server);
        Reload reload{{.program = Reload::Program::alertmanager,
                       .baseUrl = url(*stack.alertmanager),
                       .digest = alertmanagerDigest(stack, builder.inputs),
                       .jobs = {},
                       .configPath = alertmanagerFile(project, *stack.alertmanager)}};
        std::vector<std::string> after = {"compose:" + project.name + "/alertmanager"};
        if (stack.alertmanager->configFile.empty()) {
            after.insert(after.begin(), "file:" + reload.configPath);
        } else {
            reload.owner = stack.alertmanager->configFile.find('/') == std::string::npos
                               ? ConfigOwner::userFile
                               : ConfigOwner::userDirectory;
        }
        builder.add({"reload:alertmanager", std::move(reload), std::move(after),
                     "Alertmanager has loaded this configuration"});
    }
    renderSilences(builder);
}

}  // namespace vigie::render
