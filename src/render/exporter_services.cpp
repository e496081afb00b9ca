// The container of an exporter, by the row of its type.

#include "render/exporters.hpp"
#include "spec/address.hpp"
#include "spec/exposure.hpp"

namespace vigie::render {
namespace {

constexpr const char* kRestart = "unless-stopped";

void pgbouncer(Service& out, const Builder& builder, const spec::Exporter& exporter) {
    Text option("--pgBouncer.connectionString=");
    out.command = {
        option.appendText(pgbouncerDsn(exporter, builder.secret(exporter.pgbouncer.passwordFrom.secret)))};
    if (exporter.pgbouncer.passwordIn == "passfile") {
        out.environment["PGPASSFILE"] = std::string(kExporterMount) + "/pgpass";
    }
}

/// Source: postgres_exporter's README, "Environment variables".
void postgres(Service& out, const spec::PostgresTarget& postgres) {
    out.environment["DATA_SOURCE_URI"] = postgresUri(postgres);
    out.environment["DATA_SOURCE_USER"] = postgres.user;
    out.environment["DATA_SOURCE_PASS_FILE"] = std::string(kExporterMount) + "/password";
}

/// Source: redis_exporter's README, "Command line flags".
void redis(Service& out, const spec::RedisTarget& redis) {
    out.environment["REDIS_ADDR"] = redisAddress(redis);
    if (!redis.user.empty()) {
        out.environment["REDIS_USER"] = redis.user;
    }
    if (redis.passwordFrom) {
        out.environment["REDIS_PASSWORD_FILE"] = std::string(kExporterMount) + "/passwords.json";
    }
}

/// In the host's own network, where it binds to the very addresses on which a port would be published.
/// Source: node_exporter's README, "Docker".
void node(Service& out, const Builder& builder, const spec::Exporter& exporter) {
    constexpr const char* kRoot = "/host";
    out.hostNetwork = true;
    out.hostProcesses = true;
    out.mounts.push_back({"/", kRoot, true, true});
    out.command.emplace_back("--path.rootfs=" + std::string(kRoot));
    for (const auto& address : spec::bindAddresses(builder.stack, builder.host, exporter.exposure)) {
        out.command.emplace_back("--web.listen-address=" + (address.empty()
                                                                ? ":" + std::to_string(exporter.port)
                                                                : spec::hostPort(address, exporter.port)));
    }
    if (exporter.node) {
        for (const auto& collector : exporter.node->enable) {
            out.command.emplace_back("--collector." + collector);
        }
        for (const auto& collector : exporter.node->disable) {
            out.command.emplace_back("--no-collector." + collector);
        }
    }
}

/// Source: cAdvisor's docs/running.md.
void cadvisor(Service& out, const spec::Exporter& exporter) {
    out.user.clear();  // the image's own, root: what it reads belongs to root
    for (const auto& [source, target] :
         {std::pair{"/", "/rootfs"}, std::pair{"/var/run", "/var/run"}, std::pair{"/sys", "/sys"},
          std::pair{"/var/lib/docker", "/var/lib/docker"}, std::pair{"/dev/disk", "/dev/disk"}}) {
        out.mounts.push_back({source, target, true});
    }
    if (!exporter.cadvisor) {
        return;
    }
    if (exporter.cadvisor->dockerOnly) {
        out.command.emplace_back("--docker_only=true");
    }
    if (!exporter.cadvisor->housekeepingInterval.empty()) {
        out.command.emplace_back("--housekeeping_interval=" + exporter.cadvisor->housekeepingInterval);
    }
    if (exporter.cadvisor->privileged) {
        out.privileged = true;
        out.devices = {"/dev/kmsg"};
    }
}

void blackbox(Service& out, const spec::Blackbox& blackbox) {
    out.command = {"--config.file=" + std::string(kExporterMount) + "/blackbox.yml"};
    if (blackbox.pings()) {
        out.capabilities = {"NET_RAW"};  // as root, which may use it, and may nothing else
    }
}

void custom(Service& out, const spec::CustomExporter& custom) {
    for (const auto& argument : custom.command) {
        out.command.emplace_back(argument);
    }
    for (const auto& volume : custom.volumes) {
        out.mounts.push_back({volume.source, volume.target, true});
    }
    out.dependsOn = custom.dependsOn;
}

}  // namespace

void publish(Service& service, const Builder& builder, const std::string& exposure, int hostPort,
             int containerPort, bool udp) {
    for (auto& address : spec::bindAddresses(builder.stack, builder.host, exposure)) {
        service.ports.push_back({std::move(address), hostPort, containerPort, udp});
    }
}

Service exporterService(const Builder& builder, const spec::Exporter& exporter,
                        const spec::Project& project) {
    Service out;
    out.name = exporter.serviceName();
    out.image = exporter.image;
    out.containerName = project.name + "-" + exporter.serviceName();
    out.user = userText(exporterUser(builder, exporter));
    out.restart = kRestart;
    if (!exporter.observedService().empty()) {
        out.dependsOn = {exporter.observedService()};
    }
    const auto files = exporterFiles(builder, exporter);
    if (!files.empty()) {
        out.mounts = {{"./" + exporter.serviceName(), kExporterMount, true}};
        // A new content makes the container anew: it may be read at the start only, and compose would not
        // know.
        out.contentDigest = digestOf(files);
    }
    if (exporter.type == "pgbouncer") {
        pgbouncer(out, builder, exporter);
    } else if (exporter.type == "node") {
        node(out, builder, exporter);
    } else if (exporter.type == "cadvisor") {
        cadvisor(out, exporter);
    } else if (exporter.postgres) {
        postgres(out, *exporter.postgres);
    } else if (exporter.redis) {
        redis(out, *exporter.redis);
    } else if (exporter.nginx) {
        out.command = {"--nginx.scrape-uri=http://" + exporter.nginx->service + ":" +
                       std::to_string(exporter.nginx->port) + exporter.nginx->path};
    } else if (exporter.blackbox) {
        blackbox(out, *exporter.blackbox);
    } else if (exporter.custom) {
        custom(out, *exporter.custom);
    }
    if (!out.hostNetwork) {
        const auto* type = spec::exporterType(exporter.type);
        publish(out, builder, exporter.exposure, exporter.port,
                exporter.custom || type == nullptr ? exporter.custom->port : type->port);
    }
    addEnvironment(out, builder, exporter.env, kExporterMount);
    return out;
}

}  // namespace vigie::render
