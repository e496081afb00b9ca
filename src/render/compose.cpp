#include "base/hash.hpp"
#include "render/alertmanager.hpp"
#include "render/builder.hpp"
#include "render/exporters.hpp"
#include "render/prometheus.hpp"
#include "render/yaml_writer.hpp"
#include "spec/address.hpp"
#include "spec/ports.hpp"

#include <functional>
#include <map>

namespace vigie::render {
namespace {

/// One service of a project, before it is written.
struct Service {
    std::string name;
    std::function<void(YamlWriter&)> body;
    std::vector<std::string> dependsOn;  ///< ids of resources
};

/// A published port. Bound to the VPN address: Docker's own rules bypass the firewall, an address does not.
std::string published(const spec::Host& host, int hostPort, int containerPort) {
    return spec::hostPort(host.vpnAddress, hostPort) + ":" + std::to_string(containerPort);
}

void strings(YamlWriter& yaml, const char* key, const std::vector<std::string>& values) {
    yaml.list(key, [&] {
        for (const auto& value : values) {
            yaml.item(value);
        }
    });
}

constexpr const char* kNobodyUser = "65534:65534";

Service prometheusService(const Builder& builder) {
    const auto& prometheus = *builder.stack.prometheus;
    const auto& project = *builder.stack.project(prometheus.project);
    return {"prometheus",
            [&builder, &prometheus, &project](YamlWriter& yaml) {
                std::vector<std::string> command{"--config.file=/etc/prometheus/prometheus.yml",
                                                 "--storage.tsdb.path=/prometheus", "--web.enable-lifecycle"};
                if (!prometheus.retention.empty()) {
                    command.push_back("--storage.tsdb.retention.time=" + prometheus.retention);
                }
                yaml.text("image", prometheus.image);
                yaml.text("user", kNobodyUser);
                yaml.text("restart", "unless-stopped");
                strings(yaml, "command", command);
                strings(yaml, "ports", {published(builder.host, prometheus.port, 9090)});
                strings(yaml, "volumes",
                        {"./prometheus:/etc/prometheus:ro",
                         "." + prometheusDataDirectory(project, prometheus).substr(project.directory.size()) +
                             ":/prometheus"});
            },
            {"directory:" + prometheusDataDirectory(project, prometheus),
             "file:" + prometheusDirectory(project) + "/prometheus.yml"}};
}

Service alertmanagerService(const Builder& builder) {
    const auto& alertmanager = *builder.stack.alertmanager;
    const auto& project = *builder.stack.project(alertmanager.project);
    return {"alertmanager",
            [&](YamlWriter& yaml) {
                yaml.text("image", alertmanager.image);
                yaml.text("user", kNobodyUser);
                yaml.text("restart", "unless-stopped");
                strings(yaml, "command",
                        {"--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager"});
                strings(yaml, "ports", {published(builder.host, alertmanager.port, 9093)});
                strings(yaml, "volumes",
                        {"./alertmanager:/etc/alertmanager:ro", "./alertmanager-data:/alertmanager"});
            },
            {"directory:" + alertmanagerDataDirectory(project),
             "file:" + alertmanagerDirectory(project) + "/alertmanager.yml"}};
}

Service jaegerService(const Builder& builder) {
    const auto& jaeger = *builder.stack.jaeger;
    return {"jaeger",
            [&](YamlWriter& yaml) {
                constexpr int kPagePort = 16686;
                yaml.text("image", jaeger.image);
                yaml.text("restart", "unless-stopped");
                strings(yaml, "ports",
                        {published(builder.host, jaeger.port, kPagePort),
                         published(builder.host, spec::kOtlpGrpcPort, spec::kOtlpGrpcPort),
                         published(builder.host, spec::kOtlpHttpPort, spec::kOtlpHttpPort)});
            },
            {}};
}

Service exporterService(const Builder& builder, const spec::Exporter& exporter,
                        const spec::Project& project) {
    const bool passfile = exporter.pgbouncer.passwordIn == "passfile";
    const std::string passfileId = "file:" + exporterDirectory(project, exporter) + "/pgpass";
    return {exporter.serviceName(),
            [&builder, &exporter, &project, passfile](YamlWriter& yaml) {
                const SecretValue password = builder.secret(exporter.pgbouncer.passwordFrom.secret);
                constexpr int kContainerPort = 9127;
                yaml.text("image", exporter.image);
                yaml.text("container_name", project.name + "-" + exporter.serviceName());
                yaml.text("user", kNobodyUser);
                yaml.text("restart", "unless-stopped");
                strings(yaml, "depends_on", {exporter.pgbouncer.service});
                strings(yaml, "ports", {published(builder.host, exporter.port, kContainerPort)});
                Text option("--pgBouncer.connectionString=");
                option.appendText(pgbouncerDsn(exporter, password));
                yaml.list("command", [&] { yaml.secretItem(option); });
                if (passfile) {
                    yaml.map("environment",
                             [&] { yaml.text("PGPASSFILE", std::string(kExporterMount) + "/pgpass"); });
                    strings(yaml, "volumes", {"./" + exporter.serviceName() + ":" + kExporterMount + ":ro"});
                    // compose hashes no file contents: this label makes a new password recreate the
                    // container.
                    yaml.map("labels", [&] {
                        yaml.text("dev.vigie.content", pgbouncerPassfile(exporter, password).digest());
                    });
                }
            },
            passfile ? std::vector<std::string>{passfileId} : std::vector<std::string>{}};
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
    if (stack.prometheus && stack.prometheus->project == project.name) {
        out.push_back(prometheusService(builder));
    }
    if (stack.alertmanager && stack.alertmanager->project == project.name) {
        out.push_back(alertmanagerService(builder));
    }
    if (stack.jaeger && stack.jaeger->project == project.name) {
        out.push_back(jaegerService(builder));
    }
    for (auto& [service, environment] : environments(stack, project)) {
        out.push_back({service,
                       [environment = environment](YamlWriter& yaml) {
                           yaml.map("environment", [&] {
                               for (const auto& [name, value] : environment) {
                                   yaml.text(name, value);
                               }
                           });
                       },
                       {}});
    }
    for (const auto& exporter : stack.exporters) {
        if (exporter.project == project.name) {
            out.push_back(exporterService(builder, exporter, project));
        }
    }
    return out;
}

/// What we write about one service, as a digest by which a change of it alone is seen.
std::string digestOfService(const Service& service) {
    YamlWriter alone;
    alone.escapeDollars();
    alone.map(service.name, [&] { service.body(alone); });
    return alone.result().digest();
}

void renderProject(Builder& builder, const spec::Project& project) {
    const auto services = servicesOf(builder, project);
    if (services.empty()) {
        return;
    }
    YamlWriter yaml;
    yaml.escapeDollars();
    yaml.comment(kManaged);
    if (project.ours()) {
        yaml.text("name", project.name);
    }
    yaml.map("services", [&] {
        for (const auto& service : services) {
            yaml.map(service.name, [&] { service.body(yaml); });
        }
    });
    const auto directory = builder.directory(project.directory, "the project's directory");
    const std::string name = project.ours() ? "compose.yaml" : project.overrideFile;
    const bool secret = yaml.result().hasSecrets();
    const auto fileId = builder.file(
        {project.directory + "/" + name, yaml.result(), secret ? 0600U : 0644U, {}}, Effect::recreate,
        project.ours() ? "the compose project " + project.name
                       : "what vigie adds to the compose project " + project.name,
        {directory});
    ComposeService common;
    common.project = project.name;
    common.directory = project.directory;
    common.files = project.composeFiles;
    common.files.push_back(name);
    if (!project.envFile.empty()) {
        common.envFiles = {".env", project.envFile};  // naming one switches the implicit .env off
    }
    for (const auto& service : services) {
        ComposeService live = common;
        live.service = service.name;
        live.configDigest = digestOfService(service);
        auto dependsOn = service.dependsOn;
        dependsOn.push_back(fileId);
        builder.add({"compose:" + project.name + "/" + service.name, std::move(live), std::move(dependsOn),
                     Effect::none, "the container of " + service.name});
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
        }
    }
}

void renderReloads(Builder& builder) {
    const auto& stack = builder.stack;
    if (stack.prometheus && stack.hostOf(stack.prometheus->project) == &builder.host) {
        const auto& project = *stack.project(stack.prometheus->project);
        Reload reload{Reload::Program::prometheus,
                      "http://" + spec::hostPort(builder.host.vpnAddress, stack.prometheus->port),
                      prometheusDigest(stack, builder.inputs), scrapeJobs(stack),
                      prometheusDirectory(project) + "/prometheus.yml"};
        const std::string file = "file:" + reload.configPath;
        builder.add({"reload:prometheus",
                     std::move(reload),
                     {file, "compose:" + project.name + "/prometheus"},
                     Effect::none,
                     "Prometheus has loaded this configuration"});
    }
    if (stack.alertmanager && stack.hostOf(stack.alertmanager->project) == &builder.host) {
        const auto& project = *stack.project(stack.alertmanager->project);
        Reload reload{Reload::Program::alertmanager,
                      "http://" + spec::hostPort(builder.host.vpnAddress, stack.alertmanager->port),
                      alertmanagerDigest(stack, builder.inputs),
                      {},
                      alertmanagerDirectory(project) + "/alertmanager.yml"};
        const std::string file = "file:" + reload.configPath;
        builder.add({"reload:alertmanager",
                     std::move(reload),
                     {file, "compose:" + project.name + "/alertmanager"},
                     Effect::none,
                     "Alertmanager has loaded this configuration"});
    }
}

}  // namespace vigie::render
