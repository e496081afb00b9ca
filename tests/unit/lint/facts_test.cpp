// Rules that need the facts of a host.
#include "lint/facts.hpp"

#include "base/text.hpp"
#include "lint/host_facts_view.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>
#include <functional>

namespace vigie::lint {
namespace {

using facts::HostFacts;
using facts::MountFacts;
using facts::PortFacts;
using facts::ServiceFacts;
using spec::Stack;
using Codes = std::vector<std::string>;

HostFacts exampleFacts(const std::string& host) {
    spec::Diagnostics mistakes;
    const auto out =
        facts::loadFacts(tests::readSource("examples/moments/facts/" + host + ".json"), host, mistakes);
    REQUIRE(mistakes.empty());
    return *out;
}

/// examples/moments, whose API is bound to the tunnel here, with what its hosts are.
struct Situation {
    Stack stack = tests::moments();
    HostFacts vps = exampleFacts("vps");
    HostFacts vm = exampleFacts("vm");
    std::map<std::string, std::string> composeDigests = {};

    Situation() { port().address = "10.66.66.1"; }
    facts::ProjectFacts& project() { return vps.projects->at(0); }
    ServiceFacts& backend() { return project().services->at("backend"); }
    ServiceFacts& pgbouncer() { return project().services->at("pgbouncer"); }
    PortFacts& port() { return backend().ports.at(0); }
    spec::Application& application() { return stack.applications[0]; }
    spec::Exporter& exporter() { return stack.exporters[0]; }
    MountFacts& mount() { return pgbouncer().volumes.at(0); }

