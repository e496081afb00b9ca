// `spec.exporters` as plain structs: the section of each type with its description, and the list of types.
#pragma once

#include "spec/attach.hpp"
#include "spec/describe_attach.hpp"
#include "spec/env.hpp"
#include "spec/probes.hpp"

#include <array>
#include <cstdint>
#include <tuple>

/// The fields are described in crd/monitoringstacks.vigie.dev.yaml; what is known of a type is one row, in a
/// file of src/exporter_types/.
namespace vigie::spec {

/// A user of PgBouncer and where its password comes from.
struct UserlistEntry {
    std::string name;
    SecretReference passwordFrom;
    bool operator==(const UserlistEntry&) const = default;
};

VIGIE_DESCRIBE(UserlistEntry) {
    io.field("name", value.name);
    io.field("passwordFrom", value.passwordFrom);
}

/// PgBouncer's `auth_file` as a file of ours.
struct Userlist {
    std::string file;
    std::string authType;
    int uid = 0;
    int gid = 0;
    std::vector<UserlistEntry> users = {};  ///< beside the exporter's own
    bool operator==(const Userlist&) const = default;
};

VIGIE_DESCRIBE(Userlist) {
    io.field("file", value.file);
    io.field("authType", value.authType);
    io.field("uid", value.uid);
    io.field("gid", value.gid);
    io.field("users", value.users);
}

struct Pgbouncer {
    std::string service;
    int port = 0;
    std::string user;
    SecretReference passwordFrom;
    std::string passwordIn;
    std::optional<Userlist> userlist = {};
    bool operator==(const Pgbouncer&) const = default;
};

VIGIE_DESCRIBE(Pgbouncer) {
    io.field("service", value.service);
    io.field("port", value.port);
    io.field("user", value.user);
    io.field("passwordFrom", value.passwordFrom);
    io.field("passwordIn", value.passwordIn);
    io.field("userlist", value.userlist);
}

struct PostgresTarget {
    std::string service;
    int port = 0;
    std::string user;
    std::string database;
    SecretReference passwordFrom;
    std::string sslMode;
    bool operator==(const PostgresTarget&) const = default;
};

VIGIE_DESCRIBE(PostgresTarget) {
    io.field("service", value.service);
    io.field("port", value.port);
    io.field("user", value.user);
    io.field("database", value.database);
    io.field("passwordFrom", value.passwordFrom);
    io.field("sslMode", value.sslMode);
}

struct RedisTarget {
    std::string service;
    int port = 0;
    std::string user = {};
    std::optional<SecretReference> passwordFrom = {};
    bool tls = false;
    bool operator==(const RedisTarget&) const = default;
};

VIGIE_DESCRIBE(RedisTarget) {
    io.field("service", value.service);
    io.field("port", value.port);
    io.field("user", value.user);
    io.field("passwordFrom", value.passwordFrom);
    io.field("tls", value.tls);
}

struct NginxTarget {
    std::string service;
    int port = 0;
    std::string path;
    bool operator==(const NginxTarget&) const = default;
};

VIGIE_DESCRIBE(NginxTarget) {
    io.field("service", value.service);
    io.field("port", value.port);
    io.field("path", value.path);
}

struct NodeCollectors {
    std::vector<std::string> enable = {};
    std::vector<std::string> disable = {};
    bool operator==(const NodeCollectors&) const = default;
};

VIGIE_DESCRIBE(NodeCollectors) {
    io.field("enable", value.enable);
    io.field("disable", value.disable);
}

struct Cadvisor {
    bool dockerOnly = false;
    bool privileged = false;
    std::string housekeepingInterval = {};
    bool operator==(const Cadvisor&) const = default;
};

VIGIE_DESCRIBE(Cadvisor) {
    io.field("dockerOnly", value.dockerOnly);
    io.field("privileged", value.privileged);
    io.field("housekeepingInterval", value.housekeepingInterval);
}

/// A directory or file of the host that a container sees read-only.
struct Volume {
    std::string source;
    std::string target;
    bool operator==(const Volume&) const = default;
};

VIGIE_DESCRIBE(Volume) {
    io.field("source", value.source);
    io.field("target", value.target);
}

/// A program that vigie does not know.
struct CustomExporter {
    int port = 0;
    std::string path;
    std::string user;
    std::vector<std::string> command = {};
    std::vector<std::string> dependsOn = {};
    std::vector<Volume> volumes = {};
    bool operator==(const CustomExporter&) const = default;
};

VIGIE_DESCRIBE(CustomExporter) {
    io.field("port", value.port);
    io.field("path", value.path);
    io.field("user", value.user);
    io.field("command", value.command);
    io.field("dependsOn", value.dependsOn);
    io.field("volumes", value.volumes);
}

/// In the order of the schema. The last one is that of a document which names no type, or none that exists;
/// the schema has reported it.
enum class ExporterType : std::uint8_t {
    pgbouncer,
    postgres,
    redis,
    nginx,
    node,
    cadvisor,
    blackbox,
    custom,
    unknown
};

/// What is known of a type (spec/exporter_types.hpp).
struct ExporterTypeRow;

extern const ExporterTypeRow kPgbouncerType;
extern const ExporterTypeRow kPostgresType;
extern const ExporterTypeRow kRedisType;
extern const ExporterTypeRow kNginxType;
extern const ExporterTypeRow kNodeType;
extern const ExporterTypeRow kCadvisorType;
extern const ExporterTypeRow kBlackboxType;
extern const ExporterTypeRow kCustomType;
extern const ExporterTypeRow kUnknownType;

/// The rows, each at the place of its type.
constexpr std::array kExporterTypes = {&kPgbouncerType, &kPostgresType, &kRedisType,    &kNginxType,
                                       &kNodeType,      &kCadvisorType, &kBlackboxType, &kCustomType};
static_assert(kExporterTypes.size() == static_cast<std::size_t>(ExporterType::unknown),
              "each type has its row");

/// How the job of an exporter differs from what is derived.
struct ScrapeSettings {
    std::string jobName = {};
    std::string instance = {};
    std::string interval = {};
    std::string timeout = {};
    std::map<std::string, std::string> labels = {};
    std::optional<bool> honorLabels = {};
    std::string scheme = {};
    std::vector<Node> relabelings = {};
    std::vector<Node> metricRelabelings = {};
    std::optional<Node> basicAuth = {};
    std::optional<Node> tlsConfig = {};
    bool operator==(const ScrapeSettings&) const = default;
};

VIGIE_DESCRIBE(ScrapeSettings) {
    io.field("jobName", value.jobName);
    io.field("instance", value.instance);
    io.field("scrapeInterval", value.interval);
    io.field("scrapeTimeout", value.timeout);
    io.field("labels", value.labels);
    io.field("honorLabels", value.honorLabels);
    io.field("scheme", value.scheme);
    io.field("relabelings", value.relabelings);
    io.field("metricRelabelings", value.metricRelabelings);
    io.field("basicAuth", value.basicAuth);
    io.field("tlsConfig", value.tlsConfig);
}

struct Exporter {
    std::string name;
    ExporterType type = ExporterType::unknown;
    std::string project;
    std::string service;
    std::string image;
    int port = 0;
    std::string exposure = {};
    std::vector<EnvVar> env = {};
    std::optional<Pgbouncer> pgbouncer = {};
    std::optional<PostgresTarget> postgres = {};
    std::optional<RedisTarget> redis = {};
    std::optional<NginxTarget> nginx = {};
    std::optional<NodeCollectors> node = {};
    std::optional<Cadvisor> cadvisor = {};
    std::optional<Blackbox> blackbox = {};
    std::optional<CustomExporter> custom = {};
    std::optional<Attach> attach = {};
    ScrapeSettings scrape = {};

