// The document as plain structs.
#pragma once

#include "spec/attach.hpp"
#include "spec/choices.hpp"
#include "spec/exporters.hpp"
#include "spec/grafana.hpp"
#include "spec/jaeger.hpp"
#include "spec/name_index.hpp"
#include "spec/node.hpp"
#include "spec/reconcile.hpp"
#include "spec/secret_reference.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// The document as plain structs. Field by field this is crd/monitoringstacks.vigie.dev.yaml, where each
/// field is described; a string that is empty, or a `0` where 0 is no value, means that the field is absent.
namespace vigie::spec {

struct Host {
    std::string name;
    std::string endpoint;
    std::string vpnAddress;
    std::string publicKey;
    std::string sealingKey;
    std::string nextPublicKey = {};
    std::vector<std::string> dependsOn = {};
    std::string vpnAddress6 = {};
    std::vector<std::string> dns = {};
    std::vector<std::string> routes = {};
    int listenPort = 0;
    std::optional<int> persistentKeepalive = {};
    std::map<std::string, std::string> labels = {};
    // Each of these is the stack's own when it is absent.
    std::optional<bool> suspend = {};
    std::string timeout = {};
    std::optional<bool> prune = {};
    std::optional<DriftPolicy> driftPolicy = {};
    std::optional<FirewallProvider> firewallProvider = {};
    std::string address = {};  ///< in `Stack::network`
    bool operator==(const Host&) const = default;
};

/// What two hosts mix into their handshakes beside their own keys.
struct PresharedKey {
    std::vector<std::string> hosts;  ///< two
    SecretReference from;
    bool operator==(const PresharedKey&) const = default;
};

/// A phone or a laptop: a peer of one host, without an agent.
struct Guest {
    std::string name;
    std::string address;
    std::string address6 = {};
    std::string publicKey;
    std::optional<SecretReference> presharedKeyFrom = {};
    std::vector<Reached> reaches = {};
    std::string host = {};
    bool operator==(const Guest&) const = default;
};

struct Wireguard {
    std::string interface;
    std::string network;
    int listenPort = 0;
    int persistentKeepalive = 0;
    int mtu = 0;
    std::string tunnelWindow = {};
    std::string network6 = {};
    std::optional<TunnelTopology> topology = {};
    std::string hub = {};
    std::vector<PresharedKey> presharedKeys = {};
    std::vector<Guest> guests = {};

    /// Without one the document has no tunnel.
    [[nodiscard]] bool exists() const { return !network.empty(); }
    bool operator==(const Wireguard&) const = default;
};

/// A network that is there already and joins the hosts in the place of a tunnel of ours: one interface, or
/// the addresses of one network.
struct Network {
    std::string interface;
    std::string subnet;

    [[nodiscard]] bool exists() const { return !interface.empty() || !subnet.empty(); }
    bool operator==(const Network&) const = default;
};

/// A rule of the user's own for the firewalls.
struct AllowRule {
    int port = 0;
    Protocol protocol = Protocol::tcp;
    std::string from = {};                ///< an address or a network; empty: anywhere
    std::string interface = {};           ///< empty: any
    std::vector<std::string> hosts = {};  ///< empty: all
    std::string comment = {};
    bool operator==(const AllowRule&) const = default;
};

struct Project {
    std::string name;
    std::string host;
    std::string directory;
    std::vector<std::string> composeFiles;
    std::string overrideFile;
    std::string envFile;
    std::vector<ProjectFile> files = {};

    /// Rendered by us as a whole, not an override of the user's own files.
    [[nodiscard]] bool ours() const { return composeFiles.empty(); }
    bool operator==(const Project&) const = default;
};

struct Metrics {
    int port = 0;
    std::string path;
    std::string scrapeInterval;
    bool operator==(const Metrics&) const = default;
};

struct Traces {
    std::string variable;
    std::string protocol;
    std::string variables = {};
    bool operator==(const Traces&) const = default;
};

struct Application {
    std::string name;
    std::string project;
    std::string service;
    std::optional<Metrics> metrics;
    std::optional<Traces> traces;
    std::string rebuild = {};
    std::vector<EnvVar> env = {};
    bool operator==(const Application&) const = default;
};

struct StaticConfig {
    std::vector<std::string> targets;
    std::map<std::string, std::string> labels;
    bool operator==(const StaticConfig&) const = default;
};

struct ScrapeConfig {
    std::string jobName;
    std::string scrapeInterval;
    std::string scrapeTimeout;
    std::string metricsPath;
    std::string scheme;
    bool honorLabels = false;
    std::vector<StaticConfig> staticConfigs;
    std::optional<Node> raw;
    Node settings = {};  ///< every other field, as it is written; spec/settings.hpp knows them
    bool operator==(const ScrapeConfig&) const = default;
};

/// A further server of a kind, on another host than the first.
struct Replica {
    std::string project;
    std::map<std::string, std::string> externalLabels = {};
    bool operator==(const Replica&) const = default;
};

struct ExtraArg {
    std::string name;
    std::string value;
    bool operator==(const ExtraArg&) const = default;
};

/// The HTTP server of Prometheus or Alertmanager.
struct Web {
    std::string externalUrl;
    std::string routePrefix;
    std::optional<bool> adminApi = {};
    std::optional<bool> remoteWriteReceiver = {};
    std::optional<int> maxConnections = {};
    std::string readTimeout = {};
    std::string corsOrigin = {};
    std::string pageTitle = {};