    [[nodiscard]] spec::Diagnostics findings(std::optional<FactsFile> another = {}) const {
        RepositoryFacts known{{{"vps", {"facts/vps.json", vps}}, {"vm", {"facts/vm.json", vm}}},
                              composeDigests};
        if (another) {
            known.hosts["vps"] = *another;
        }
        spec::Diagnostics out;
        lintFacts(stack, known, spec::Reporter(out, "stack.yaml"), out);
        return out;
    }
    [[nodiscard]] Codes codes() const { return tests::codesOf(findings()); }
};

using Change = std::function<void(Situation&)>;

struct Case {
    const char* what;
    const char* code;
    Change wrong;  ///< has exactly this finding
    Change fine;   ///< is close to it, and has none
};

PortFacts published(const std::string& address, int number) {
    PortFacts out;
    out.address = address;
    out.first = out.last = number;
    out.target = number;
    return out;
}

ServiceFacts publishing(const std::string& address, int number) {
    ServiceFacts out;
    out.image = "other:1";
    out.ports = {published(address, number)};
    return out;
}

MountFacts bind(const std::string& source, const std::string& target, const std::string& kind) {
    MountFacts out;
    out.type = "bind";
    out.source = source;
    out.target = target;
    out.kind = kind;
    return out;
}

void addProject(Situation& s, const std::string& name, const std::string& service,
                const ServiceFacts& facts) {
    facts::ProjectFacts out;
    out.name = name;
    out.directory = "/opt/" + name;
    out.services = {{service, facts}};
    s.vps.projects->push_back(out);
}

void postgresExporter(Situation& s) {
    s.exporter().type = spec::ExporterType::postgres;
    s.exporter().pgbouncer.reset();
    s.exporter().postgres =
        spec::PostgresTarget{"postgres", 5432, "stats", "postgres", {"pgbouncer-stats"}, "disable"};
}

const std::vector<Case>& cases() {
    static const std::vector<Case> kCases = {
        {"facts copied from another host, by name", "VG0352", [](auto& s) { s.vps.host = "vm"; },
         [](auto& s) { s.vps.host.clear(); }},
        {"facts copied from another host, by the tunnel's key", "VG0352",
         [](auto& s) { s.vps.wireguardPublicKey = s.stack.hosts[1].publicKey; },
         [](auto& s) { s.stack.hosts[0].nextPublicKey = s.vps.wireguardPublicKey = "next"; }},
        {"facts copied from another host, by the sealing key", "VG0352",
         [](auto& s) { s.vps.sealingKey = s.stack.hosts[1].sealingKey; },
         [](auto& s) { s.stack.hosts[0].sealingKey.clear(); }},
        {"facts of another compose file than the one in the repository", "VG0353",
         [](auto& s) {
             s.composeDigests = {{"docker-compose.prod.yml", "another"}};
         },
         [](auto& s) {
             s.composeDigests = {{"docker-compose.prod.yml", s.project().digests.begin()->second},
                                 {"x.yml", "y"}};
         }},
        {"a misspelt service", "VG0354", [](auto& s) { s.application().service = "backand"; },
         [](auto& s) {
             s.application().service = "api";
             s.project().services->emplace("api", s.backend());
             s.backend().ports.clear();
         }},
        {"an exporter's service that is not there", "VG0354",
         [](auto& s) { s.exporter().pgbouncer->service = "bouncer"; },
         [](auto& s) {
             s.exporter().pgbouncer->service = "bouncer";
             s.project().services->emplace("bouncer", s.pgbouncer());
         }},
        {"a database that is not there", "VG0354",
         [](auto& s) {
             postgresExporter(s);
             s.exporter().postgres->service = "db";
         },
         postgresExporter},
        {"a cache that is not there", "VG0354",
         [](auto& s) {
             s.exporter().type = spec::ExporterType::redis;
             s.exporter().redis = spec::RedisTarget{"redis", 6379};
         },
         [](auto& s) {
             s.exporter().type = spec::ExporterType::redis;
             s.exporter().redis = spec::RedisTarget{"redis", 6379};
             s.project().services->emplace("redis", s.pgbouncer());
             s.project().services->at("redis").expose = {"6379"};
         }},
        {"a web server that is not there", "VG0354",
         [](auto& s) {
             s.exporter().type = spec::ExporterType::nginx;
             s.exporter().nginx = spec::NginxTarget{"web", 80, "/status"};
         },
         [](auto& s) {
             s.exporter().type = spec::ExporterType::nginx;
             s.exporter().nginx = spec::NginxTarget{"web", 80, "/status"};
             s.project().services->emplace("web", s.pgbouncer());
             s.project().services->at("web").expose = {"80"};
         }},
        {"an exporter that starts after a service that is not there", "VG0354",
         [](auto& s) {
             s.exporter().custom = spec::CustomExporter{};
             s.exporter().custom->dependsOn = {"backand"};
         },
         [](auto& s) {
             s.exporter().custom = spec::CustomExporter{};
             s.exporter().custom->dependsOn = {"backend"};
         }},
        {"a health check of a service that is not there", "VG0354",
         [](auto& s) {
             s.stack.healthChecks = {{"moments", "backand", "", ""}};
         },
         [](auto& s) {  // the second is one that vigie writes
             s.stack.healthChecks = {{"moments", "backend", "", ""},
                                     {"moments", "pgbouncer-exporter", "", ""}};
         }},
        {"a service of the user's with the exporter's name", "VG0355",
         [](auto& s) {
             s.project().services->emplace("pgbouncer-exporter", publishing("", 9127));
             s.vps.projects->at(0).services->at("pgbouncer-exporter").ports[0].address = "127.0.0.1";
         },
         [](auto& s) {
             s.project().services->emplace("pgbouncer-exporter-2", publishing("127.0.0.1", 9128));
         }},
        {"a server where the user's files have it", "VG0355",
         [](auto& s) {
             s.stack.jaeger->project = "moments";
             s.project().services->emplace("jaeger", ServiceFacts{});
         },
         [](auto& s) {
             s.stack.jaeger->project = "moments";
             s.project().services->emplace("jaeger-2", ServiceFacts{});
         }},
        {"an attached server where the user's files have it is as it should be, and not in a network of "
         "others",
         "VG0544",
         [](auto& s) {
             s.stack.jaeger->had.networks = {"moments_default"};
             s.project().services->emplace("jaeger", ServiceFacts{});
         },
         [](auto& s) {
             s.stack.jaeger->project = "moments";
             s.stack.jaeger->had.attach = spec::Attach{.service = "jaeger"};
             s.project().services->emplace("jaeger", ServiceFacts{});
         }},
        {"two projects publish one port", "VG0356",
         [](auto& s) { addProject(s, "blog", "web", publishing("10.66.66.1", 8000)); },
         [](auto& s) { addProject(s, "blog", "web", publishing("127.0.0.1", 8000)); }},
        {"the user publishes the exporter's port", "VG0356",
         [](auto& s) { addProject(s, "blog", "web", publishing("", 9127)); },
         [](auto& s) { addProject(s, "blog", "web", publishing("127.0.0.1", 9127)); }},
        {"the user publishes vigie's own port", "VG0356",
         [](auto& s) {
             s.stack.selfMonitoring.enabled = true;
             addProject(s, "blog", "web", publishing("", 9469));
         },
         [](auto& s) { addProject(s, "blog", "web", publishing("", 9469)); }},
        {"the user publishes the port at which others ask vigie how far it is", "VG0356",
         [](auto& s) {
             s.stack.hosts[1].dependsOn = {"vps"};
             addProject(s, "blog", "web", publishing("10.66.66.1", 9469));
         },
         [](auto& s) {
             s.stack.hosts[1].dependsOn = {"vps"};
             addProject(s, "blog", "web", publishing("127.0.0.1", 9469));
         }},
        {"the user publishes the UDP port of the Alertmanagers", "VG0356",
         [](auto& s) {
             s.stack.alertmanager->project = "moments";
             s.stack.alertmanager->replicas = {{"monitoring"}};
             addProject(s, "blog", "web", publishing("", 9094));
             s.vps.projects->back().services->at("web").ports[0].protocol = "udp";
         },
         [](auto& s) {
             s.stack.alertmanager->project = "moments";
             addProject(s, "blog", "web", publishing("", 9094));
             s.vps.projects->back().services->at("web").ports[0].protocol = "udp";
         }},
        {"a range of ports has the tunnel's in it", "VG0356",
         [](auto& s) {
             auto range = publishing("", 51810);
             range.ports[0].last = 51830;
             range.ports[0].protocol = "udp";
             addProject(s, "blog", "web", range);
         },
         [](auto& s) {
             auto range = publishing("", 51810);
             range.ports[0].last = 51830;
             addProject(s, "blog", "web", range);
         }},
        {"a port for everybody on a host with an endpoint", "VG0357", [](auto& s) { s.port().address = ""; },
         [](auto& s) {
             s.port().address = "";
             s.stack.hosts[0].endpoint.clear();
         }},
        {"a port at the endpoint's own address", "VG0357",
         [](auto& s) { s.pgbouncer().ports = {published("203.0.113.10", 6432)}; },
         [](auto& s) {
             s.pgbouncer().ports = {published("", 443), published("127.0.0.1", 6432)};
         }},
        {"a mounted file that vigie writes", "VG0358",
         [](auto& s) { s.mount() = bind("/opt/moments/docker-compose.monitoring.yml", "/x", "file"); },
         [](auto& s) { s.mount() = bind("/opt/moments/docker-compose.prod.yml", "/x", "file"); }},
        {"a mounted file below a directory that vigie writes", "VG0358",
         [](auto& s) { s.mount() = bind("/opt/moments/pgbouncer-exporter/pgpass", "/x", "file"); },
         [](auto& s) { s.mount() = bind("/opt/moments/pgbouncer-exporter", "/x", "directory"); }},
        {"a mounted list of PgBouncer's users that vigie writes", "VG0358",
         [](auto& s) {
             s.exporter().pgbouncer->userlist = spec::Userlist{"/opt/moments/pool/userlist.txt", "plain"};
             s.mount() = bind("/opt/moments/pool/userlist.txt", "/x", "file");
         },
         [](auto& s) { s.mount() = bind("/opt/moments/pool/userlist.txt", "/x", "file"); }},
        {"a mounted secret of an application", "VG0358",
         [](auto& s) { s.mount() = bind("/opt/moments/vigie-secrets/backend/KEY", "/x", "file"); },
         [](auto& s) { s.mount() = bind("/opt/moments/vigie-secrets", "/x", "directory"); }},
        {"a mounted file of Grafana's", "VG0358",
         [](auto& s) {
             s.stack.grafana = spec::Grafana{"moments", "grafana/grafana:12.0.2", 3000};
             s.mount() = bind("/opt/moments/grafana/dashboards/a.json", "/x", "file");
         },
         [](auto& s) { s.mount() = bind("/opt/moments/grafana/dashboards/a.json", "/x", "file"); }},
        {"a mounted file of Jaeger's", "VG0358",
         [](auto& s) {
             s.stack.jaeger->project = "moments";
             s.mount() = bind("/opt/moments/jaeger/config.yaml", "/x", "file");
         },
         [](auto& s) { s.mount() = bind("/opt/moments/jaeger/config.yaml", "/x", "file"); }},
        {"a file mounted inside of a mounted directory", "VG0359",
         [](auto& s) {
             s.pgbouncer().volumes.push_back(bind("/opt/moments/a.ini", "/etc/pgbouncer/a.ini", "file"));
         },
         [](auto& s) {
             s.pgbouncer().volumes.push_back(bind("/opt/moments/a.ini", "/etc/pgbouncer2/a.ini", "file"));
         }},
        {"a directory where a file was meant", "VG0359",
         [](auto& s) { s.mount() = bind("/opt/moments/prometheus.yml", "/x", "directory"); },
         [](auto& s) { s.mount() = bind("/opt/moments/conf.d", "/x", "directory"); }},
        {"a data directory of another owner", "VG0360",
         [](auto& s) {
             s.pgbouncer().user = "70:70";
             s.mount().readOnly = false;
         },
         [](auto& s) {
             s.pgbouncer().user = "70:70";
             s.mount().readOnly = false;
             s.mount().owner = 70;
         }},
        {"a database in no network", "VG0361", [](auto& s) { s.pgbouncer().networkMode = "host"; },
         [](auto& s) { s.pgbouncer().networkMode = "bridge"; }},
        {"a database in other networks only", "VG0361", [](auto& s) { s.pgbouncer().networks = {"back"}; },
         [](auto& s) {
             s.pgbouncer().networks = {"back", "default"};
         }},
        {"another database in no network", "VG0361",
         [](auto& s) {
             postgresExporter(s);
             s.project().services->at("postgres").networkMode = "host";
         },
         [](auto& s) {
             s.stack.healthChecks = {{"moments", "postgres", "", ""}};
             s.project().services->at("postgres").networkMode = "host";
         }},
        {"an application without a network", "VG0361", [](auto& s) { s.backend().networkMode = "none"; },
         [](auto& s) { s.backend().networkMode = "host"; }},
        {"an application that is not published for Prometheus", "VG0362",
         [](auto& s) { s.port().address = "127.0.0.1"; },
         [](auto& s) {
             s.backend().ports.clear();
             s.pgbouncer().ports = {published("10.66.66.1", 8000)};
             s.pgbouncer().ports[0].target = 6432;
         }},
        {"an application at another port", "VG0362", [](auto& s) { s.application().metrics->port = 8001; },
         [](auto& s) {
             s.application().metrics->port = 8001;
             s.port().last = 8001;
         }},
        {"several workers", "VG0363", [](auto& s) { s.backend().environment = {"WEB_CONCURRENCY"}; },
         [](auto& s) {
             s.backend().environment = {"WEB_CONCURRENCY", "PROMETHEUS_MULTIPROC_DIR"};
         }},
        {"the same metrics twice", "VG0364",
         [](auto& s) {
             s.stack.applications.push_back(s.application());
             s.stack.applications[1].name = "again";
         },
         [](auto& s) {
             s.stack.applications.push_back(s.application());
             s.stack.applications[1].name = "again";
             s.stack.applications[1].metrics->path = "/other";
         }},
        {"an exporter beside ours", "VG0364",
         [](auto& s) {
             s.project().services->emplace("stats", ServiceFacts{});
             s.project().services->at("stats").image = "prometheuscommunity/pgbouncer-exporter:v0.9.0";
         },
         [](auto& s) {
             s.project().services->emplace("stats", ServiceFacts{});
             s.project().services->at("stats").image = "prometheuscommunity/postgres-exporter:v0.9.0";
         }},
        {"another variable that may win", "VG0365",
         [](auto& s) { s.backend().environment = {"OTEL_EXPORTER_OTLP_ENDPOINT"}; },
         [](auto& s) {
             s.backend().environment = {"OTEL_EXPORTER_OTLP_ENDPOINT"};
             s.application().traces->variable = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
         }},
        {"another variable that may win over OpenTelemetry's", "VG0365",
         [](auto& s) {
             s.backend().environment = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"};
             s.application().traces->variable.clear();
             s.application().traces->variables = "otel";
         },
         [](auto& s) {  // the one that vigie sets itself is overridden
             s.backend().environment = {"OTEL_EXPORTER_OTLP_ENDPOINT"};
             s.application().traces->variable.clear();
             s.application().traces->variables = "otel";
         }},
        {"a Docker network in the tunnel's", "VG0366",
         [](auto& s) {
             s.vps.networks->push_back({"blog_default", "10.66.0.0/16", true});
         },
         [](auto& s) {
             s.vps.networks->push_back({"wg0", "10.66.66.0/30", false});
         }},
        {"a LAN that another host routes", "VG0366",
         [](auto& s) {
             s.stack.hosts[1].routes = {"192.168.1.0/24"};
             s.vps.networks->push_back({"eth1", "192.168.0.0/16", false});
         },
         [](auto& s) { s.stack.hosts[1].routes = {"192.168.1.0/24"}; }},
        {"a rebuild without a health check", "VG0367", [](auto& s) { s.application().rebuild = "1"; },
         [](auto& s) {
             s.application().rebuild = "1";
             s.backend().healthcheck = true;
         }},
        {"an old Compose", "VG0368", [](auto& s) { s.vps.tools["compose"] = "v2.24.3"; },
         [](auto& s) { s.vps.tools["compose"] = "Docker Compose version v2.24.4-desktop.1"; }},
        {"no Compose", "VG0368", [](auto& s) { s.vps.tools.erase("compose"); },
         [](auto& s) { s.vps.tools["compose"] = "3.0.0"; }},
        {"an old promtool where there is no Docker", "VG0369",
         [](auto& s) {
             s.vm.tools.erase("docker");
             s.vm.tools["promtool"] = "promtool, version 2.42.0+ds (x)";
         },
         [](auto& s) {
             s.vm.tools.erase("docker");
             s.vm.tools["promtool"] = "promtool, version 3.10.0";
         }},
        {"an old amtool where there is no Docker", "VG0369",
         [](auto& s) {
             s.vm.tools.erase("docker");
             s.vm.tools["amtool"] = "amtool, version 0.25.0";
         },
         [](auto& s) { s.vm.tools["amtool"] = "amtool, version 0.25.0"; }},
        {"a database at another port", "VG0370", [](auto& s) { s.pgbouncer().expose = {"5432"}; },
         [](auto& s) {
             s.pgbouncer().expose = {"5432", "6432/tcp"};
         }},
        {"another database at another port", "VG0370",
         [](auto& s) {
             postgresExporter(s);
             s.exporter().postgres->port = 5433;
             s.project().services->at("postgres").expose = {"5432"};
         },
         [](auto& s) {
             postgresExporter(s);
             s.project().services->at("postgres").expose = {"5432"};
         }},
        {"a health check of a service that stays down after a reboot", "VG0371",
         [](auto& s) {
             s.stack.healthChecks = {{"moments", "postgres", "", ""}};
             s.project().services->at("postgres").restart = "no";
         },
         [](auto& s) { s.project().services->at("postgres").restart = "no"; }},
        {"a service that stays down after a reboot", "VG0371", [](auto& s) { s.backend().restart = "no"; },
         [](auto& s) { s.backend().restart = "always"; }},
        {"tables that are emptied", "VG0374", [](auto& s) { s.vps.capabilities["nftablesFlushes"] = true; },
         [](auto& s) {
             s.vps.capabilities["nftablesFlushes"] = true;
             s.stack.firewallProvider = spec::FirewallProvider::none;
         }},
        {"a firewall that is off", "VG0375", [](auto& s) { s.vps.capabilities["ufwEnabled"] = false; },
         [](auto& s) {
             s.vps.capabilities["ufwEnabled"] = false;
             s.stack.firewallProvider = spec::FirewallProvider::none;
         }},
        {"the firewall of one host is off", "VG0375",
         [](auto& s) {
             s.vps.capabilities["ufwEnabled"] = s.vm.capabilities["ufwEnabled"] = false;
             s.stack.firewallProvider = spec::FirewallProvider::none;
             s.stack.hosts[0].firewallProvider = spec::FirewallProvider::ufw;
         },
         [](auto& s) {
             s.vps.capabilities["ufwEnabled"] = false;
             s.stack.hosts[0].firewallProvider = spec::FirewallProvider::none;
         }},
        {"a project of another directory", "VG0372", [](auto& s) { s.project().directory = "/srv/moments"; },
         [](auto& s) { s.stack.projects[0].directory = s.project().directory; }},
        {"other compose files", "VG0373",
         [](auto& s) { s.project().files.push_back("/opt/moments/docker-compose.extra.yml"); },
         [](auto& s) { s.project().files.clear(); }},
    };
    return kCases;
}

TEST_CASE("facts of examples/moments allow all checks and yield no finding", "[lint][facts]") {
    CHECK(Situation().codes().empty());
}

TEST_CASE("each check over facts finds its mistake and nothing in a similar correct case", "[lint][facts]") {
    for (const auto& each : cases()) {
        CAPTURE(each.what);
        Situation wrong;
        each.wrong(wrong);
        CHECK(wrong.codes() == Codes{each.code});
        Situation fine;
        each.fine(fine);
        CHECK(fine.codes().empty());
    }
}

TEST_CASE("a finding about facts is never an error: facts can be older than the host", "[lint][facts]") {
    for (const auto& each : cases()) {
        CAPTURE(each.what);
        Situation wrong;
        each.wrong(wrong);
        CHECK_FALSE(wrong.findings().hasErrors());
    }
}

TEST_CASE("facts under another project name do not count for the project", "[lint][facts]") {
    Situation s;
    s.project().name = "moments-prod";
    const auto codes = s.codes();
    CHECK(codes.front() == "VG0372");
    CHECK(codes.back() == "VG0350");
}

TEST_CASE("facts of a host that is not in the document are reported", "[lint][facts]") {
    const Stack stack = tests::moments();
    spec::Diagnostics out;
    lintFacts(stack, {{{"vp", {"facts/vp.json", HostFacts{}}}}, {}}, spec::Reporter(out, "stack.yaml"), out);
    REQUIRE_FALSE(out.empty());
    CHECK(out.all()[0].code == "VG0351");
    CHECK(out.all()[0].file == "facts/vp.json");
    CHECK(tests::contains(out.all()[0].hint, "vps.json"));
}

TEST_CASE("a check without its fact is reported once as skipped", "[lint][facts]") {
    Situation s;
    spec::Diagnostics none;
    lintFacts(s.stack, {}, spec::Reporter(none, "stack.yaml"), none);
    REQUIRE(tests::codesOf(none) == Codes{"VG0350"});
    CHECK(none.all()[0].severity == spec::Severity::info);
    CHECK(tests::contains(none.all()[0].message,
                          "checks skipped for hosts `vps`, `vm`: facts/HOST.json is missing"));
    SECTION("one file of facts is missing") {
        spec::Diagnostics one;
        lintFacts(s.stack, {{{"vm", {"facts/vm.json", s.vm}}}, {}}, spec::Reporter(one, "stack.yaml"), one);
        REQUIRE(tests::codesOf(one) == Codes{"VG0350"});
        CHECK(tests::contains(one.all()[0].message,
                              "checks skipped for host `vps`: facts/vps.json is missing"));
        CHECK(tests::contains(one.all()[0].hint, "vigie facts > facts/vps.json"));
    }
    SECTION("Compose could not be run") {
        s.project().services.reset();
        const auto found = s.findings();
        REQUIRE(tests::codesOf(found) == Codes{"VG0350"});
        CHECK(tests::contains(found.all()[0].message, "the services of compose project `moments`"));
    }
    SECTION("the engine did not answer") {
        s.vps.projects.reset();
        s.vps.networks.reset();
        const auto found = s.findings();
        REQUIRE(tests::codesOf(found) == Codes{"VG0350"});
        CHECK(tests::contains(found.all()[0].message, "its networks"));
    }
    SECTION("a port depends on a variable") {
        s.port() = {};
        s.port().expression = "${PORT}:8000";
        const auto found = s.findings();
        REQUIRE(tests::codesOf(found) == Codes{"VG0350"});
        CHECK(tests::contains(found.all()[0].message, "3 checks skipped"));
        CHECK(tests::contains(found.all()[0].message,
                              "the values of the variables in `ports` of project `moments`"));
    }
    SECTION("another project could not be read, so its ports are unknown") {
        addProject(s, "blog", "web", {});
        s.vps.projects->back().services.reset();
        const auto found = s.findings();
        REQUIRE(tests::codesOf(found) == Codes{"VG0350"});
        CHECK(tests::contains(found.all()[0].message, "1 check skipped for host `vps`"));
    }
    SECTION("the file of facts has mistakes that are reported") {
        CHECK(tests::codesOf(s.findings(FactsFile{"facts/vps.json", {}})).empty());
    }
    SECTION("the document has errors, which come first") {
        spec::Diagnostics out;
        spec::Reporter(out, "stack.yaml").error(code::VG0101, spec::Position{}, "x");
        lintFacts(s.stack, {}, spec::Reporter(out, "stack.yaml"), out);
        CHECK(tests::codesOf(out) == Codes{"VG0101"});
    }
}

/// Facts come out of a repository: what they say must not move the cursor of whoever reads a finding.
TEST_CASE("control characters in facts never reach the terminal", "[lint][facts]") {
    const std::string evil = "\x1b[2J\a\n";
    for (const auto& each : cases()) {
        Situation s;
        each.wrong(s);
        s.vps.host += s.vps.host.empty() ? "" : evil;
        for (auto& [name, version] : s.vps.tools) {
            version += evil;
        }
        for (auto& network : *s.vps.networks) {
            network.name += evil;
        }
        for (auto& project : *s.vps.projects) {
            std::map<std::string, ServiceFacts> renamed = *project.services;
            for (auto& [name, service] : *project.services) {
                service.networkMode += service.networkMode.empty() ? "" : evil;
                for (auto& network : service.networks) {
                    network += evil;
                }
                for (auto& mount : service.volumes) {
                    mount.source += evil;
                    mount.target += evil;
                }
                for (auto& port : service.ports) {
                    port.protocol += evil;
                }
                renamed[name] = service;
                renamed[name + evil] = service;
                renamed[name + evil].image = "pgbouncer-exporter" + evil;
            }
            project.services = renamed;
            project.files.push_back("/opt/" + evil);
        }
        s.vps.projects->push_back({"other" + evil, "/opt/moments", {}, {}, {}, Services{}});
        s.vps.projects->push_back({"moments", "/srv/" + evil, {}, {}, {}, Services{}});
        const auto found = s.findings();
        CHECK(found.all().size() > 3);
        for (const auto& finding : found.all()) {
            const std::string text = finding.message + finding.hint;
            CAPTURE(printable(text));
            CHECK(printable(text) == text);
        }
    }
}

TEST_CASE("more than 2000 published ports are not compared with each other", "[lint][facts]") {
    Situation s;
    auto many = s.pgbouncer();
    many.ports.assign(1500, published("127.0.0.1", 6432));
    s.pgbouncer() = many;
    addProject(s, "blog", "web", many);
    const auto found = s.findings();
    REQUIRE(tests::codesOf(found) == Codes{"VG0350"});
    CHECK(tests::contains(found.all()[0].message, "a list of at most 2000 ports"));
    many.ports.clear();
    for (int i = 1; i <= 500; ++i) {
        many.ports.push_back(published("127.0.0.1", i));
    }
    s.pgbouncer().ports = many.ports;
    s.vps.projects->at(1).services->at("web") = many;
    const auto codes = s.codes();
    CHECK(std::count(codes.begin(), codes.end(), "VG0356") == 50);
}

TEST_CASE("facts collected with the file that vigie will write are reported as unusable", "[lint][facts]") {
    Situation s;
    s.project().files.push_back("/opt/moments/docker-compose.monitoring.yml");
    const auto found = s.findings();
    REQUIRE(tests::codesOf(found) == Codes{"VG0353", "VG0350"});
    CHECK(tests::contains(found.all()[0].hint, "--without docker-compose.monitoring.yml"));
}

}  // namespace
}  // namespace vigie::lint
