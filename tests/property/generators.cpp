// Documents that properties are tried with.
#include "tests/property/generators.hpp"

#include "secrets/sealing.hpp"
#include "spec/topology.hpp"

namespace vigie::tests {
namespace {

using rc::gen::arbitrary;
using rc::gen::element;
using rc::gen::inRange;

/// Text with everything that has ever broken a renderer: quotes, `$`, `%`, `:`, `#`, line ends, words of
/// YAML, UTF-8.
std::string nastyText() {
    static const std::vector<std::string> kPieces = {
        "a",  "Z",        "0",  "$",  "$b",  "${c}", "%",    ":",   ": ",    " #", "'",
        "\"", "\\",       "\n", "\t", "yes", "null", "0x1F", "1e3", "22:22", "@",  "/",
        "ü",  "{{ $x }}", "- ", "|",  ">",   "*a",   "&a",   "!b",  "[",     "}",  "?"};
    std::string out = "x";
    const int pieces = *inRange(0, 6);
    for (int i = 0; i < pieces; ++i) {
        out += *rc::gen::elementOf(kPieces);
    }
    return out;
}

/// The same without `left`: what a place cannot hold.
std::string nastyTextWithout(std::string_view left) {
    auto out = nastyText();
    out.erase(std::remove_if(out.begin(), out.end(),
                             [&](char c) { return left.find(c) != std::string_view::npos; }),
              out.end());
    return out;
}
/// A secret that a program reads as one line.
std::string nastyLine() {
    return nastyTextWithout("\n");
}

/// What becomes a field of a line.
std::string nastyName() {
    return nastyTextWithout("\n\t");
}

std::string duration() {
    return std::to_string(*inRange(15, 60)) + *element<std::string>("s", "m");
}

std::string maybe(const std::string& value) {
    return *arbitrary<bool>() ? value : std::string();
}

std::map<std::string, std::string> labels() {
    std::map<std::string, std::string> out;
    const int count = *inRange(0, 3);
    for (int i = 0; i < count; ++i) {
        out["label_" + std::to_string(i)] = nastyText();
    }
    return out;
}

void addHosts(Generated& out) {
    const int count = *inRange(1, 5);
    const int hub = *inRange(0, count);
    const bool mesh = *arbitrary<bool>();
    for (int i = 0; i < count; ++i) {
        spec::Host host;
        host.name = "host" + std::to_string(i);
        host.vpnAddress = "10.66.66." + std::to_string(i + 1);
        if (i == hub || mesh) {
            host.endpoint = "203.0.113." + std::to_string(i + 1);
        }
        const auto identity = secrets::generateIdentity();
        const auto key = secrets::generateWireguardKey();
        host.publicKey = key.publicKey;
        host.sealingKey = identity.publicKey;
        out.identities[host.name] = identity;
        out.keys[host.name] = key;
        out.stack.hosts.push_back(host);
    }
}

std::string someHost(const Generated& generated) {
    return generated.stack
        .hosts[static_cast<std::size_t>(*inRange<int>(0, static_cast<int>(generated.stack.hosts.size())))]
        .name;
}

/// Adds a secret that `hosts` can open and returns its name.
std::string addSecret(Generated& out, const std::vector<std::string>& hosts, const std::string& value) {
    spec::Secret secret{"secret" + std::to_string(out.stack.secrets.size()), {}};
    for (const auto& host : hosts) {
        secret.sealed[host] =
            secrets::seal(value, {out.stack.name, secret.name, host}, out.stack.host(host)->sealingKey);
    }
    out.stack.secrets.push_back(secret);
    return secret.name;
}

/// Every host has an address of IPv6 as well, or none; some have a network behind them.
void addSecondFamily(Generated& out) {
    if (!*arbitrary<bool>()) {
        return;
    }
    out.stack.wireguard.network6 = "fd66::/64";
    int i = 0;
    for (auto& host : out.stack.hosts) {
        host.vpnAddress6 = "fd66::" + std::to_string(++i);
        if (*arbitrary<bool>()) {
            host.routes = {"10.99." + std::to_string(i) + ".0/24", "fd99:" + std::to_string(i) + "::/32"};
        }
        host.listenPort = *element(0, 51000);
        host.labels = {{"site", nastyText()}};
    }
}

void addPresharedKeys(Generated& out) {
    addSecondFamily(out);
    auto& stack = out.stack;
    const spec::Peering peering(stack);
    for (std::size_t i = 0; i < stack.hosts.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const auto& a = stack.hosts[i];
            const auto& b = stack.hosts[j];
            if (!peering.arePeers(a, b) || !*arbitrary<bool>()) {
                continue;
            }
            const std::string name = "pair" + std::to_string(i) + std::to_string(j);
            const auto key = secrets::generateWireguardKey();
            spec::Secret secret{name, {}};
            for (const auto* host : {&a, &b}) {
                secret.sealed[host->name] =
                    secrets::seal(view(key.privateKey), {stack.name, name, host->name}, host->sealingKey);
            }
            stack.secrets.push_back(std::move(secret));
            stack.wireguard.presharedKeys.push_back({{a.name, b.name}, {name}});
        }
    }
}

void addRegistry(Generated& out) {
    auto& stack = out.stack;
    if (*arbitrary<bool>()) {
        return;
    }
    const std::string name = "login";
    spec::Secret secret{name, {}};
    for (const auto& host : stack.hosts) {
        secret.sealed[host.name] = secrets::seal(nastyLine(), {stack.name, name, host.name}, host.sealingKey);
    }
    stack.secrets.push_back(std::move(secret));
    stack.registries.push_back({"docker.io", nastyText(), {name}});
}

void addProjects(Generated& out) {
    spec::Project users{"app",
                        someHost(out),
                        "/opt/app",
                        {"compose.yml"},
                        "docker-compose.monitoring.yml",
                        maybe(".env.monitoring")};
    spec::Project ours{
        "monitoring", someHost(out), "/opt/monitoring", {}, "docker-compose.monitoring.yml", {}};
    out.stack.projects = {users, ours};
    for (const auto& host : out.stack.hosts) {
        if (host.name != ours.host && *arbitrary<bool>()) {
            out.stack.projects.push_back({"monitoring-" + host.name,
                                          host.name,
                                          "/opt/monitoring-" + host.name,
                                          {},
                                          "docker-compose.monitoring.yml",
                                          {}});
        }
    }
}

/// What only changes the command line.
void addOptions(spec::Prometheus& prometheus) {
    if (*arbitrary<bool>()) {
        prometheus.storage = spec::PrometheusStorage{maybe("10GB"), *arbitrary<bool>(), maybe("30m"), {}};
    }
    if (*arbitrary<bool>()) {
        prometheus.query =
            spec::PrometheusQuery{maybe("1m"), *inRange(1, 40), {}, maybe("5m"), *arbitrary<bool>()};
    }
    prometheus.web.routePrefix = maybe("/prometheus");
    prometheus.web.pageTitle = maybe(nastyText());
    if (*arbitrary<bool>()) {
        prometheus.extraArgs = {{"log.level", "debug"}};
    }
}

/// Beside the first server, one in each project of ours on another host, or none.
void addReplicas(Generated& out) {
    auto& stack = out.stack;
    const bool prometheus = *arbitrary<bool>();
    const bool alertmanager = stack.alertmanager && *arbitrary<bool>();
    for (std::size_t i = 2; i < stack.projects.size(); ++i) {
        const auto& project = stack.projects[i].name;
        if (prometheus) {
            stack.prometheus->replicas.push_back({project, {{"replica", project}}});
        }
        if (alertmanager) {
            stack.alertmanager->replicas.push_back({project, {}});
        }
    }
}

void addGrafana(Generated& out) {
    auto& stack = out.stack;
    if (!*arbitrary<bool>()) {
        return;
    }
    spec::Grafana grafana;
    grafana.project = "monitoring";
    grafana.image = "grafana/grafana:12.1.1";
    grafana.port = 3000;
    grafana.dataDirectory = "./grafana-data";
    grafana.adminUser = nastyText();
    if (*arbitrary<bool>()) {
        std::vector<std::string> hosts;
        for (const auto& host : stack.hosts) {
            hosts.push_back(host.name);
        }
        grafana.adminPasswordFrom = spec::SecretReference{addSecret(out, hosts, nastyLine())};
    }
    if (*arbitrary<bool>()) {
        grafana.anonymous = spec::GrafanaAnonymous{"Viewer"};
    }
    if (*arbitrary<bool>()) {
        grafana.dashboards = {"dashboards/a.json"};
        out.files["dashboards/a.json"] = "{ \"uid\": \"a\" }\n";
    }
    grafana.vigieDashboard = *arbitrary<bool>();
    if (*arbitrary<bool>()) {
        grafana.datasources = {
            {nastyText() + "x", "loki", "http://10.66.66.1:3100", maybe(nastyText()), {}, {}}};
    }
    stack.grafana = grafana;
}

void addServers(Generated& out) {
    auto& stack = out.stack;
    spec::Prometheus prometheus;
    prometheus.project = "monitoring";
    prometheus.image = *element<std::string>("prom/prometheus:v3.5.0", "prom/prometheus:v2.53.1");
    prometheus.port = 9090;
    prometheus.scrapeInterval = duration();
    prometheus.evaluationInterval = maybe(duration());
    prometheus.retention = maybe("15d");
    prometheus.externalLabels = labels();
    prometheus.dataDirectory = "./prom-data";
    prometheus.selfScrape = *arbitrary<bool>();
    const int files = *inRange(0, 3);
    for (int i = 0; i < files; ++i) {
        prometheus.ruleFiles.push_back("rules/r" + std::to_string(i) + ".yml");
        out.files[prometheus.ruleFiles.back()] = "groups: []\n";
    }
    const int jobs = *inRange(0, 4);
    for (int i = 0; i < jobs; ++i) {
        spec::ScrapeConfig job;
        job.jobName = "job " + std::to_string(i) + nastyText();
        job.metricsPath = maybe("/probe");
        job.scheme = maybe("https");
        job.honorLabels = *arbitrary<bool>();
        job.staticConfigs.push_back({{"target" + std::to_string(i) + ":9100"}, labels()});
        prometheus.scrapeConfigs.push_back(job);
    }
    addOptions(prometheus);
    stack.prometheus = prometheus;
    stack.selfMonitoring.enabled = *arbitrary<bool>();
    if (*arbitrary<bool>()) {
        spec::Alertmanager alertmanager{"monitoring", "prom/alertmanager:v0.28.1", 9093, {}, {}, {}};
        alertmanager.smtp =
            spec::Smtp{"smtp.example.org:587", "ops@example.org", nastyText(), {}, *arbitrary<bool>()};
        std::vector<std::string> hosts;
        for (const auto& host : stack.hosts) {
            hosts.push_back(host.name);
        }
        alertmanager.smtp->passwordFrom = spec::SecretReference{addSecret(out, hosts, nastyLine())};
        alertmanager.receivers.push_back({"mail", {{"a@example.org", *arbitrary<bool>()}}, {}});
        alertmanager.route = {"mail",
                              {"alertname"},
                              maybe(duration()),
                              maybe(duration()),
                              {},
                              {{"mail", {"severity=\"page\""}, *arbitrary<bool>()}}};
        auto& child = alertmanager.route.routes.back();
        child.repeatInterval = maybe(duration());
        child.routes.push_back({maybe("mail"), {"team=\"a\""}, *arbitrary<bool>()});
        stack.alertmanager = alertmanager;
    }
    addReplicas(out);
    if (*arbitrary<bool>()) {
        stack.jaeger = spec::Jaeger{"monitoring", "jaegertracing/jaeger:2.9.0", 16686};
        const int storage = *inRange(0, 3);
        if (storage == 1) {
            stack.jaeger->storage = spec::JaegerStorage{spec::JaegerMemory{*inRange(1, 100'000)}, {}};
        } else if (storage == 2) {
            stack.jaeger->storage = spec::JaegerStorage{{}, spec::JaegerBadger{"./jaeger-data", "72h"}};
        }
    }
    addGrafana(out);
}

/// How the hosts are brought to the document. Nothing here keeps an apply from being done.
void addReconciling(Generated& out) {
    auto& stack = out.stack;
    stack.timeout = maybe(duration());
    for (auto& host : stack.hosts) {
        host.timeout = maybe(duration());
        host.driftPolicy =
            *rc::gen::arbitrary<bool>() ? std::optional(spec::DriftPolicy::repair) : std::nullopt;
        host.prune = *element<std::optional<bool>>(std::nullopt, stack.prune);
        host.suspend = *element<std::optional<bool>>(std::nullopt, false);
    }
    if (stack.jaeger && *arbitrary<bool>()) {
        stack.healthChecks = {{"monitoring", "jaeger", {}, {}}};
    }
    if (*arbitrary<bool>()) {
        stack.ignore = {{"compose:app/nobody", {"image", "labels"}}, {"file:/nowhere", {}}};
    }
}

/// A variable of each kind, or none.
std::vector<spec::EnvVar> variables(Generated& out, const std::string& host) {
    std::vector<spec::EnvVar> env;
    if (*arbitrary<bool>()) {
        env.push_back({"PLAIN", nastyText(), {}, {}});
    }
    if (*arbitrary<bool>()) {
        env.push_back({"VALUE", {}, spec::SecretReference{addSecret(out, {host}, nastyText())}, {}});
    }
    if (*arbitrary<bool>()) {
        env.push_back(
            {"PATH_OF", {}, {}, spec::SecretFile{addSecret(out, {host}, nastyText()), *element(0, 1000)}});
    }
    return env;
}

spec::Blackbox probes() {
    spec::Blackbox out;
    const auto probe = [&](const std::string& prober, const std::string& target) {
        auto& added = out.probes.emplace_back();
        added.name = "probe_" + prober;
        added.prober = prober;
        added.targets = {target};
        added.interval = maybe(duration());
        added.ipProtocol = *element<std::string>("ip4", "ip6");
        added.labels = labels();
        return &added;
    };
    if (auto* web = probe("http", "https://example.org/?a=$b"); *arbitrary<bool>()) {
        web->http = spec::HttpProbe{};
        web->http->validStatusCodes = {200, 404};
        web->http->failIfNotSsl = *arbitrary<bool>();
        web->http->headers = {{"X-Probe", nastyText()}};
    }
    if (*arbitrary<bool>()) {
        probe("tcp", "10.66.66.1:22")->tcp = spec::TcpProbe{*arbitrary<bool>(), false, maybe("^220"), {}};
    }
    if (*arbitrary<bool>()) {
        probe("dns", "192.0.2.53")->dns = spec::DnsProbe{nastyText()};
    }
    if (*arbitrary<bool>()) {
        probe("icmp", "10.66.66.1");
    }
    return out;
}

/// An exporter of any type but those that mount directories which a host has anyway.
void addFurtherExporter(Generated& out) {
    auto& stack = out.stack;
    const std::string host = stack.projects[0].host;
    spec::Exporter exporter;
    using spec::ExporterType;
    exporter.type = *element(ExporterType::postgres, ExporterType::redis, ExporterType::nginx,
                             ExporterType::node, ExporterType::blackbox, ExporterType::custom);
    exporter.name = "further_" + std::string(toText(exporter.type));
    exporter.project = "app";
    exporter.image = exporter.type == ExporterType::custom ? "own:v1" : "";
    exporter.fillIn();
    exporter.port = 9200;
    if (exporter.type == ExporterType::postgres) {
        exporter.postgres = spec::PostgresTarget{
            "db",     5432, nastyName(), nastyName(), {addSecret(out, {host}, nastyTextWithout(" \n\t"))},
            "disable"};
    } else if (exporter.type == ExporterType::redis) {
        exporter.redis = spec::RedisTarget{"cache", 6379, maybe(nastyName()),
                                           spec::SecretReference{addSecret(out, {host}, nastyLine())}};
    } else if (exporter.type == ExporterType::nginx) {
        exporter.nginx = spec::NginxTarget{"proxy", 8080, "/status$x"};
    } else if (exporter.type == ExporterType::blackbox) {
        exporter.blackbox = probes();
    } else if (exporter.type == ExporterType::custom) {
        exporter.custom = spec::CustomExporter{9500, "/m", maybe("1000:1000"), {nastyText()}, {"db"}};
        exporter.env = variables(out, host);
    }
    stack.exporters.push_back(std::move(exporter));
}

void addObserved(Generated& out) {
    auto& stack = out.stack;
    const int applications = *inRange(0, 3);
    for (int i = 0; i < applications; ++i) {
        spec::Application application{
            "api" + std::to_string(i), "app", "service" + std::to_string(i), {}, {}, {}};
        application.metrics = spec::Metrics{8000 + i, "/metrics", maybe(duration())};
        if (stack.jaeger && *arbitrary<bool>()) {
            application.rebuild = maybe("2026-11-22");
            application.traces = spec::Traces{"OTEL_ENDPOINT", *element<std::string>("http", "grpc"),
                                              *element<std::string>("", "otel")};
        }
        if (*inRange(0, 3) == 0) {
            application.env = variables(out, stack.projects[0].host);
        }
        stack.applications.push_back(application);
    }
    const int exporters = *inRange(0, 2);
    for (int i = 0; i < exporters; ++i) {
        spec::Exporter exporter{"pg_" + std::to_string(i),
                                spec::ExporterType::pgbouncer,
                                "app",
                                {},
                                "prometheuscommunity/pgbouncer-exporter:v0.10.2",
                                9127 + i,
                                {}};
        exporter.pgbouncer = spec::Pgbouncer{"pgbouncer",
                                             6432,
                                             nastyName(),
                                             {addSecret(out, {stack.projects[0].host}, nastyLine())},
                                             *element<std::string>("passfile", "command")};
        if (i == 0 && *arbitrary<bool>()) {
            exporter.pgbouncer->userlist = spec::Userlist{
                "/opt/app/pool/userlist.txt", *element<std::string>("plain", "md5", "scram-sha-256"), 70, 70};
        }
        stack.exporters.push_back(exporter);
    }
    if (*arbitrary<bool>()) {
        addFurtherExporter(out);
    }
}

}  // namespace

rc::Gen<Generated> genStack() {
    return rc::gen::exec([] {
        Generated out;
        out.stack.name = "generated";
        out.stack.labels = labels();
        out.stack.wireguard = {"wg0",           "10.66.66.0/24",   *inRange(1, 65536),
                               *inRange(0, 60), *element(0, 1420), *element<std::string>("5m", "10m")};
        out.stack.prune = *arbitrary<bool>();
        out.stack.driftPolicy = spec::DriftPolicy::repair;
        out.stack.uids = *element<std::string>("keep", "separate");
        out.stack.rolloutTimeout = "15m";
        out.stack.firewallProvider =
            *element<spec::FirewallProvider>(spec::FirewallProvider::ufw, spec::FirewallProvider::none);
        out.stack.wireguard.topology = spec::TunnelTopology::automatic;
        addHosts(out);
        addPresharedKeys(out);
        addProjects(out);
        addServers(out);
        addObserved(out);
        addRegistry(out);
        addReconciling(out);
        return out;
    });
}

}  // namespace vigie::tests