    /// The path below which the server answers, without a slash at the end: `routePrefix`, or the path of
    /// `externalUrl`.
    [[nodiscard]] std::string prefix() const;
    bool operator==(const Web&) const = default;
};

struct PrometheusStorage {
    std::string retentionSize;
    std::optional<bool> walCompression;
    std::string outOfOrderTimeWindow;
    std::optional<int> maxExemplars;
    bool operator==(const PrometheusStorage&) const = default;
};

struct PrometheusQuery {
    std::string timeout;
    std::optional<int> maxConcurrency;
    std::optional<int> maxSamples;
    std::string lookbackDelta;
    bool logFile = false;
    bool operator==(const PrometheusQuery&) const = default;
};

struct PrometheusAlerting {
    std::vector<Node> alertmanagers;
    std::vector<Node> alertRelabelings;
    bool operator==(const PrometheusAlerting&) const = default;
};

struct Prometheus {
    std::string project;
    std::string image;
    int port = 0;
    std::string scrapeInterval;
    std::string scrapeTimeout;
    std::string evaluationInterval;
    std::string retention;
    std::map<std::string, std::string> externalLabels;
    std::vector<std::string> ruleFiles;
    std::string dataDirectory;
    bool selfScrape = false;
    std::vector<ScrapeConfig> scrapeConfigs;
    std::string exposure = {};
    std::optional<Node> global = {};
    std::optional<PrometheusStorage> storage = {};
    std::optional<PrometheusQuery> query = {};
    Web web = {};
    std::vector<std::string> enableFeatures = {};
    std::vector<ExtraArg> extraArgs = {};
    std::vector<Replica> replicas = {};
    std::vector<Node> ruleGroups = {};
    std::optional<PrometheusAlerting> alerting = {};
    std::vector<Node> remoteWrite = {};
    std::vector<Node> remoteRead = {};
    Had had = {};
    std::optional<ConfigFrom> configFrom = {};

    /// All servers of the kind, the first one first, each with all of its external labels.
    [[nodiscard]] std::vector<Replica> servers() const;
    bool operator==(const Prometheus&) const = default;
};

struct Smtp {
    std::string smarthost;
    std::string from;
    std::string username;
    std::optional<SecretReference> passwordFrom;
    bool requireTls = false;
    Node settings = {};  ///< every other field, as it is written
    bool operator==(const Smtp&) const = default;
};

struct ChildRoute {
    std::string receiver;
    std::vector<std::string> matchers;
    bool proceed = false;  ///< `continue`
    std::vector<std::string> groupBy = {};
    std::string groupWait = {};
    std::string groupInterval = {};
    std::string repeatInterval = {};
    std::vector<std::string> muteTimeIntervals = {};
    std::vector<std::string> activeTimeIntervals = {};
    std::vector<ChildRoute> routes = {};
    bool operator==(const ChildRoute&) const = default;
};

struct Route {
    std::string receiver;
    std::vector<std::string> groupBy;
    std::string groupWait;
    std::string groupInterval;
    std::string repeatInterval;
    std::vector<ChildRoute> routes;
    bool operator==(const Route&) const = default;
};

struct EmailConfig {
    std::string to;
    bool sendResolved = false;
    Node settings = {};  ///< every other field, as it is written
    bool operator==(const EmailConfig&) const = default;
};

struct Receiver {
    std::string name;
    std::vector<EmailConfig> emailConfigs;
    std::optional<Node> raw;
    Node settings = {};  ///< every other field, as it is written: `webhookConfigs`, …
    bool operator==(const Receiver&) const = default;
};

struct SilenceMatcher {
    std::string name;
    std::string value;
    bool isRegex = false;
    std::optional<bool> isEqual = {};
    bool operator==(const SilenceMatcher&) const = default;
};

struct Silence {
    std::string name;
    std::vector<SilenceMatcher> matchers;
    std::string startsAt;
    std::string endsAt;
    std::string comment;
    bool operator==(const Silence&) const = default;
};

struct Alertmanager {
    std::string project;
    std::string image;
    int port = 0;
    std::optional<Smtp> smtp;
    Route route;
    std::vector<Receiver> receivers;
    std::string exposure = {};
    Web web = {};
    std::vector<ExtraArg> extraArgs = {};
    std::vector<Replica> replicas = {};
    int clusterPort = 0;
    std::optional<Node> global = {};
    std::vector<Node> inhibitRules = {};
    std::vector<Node> timeIntervals = {};
    std::vector<std::string> templates = {};
    std::vector<Silence> silences = {};
    std::string configFile = {};  ///< the host's own, relative to the project's directory
    Had had = {};
    std::optional<ConfigFrom> configFrom = {};

