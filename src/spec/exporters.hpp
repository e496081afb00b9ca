// `spec.exporters` as plain structs: the section of each type with its description, and the list of types.
#pragma once

#include "spec/node.hpp"
#include "spec/secret_reference.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// `spec.exporters` and the variables of containers as plain structs, described field by field in
/// crd/monitoringstacks.vigie.dev.yaml.
namespace vigie::spec {

/// A secret as a file of its own, of which a variable holds the path.
struct SecretFile {
    std::string secret;
    std::optional<int> uid = {};  ///< who reads it; absent: the user that the container runs as
    bool operator==(const SecretFile&) const = default;
};

/// A variable of a container. At most one of `value`, `valueFrom` and `fileFrom` is written.
struct EnvVar {
    std::string name;
    std::string value = {};
    std::optional<SecretReference> valueFrom = {};
    std::optional<SecretFile> fileFrom = {};
    bool operator==(const EnvVar&) const = default;
};

/// A user of PgBouncer and where its password comes from.
struct UserlistEntry {
    std::string name;
    SecretReference passwordFrom;
    bool operator==(const UserlistEntry&) const = default;
};

/// PgBouncer's `auth_file` as a file of ours.
struct Userlist {
    std::string file;
    std::string authType;
    int uid = 0;
    int gid = 0;
    std::vector<UserlistEntry> users = {};  ///< beside the exporter's own
    bool operator==(const Userlist&) const = default;
};

struct Pgbouncer {
    std::string service;
    int port = 0;
    std::string user;
    SecretReference passwordFrom;
    std::string passwordIn;
    std::optional<Userlist> userlist = {};
    bool operator==(const Pgbouncer&) const = default;
};

struct PostgresTarget {
    std::string service;
    int port = 0;
    std::string user;
    std::string database;
    SecretReference passwordFrom;
    std::string sslMode;
    bool operator==(const PostgresTarget&) const = default;
};

struct RedisTarget {
    std::string service;
    int port = 0;
    std::string user = {};
    std::optional<SecretReference> passwordFrom = {};
    bool tls = false;
    bool operator==(const RedisTarget&) const = default;
};

struct NginxTarget {
    std::string service;
    int port = 0;
    std::string path;
    bool operator==(const NginxTarget&) const = default;
};

struct NodeCollectors {
    std::vector<std::string> enable = {};
    std::vector<std::string> disable = {};
    bool operator==(const NodeCollectors&) const = default;
};

struct Cadvisor {
    bool dockerOnly = false;
    bool privileged = false;
    std::string housekeepingInterval = {};
    bool operator==(const Cadvisor&) const = default;
};

/// A directory or file of the host that a container sees read-only.
struct Volume {
    std::string source;
    std::string target;
    bool operator==(const Volume&) const = default;
};

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

struct ProbeBasicAuth {
    std::string username;
    SecretReference passwordFrom;
    bool operator==(const ProbeBasicAuth&) const = default;
};

struct ProbeHeader {
    std::string name;
    std::string value;
    bool operator==(const ProbeHeader&) const = default;
};

struct HttpProbe {
    std::string method = {};
    std::vector<int> validStatusCodes = {};
    std::vector<std::string> validHttpVersions = {};
    std::optional<bool> followRedirects = {};
    bool failIfSsl = false;
    bool failIfNotSsl = false;
    bool insecureSkipVerify = false;
    std::vector<std::string> failIfBodyMatches = {};
    std::vector<std::string> failIfBodyNotMatches = {};
    std::vector<ProbeHeader> headers = {};
    std::string body = {};
    std::optional<ProbeBasicAuth> basicAuth = {};
    std::optional<SecretReference> bearerTokenFrom = {};
    bool operator==(const HttpProbe&) const = default;
};

struct DnsProbe {
    std::string queryName;
    std::string queryType = {};
    std::string transport = {};
    std::vector<std::string> validRcodes = {};
    std::vector<std::string> failIfAnswerMatches = {};
    std::vector<std::string> failIfAnswerNotMatches = {};
    bool operator==(const DnsProbe&) const = default;
};

struct TcpProbe {
    bool tls = false;
    bool insecureSkipVerify = false;
    std::string expect = {};
    std::string send = {};
    bool operator==(const TcpProbe&) const = default;
};

struct IcmpProbe {
    bool dontFragment = false;
    std::optional<int> payloadSize = {};
    bool operator==(const IcmpProbe&) const = default;
};

/// What is asked of `targets`, and how. Becomes a module of the blackbox exporter and a scrape job.
struct Probe {
    std::string name;
    std::string prober = {};
    std::string module = {};  ///< one of `modules` instead of a `prober`
    std::vector<std::string> targets = {};
    std::string interval = {};
    std::string timeout = {};
    std::string ipProtocol = {};
    std::map<std::string, std::string> labels = {};
    std::optional<HttpProbe> http = {};
    std::optional<DnsProbe> dns = {};
    std::optional<TcpProbe> tcp = {};
    std::optional<IcmpProbe> icmp = {};
    bool operator==(const Probe&) const = default;
};

/// A module in the exporter's own words.
struct ProbeModule {
    std::string name;
    Node raw;

    /// What it says as `prober`; empty when that is no text.
    [[nodiscard]] std::string prober() const;
    bool operator==(const ProbeModule&) const = default;
};

struct Blackbox {
    std::vector<Probe> probes = {};
    std::vector<ProbeModule> modules = {};

    /// Whether a probe or a module sends ICMP, for which the program needs CAP_NET_RAW.
    [[nodiscard]] bool pings() const;
    bool operator==(const Blackbox&) const = default;
};

struct Exporter {
    std::string name;
    std::string type;
    std::string project;
    std::string service;
    std::string image;
    int port = 0;
    Pgbouncer pgbouncer;
    std::string exposure = {};
    std::vector<EnvVar> env = {};
    std::optional<PostgresTarget> postgres = {};
    std::optional<RedisTarget> redis = {};
    std::optional<NginxTarget> nginx = {};
    std::optional<NodeCollectors> node = {};
    std::optional<Cadvisor> cadvisor = {};
    std::optional<Blackbox> blackbox = {};
    std::optional<CustomExporter> custom = {};

    /// The service's name in the compose project.
    [[nodiscard]] std::string serviceName() const;
    /// The service of the same project that it observes; empty where there is none.
    [[nodiscard]] std::string observedService() const;
    /// Where it serves its metrics.
    [[nodiscard]] std::string metricsPath() const;
    /// Its container has no network of its own: the port is the program's, not published by the engine.
    [[nodiscard]] bool inHostNetwork() const { return type == "node"; }
    bool operator==(const Exporter&) const = default;
};

/// What is known of a `type` of exporters.
struct ExporterType {
    std::string_view name;     ///< also that of its section
    std::string_view image;    ///< the version that it was written for; empty: none is known
    int port = 0;              ///< the program's, inside of its container; 0: the document says it
    bool needsSection = true;  ///< what its section says has no defaults
};

/// All types, in the order of the schema.
const std::vector<ExporterType>& exporterTypes();

/// Null when there is no such type.
const ExporterType* exporterType(std::string_view name);

}  // namespace vigie::spec