    /// What is known of its type; of an unknown one a row that says nothing.
    [[nodiscard]] const ExporterTypeRow& row() const;
    /// The service's name in the compose project.
    [[nodiscard]] std::string serviceName() const;
    /// The service of the same project that it observes; empty where there is none.
    [[nodiscard]] std::string observedService() const;
    /// Where it serves its metrics.
    [[nodiscard]] std::string metricsPath() const;
    /// Its container has no network of its own: the port is the program's, not published by the engine.
    [[nodiscard]] bool inHostNetwork() const;
    /// The port that its type means, or `custom` says; 0: neither does.
    [[nodiscard]] int usualPort() const;
    /// Fills in the image and the port of its type where the document names none.
    void fillIn();
    bool operator==(const Exporter&) const = default;
};

/// The sections of an exporter (const or not), each at the place of its type.
template <class E>
constexpr auto sectionsOf(E& exporter) {
    return std::tie(exporter.pgbouncer, exporter.postgres, exporter.redis, exporter.nginx, exporter.node,
                    exporter.cadvisor, exporter.blackbox, exporter.custom);
}
static_assert(std::tuple_size_v<decltype(sectionsOf(std::declval<Exporter&>()))> == kExporterTypes.size(),
              "each type has its section");

/// As the document has it: `node`. Empty for `unknown`.
std::string_view toText(ExporterType type);
/// `unknown` when no type is called so.
void fromText(std::string_view text, ExporterType& type);

VIGIE_DESCRIBE(Exporter) {
    constexpr bool kWrites = std::is_same_v<Io, NodeWriter>;
    io.field("name", value.name);
    io.field("type", value.type);
    io.field("project", value.project);
    io.field("service", value.service);
    io.field("image", value.image);
    if (!kWrites || value.port != value.usualPort()) {
        io.field("port", value.port);
    }
    io.field("exposure", value.exposure);
    io.field("attach", value.attach);
    describe(io, value.scrape);
    std::size_t type = 0;
    std::apply([&](auto&... section) { (io.field(toText(ExporterType(type++)).data(), section), ...); },
               sectionsOf(value));
    io.field("env", value.env);
    if constexpr (!kWrites) {
        value.fillIn();
    }
}

}  // namespace vigie::spec