    /// The projects of all servers, the first one first.
    [[nodiscard]] std::vector<std::string> projects() const;
    [[nodiscard]] bool clustered() const { return !replicas.empty(); }
    bool operator==(const Alertmanager&) const = default;
};

/// How the images of one registry are had.
struct Registry {
    std::string server;
    std::string username;
    SecretReference passwordFrom;
    bool operator==(const Registry&) const = default;
};

/// `spec.vigie.metrics`: the controllers themselves as targets of Prometheus.
struct SelfMonitoring {
    static constexpr int kPort = 9469;
    bool enabled = false;
    int port = kPort;
    bool operator==(const SelfMonitoring&) const = default;
};

struct DriftException {
    std::string resource;
    DriftPolicy policy = DriftPolicy::repair;
    bool operator==(const DriftException&) const = default;
};

/// A key that lies offline, to which secrets are sealed beside the hosts that need them.
struct RecoveryKey {
    std::string name;
    std::string sealingKey;
    bool operator==(const RecoveryKey&) const = default;
};

struct Secret {
    std::string name;
    std::map<std::string, std::string> sealed;  ///< host or recovery key → ciphertext in base64
    bool operator==(const Secret&) const = default;
};

struct Stack {
    std::string name;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> annotations;
    std::string requires_;
    std::vector<Host> hosts;
    Wireguard wireguard;
    std::optional<FirewallProvider> firewallProvider;
    std::vector<Project> projects;
    std::vector<Application> applications;
    std::vector<Exporter> exporters;
    std::optional<Prometheus> prometheus;
    std::optional<Alertmanager> alertmanager;
    std::optional<Jaeger> jaeger;
    SelfMonitoring selfMonitoring;
    bool prune = true;
    std::vector<std::string> rollout;
    std::string rolloutTimeout;
    std::vector<std::string> lintDisable;
    std::optional<DriftPolicy> driftPolicy;
    std::vector<DriftException> driftPolicies;
    std::vector<std::string> adopt;
    std::string uids;                       ///< `keep` or `separate`: when programs get users of their own
    std::vector<std::string> allowRemoval;  ///< components that a host may lose
    std::vector<Secret> secrets;
    std::vector<Registry> registries = {};
    std::optional<Grafana> grafana = {};
    bool suspend = false;
    std::string timeout = {};
    std::vector<HealthCheck> healthChecks = {};
    std::vector<IgnoreRule> ignore = {};
    std::vector<RecoveryKey> secretsRecovery = {};
    Network network = {};
    std::vector<AllowRule> firewallAllow = {};

    /// Makes the look-ups below quick in long lists. Whoever has filled or copied a stack may call it.
    void indexNames();
    NameIndex hostIndex = {};
    NameIndex projectIndex = {};
    NameIndex secretIndex = {};
    bool operator==(const Stack&) const = default;

    [[nodiscard]] const Host* host(std::string_view name) const;
    [[nodiscard]] const Project* project(std::string_view name) const;
    [[nodiscard]] const Secret* secret(std::string_view name) const;
    /// The host on which `project` runs. Null when there is no such project or host.
    [[nodiscard]] const Host* hostOf(std::string_view project) const;
    // The same for names that `checkReferences` has seen. Each throws Error when there is none after all.
    [[nodiscard]] const Host& hostNamed(std::string_view name) const;
    [[nodiscard]] const Project& projectNamed(std::string_view name) const;
    [[nodiscard]] const Host& hostOfProject(std::string_view project) const;
    /// The Prometheus that runs on `host`, and the project of the Alertmanager there; nothing and empty when
    /// there is none.
    [[nodiscard]] std::optional<Replica> prometheusOn(const Host& host) const;
    [[nodiscard]] std::string alertmanagerOn(const Host& host) const;

    // What holds for `host`: its own word, or else the stack's.
    [[nodiscard]] DriftPolicy driftPolicyOn(const Host& host) const;
    [[nodiscard]] FirewallProvider firewallProviderOn(const Host& host) const;
    [[nodiscard]] const std::string& timeoutOn(const Host& host) const;
    [[nodiscard]] bool prunedOn(const Host& host) const;
    /// The field that says that nothing is changed on `host`; empty: none does.
    [[nodiscard]] std::string suspendedBy(const Host& host) const;
};

/// The names of hosts, projects, secrets, … in their order.
template <class T>
std::vector<std::string> namesIn(const std::vector<T>& list) {
    std::vector<std::string> out;
    out.reserve(list.size());
    for (const auto& item : list) {
        out.push_back(item.name);
    }
    return out;
}

}  // namespace vigie::spec
