// Rules across components.
#include "lint/lint.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <functional>

namespace vigie::lint {
namespace {

using spec::Stack;
using Codes = std::vector<std::string>;
using Change = std::function<void(Stack&)>;

Codes codes(const Change& change) {
    Stack stack = tests::moments();
    change(stack);
    spec::Diagnostics out;
    lint(stack, spec::Reporter(out, "a.yaml"));
    return tests::codesOf(out);
}

spec::Node map(const char* key) {
    spec::Node out;
    out.kind = spec::Node::Kind::map;
    out.entries.push_back({key, {}, spec::Node::text("x")});
    return out;
}

spec::ScrapeConfig job(const std::string& name) {
    spec::ScrapeConfig out;
    out.jobName = name;
    return out;
}

void addHost(Stack& stack, const char* address) {
    stack.hosts.push_back({"third", "", address, "third-key", ""});
}

void withoutExporter(Stack& stack) {
    stack.exporters.clear();
    stack.secrets.erase(stack.secrets.begin());
}

/// vigie watches itself, and somebody notices when it stops.
void watched(Stack& stack) {
    stack.selfMonitoring.enabled = true;
    stack.alertmanager->route.routes.push_back({"mail", {"alertname=\"Watchdog\""}, false});
}

/// Two with an endpoint, two behind NAT.
void fourHosts(Stack& stack) {
    stack.wireguard.network = "10.66.66.0/24";
    stack.hosts[1].endpoint = "203.0.113.11";
    stack.hosts.push_back({"third", "", "10.66.66.3", "third-key", ""});
    stack.hosts.push_back({"fourth", "", "10.66.66.4", "fourth-key", ""});
}

void dualStack(Stack& stack) {
    stack.wireguard.network6 = "fd66::/64";
    stack.hosts[0].vpnAddress6 = "fd66::1";
    stack.hosts[1].vpnAddress6 = "fd66::2";
}

void preshared(Stack& stack, const std::vector<std::string>& hosts) {
    stack.wireguard.presharedKeys = {{hosts, {"pair"}}};
    stack.secrets.push_back({"pair", {{"vps", "x"}, {"vm", "x"}}});
}

/// All on one host, without a tunnel.
void singleHost(Stack& stack) {
    stack.wireguard = {};
    stack.hosts.pop_back();
    stack.projects[1].host = "vps";
    stack.secrets[1].sealed["vps"] = "x";
}

/// In the project `monitoring`, with its configuration in ./blackbox.
void blackbox(Stack& stack) {
    spec::Exporter exporter;
    exporter.name = "blackbox";
    exporter.type = spec::ExporterType::blackbox;
    exporter.project = "monitoring";
    exporter.image = "prom/blackbox-exporter:v0.27.0";
    exporter.port = 9115;
    exporter.blackbox = spec::Blackbox{};
    exporter.blackbox->probes = {{"web", "http", "", {"https://example.org"}}};
    stack.exporters.push_back(exporter);
}

void grafana(Stack& stack) {
    stack.grafana =
        spec::Grafana{"monitoring", "grafana/grafana:12.0.2", 3000, "", "./grafana-data", "admin"};
}

void registry(Stack& stack, const std::string& server) {
    stack.registries = {{server, "puller", {"login"}}};
    stack.secrets.push_back({"login", {{"vps", "x"}, {"vm", "x"}}});
}

/// A change that must be found, and one as near to it that must not.
struct Rule {
    const char* code;
    Change wrong;
    Change right;
};

const std::vector<Rule>& rules() {
    static const std::vector<Rule> out = {
        {"VG0301", [](Stack& s) { s.hosts[0].vpnAddress = "10.66.67.1"; },
         [](Stack& s) { s.wireguard.network = "10.66.64.0/20"; }},
        {"VG0302", [](Stack& s) { s.hosts[1].vpnAddress = s.hosts[0].vpnAddress; },
         [](Stack& s) { std::swap(s.hosts[0].vpnAddress, s.hosts[1].vpnAddress); }},
        {"VG0303", [](Stack& s) { s.hosts[1].publicKey = s.hosts[0].publicKey; },
         [](Stack& s) { s.hosts[0].publicKey = s.hosts[1].publicKey = ""; }},
        {"VG0304", [](Stack& s) { s.hosts[0].endpoint.clear(); },
         [](Stack& s) { s.hosts[1].endpoint = "203.0.113.11"; }},
        {"VG0305", [](Stack& s) { s.hosts[0].vpnAddress = "10.66.66.3"; },
         [](Stack& s) {
             s.wireguard.network = "10.66.66.0/29";
             s.hosts[0].vpnAddress = "10.66.66.3";
         }},
        {"VG0305", [](Stack& s) { s.hosts[0].vpnAddress = "10.66.66.0"; },
         [](Stack& s) {
             s.wireguard.network = "10.66.66.0/31";
             s.hosts[0].vpnAddress = "10.66.66.0";
             s.hosts[1].vpnAddress = "10.66.66.1";
         }},
        {"VG0306", [](Stack& s) { s.hosts[1].endpoint = s.hosts[0].endpoint; },
         [](Stack& s) { s.hosts[1].endpoint = "203.0.113.11"; }},
        {"VG0307", [](Stack& s) { s.hosts[1].endpoint = "10.66.66.2"; },
         [](Stack& s) { s.hosts[1].endpoint = "198.51.100.2"; }},
        {"VG0307", [](Stack& s) { s.hosts[0].routes = {"203.0.113.0/24"}; },
         [](Stack& s) { s.hosts[0].routes = {"203.0.113.128/25"}; }},
        {"VG0307", [](Stack& s) { s.hosts[1].routes = {"203.0.113.10/32"}; },
         [](Stack& s) { s.hosts[1].routes = {"203.0.113.11/32"}; }},
        {"VG0308", fourHosts,
         [](Stack& s) {
             fourHosts(s);
             s.hosts[1].endpoint.clear();
         }},
        {"VG0308",
         [](Stack& s) {
             addHost(s, "10.66.66.5");
             s.wireguard.network = "10.66.66.0/29";
             s.wireguard.topology = spec::TunnelTopology::mesh;
         },
         [](Stack& s) {
             addHost(s, "10.66.66.5");
             s.wireguard.network = "10.66.66.0/29";
             s.wireguard.topology = spec::TunnelTopology::hubAndSpoke;
         }},
        {"VG0309",
         [](Stack& s) {
             addHost(s, "");
             s.hosts[2].publicKey.clear();
         },
         [](Stack& s) {
             addHost(s, "10.66.66.5");
             s.wireguard.network = "10.66.66.0/29";
         }},
        {"VG0310", [](Stack& s) { s.wireguard = {}; },
         [](Stack& s) {
             s.wireguard = {};
             s.hosts.pop_back();
             s.projects[1].host = "vps";
             s.secrets[1].sealed["vps"] = "x";
         }},
        {"VG0311", [](Stack& s) { s.wireguard.hub = "vps"; },
         [](Stack& s) {
             s.wireguard.topology = spec::TunnelTopology::hubAndSpoke;
             s.wireguard.hub = "vps";
         }},
        {"VG0311",
         [](Stack& s) {
             fourHosts(s);
             s.wireguard.topology = spec::TunnelTopology::hubAndSpoke;
         },
         [](Stack& s) {
             fourHosts(s);
             s.wireguard.topology = spec::TunnelTopology::hubAndSpoke;
             s.wireguard.hub = "vm";
         }},
        {"VG0312", [](Stack& s) { s.hosts[1].routes = {"10.66.0.0/16"}; },
         [](Stack& s) { s.hosts[1].routes = {"10.67.0.0/16"}; }},
        {"VG0312",
         [](Stack& s) {
             s.hosts[0].routes = {"192.168.1.0/24"};
             s.hosts[1].routes = {"192.168.0.0/23"};
         },
         [](Stack& s) {
             s.hosts[0].routes = {"192.168.2.0/24"};
             s.hosts[1].routes = {"192.168.0.0/23"};
         }},
        {"VG0313", [](Stack& s) { s.hosts[1].routes = {"fd00::/64"}; },
         [](Stack& s) {
             dualStack(s);
             s.hosts[1].routes = {"fd00::/64"};
         }},
        {"VG0313",
         [](Stack& s) {
             dualStack(s);
             s.hosts[1].vpnAddress6.clear();
         },
         dualStack},
        {"VG0314", [](Stack& s) { s.wireguard.persistentKeepalive = 0; },
         [](Stack& s) {
             s.wireguard.persistentKeepalive = 0;
             s.hosts[1].persistentKeepalive = 25;
         }},
        {"VG0314", [](Stack& s) { s.hosts[1].persistentKeepalive = 0; },
         [](Stack& s) { s.hosts[0].persistentKeepalive = 0; }},
        {"VG0315", [](Stack& s) { s.hosts[1].routes = {"172.31.255.0/24"}; },
         [](Stack& s) {
             s.hosts[1].routes = {"172.16.0.0/16", "172.32.0.0/16", "192.168.1.0/24"};
         }},
        {"VG0315", [](Stack& s) { s.hosts[1].routes = {"172.16.0.0/12"}; },
         [](Stack& s) { s.hosts[1].routes = {"172.0.0.0/12"}; }},
        {"VG0316",
         [](Stack& s) {
             dualStack(s);
             s.wireguard.mtu = 1279;
         },
         [](Stack& s) {
             dualStack(s);
             s.wireguard.mtu = 1280;
         }},
        {"VG0317", [](Stack& s) { s.wireguard.mtu = 1441; }, [](Stack& s) { s.wireguard.mtu = 1440; }},
        {"VG0318",
         [](Stack& s) {
             preshared(s, {"vps", "vps"});
         },
         [](Stack& s) {
             preshared(s, {"vps", "vm"});
         }},
        {"VG0318",
         [](Stack& s) {
             preshared(s, {"vps", "vm"});
             s.wireguard.presharedKeys.push_back({{"vm", "vps"}, {"pair"}});
         },
         [](Stack& s) {
             preshared(s, {"vm", "vps"});
         }},
        {"VG0319",
         [](Stack& s) {
             preshared(s, {"vps", "vm"});
             s.secrets.back().sealed.erase("vm");
         },
         [](Stack& s) {
             preshared(s, {"vps", "vm"});
         }},
        {"VG0320", [](Stack& s) { s.hosts[0].endpoint = "192.168.1.1"; },
         [](Stack& s) { s.hosts[0].endpoint = "192.169.1.1"; }},
        {"VG0320", [](Stack& s) { s.hosts[0].endpoint = "fd00::1"; },
         [](Stack& s) { s.hosts[0].endpoint = "2001:db8::1"; }},
        {"VG0321", [](Stack& s) { s.hosts[1].dns = {"192.168.1.1"}; },
         [](Stack& s) {
             s.hosts[1].dns = {"192.168.1.1", "10.66.66.1", "10.66.66.2"};
             s.hosts[0].routes = {"192.168.1.0/24"};
         }},
        {"VG0322", [](Stack& s) { s.hosts[1].nextPublicKey = s.hosts[1].publicKey; },
         [](Stack& s) { s.hosts[1].nextPublicKey = "another"; }},
        {"VG0303", [](Stack& s) { s.hosts[1].nextPublicKey = s.hosts[0].publicKey; },
         [](Stack& s) { s.hosts[1].nextPublicKey = "another"; }},
        {"VG0323", [](Stack& s) { s.hosts[1].labels["instance"] = "c"; },
         [](Stack& s) { s.hosts[1].labels["a-b"] = "c-d"; }},
        {"VG0323",
         [](Stack& s) {
             s.prometheus->image = "prom/prometheus:v2.53.0";
             s.hosts[1].labels["a-b"] = "c";
         },
         [](Stack& s) {
             s.prometheus->image = "prom/prometheus:v2.53.0";
             s.hosts[1].labels["a_b"] = "c";
         }},
        {"VG0324", [](Stack& s) { s.hosts[1].routes = {"0.0.0.0/0"}; },
         [](Stack& s) { s.hosts[1].routes = {"192.168.1.0/24"}; }},
        {"VG0324", [](Stack& s) { s.hosts[1].routes = {"::/0"}; },
         [](Stack& s) { s.hosts[1].routes = {"10.1.0.0/16"}; }},
        {"VG0325",
         [](Stack& s) {
             s.wireguard.network = "224.0.0.0/30";
             s.hosts[0].vpnAddress = "224.0.0.1";
             s.hosts[1].vpnAddress = "224.0.0.2";
         },
         [](Stack& s) {
             s.wireguard.network = "100.64.0.0/30";
             s.hosts[0].vpnAddress = "100.64.0.1";
             s.hosts[1].vpnAddress = "100.64.0.2";
         }},
        {"VG0325",
         [](Stack& s) {
             s.wireguard.network = "8.8.8.0/30";
             s.hosts[0].vpnAddress = "8.8.8.1";
             s.hosts[1].vpnAddress = "8.8.8.2";
         },
         [](Stack& s) { s.hosts[1].routes = {"8.8.8.0/24"}; }},
        {"VG0326", [](Stack& s) { s.hosts[0].endpoint = "0.0.0.0"; },
         [](Stack& s) { s.hosts[0].endpoint = "203.0.113.9"; }},
        {"VG0326", [](Stack& s) { s.hosts[0].endpoint = "localhost"; },
         [](Stack& s) { s.hosts[0].endpoint = "localhost.example.org"; }},
        {"VG0326", [](Stack& s) { s.hosts[0].endpoint = "ff02::1"; },
         [](Stack& s) { s.hosts[0].endpoint = "2001:db8::1"; }},
        {"VG0327", [](Stack& s) { s.wireguard.interface = "lo"; },
         [](Stack& s) { s.wireguard.interface = "lofoten"; }},
        {"VG0327", [](Stack& s) { s.wireguard.interface = "eth0"; },
         [](Stack& s) { s.wireguard.interface = "tunnel"; }},
        {"VG0317",
         [](Stack& s) {
             s.hosts[0].endpoint = "2001:db8::1";
             s.wireguard.mtu = 1440;
         },
         [](Stack& s) { s.wireguard.mtu = 1440; }},
        {"VG0420", [](Stack& s) { s.prometheus->exposure = "public"; },
         [](Stack& s) { s.prometheus->exposure = "local"; }},
        {"VG0421", [](Stack& s) { s.exporters[0].exposure = "local"; },
         [](Stack& s) { s.exporters[0].exposure = "vpn"; }},
        {"VG0421", [](Stack& s) { s.jaeger->otlpExposure = "local"; },
         [](Stack& s) { s.jaeger->exposure = "local"; }},
        {"VG0421",
         [](Stack& s) {
             s.projects.push_back({"other", "vm", "/opt/other", {}, "", ""});
             s.alertmanager->project = "other";
             s.alertmanager->exposure = "local";
         },
         [](Stack& s) { s.alertmanager->exposure = "local"; }},
        {"VG0421",
         [](Stack& s) {
             s.alertmanager->exposure = "local";
             s.projects.push_back({"second", "vps", "/opt/second", {}, "docker-compose.monitoring.yml", {}});
             s.prometheus->replicas = {{"second", {{"replica", "b"}}}};
         },
         [](Stack& s) {
             s.prometheus->exposure = "local";
             s.projects.push_back({"second", "vps", "/opt/second", {}, "docker-compose.monitoring.yml", {}});
             s.prometheus->replicas = {{"second", {{"replica", "b"}}}};
         }},
        {"VG0422",
         [](Stack& s) {
             singleHost(s);
             s.jaeger->exposure = "vpn";
         },
         [](Stack& s) {
             singleHost(s);
             s.jaeger->exposure = "local";
         }},
        {"VG0423", [](Stack& s) { registry(s, "registry.example.org"); },
         [](Stack& s) { registry(s, "docker.io"); }},
        {"VG0424",
         [](Stack& s) {
             s.wireguard.network = "fd66::/64";
             s.hosts[0].vpnAddress = "fd66::1";
             s.hosts[1].vpnAddress = "fd66::2";
         },
         dualStack},
        {"VG0401", [](Stack& s) { s.exporters[0].name = "moments_api"; },
         [](Stack& s) { s.exporters[0].name = "moments_api2"; }},
        {"VG0401", [](Stack& s) { s.prometheus->scrapeConfigs = {job("prometheus")}; },
         [](Stack& s) {
             s.prometheus->scrapeConfigs = {job("prometheus")};
             s.prometheus->selfScrape = false;
         }},
        {"VG0402", [](Stack& s) { s.exporters[0].port = 8000; },
         [](Stack& s) { s.exporters[0].port = 9090; }},
        {"VG0402", [](Stack& s) { s.prometheus->port = 4317; },
         [](Stack& s) {
             s.applications.push_back(s.applications[0]);
             s.applications[1].name = "other";
         }},
        {"VG0403",
         [](Stack& s) {
             s.secrets[0].sealed = {{"vm", "x"}};
         },
         [](Stack& s) { s.secrets[0].sealed["vm"] = "x"; }},
        {"VG0404", [](Stack& s) { s.hosts[0].sealingKey.clear(); },
         [](Stack& s) {
             addHost(s, "10.66.66.5");
             s.wireguard.network = "10.66.66.0/29";
         }},
        {"VG0405", [](Stack& s) { s.prometheus->scrapeTimeout = "16s"; },
         [](Stack& s) { s.prometheus->scrapeTimeout = "15000ms"; }},
        {"VG0405",
         [](Stack& s) {
             s.prometheus->scrapeConfigs = {job("j")};
             s.prometheus->scrapeConfigs[0].scrapeTimeout = "20s";
         },
         [](Stack& s) {
             s.prometheus->scrapeConfigs = {job("j")};
             s.prometheus->scrapeConfigs[0].scrapeTimeout = "20s";
             s.prometheus->scrapeConfigs[0].scrapeInterval = "1m";
         }},
        {"VG0406", [](Stack& s) { s.jaeger->image = "jaegertracing/jaeger:latest"; },
         [](Stack& s) { s.jaeger->image = "jaegertracing/jaeger@sha256:00"; }},
        {"VG0406", [](Stack& s) { s.prometheus->image = "registry:5000/prometheus"; },
         [](Stack& s) { s.prometheus->image = "registry:5000/prometheus:v3"; }},
        {"VG0407", [](Stack& s) { s.jaeger.reset(); },
         [](Stack& s) {
             s.jaeger.reset();
             s.applications[0].traces.reset();
         }},
        {"VG0408", [](Stack& s) { s.projects[0].composeFiles = {"docker-compose.monitoring.yml"}; },
         [](Stack& s) { s.projects[0].composeFiles = {"docker-compose.yml"}; }},
        {"VG0409",
         [](Stack& s) {
             s.projects.push_back({"second", "vm", "/opt/monitoring", {}, "", ""});
         },
         [](Stack& s) {
             s.projects.push_back({"second", "vps", "/opt/monitoring", {}, "", ""});
         }},
        {"VG0410",
         [](Stack& s) {
             s.secrets.push_back({"old", {}});
         },
         [](Stack& s) {
             s.secrets.push_back({"", {}});
         }},
        {"VG0411",
         [](Stack& s) {
             s.applications[0].metrics.reset();
             s.applications[0].traces.reset();
         },
         [](Stack& s) { s.applications[0].metrics.reset(); }},
        {"VG0412",
         [](Stack& s) {
             s.prometheus.reset();
             withoutExporter(s);
         },
         [](Stack& s) {
             s.prometheus.reset();
             withoutExporter(s);
             s.applications[0].metrics.reset();
         }},
        {"VG0412",
         [](Stack& s) {
             s.prometheus.reset();
             s.applications[0].metrics.reset();
         },
         [](Stack& s) { s.applications[0].metrics.reset(); }},
        {"VG0413",
         [](Stack& s) {
             s.prometheus->scrapeConfigs = {job("j")};
             s.prometheus->scrapeConfigs[0].raw = map("scheme");
         },
         [](Stack& s) {
             s.prometheus->scrapeConfigs = {job("j")};
             s.prometheus->scrapeConfigs[0].raw = map("consul_sd_configs");
         }},
        {"VG0413", [](Stack& s) { s.alertmanager->receivers[0].raw = map("email_configs"); },
         [](Stack& s) { s.alertmanager->receivers[0].raw = map("incidentio_configs"); }},
        {"VG0414",
         [](Stack& s) {
             s.prometheus->ruleFiles = {"a", "b", "a"};
         },
         [](Stack& s) {
             s.prometheus->ruleFiles = {"a", "b", "A"};
         }},
        {"VG0415",
         [](Stack& s) {
             s.alertmanager->smtp->passwordFrom.reset();
             s.secrets.pop_back();
         },
         [](Stack& s) {
             s.alertmanager->smtp->passwordFrom.reset();
             s.alertmanager->smtp->username.clear();
             s.secrets.pop_back();
         }},
        {"VG0416",
         [](Stack& s) {
             s.alertmanager->smtp.reset();
             s.secrets.pop_back();
         },
         [](Stack& s) {
             s.alertmanager->smtp.reset();
             s.alertmanager->receivers[0].emailConfigs.clear();
             s.alertmanager->receivers[0].raw = map("incidentio_configs");
             s.secrets.pop_back();
         }},
        {"VG0417", [](Stack& s) { s.exporters[0].service = "pgbouncer"; },
         [](Stack& s) { s.exporters[0].service = "pgbouncer2"; }},
        {"VG0417", [](Stack& s) { s.exporters[0].service = s.applications[0].service; },
         [](Stack& s) {  // of another project
             s.exporters[0].service = s.applications[0].service;
             s.projects.push_back(s.projects[0]);
             s.projects.back().name = s.exporters[0].project = "another";
             s.projects.back().directory = "/opt/another";
         }},
        {"VG0417",
         [](Stack& s) {
             s.applications.push_back(s.applications[0]);
             s.applications[1].name = "b";
             s.applications[1].traces->protocol = "grpc";
         },
         [](Stack& s) {
             s.applications.push_back(s.applications[0]);
             s.applications[1].name = "b";
         }},
        {"VG0417",
         [](Stack& s) {
             s.applications.push_back(s.applications[0]);
             s.applications[1].name = "b";
             s.applications[0].rebuild = "1";
             s.applications[1].rebuild = "2";
         },
         [](Stack& s) {
             s.applications.push_back(s.applications[0]);
             s.applications[1].name = "b";
             s.applications[1].rebuild = "2";
         }},
        {"VG0430",
         [](Stack& s) {
             s.prometheus->image = "prom/prometheus:v2.54.0";
             s.prometheus->scrapeConfigs = {job("j")};
             s.prometheus->scrapeConfigs[0].settings = map("fallbackScrapeProtocol");
         },
         [](Stack& s) {
             s.prometheus->image = "prom/prometheus:v3.0.0";
             s.prometheus->scrapeConfigs = {job("j")};
             s.prometheus->scrapeConfigs[0].settings = map("fallbackScrapeProtocol");
         }},
        {"VG0431",
         [](Stack& s) {
             s.prometheus->image = "prom/prometheus@sha256:00";
             s.prometheus->scrapeConfigs = {job("j")};
             s.prometheus->scrapeConfigs[0].settings = map("keepDroppedTargets");
         },
         [](Stack& s) { s.prometheus->image = "prom/prometheus@sha256:00"; }},
        {"VG0432",
         [](Stack& s) {
             s.prometheus->extraArgs = {{"storage.tsdb.retention", "1d"}};
         },
         [](Stack& s) {
             s.prometheus->image = "prom/prometheus:v2.54.0";
             s.prometheus->extraArgs = {{"storage.tsdb.retention", "1d"}};
         }},
        {"VG0435", [](Stack& s) { s.alertmanager->receivers[0].emailConfigs.clear(); },
         [](Stack& s) {
             s.alertmanager->receivers[0].emailConfigs.clear();
             s.alertmanager->receivers[0].name = s.alertmanager->route.receiver = "null";
         }},
        {"VG0436",
         [](Stack& s) {
             const auto& name = s.alertmanager->route.receiver;
             s.alertmanager->route.routes = {{name, {}, false}, {name, {"a=\"b\""}, false}};
         },
         [](Stack& s) {
             const auto& name = s.alertmanager->route.receiver;
             s.alertmanager->route.routes = {{name, {}, true}, {name, {"a=\"b\""}, false}};
         }},
        {"VG0437",
         [](Stack& s) {
             s.alertmanager->receivers.push_back(s.alertmanager->receivers[0]);
             s.alertmanager->receivers.back().name = "other";
         },
         [](Stack& s) {
             s.alertmanager->receivers.push_back(s.alertmanager->receivers[0]);
             s.alertmanager->receivers.back().name = "other";
             s.alertmanager->route.routes = {{"other", {"a=b"}, false}};
         }},
        {"VG0439", [](Stack& s) { s.alertmanager->smtp->requireTls = false; },
         [](Stack& s) {
             s.alertmanager->smtp->requireTls = false;
             s.alertmanager->smtp->smarthost = "smtp.example.org:465";
         }},
        {"VG0440",
         [](Stack& s) {
             s.prometheus->scrapeConfigs = {job("j")};
             s.prometheus->scrapeConfigs[0].staticConfigs = {{{"localhost:9100"}, {}}};
         },
         [](Stack& s) {
             s.prometheus->scrapeConfigs = {job("j")};
             s.prometheus->scrapeConfigs[0].staticConfigs = {{{"localhost:9090"}, {}}};
         }},
        {"VG0441",
         [](Stack& s) {
             s.alertmanager->silences = {
                 {"a", {{"job", "b"}}, "2026-12-24T08:00:00Z", "2026-12-24T08:00:00Z", "c"}};
         },
         [](Stack& s) {
             s.alertmanager->silences = {
                 {"a", {{"job", "b"}}, "2026-12-24T08:00:00Z", "2026-12-24T08:00:01Z", "c"}};
         }},
        {"VG0442",
         [](Stack& s) {
             s.alertmanager->silences = {{"a", {{"job", ".*", true}}, "", "2026-12-24T08:00:00Z", "c"}};
         },
         [](Stack& s) {
             s.alertmanager->silences = {{"a", {{"job", ".+", true}}, "", "2026-12-24T08:00:00Z", "c"}};
         }},
        {"VG0447",
         [](Stack& s) {
             s.prometheus->extraArgs = {{"web.page-title", "a"}};
         },
         [](Stack& s) {
             s.prometheus->extraArgs = {{"log.level", "debug"}};
         }},
        {"VG0450",
         [](Stack& s) {
             s.alertmanager->route.routes = {{s.alertmanager->route.receiver, {"a: b"}, false}};
         },
         [](Stack& s) {
             s.alertmanager->route.routes = {{s.alertmanager->route.receiver, {"a = b"}, false}};
         }},
        {"VG0452",
         [](Stack& s) {
             s.prometheus->image = "prom/prometheus:v2.53.0";
             s.prometheus->externalLabels = {{"a-b", "c"}};
         },
         [](Stack& s) {
             s.prometheus->externalLabels = {{"a-b", "c"}};
         }},
        {"VG0463",
         [](Stack& s) {
             s.alertmanager->route.routes = {{s.alertmanager->route.receiver, {"a='b'"}, false}};
         },
         [](Stack& s) {
             s.alertmanager->route.routes = {{s.alertmanager->route.receiver, {"a=\"'b'\""}, false}};
         }},
        {"VG0462", [](Stack& s) { s.alertmanager->receivers[0].emailConfigs[0].to = "ops"; },
         [](Stack& s) {
             s.alertmanager->receivers[0].emailConfigs[0].to = "Ops <ops@example.org>, \"a, b\"@example.org";
         }},
        {"VG0462",
         [](Stack& s) {
             s.alertmanager->receivers[0].emailConfigs[0].to = "\u201cops@example.org\u201d";
         },
         [](Stack& s) {
             s.alertmanager->receivers[0].emailConfigs[0].to = "{{ .CommonLabels.mail }}";
         }},
        {"VG0464", [](Stack& s) { s.prometheus->remoteWrite = {map("url"), map("url")}; },
         [](Stack& s) { s.prometheus->remoteWrite = {map("url"), map("remoteTimeout")}; }},
        {"VG0474", [](Stack& s) { s.projects[1].directory = "/usr/share/monitoring"; },
         [](Stack& s) { s.projects[1].directory = "/usr/local/monitoring"; }},
        {"VG0498", [](Stack& s) { s.applications[0].traces->variable = "OTEL_EXPORTER_OTLP_PROTOCOL"; },
         [](Stack& s) { s.applications[0].traces->variable = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"; }},
        {"VG0419", [](Stack& s) { s.prometheus->ruleFiles = {"vigie-render-info.yml"}; },
         [](Stack& s) { s.prometheus->ruleFiles = {"rules/vigie-render-info.yml"}; }},
        {"VG0419", [](Stack& s) { s.prometheus->ruleFiles = {"vigie-alerts.yml"}; },
         [](Stack& s) { s.prometheus->ruleFiles = {"rules/vigie-alerts.yml"}; }},
        {"VG0470",
         [](Stack& s) {
             watched(s);
             s.prometheus.reset();
             s.applications[0].metrics.reset();
             withoutExporter(s);
         },
         watched},
        {"VG0471",
         [](Stack& s) {
             watched(s);
             s.alertmanager.reset();
             s.secrets.pop_back();
         },
         watched},
        {"VG0472",
         [](Stack& s) {
             watched(s);
             s.alertmanager->route.routes[0].matchers = {"severity=\"page\""};
         },
         watched},
        {"VG0402",
         [](Stack& s) {
             watched(s);
             s.selfMonitoring.port = s.prometheus->port;
         },
         watched},
        {"VG0401",
         [](Stack& s) {
             watched(s);
             s.prometheus->scrapeConfigs = {job("vigie")};
         },
         [](Stack& s) {
             watched(s);
             s.prometheus->scrapeConfigs = {job("vigie2")};
         }},
        {"VG0419", [](Stack& s) { s.prometheus->dataDirectory = "./prometheus/data"; },
         [](Stack& s) { s.prometheus->dataDirectory = "./prometheus-data"; }},
        {"VG0419",
         [](Stack& s) {
             blackbox(s);
             s.prometheus->dataDirectory = "./blackbox/data";
         },
         blackbox},
        {"VG0419",
         [](Stack& s) {
             grafana(s);
             s.prometheus->dataDirectory = "./grafana";
         },
         grafana},
        {"VG0419",
         [](Stack& s) {
             blackbox(s);
             grafana(s);
             s.grafana->dataDirectory = "./blackbox";
         },
         [](Stack& s) {  // in another project
             grafana(s);
             s.grafana->dataDirectory = "./pgbouncer-exporter";
         }},
        {"VG0419",
         [](Stack& s) {
             grafana(s);
             s.grafana->dashboards = {"vigie-itself.json"};
             s.grafana->vigieDashboard = true;
         },
         [](Stack& s) {
             grafana(s);
             s.grafana->dashboards = {"vigie-itself.json"};
         }},
        {"VG0488",
         [](Stack& s) {
             s.exporters[0].env = {{"pgpass", "", {}, spec::SecretFile{"pgbouncer-stats"}}};
         },
         [](Stack& s) {
             s.exporters[0].env = {{"pgpass", "x"},
                                   {"password", "", {}, spec::SecretFile{"pgbouncer-stats"}}};
         }},
        {"VG0402",
         [](Stack& s) {
             s.hosts[1].dependsOn = {"vps"};
             s.exporters[0].port = s.selfMonitoring.port;
         },
         [](Stack& s) { s.exporters[0].port = s.selfMonitoring.port; }},
        {"VG0418", [](Stack& s) { s.applications[0].project = "monitoring"; },
         [](Stack& s) {
             s.projects[1].composeFiles = {"a.yml"};
             s.applications[0].project = "monitoring";
         }},
    };
    return out;
}

TEST_CASE("the example stack has no findings", "[lint]") {
    CHECK(codes([](Stack&) {}).empty());
}

TEST_CASE("each lint rule finds its mistake and nothing in the corrected document", "[lint]") {
    for (std::size_t i = 0; i < rules().size(); ++i) {
        const auto& rule = rules()[i];
        INFO(rule.code << ", row " << i);
        CHECK(codes(rule.wrong) == Codes{rule.code});
        CHECK(codes(rule.right).empty());
    }
}

TEST_CASE("each lint code has a page that explains it", "[lint]") {
    for (const auto& rule : rules()) {
        INFO(rule.code);
        CHECK_FALSE(tests::readSource("docs/codes/" + std::string(rule.code) + ".md").empty());
    }
}

TEST_CASE("fields that the schema refused cause no lint findings", "[lint]") {
    CHECK(codes([](Stack& s) { s = Stack{}; }).empty());
    CHECK(codes([](Stack& s) {
              s.hosts[0].vpnAddress = "x";
              s.wireguard.network = "y";
          }).empty());
}

TEST_CASE("every pair of hosts with the same address is reported", "[lint]") {
    CHECK(codes([](Stack& s) {
              s.hosts.push_back(s.hosts[0]);
              s.hosts.push_back(s.hosts[0]);
              s.hosts[2].endpoint = s.hosts[3].endpoint = "";
          }) == Codes{"VG0302", "VG0303", "VG0302", "VG0303"});
}

}  // namespace
}  // namespace vigie::lint
