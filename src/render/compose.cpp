#include "render/alertmanager.hpp"
#include "render/builder.hpp"
#include "render/exporters.hpp"
#include "render/prometheus.hpp"
#include "render/service.hpp"
#include "spec/address.hpp"
#include "spec/ports.hpp"

#include <map>

namespace vigie::render {
namespace {

constexpr const char* kNobodyUser = "65534:65534";
constexpr const char* kRestart = "unless-stopped";

/// Bound to the VPN address: Docker's own rules bypass the firewall, an address does not.
PublishedPort published(const spec::Host& host, int hostPort, int containerPort) {
    return {host.vpnAddress, hostPort, containerPort};
}

Service prometheusService(const Builder& builder, const spec::Project& project) {
    const auto& prometheus = *builder.stack.prometheus;
    constexpr int kContainerPort = 9090;
    Service out;
    out.name = "prometheus";
    out.image = prometheus.image;
    out.user = kNobodyUser;
    out.restart = kRestart;
    out.command = prometheusArguments(prometheus);
    out.ports = {published(builder.host, prometheus.port, kContainerPort)};
    const std::string data = prometheusDataDirectory(project, prometheus);
    out.mounts = {{"./prometheus", "/etc/prometheus", true},
                  {"." + data.substr(project.directory.size()), "/prometheus", false}};
    return out;
}

Service alertmanagerService(const Builder& builder) {
    const auto& alertmanager = *builder.stack.alertmanager;
    constexpr int kContainerPort = 9093;
    Service out;
    out.name = "alertmanager";
    out.image = alertmanager.image;
    out.user = kNobodyUser;
    out.restart = kRestart;
    out.command = alertmanagerArguments(builder.stack, builder.host);
    out.ports = {published(builder.host, alertmanager.port, kContainerPort)};
    if (alertmanager.clustered()) {
        const int port = spec::clusterPort(alertmanager);
        out.ports.push_back(published(builder.host, port, port));
        out.ports.push_back(published(builder.host, port, port));
        out.ports.back().udp = true;
    }
    out.mounts = {{"./alertmanager", "/etc/alertmanager", true},
                  {"./alertmanager-data", "/alertmanager", false}};
    return out;
}

Service jaegerService(const Builder& builder) {
    const auto& jaeger = *builder.stack.jaeger;
    constexpr int kPagePort = 16686;
    Service out;
    out.name = "jaeger";
    out.image = jaeger.image;
    out.restart = kRestart;
    out.ports = {published(builder.host, jaeger.port, kPagePort),
                 published(builder.host, spec::kOtlpGrpcPort, spec::kOtlpGrpcPort),
                 published(builder.host, spec::kOtlpHttpPort, spec::kOtlpHttpPort)};
    return out;
}

Service exporterService(const Builder& builder, const spec::Exporter& exporter,
                        const spec::Project& project) {
    const SecretValue password = builder.secret(exporter.pgbouncer.passwordFrom.secret);
    constexpr int kContainerPort = 9127;
    Service out;
    out.name = exporter.serviceName();
    out.image = exporter.image;
    out.containerName = project.name + "-" + exporter.serviceName();
    out.user = kNobodyUser;
    out.restart = kRestart;
    out.dependsOn = {exporter.pgbouncer.service};
    Text option("--pgBouncer.connectionString=");
    out.command = {option.appendText(pgbouncerDsn(exporter, password))};
    out.ports = {published(builder.host, exporter.port, kContainerPort)};
    if (exporter.pgbouncer.passwordIn == "passfile") {
        out.environment["PGPASSFILE"] = std::string(kExporterMount) + "/pgpass";
        out.mounts = {{"./" + exporter.serviceName(), kExporterMount, true}};
        // A new password recreates the container: it reads the file when it connects, but compose would not
        // know.
        out.contentDigest = pgbouncerPassfile(exporter, password).digest();
    }
    return out;
}

std::string tracesEndpoint(const spec::Stack& stack, const spec::Traces& traces) {
    const std::string& address = stack.hostOf(stack.jaeger->project)->vpnAddress;
    if (traces.protocol == "grpc") {
        return "http://" + spec::hostPort(address, spec::kOtlpGrpcPort);
    }
    return "http://" + spec::hostPort(address, spec::kOtlpHttpPort) + "/v1/traces";
}

/// The environment that the user's own services get, by service: one service may hold several applications.
std::map<std::string, std::map<std::string, std::string>> environments(const spec::Stack& stack,
                                                                       const spec::Project& project) {
    std::map<std::string, std::map<std::string, std::string>> out;
    for (const auto& application : stack.applications) {
        if (application.project == project.name && application.traces && stack.jaeger) {
            out[application.service][application.traces->variable] =
                tracesEndpoint(stack, *application.traces);
        }
    }
    return out;
}

std::vector<Service> servicesOf(const Builder& builder, const spec::Project& project) {
    const auto& stack = builder.stack;
    std::vector<Service> out;
    if (const auto server = stack.prometheusOn(builder.host); server && server->project == project.name) {
        out.push_back(prometheusService(builder, project));
    }
    if (stack.alertmanagerOn(builder.host) == project.name) {
        out.push_back(alertmanagerService(builder));
    }
    if (stack.jaeger && stack.jaeger->project == project.name) {
        out.push_back(jaegerService(builder));
    }
    for (const auto& [name, environment] : environments(stack, project)) {
        Service service;
        service.name = name;
        service.environment = environment;
        out.push_back(std::move(service));
    }
    for (const auto& exporter : stack.exporters) {
        if (exporter.project == project.name) {
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
        const std::string path = project.directory + mount.source.substr(1);
        for (const auto& resource : builder.resources()) {
            const std::string file = "file:" + path + "/";
            if (resource.id == "directory:" + path || resource.id.substr(0, file.size()) == file) {
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

void renderProject(Builder& builder, const spec::Project& project) {
    const auto services = servicesOf(builder, project);
    if (services.empty()) {
        return;
    }
    const auto directory = builder.directory(project.directory, "the project's directory");
    const std::string name = project.ours() ? "compose.yaml" : project.overrideFile;
    const Text content = composeFile(project.ours() ? project.name : "", services);
    const unsigned mode = content.hasSecrets() ? 0600 : 0644;
    const auto fileId =
        builder.file({project.directory + "/" + name, content, mode, {}}, Effect::recreate,
                     project.ours() ? "the compose project " + project.name
                                    : "what vigie adds to the compose project " + project.name,
                     {directory});
    for (const auto& service : services) {
        auto dependsOn = filesOf(builder, project, service);
        dependsOn.push_back(fileId);
        builder.add({"compose:" + project.name + "/" + service.name,
                     ComposeService{toolProject(project, name), service}, std::move(dependsOn), Effect::none,
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
                         Effect::none, "the image of " + application.service + " is built anew"});
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
                 Effect::none, "docker starts after the tunnel: its ports are bound to the VPN address",
                 {id});
}

}  // namespace

void renderCompose(Builder& builder) {
    if (!spec::portsPublished(builder.stack, builder.host).empty()) {
        orderDockerAfterTunnel(builder);
    }
    for (const auto& project : builder.stack.projects) {
        if (project.host == builder.host.name) {
            renderProject(builder, project);
            renderRebuilds(builder, project);
        }
    }
}

void renderReloads(Builder& builder) {
    const auto& stack = builder.stack;
    const auto url = [&](int port, const spec::Web& web) {
        return "http://" + spec::hostPort(builder.host.vpnAddress, port) + web.prefix();
    };
    if (const auto server = stack.prometheusOn(builder.host)) {
        const auto& project = *stack.project(server->project);
        Reload reload{Reload::Program::prometheus, url(stack.prometheus->port, stack.prometheus->web),
                      prometheusDigest(stack, *server, builder.inputs), scrapeJobs(stack),
                      prometheusDirectory(project) + "/" + kPrometheusFile};
        const std::string file = "file:" + reload.configPath;
        builder.add({"reload:prometheus",
                     std::move(reload),
                     {file, "compose:" + project.name + "/prometheus"},
                     Effect::none,
                     "Prometheus has loaded this configuration"});
    }
    if (const auto server = stack.alertmanagerOn(builder.host); !server.empty()) {
        const auto& project = *stack.project(server);
        Reload reload{Reload::Program::alertmanager,
                      url(stack.alertmanager->port, stack.alertmanager->web),
                      alertmanagerDigest(stack, builder.inputs),
                      {},
                      alertmanagerDirectory(project) + "/" + kAlertmanagerFile};
        const std::string file = "file:" + reload.configPath;
        builder.add({"reload:alertmanager",
                     std::move(reload),
                     {file, "compose:" + project.name + "/alertmanager"},
                     Effect::none,
                     "Alertmanager has loaded this configuration"});
    }
    renderSilences(builder);
}

}  // namespace vigie::render
