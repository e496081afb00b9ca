// Tests render/exporters: What exporters and the variables of containers become: files on the host, and the
// parts of a container.

#include "render/exporters.hpp"

#include "render/host.hpp"
#include "spec/load.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <nlohmann/json.hpp>

namespace vigie::render {
namespace {

using spec::EnvVar;
using spec::Exporter;
using spec::Stack;
using tests::contains;

SecretValue secret(const std::string& id, std::string_view value) {
    return {id, std::make_shared<const SecureBytes>(secureBytes(value))};
}

/// The moments stack with one exporter in the user's project on `vps`.
Stack with(Exporter exporter, const std::string& project = "moments") {
    Stack out = tests::moments();
    exporter.name = exporter.name.empty() ? std::string(toText(exporter.type)) : exporter.name;
    exporter.project = project;
    exporter.port = exporter.custom ? 9999 : 0;
    exporter.fillIn();
    out.exporters = {std::move(exporter)};
    return out;
}

std::vector<Resource> render(const Stack& stack, const std::string& host, const Inputs& inputs = {}) {
    return renderHost(stack, *stack.host(host), inputs);
}

File file(const std::vector<Resource>& resources, const std::string& path) {
    for (const auto& resource : resources) {
        if (resource.id == "file:" + path) {
            return std::get<File>(resource.what);
        }
    }
    FAIL(path << " is not rendered");
    throw std::logic_error("unreachable");
}

std::string text(const std::vector<Resource>& resources, const std::string& path) {
    return file(resources, path).content.masked();
}

Service service(const std::vector<Resource>& resources, const std::string& id) {
    for (const auto& resource : resources) {
        if (resource.id == "compose:" + id) {
            return std::get<ComposeService>(resource.what).service;
        }
    }
    FAIL(id << " is not rendered");
    throw std::logic_error("unreachable");
}

bool has(const std::vector<Resource>& resources, const std::string& id) {
    return std::any_of(resources.begin(), resources.end(),
                       [&](const Resource& resource) { return resource.id == id; });
}

std::string command(const Service& service) {
    std::string out;
    for (const auto& argument : service.command) {
        out += argument.masked() + "\n";
    }
    return out;
}

Inputs knowing(const std::string& name, std::string_view value) {
    Inputs out;
    out.secrets[name] = secret("id of " + name, value);
    return out;
}

constexpr const char* kOverride = "/opt/moments/docker-compose.monitoring.yml";

TEST_CASE("postgres_exporter reads its password from a file that only it reads", "[render][exporters]") {
    Exporter exporter;
    exporter.type = spec::ExporterType::postgres;
    exporter.postgres = spec::PostgresTarget{"db", 5432, "mon$tor", "my db", {"pw"}, "disable"};
    const auto resources = render(with(exporter), "vps", knowing("pw", "hunter2"));
    const auto& is = service(resources, "moments/postgres");
    CHECK(is.environment ==
          std::map<std::string, std::string>{{"DATA_SOURCE_PASS_FILE", "/etc/vigie-exporter/password"},
                                             {"DATA_SOURCE_URI", "db:5432/my%20db?sslmode=disable"},
                                             {"DATA_SOURCE_USER", "mon$tor"}});
    CHECK(is.dependsOn == std::vector<std::string>{"db"});
    CHECK(is.command.empty());
    const auto& password = file(resources, "/opt/moments/postgres/password");
    CHECK(password.mode == 0400);
    CHECK(password.owner == Owner{65523, 65523});
    CHECK(view(password.content.reveal()) == "hunter2");
    CHECK_FALSE(contains(text(resources, kOverride), "hunter2"));
    CHECK(contains(text(resources, kOverride), "mon$$tor"));
}

TEST_CASE("redis_exporter's password file is keyed by the address with its user", "[render][exporters]") {
    const std::string nasty = "q\"\\\n$ü";
    Exporter exporter;
    exporter.type = spec::ExporterType::redis;
    exporter.redis = spec::RedisTarget{"cache", 6379, "a:b@c+d", spec::SecretReference{"pw"}, true};
    const auto& named =
        file(render(with(exporter), "vps", knowing("pw", nasty)), "/opt/moments/redis/passwords.json");
    CHECK(nlohmann::json::parse(std::string(view(named.content.reveal()))) ==
          nlohmann::json{{"rediss://a%3Ab%40c+d@cache:6379", nasty}, {"rediss://cache:6379", nasty}});
    exporter.redis = spec::RedisTarget{"cache", 6379, {}, spec::SecretReference{"pw"}};
    const auto resources = render(with(exporter), "vps");
    CHECK(service(resources, "moments/redis").environment.at("REDIS_ADDR") == "redis://cache:6379");
    CHECK(text(resources, "/opt/moments/redis/passwords.json") == "{\"redis://cache:6379\": \"***\"}\n");
}

TEST_CASE("an exporter without a password has no file and no variable for it", "[render][exporters]") {
    Exporter exporter;
    exporter.type = spec::ExporterType::redis;
    exporter.redis = spec::RedisTarget{"cache", 6379};
    const auto resources = render(with(exporter), "vps");
    CHECK(service(resources, "moments/redis").environment ==
          std::map<std::string, std::string>{{"REDIS_ADDR", "redis://cache:6379"}});
    CHECK_FALSE(has(resources, "directory:/opt/moments/redis"));
}

TEST_CASE("the node exporter listens on the VPN address itself and sees the host read-only",
          "[render][exporters]") {
    Exporter exporter;
    exporter.type = spec::ExporterType::node;
    exporter.node = spec::NodeCollectors{{"systemd"}, {"wifi"}};
    auto stack = with(exporter);
    stack.hosts[0].vpnAddress6 = "fd66::1";
    const auto resources = render(stack, "vps");
    const auto& is = service(resources, "moments/node");
    CHECK(command(is) ==
          "--path.rootfs=/host\n--web.listen-address=10.66.66.1:9100\n"
          "--web.listen-address=[fd66::1]:9100\n--collector.systemd\n--no-collector.wifi\n");
    CHECK(is.hostNetwork);
    CHECK(is.hostProcesses);
    CHECK(is.ports.empty());
    const auto compose = text(resources, kOverride);
    CHECK(contains(compose, "network_mode: \"host\"\n"));
    CHECK(contains(compose, "pid: \"host\"\n"));
    CHECK(contains(compose, "- \"/:/host:ro,rslave\"\n"));
    CHECK(has(resources, "firewall:wg0/tcp/9100"));
    CHECK_FALSE(has(resources, "firewall:containers/tcp/9100"));
}

TEST_CASE("a Prometheus container on the same host may reach the node exporter through the firewall",
          "[render][exporters]") {
    Exporter exporter;
    exporter.type = spec::ExporterType::node;
    const auto resources = render(with(exporter, "monitoring"), "vm");
    CHECK(has(resources, "firewall:containers/tcp/9100"));
}

TEST_CASE("cAdvisor mounts read-only and is not privileged unless asked for", "[render][exporters]") {
    Exporter exporter;
    exporter.type = spec::ExporterType::cadvisor;
    const auto compose = text(render(with(exporter), "vps"), kOverride);
    CHECK(contains(compose, "- \"/var/run:/var/run:ro\"\n"));
    CHECK(contains(compose, "- \"10.66.66.1:8080:8080\"\n"));
    CHECK_FALSE(contains(compose, "privileged"));
    CHECK_FALSE(contains(compose, "user:"));
    exporter.cadvisor = spec::Cadvisor{true, true, "10s"};
    const auto resources = render(with(exporter), "vps");
    CHECK(command(service(resources, "moments/cadvisor")) ==
          "--docker_only=true\n--housekeeping_interval=10s\n");
    CHECK(contains(text(resources, kOverride), "privileged: true\n"));
    CHECK(contains(text(resources, kOverride), "- \"/dev/kmsg:/dev/kmsg\"\n"));
}

TEST_CASE("a custom exporter gets the settings of the document", "[render][exporters]") {
    Exporter exporter;
    exporter.type = spec::ExporterType::custom;
    exporter.custom =
        spec::CustomExporter{8443, "/m", "1000:100", {"--x=$y"}, {"db"}, {{"/srv/data", "/data"}}};
    exporter.env = {{"A", "1"},
                    {"TOKEN", {}, spec::SecretReference{"t"}, {}},
                    {"KEY_FILE", {}, {}, spec::SecretFile{"k", {}}}};
    auto stack = with(exporter);
    auto inputs = knowing("t", "tok\"en$x");
    inputs.secrets["k"] = secret("id of k", "key");
    const auto resources = render(stack, "vps", inputs);
    const auto& is = service(resources, "moments/custom");
    CHECK(is.user == "1000:100");
    CHECK(is.dependsOn == std::vector<std::string>{"db"});
    CHECK(is.environment ==
          std::map<std::string, std::string>{{"A", "1"}, {"KEY_FILE", "/etc/vigie-exporter/KEY_FILE"}});
    CHECK(file(resources, "/opt/moments/custom/KEY_FILE").owner == Owner{1000, 100});
    const auto& compose = file(resources, kOverride);
    CHECK(contains(compose.content.masked(), "TOKEN: \"***\"\n"));
    CHECK(contains(std::string(view(compose.content.reveal())), "TOKEN: \"tok\\\"en$$x\"\n"));
    CHECK(contains(compose.content.masked(), "- \"/srv/data:/data:ro\"\n"));
    CHECK(contains(compose.content.masked(), "- \"10.66.66.1:9999:8443\"\n"));
    CHECK(compose.mode == 0600);
    CHECK(contains(text(render(stack, "vm"), "/opt/monitoring/prometheus/prometheus.yml"),
                   "metrics_path: \"/m\"\n"));
}

TEST_CASE("a secret in an environment variable changes the digest by its ciphertext", "[render][exporters]") {
    Exporter exporter;
    exporter.type = spec::ExporterType::custom;
    exporter.custom = spec::CustomExporter{1, "/metrics", "1:1"};
    exporter.env = {{"TOKEN", {}, spec::SecretReference{"t"}, {}}};
    const auto digest = [&](const SecretValue& value) {
        Inputs inputs;
        inputs.secrets["t"] = value;
        return service(render(with(exporter), "vps", inputs), "moments/custom").digest();
    };
    CHECK(digest(secret("one", "a")) == digest({"one", nullptr}));
    CHECK(digest(secret("one", "a")) != digest(secret("two", "a")));
}

TEST_CASE("an application's service gets variables, and secrets as files or values", "[render][exporters]") {
    Stack stack = tests::moments();
    stack.exporters.clear();
    auto& application = stack.applications[0];
    application.traces.reset();
    application.env = {{"MODE", "a$b"},
                       {"TOKEN", {}, spec::SecretReference{"t"}, {}},
                       {"KEY_FILE", {}, {}, spec::SecretFile{"k", 1000}}};
    const auto before = service(render(stack, "vps", knowing("k", "key")), "moments/backend");
    CHECK(before.mounts.at(0).source == "./vigie-secrets/backend");
    const auto resources = render(stack, "vps", knowing("k", "key"));
    const auto& key = file(resources, "/opt/moments/vigie-secrets/backend/KEY_FILE");
    CHECK(key.owner == Owner{1000, 1000});
    CHECK(key.mode == 0400);
    CHECK(contains(text(resources, kOverride), "KEY_FILE: \"/etc/vigie-secrets/KEY_FILE\"\n"));
    CHECK(contains(text(resources, kOverride), "MODE: \"a$$b\"\n"));
    Inputs other;
    other.secrets["k"] = secret("another id", "key");
    CHECK(service(render(stack, "vps", other), "moments/backend").contentDigest != before.contentDigest);
}

TEST_CASE("OpenTelemetry's exporter variables are derived from the traces setting", "[render][exporters]") {
    Stack stack = tests::moments();
    stack.applications[0].traces = spec::Traces{"", "http", "otel"};
    const auto& environment = service(render(stack, "vps"), "moments/backend").environment;
    CHECK(environment == std::map<std::string, std::string>{
                             {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://10.66.66.2:4318"},
                             {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
                             {"OTEL_RESOURCE_ATTRIBUTES", "service.namespace=moments,host.name=vps"},
                             {"OTEL_SERVICE_NAME", "moments_api"}});
    stack.applications[0].traces = spec::Traces{"OTLP", "grpc", "otel"};
    const auto again = service(render(stack, "vps"), "moments/backend").environment;
    CHECK(again.at("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc");
    CHECK(again.at("OTLP") == "http://10.66.66.2:4317");
}

TEST_CASE("each OpenTelemetry endpoint variable holds the URL form that its specification asks for",
          "[render][exporters]") {
    Stack stack = tests::moments();
    const auto holds = [&](const char* variable, const char* protocol) {
        stack.applications[0].traces = spec::Traces{variable, protocol, ""};
        return service(render(stack, "vps"), "moments/backend").environment.at(variable);
    };
    // SDKs append `/v1/traces` to the first of these, and to no other.
    CHECK(holds("OTEL_EXPORTER_OTLP_ENDPOINT", "http") == "http://10.66.66.2:4318");
    CHECK(holds("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http") == "http://10.66.66.2:4318/v1/traces");
    CHECK(holds("OTEL_ENDPOINT", "http") == "http://10.66.66.2:4318/v1/traces");
    for (const char* variable :
         {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_ENDPOINT"}) {
        CHECK(holds(variable, "grpc") == "http://10.66.66.2:4317");
    }
}

Exporter blackbox(std::vector<spec::Probe> probes) {
    Exporter out;
    out.type = spec::ExporterType::blackbox;
    for (auto& probe : probes) {
        probe.ipProtocol = "ip4";
    }
    out.blackbox = spec::Blackbox{std::move(probes), {}};
    return out;
}

spec::Probe probe(const std::string& name, const std::string& prober, const std::string& target) {
    spec::Probe out;
    out.name = name;
    out.prober = prober;
    out.targets = {target};
    return out;
}

TEST_CASE("each probe becomes a blackbox module and a scrape job", "[render][exporters]") {
    auto web = probe("web", "http", "https://example.org/?a=b");
    web.interval = "1m";
    web.timeout = "5s";
    web.labels = {{"tier", "front"}};
    web.http = spec::HttpProbe{"HEAD", {200, 301}, {}, false, false, true};
    auto stack = with(blackbox({web}), "monitoring");
    const auto resources = render(stack, "vm");
    CHECK(text(resources, "/opt/monitoring/blackbox/blackbox.yml") ==
          "# " + std::string(kManaged) +
              "\nmodules:\n  web:\n    prober: \"http\"\n    http:\n      method: \"HEAD\"\n"
              "      valid_status_codes:\n        - 200\n        - 301\n      follow_redirects: false\n"
              "      fail_if_not_ssl: true\n      preferred_ip_protocol: \"ip4\"\n");
    CHECK(contains(text(resources, "/opt/monitoring/prometheus/prometheus.yml"),
                   "  - job_name: \"web\"\n    metrics_path: \"/probe\"\n    scrape_interval: \"1m\"\n"
                   "    scrape_timeout: \"5s\"\n    params:\n      module:\n        - \"web\"\n"
                   "    static_configs:\n      - targets:\n          - \"https://example.org/?a=b\"\n"
                   "        labels:\n          tier: \"front\"\n"));
    CHECK(contains(text(resources, "/opt/monitoring/prometheus/prometheus.yml"),
                   "replacement: \"10.66.66.2:9115\"\n"));
}

TEST_CASE("a changed probe recreates the exporter's container", "[render][exporters]") {
    const auto digest = [](const std::string& name) {
        return service(render(with(blackbox({probe(name, "tcp", "a:1")}), "monitoring"), "vm"),
                       "monitoring/blackbox")
            .contentDigest;
    };
    CHECK(digest("a") != digest("b"));
    CHECK_FALSE(digest("a").empty());
}

TEST_CASE("only a blackbox exporter with an ICMP probe gets NET_RAW", "[render][exporters]") {
    const auto quiet = text(render(with(blackbox({probe("a", "tcp", "a:1")}), "monitoring"), "vm"),
                            "/opt/monitoring/compose.yaml");
    CHECK_FALSE(contains(quiet, "cap_add"));
    CHECK(contains(quiet, "user: \"65534:65534\""));
    const auto resources = render(with(blackbox({probe("a", "icmp", "10.66.66.1")}), "monitoring"), "vm");
    const auto compose = text(resources, "/opt/monitoring/compose.yaml");
    CHECK(contains(compose, "cap_drop:\n      - \"ALL\"\n    cap_add:\n      - \"NET_RAW\"\n"));
    // Root without capabilities reads what belongs to root.
    CHECK(contains(compose, "user: \"0:0\""));
    CHECK(file(resources, "/opt/monitoring/blackbox/blackbox.yml").owner == Owner{0, 0});
}

TEST_CASE("a probe's password is a file of the exporter", "[render][exporters]") {
    auto web = probe("web", "http", "https://example.org/");
    web.http = spec::HttpProbe{};
    web.http->basicAuth = spec::ProbeBasicAuth{"me", {"pw"}};
    const auto resources = render(with(blackbox({web}), "monitoring"), "vm", knowing("pw", "hunter2"));
    CHECK(contains(text(resources, "/opt/monitoring/blackbox/blackbox.yml"),
                   "password_file: \"/etc/vigie-exporter/web.secret\"\n"));
    CHECK(view(file(resources, "/opt/monitoring/blackbox/web.secret").content.reveal()) == "hunter2");
}

spec::Pgbouncer withUserlist(const std::string& authType) {
    spec::Pgbouncer out{"pgbouncer", 6432, "st\"ats", {"pw"}, "passfile"};
    out.userlist = spec::Userlist{"/opt/moments/pgbouncer/userlist.txt", authType, 70, 70};
    return out;
}

TEST_CASE("PgBouncer's users are written in the form of auth_type and masked like the password",
          "[render][exporters]") {
    Exporter exporter;
    exporter.type = spec::ExporterType::pgbouncer;
    const auto rendered = [&](const std::string& authType, const Inputs& inputs) {
        exporter.pgbouncer = withUserlist(authType);
        return file(render(with(exporter), "vps", inputs), "/opt/moments/pgbouncer/userlist.txt");
    };
    const auto revealed = [&](const std::string& authType) {
        return std::string(view(rendered(authType, knowing("pw", "p\"w")).content.reveal()));
    };
    CHECK(revealed("plain") == "\"st\"\"ats\" \"p\"\"w\"\n");
    CHECK(contains(revealed("md5"), "\"st\"\"ats\" \"md5"));
    CHECK(contains(revealed("scram-sha-256"), "\"st\"\"ats\" \"SCRAM-SHA-256$4096:"));
    for (const auto* type : {"plain", "md5", "scram-sha-256"}) {
        const auto here = rendered(type, knowing("pw", "p\"w"));
        CHECK(here.content.masked() == "\"st\"\"ats\" \"***\"\n");
        CHECK(here.mode == 0400);
        CHECK(here.owner == Owner{70, 70});
        Inputs sealed;
        sealed.secrets["pw"] = {"id of pw", nullptr};
        CHECK(rendered(type, sealed).content.digest() == here.content.digest());
    }
}

TEST_CASE(
    "a SCRAM verifier is the same for one ciphertext and user, and differs between ciphertexts and users",
    "[render][exporters]") {
    Exporter exporter;
    exporter.type = spec::ExporterType::pgbouncer;
    exporter.pgbouncer = withUserlist("scram-sha-256");
    const auto verifier = [&](const std::string& id, const std::string& user) {
        exporter.pgbouncer->user = user;
        Inputs inputs;
        inputs.secrets["pw"] = secret(id, "pw");
        const auto resources = render(with(exporter), "vps", inputs);
        const auto& list = file(resources, "/opt/moments/pgbouncer/userlist.txt");
        return std::string(view(list.content.reveal())).substr(user.size() + 3);
    };
    CHECK(verifier("one", "stats") == verifier("one", "stats"));
    CHECK(verifier("one", "stats") != verifier("two", "stats"));
    CHECK(verifier("one", "stats") != verifier("one", "other"));
}

}  // namespace
}  // namespace vigie::render
