// What a document becomes on a host.
#include "render/host.hpp"

#include "kinds/firewall/provider.hpp"
#include "kinds/models.hpp"
#include "lint/rules.hpp"
#include "render/builder.hpp"
#include "render/exporters.hpp"
#include "render/prometheus.hpp"
#include "render/topology.hpp"
#include "spec/address.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>
#include <set>

namespace vigie::render {
namespace {

using spec::Stack;

SecretValue secret(const std::string& id, std::string_view value) {
    return {id, std::make_shared<const SecureBytes>(secureBytes(value))};
}

std::string content(const std::vector<Resource>& resources, const std::string& id) {
    for (const auto& resource : resources) {
        if (resource.id == id) {
            return std::get<File>(resource.what).content.masked();
        }
    }
    FAIL(id << " is not rendered");
    return {};
}

std::vector<Resource> render(const Stack& stack, const std::string& host, const Inputs& inputs = {}) {
    return renderHost(stack, *stack.host(host), inputs);
}

/// Hosts `a`, `b`, …; the letters in `reachable` have an endpoint.
Stack tunnel(std::size_t hosts, const std::string& reachable) {
    Stack out;
    out.wireguard = {"wg0", "10.0.0.0/24", 51820, 25, 0};
    for (std::size_t i = 0; i < hosts; ++i) {
        const std::string name(1, static_cast<char>('a' + i));
        const bool has = reachable.find(name) != std::string::npos;
        out.hosts.push_back(
            {name, has ? name + ".example.org" : "", "10.0.0." + std::to_string(i + 1), "key-" + name, ""});
    }
    return out;
}

std::string peers(const Stack& stack, const std::string& host) {
    std::string out;
    for (const auto& peer : peersOf(stack, *stack.host(host))) {
        out += (out.empty() ? "" : "; ") + peer.name + " " + peer.allowedIps.at(0) +
               (peer.endpoint.empty() ? "" : " @" + peer.endpoint) +
               (peer.persistentKeepalive == 0 ? "" : " alive");
    }
    return out;
}

TEST_CASE("of two hosts only the one behind NAT dials, and each peer gets a /32", "[render]") {
    const Stack stack = tunnel(2, "a");
    CHECK(peers(stack, "a") == "b 10.0.0.2/32");
    CHECK(peers(stack, "b") == "a 10.0.0.1/32 @a.example.org:51820 alive");
    CHECK_FALSE(isHub(stack, stack.hosts[0]));
}

TEST_CASE("with one hub and two spokes the hub carries the whole network", "[render]") {
    const Stack stack = tunnel(3, "a");
    CHECK(isHub(stack, stack.hosts[0]));
    CHECK(peers(stack, "a") == "b 10.0.0.2/32; c 10.0.0.3/32");
    CHECK(peers(stack, "b") == "a 10.0.0.0/24 @a.example.org:51820 alive");
}

TEST_CASE("two hosts with endpoints and one without form a mesh", "[render]") {
    const Stack stack = tunnel(3, "ab");
    CHECK(peers(stack, "a") == "b 10.0.0.2/32 @b.example.org:51820; c 10.0.0.3/32");
    CHECK(peers(stack, "c") ==
          "a 10.0.0.1/32 @a.example.org:51820 alive; b 10.0.0.2/32 @b.example.org:51820 alive");
    for (const auto& host : stack.hosts) {
        CHECK_FALSE(isHub(stack, host));
    }
}

TEST_CASE("an IPv6 peer gets a /128 and a bracketed endpoint", "[render]") {
    Stack stack = tunnel(2, "a");
    stack.wireguard.network = "fd00::/64";
    stack.hosts[0].vpnAddress = "fd00::1";
    stack.hosts[0].endpoint = "2001:db8::1";
    CHECK(peers(stack, "b") == "a fd00::1/128 @[2001:db8::1]:51820 alive");
}

/// Whether packets of `from` for `to` have a peer; through the hub when that is the one.
bool reaches(const Stack& stack, const spec::Host& from, const spec::Host& to) {
    for (const auto& peer : peersOf(stack, from)) {
        if (spec::parseNetwork(peer.allowedIps.at(0))->contains(*spec::parseIp(to.vpnAddress))) {
            return true;
        }
    }
    return false;
}

template <class Check>
void forAllTunnels(Check check) {
    for (std::size_t hosts = 2; hosts <= 5; ++hosts) {
        for (unsigned mask = 1; mask < 1U << hosts; ++mask) {
            std::string reachable;
            for (std::size_t i = 0; i < hosts; ++i) {
                if ((mask >> i & 1U) != 0) {
                    reachable += static_cast<char>('a' + i);
                }
            }
            INFO(hosts << " hosts, endpoints: " << reachable);
            check(tunnel(hosts, reachable));
        }
    }
}

TEST_CASE("no prefix is given to two peers, and no host is its own peer", "[render]") {
    forAllTunnels([](const Stack& stack) {
        for (const auto& host : stack.hosts) {
            std::set<std::string> seen;
            for (const auto& peer : peersOf(stack, host)) {
                CHECK(seen.insert(peer.allowedIps.at(0)).second);
                CHECK(peer.publicKey != host.publicKey);
            }
        }
    });
}

TEST_CASE("lint accepts a tunnel exactly if every host reaches every other", "[render]") {
    forAllTunnels([](const Stack& stack) {
        bool connected = true;
        for (const auto& from : stack.hosts) {
            for (const auto& to : stack.hosts) {
                connected = connected && (&from == &to || reaches(stack, from, to));
            }
        }
        spec::Diagnostics findings;
        lint::lintTunnel(stack, spec::Reporter(findings, "a.yaml"));
        CHECK(findings.empty() == connected);
    });
}

TEST_CASE("wg0.conf holds every setting that `wg syncconf` would reset", "[render]") {
    const Stack stack = tests::moments();
    CHECK(content(render(stack, "vm"), "file:/etc/wireguard/wg0.conf") ==
          "# Written by vigie from the MonitoringStack document. Changes made here are undone.\n"
          "[Interface]\nAddress = 10.66.66.2/30\nListenPort = 51820\nPrivateKey = ***\n"
          "\n# vps\n[Peer]\nPublicKey = " +
              stack.hosts[0].publicKey +
              "\nEndpoint = 203.0.113.10:51820\n"
              "AllowedIPs = 10.66.66.1/32\nPersistentKeepalive = 25\n");
    const auto hub = content(render(stack, "vps"), "file:/etc/wireguard/wg0.conf");
    CHECK_FALSE(tests::contains(hub, "Endpoint"));
    CHECK_FALSE(tests::contains(hub, "MTU"));
    CHECK_FALSE(tests::contains(hub, "SaveConfig"));
}

TEST_CASE("a hub forwards packets, a spoke does not", "[render]") {
    const auto ids = [](const std::vector<Resource>& resources) {
        std::set<std::string> out;
        for (const auto& resource : resources) {
            out.insert(resource.id);
        }
        return out;
    };
    const Stack stack = tunnel(3, "a");
    CHECK(ids(render(stack, "a")).count("sysctl:net.ipv4.ip_forward") == 1);
    CHECK(ids(render(stack, "b")).count("sysctl:net.ipv4.ip_forward") == 0);
}

TEST_CASE("a named hub is the only peer of every other host, with or without endpoints", "[render]") {
    Stack stack = tunnel(3, "abc");
    stack.wireguard.topology = spec::TunnelTopology::hubAndSpoke;
    stack.wireguard.hub = "b";
    CHECK(isHub(stack, stack.hosts[1]));
    CHECK(peers(stack, "a") == "b 10.0.0.0/24 @b.example.org:51820");
    CHECK(peers(stack, "b") ==
          "a 10.0.0.1/32 @a.example.org:51820 alive; c 10.0.0.3/32 @c.example.org:51820");
    stack.wireguard.topology = spec::TunnelTopology::mesh;
    CHECK(peers(stack, "a") == "b 10.0.0.2/32 @b.example.org:51820; c 10.0.0.3/32 @c.example.org:51820");
}

TEST_CASE("a host's own port and keepalive override those of the tunnel", "[render]") {
    Stack stack = tunnel(2, "a");
    stack.hosts[0].listenPort = 4;
    stack.hosts[1].persistentKeepalive = 0;
    CHECK(peers(stack, "b") == "a 10.0.0.1/32 @a.example.org:4");
    stack.hosts[0].persistentKeepalive = 7;
    CHECK(peers(stack, "a") == "b 10.0.0.2/32 alive");
    CHECK(tests::contains(content(render(stack, "a"), "file:/etc/wireguard/wg0.conf"), "ListenPort = 4\n"));
}

TEST_CASE("of two hosts with endpoints the later one keeps the session alive", "[render]") {
    Stack stack = tunnel(3, "abc");
    stack.wireguard.topology = spec::TunnelTopology::mesh;
    const auto alive = [&] {
        std::string out;
        for (const auto& host : stack.hosts) {
            for (const auto& peer : peersOf(stack, host)) {
                out += peer.persistentKeepalive == 0 ? "" : host.name + peer.name + " ";
            }
        }
        return out;
    };
    CHECK(alive() == "ba ca cb ");
    stack.hosts[0].persistentKeepalive = 7;  // it does so itself
    CHECK(alive() == "ab ac cb ");
    stack.hosts[0].persistentKeepalive.reset();
    stack.hosts[2].persistentKeepalive = 0;  // it is not to
    CHECK(alive() == "ba ");
    stack.wireguard.persistentKeepalive = 0;
    CHECK(alive().empty());
}

TEST_CASE("networks behind a host are routed to it, also through the hub, and it forwards", "[render]") {
    Stack stack = tunnel(3, "a");
    stack.firewallProvider = spec::FirewallProvider::ufw;
    stack.hosts[1].routes = {"192.168.1.0/24"};
    const auto conf = [&](const char* host) {
        return content(render(stack, host), "file:/etc/wireguard/wg0.conf");
    };
    CHECK(tests::contains(conf("a"), "AllowedIPs = 10.0.0.2/32, 192.168.1.0/24\n"));
    CHECK(tests::contains(conf("c"), "AllowedIPs = 10.0.0.0/24, 192.168.1.0/24\n"));
    CHECK_FALSE(tests::contains(conf("b"), "192.168.1.0/24"));
    const auto gateway = render(stack, "b");
    CHECK(content(gateway, "file:/etc/sysctl.d/60-vigie.conf").find("net.ipv4.ip_forward = 1\n") !=
          std::string::npos);
    bool allowed = false;
    for (const auto& resource : gateway) {
        const auto* rule = std::get_if<FirewallRule>(&resource.what);
        allowed = allowed || (rule != nullptr && kinds::firewallProvider(rule->provider).words(*rule) ==
                                                     "route allow in on wg0 to 192.168.1.0/24");
    }
    CHECK(allowed);
}

TEST_CASE("wg0.conf holds both addresses, a preshared key and DNS servers", "[render]") {
    Stack stack = tunnel(2, "a");
    stack.wireguard.network6 = "fd00::/64";
    stack.hosts[0].vpnAddress6 = "fd00::1";
    stack.hosts[1].vpnAddress6 = "FD00:0:0::2";
    stack.hosts[1].dns = {"10.0.0.1"};
    stack.wireguard.presharedKeys = {{{"b", "a"}, {"pair"}}};
    Inputs inputs;
    inputs.secrets["pair"] = secret("one", "canary");
    CHECK(content(render(stack, "b", inputs), "file:/etc/wireguard/wg0.conf") ==
          "# Written by vigie from the MonitoringStack document. Changes made here are undone.\n"
          "[Interface]\nAddress = 10.0.0.2/24\nAddress = fd00::2/64\nListenPort = 51820\nDNS = 10.0.0.1\n"
          "PrivateKey = ***\n\n# a\n[Peer]\nPublicKey = key-a\nPresharedKey = ***\n"
          "Endpoint = a.example.org:51820\nAllowedIPs = 10.0.0.1/32, fd00::1/128\n"
          "PersistentKeepalive = 25\n");
    CHECK(secretsUsedBy(stack, stack.hosts[0]) == std::vector<std::string>{"pair"});
    const auto digest = digestOf(render(stack, "b", inputs));
    inputs.secrets["pair"] = secret("one", "another value");
    CHECK(digestOf(render(stack, "b", inputs)) == digest);
    inputs.secrets["pair"] = secret("two", "canary");
    CHECK(digestOf(render(stack, "b", inputs)) != digest);
    for (const auto& resource : render(stack, "b", inputs)) {
        CHECK_FALSE(tests::contains(kinds::describe(resource), "canary"));
    }
}

TEST_CASE("a port is bound at the address of its exposure", "[render]") {
    Stack stack = tests::moments();
    stack.wireguard.network6 = "fd66::/64";
    stack.hosts[1].vpnAddress6 = "fd66::2";
    stack.prometheus->exposure = "public";
    stack.alertmanager->exposure = "local";
    const auto resources = render(stack, "vm");
    const auto compose = content(resources, "file:/opt/monitoring/compose.yaml");
    for (const char* port : {"- \"9090:9090\"\n", "- \"127.0.0.1:9093:9093\"\n",
                             "- \"10.66.66.2:4318:4318\"\n", "- \"[fd66::2]:4318:4318\"\n"}) {
        INFO(port);
        CHECK(tests::contains(compose, port));
    }
    std::string urls;
    std::string rules;
    for (const auto& resource : resources) {
        if (const auto* reload = std::get_if<Reload>(&resource.what)) {
            urls += reload->baseUrl + " ";
        } else if (const auto* rule = std::get_if<FirewallRule>(&resource.what)) {
            rules += kinds::firewallProvider(rule->provider).words(*rule) + "\n";
        }
    }
    CHECK(urls == "http://127.0.0.1:9090 http://127.0.0.1:9093 ");
    CHECK(tests::contains(rules, "allow 9090/tcp\n"));
    CHECK_FALSE(tests::contains(rules, "9093"));
}

TEST_CASE("without a tunnel no tunnel resources are rendered, and Prometheus uses the host network",
          "[render]") {
    Stack stack = tests::moments();
    stack.wireguard = {};
    stack.hosts.pop_back();
    stack.hosts[0].vpnAddress.clear();
    stack.projects[1].host = "vps";
    const auto resources = render(stack, "vps");
    for (const auto& resource : resources) {
        INFO(resource.id);
        CHECK_FALSE(tests::contains(resource.id, "wireguard"));
        CHECK_FALSE(tests::contains(resource.id, "wg"));
        CHECK_FALSE(tests::contains(resource.id, "docker.service.d"));
    }
    const auto compose = content(resources, "file:/opt/monitoring/compose.yaml");
    CHECK(tests::contains(compose, "network_mode: \"host\"\n"));
    CHECK(tests::contains(compose, "--web.listen-address=127.0.0.1:9090"));
    const auto config = content(resources, "file:/opt/monitoring/prometheus/prometheus.yml");
    for (const char* target : {"127.0.0.1:9090", "127.0.0.1:8000", "127.0.0.1:9127", "127.0.0.1:9093"}) {
        CHECK(tests::contains(config, target));
    }
    const auto override = content(resources, "file:/opt/moments/docker-compose.monitoring.yml");
    CHECK(tests::contains(override, "http://jaeger:4318/v1/traces"));
    CHECK(tests::contains(override, "networks:\n  monitoring_default:\n    external: true\n"));
}

TEST_CASE("in an IPv6-only tunnel Prometheus uses the host network", "[render]") {
    Stack stack = tests::moments();
    stack.wireguard.network = "fd66::/64";
    stack.hosts[0].vpnAddress = "fd66::1";
    stack.hosts[1].vpnAddress = "fd66::2";
    const auto resources = render(stack, "vm");
    CHECK(tests::contains(content(resources, "file:/opt/monitoring/compose.yaml"),
                          "--web.listen-address=[fd66::2]:9090"));
    const auto config = content(resources, "file:/opt/monitoring/prometheus/prometheus.yml");
    for (const char* target : {"[fd66::1]:8000", "[fd66::2]:9093", "[fd66::2]:9090"}) {
        CHECK(tests::contains(config, target));
    }
}

/// Prometheus and Alertmanager on both hosts.
Stack twice() {
    Stack stack = tests::moments();
    stack.projects.push_back({"second", "vps", "/opt/second", {}, "docker-compose.monitoring.yml", {}});
    stack.prometheus->replicas = {{"second", {{"replica", "b"}}}};
    stack.alertmanager->replicas = {{"second"}};
    return stack;
}

std::string rulesOf(const std::vector<Resource>& resources) {
    std::string out;
    for (const auto& resource : resources) {
        if (const auto* rule = std::get_if<FirewallRule>(&resource.what)) {
            out += kinds::firewallProvider(rule->provider).words(*rule) + "\n";
        }
    }
    return out;
}

TEST_CASE("replicas publish ports and reach each other by exposure and IP family", "[render]") {
    Stack stack = twice();
    stack.wireguard.network6 = "fd66::/64";
    stack.hosts[0].vpnAddress6 = "fd66::1";
    stack.hosts[1].vpnAddress6 = "fd66::2";
    stack.prometheus->exposure = "local";
    const auto resources = render(stack, "vps");
    const auto compose = content(resources, "file:/opt/second/compose.yaml");
    for (const char* written :
         {"- \"127.0.0.1:9090:9090\"\n", "- \"10.66.66.1:9093:9093\"\n", "- \"[fd66::1]:9093:9093\"\n",
          "- \"10.66.66.1:9094:9094\"\n", "- \"10.66.66.1:9094:9094/udp\"\n",
          "- \"[fd66::1]:9094:9094/udp\"\n", "--cluster.listen-address=0.0.0.0:9094",
          "--cluster.advertise-address=10.66.66.1:9094", "--cluster.peer=10.66.66.2:9094"}) {
        INFO(written);
        CHECK(tests::contains(compose, written));
    }
    const auto config = content(resources, "file:/opt/second/prometheus/prometheus.yml");
    CHECK(tests::contains(config, "- \"alertmanager:9093\"\n"));
    CHECK(tests::contains(config, "- \"10.66.66.2:9093\"\n"));
    const auto rules = rulesOf(resources);
    for (const char* rule : {"port 9093 proto tcp", "port 9094 proto tcp", "port 9094 proto udp"}) {
        CHECK(tests::contains(rules, rule));
    }
    CHECK_FALSE(tests::contains(rules, "port 9090"));
    for (const auto& resource : resources) {
        if (const auto* reload = std::get_if<Reload>(&resource.what)) {
            CHECK(reload->baseUrl == (reload->program == Reload::Program::prometheus
                                          ? "http://127.0.0.1:9090"
                                          : "http://10.66.66.1:9093"));
        }
    }
}

TEST_CASE("in an IPv6-only tunnel clustered Alertmanagers use the host network", "[render]") {
    Stack stack = twice();
    stack.wireguard.network = "fd66::/64";
    stack.hosts[0].vpnAddress = "fd66::1";
    stack.hosts[1].vpnAddress = "fd66:0::2";
    stack.alertmanager->silences = {{"s", {{"a", "b"}}, "", "2026-12-24T08:00:00Z", "c"}};
    const auto resources = render(stack, "vm");
    const auto compose = content(resources, "file:/opt/monitoring/compose.yaml");
    for (const char* written :
         {"--web.listen-address=[fd66::2]:9090", "--web.listen-address=[fd66::2]:9093",
          "--cluster.listen-address=[fd66::2]:9094", "--cluster.advertise-address=[fd66::2]:9094",
          "--cluster.peer=[fd66::1]:9094"}) {
        INFO(written);
        CHECK(tests::contains(compose, written));
    }
    CHECK_FALSE(tests::contains(compose, ":9093:9093"));
    CHECK_FALSE(tests::contains(compose, ":9094:9094"));
    const auto config = content(resources, "file:/opt/monitoring/prometheus/prometheus.yml");
    CHECK(tests::contains(config, "- \"[fd66::1]:9093\"\n"));
    CHECK(tests::contains(config, "- \"[fd66::2]:9093\"\n"));
    for (const auto& resource : resources) {
        if (const auto* silence = std::get_if<Silence>(&resource.what)) {
            CHECK(silence->baseUrl == "http://[fd66::2]:9093");
        }
    }
    stack.prometheus->replicas.clear();
    CHECK(tests::contains(rulesOf(render(stack, "vm")),
                          "port 9093 proto tcp"));  // from no Prometheus, but a person
    stack.alertmanager->replicas.clear();
    CHECK(tests::contains(content(render(stack, "vm"), "file:/opt/monitoring/compose.yaml"),
                          "- \"[fd66::2]:9093:9093\"\n"));
}

TEST_CASE("every Prometheus scrapes every controller", "[render]") {
    Stack stack = twice();
    stack.selfMonitoring.enabled = true;
    for (const auto& [host, directory] :
         {std::pair{"vps", "/opt/second"}, std::pair{"vm", "/opt/monitoring"}}) {
        const auto resources = render(stack, host);
        const auto config =
            content(resources, std::string("file:") + directory + "/prometheus/prometheus.yml");
        CHECK(tests::contains(config, "10.66.66.1:9469"));
        CHECK(tests::contains(config, "10.66.66.2:9469"));
        CHECK(tests::contains(config, "vigie-alerts.yml"));
        CHECK(tests::contains(
            content(resources, std::string("file:") + directory + "/prometheus/vigie-alerts.yml"),
            "Watchdog"));
        const auto rules = rulesOf(resources);
        CHECK(tests::contains(rules, "allow in on wg0 to any port 9469 proto tcp\n"));
        CHECK(tests::contains(rules, "allow from 172.16.0.0/12 to 10.66.66."));
    }
}

TEST_CASE("registry credentials are needed on each host that runs a replica", "[render]") {
    Stack stack = twice();
    stack.prometheus->image = "registry.example.org/prometheus:v3.5.0";
    stack.registries = {{"registry.example.org", "me", {"login"}}};
    for (const auto& host : stack.hosts) {
        const auto used = secretsUsedBy(stack, host);
        CHECK(std::count(used.begin(), used.end(), "login") == 1);
        CHECK(std::count(used.begin(), used.end(), "smtp") == 1);
    }
}

TEST_CASE("registry credentials are base64 in a file of root, on hosts that pull from the registry",
          "[render]") {
    Stack stack = tests::moments();
    stack.prometheus->image = "registry.example.org:5000/prometheus:v3";
    stack.registries = {{"registry.example.org:5000", "me", {"login"}}, {"docker.io", "you", {"hub"}}};
    Inputs inputs;
    inputs.secrets["login"] = secret("one", "p:w");
    inputs.secrets["hub"] = secret("two", "x");
    bool there = false;
    for (const auto& resource : render(stack, "vm", inputs)) {
        if (resource.id == "directory:/var/lib/vigie/docker") {
            CHECK(std::get<Directory>(resource.what).mode == 0700);
        }
        // `ProtectSystem=strict`: the service writes its state, and nothing below /etc/vigie.
        CHECK_FALSE(tests::contains(resource.id, ":/etc/vigie"));
        if (resource.id == std::string("file:") + kRegistryLogins) {
            const auto& file = std::get<File>(resource.what);
            there = file.path == "/var/lib/vigie/docker/config.json";
            CHECK(file.mode == 0600);
            CHECK(view(file.content.reveal()) ==
                  "{\n  \"auths\": {\n    \"registry.example.org:5000\": { \"auth\": \"bWU6cDp3\" },\n"
                  "    \"https://index.docker.io/v1/\": { \"auth\": \"eW91Ong=\" }\n  }\n}\n");
            CHECK_FALSE(tests::contains(file.content.masked(), "bWU6"));
        }
        if (const auto* compose = std::get_if<ComposeService>(&resource.what)) {
            CHECK(compose->login);
        }
    }
    CHECK(there);
    CHECK(secretsUsedBy(stack, stack.hosts[0]) == std::vector<std::string>{"pgbouncer-stats", "hub"});
    CHECK(secretsUsedBy(stack, stack.hosts[1]) == std::vector<std::string>{"smtp", "login", "hub"});
    stack.registries.pop_back();
    CHECK_FALSE(std::get<ComposeService>(render(stack, "vps").back().what).login);
}

/// The rendered service `pgbouncer` of a document whose exporter logs in as `user`.
std::vector<Resource> withPgbouncer(const std::string& user, const std::string& passwordIn,
                                    std::string_view password) {
    Stack stack = tests::moments();
    stack.exporters[0].pgbouncer->user = user;
    stack.exporters[0].pgbouncer->passwordIn = passwordIn;
    Inputs inputs;
    inputs.secrets["pgbouncer-stats"] = secret("id", password);
    return renderHost(stack, *stack.host("vps"), inputs);
}

std::string dsnOf(const std::string& user, const std::string& passwordIn) {
    for (const auto& resource : withPgbouncer(user, passwordIn, "p@s s/w#x%1")) {
        if (const auto* file = std::get_if<File>(&resource.what);
            file != nullptr && file->path == "/opt/moments/docker-compose.monitoring.yml") {
            const std::string text(view(file->content.reveal()));
            const auto at = text.find("postgres://");
            return text.substr(at, text.find('"', at) - at);
        }
    }
    return {};
}

TEST_CASE("a PgBouncer DSN holds the password, percent-encoded, only if the document asks for it",
          "[render]") {
    CHECK(dsnOf("st@ts", "passfile") == "postgres://st%40ts@pgbouncer:6432/pgbouncer?sslmode=disable");
    CHECK(dsnOf("stats", "command") ==
          "postgres://stats:p%40s%20s%2Fw%23x%251@pgbouncer:6432/pgbouncer?sslmode=disable");
}

TEST_CASE("colons and backslashes are escaped in a password file", "[render]") {
    for (const auto& resource : withPgbouncer("a:b", "passfile", R"(p:\)")) {
        if (const auto* file = std::get_if<File>(&resource.what);
            file != nullptr && file->path.ends_with("/pgpass")) {
            CHECK(view(file->content.reveal()) == "pgbouncer:6432:pgbouncer:a\\:b:p\\:\\\\\n");
            return;
        }
    }
    FAIL("there is no password file");
}

TEST_CASE("dollars are doubled for compose, and for Prometheus from version 3 on", "[render]") {
    Stack stack = tests::moments();
    stack.prometheus->externalLabels["site"] = "a$b";
    stack.alertmanager->image = "a$b";
    const auto resources = render(stack, "vm");
    CHECK(tests::contains(content(resources, "file:/opt/monitoring/compose.yaml"), "image: \"a$$b\"\n"));
    CHECK(tests::contains(content(resources, "file:/opt/monitoring/prometheus/prometheus.yml"),
                          "site: \"a$$b\"\n"));
    stack.prometheus->image = "prom/prometheus:v2.45.0";
    CHECK(tests::contains(content(render(stack, "vm"), "file:/opt/monitoring/prometheus/prometheus.yml"),
                          "site: \"a$b\"\n"));
}

TEST_CASE("ports are bound to the VPN address, never to all", "[render]") {
    const Stack stack = tests::moments();
    const auto compose = content(render(stack, "vm"), "file:/opt/monitoring/compose.yaml");
    CHECK(tests::contains(compose, "- \"10.66.66.2:9090:9090\"\n"));
    CHECK_FALSE(tests::contains(compose, "- \"9090:9090\""));
}

TEST_CASE("resource ids are unique, and a resource comes after its dependencies", "[render]") {
    const Stack stack = tests::moments();
    for (const auto& host : stack.hosts) {
        std::set<std::string> seen;
        for (const auto& resource : renderHost(stack, host, {})) {
            INFO(resource.id);
            for (const auto& id : resource.dependsOn) {
                INFO("depends on " << id);
                CHECK(seen.count(id) == 1);
            }
            CHECK(seen.insert(resource.id).second);
            CHECK_FALSE(resource.purpose.empty());
        }
    }
}

TEST_CASE("rendering twice gives the same digest, and every input counts", "[render]") {
    const Stack stack = tests::moments();
    const auto digest = [](const Stack& of, const Inputs& inputs) {
        return digestOf(render(of, "vm", inputs));
    };
    Inputs inputs;
    inputs.files["rules/alerting-rules.yml"] = "groups: []\n";
    inputs.secrets["smtp"] = secret("one", "x");
    const auto first = digest(stack, inputs);
    CHECK(digest(stack, inputs) == first);
    inputs.secrets["smtp"] = secret("one", "y");
    CHECK(digest(stack, inputs) == first);
    inputs.secrets["smtp"] = secret("two", "x");
    CHECK(digest(stack, inputs) != first);
    inputs.secrets["smtp"] = secret("one", "x");
    inputs.files["rules/alerting-rules.yml"] = "groups: [ ]\n";
    CHECK(digest(stack, inputs) != first);
}

TEST_CASE("a host needs only the secrets of components that run on it", "[render]") {
    const Stack stack = tests::moments();
    CHECK(secretsNeededBy(stack, stack.hosts[0]) == std::vector<std::string>{"pgbouncer-stats"});
    CHECK(secretsNeededBy(stack, stack.hosts[1]) == std::vector<std::string>{"smtp"});
}

TEST_CASE("ports that containers reach by their own host's address are opened for Docker's networks",
          "[render]") {
    Stack stack = tests::moments();
    const auto allowed = [&](const std::string& host) {
        std::set<std::string> out;
        for (const auto& resource : render(stack, host)) {
            if (resource.id.rfind("firewall:containers/", 0) == 0) {
                const auto& rule = std::get<FirewallRule>(resource.what);
                out.insert(kinds::firewallProvider(rule.provider).words(rule));
            }
        }
        return out;
    };
    CHECK(allowed("vps").empty());  // everything there is reached from the other host
    CHECK(allowed("vm").empty());
    for (auto& project : stack.projects) {
        project.host = "vm";
    }
    const std::string from = "allow from 172.16.0.0/12 to 10.66.66.2 port ";
    CHECK(allowed("vm") ==
          std::set<std::string>{from + "4318 proto tcp", from + "8000 proto tcp", from + "9127 proto tcp"});
    spec::Exporter prober;
    prober.name = "prober";
    prober.type = spec::ExporterType::blackbox;
    prober.project = "monitoring";
    prober.port = 9115;
    prober.blackbox.emplace();
    prober.blackbox->probes.resize(1);
    prober.blackbox->probes[0].name = "own";
    prober.blackbox->probes[0].targets = {"http://10.66.66.2:3000/x", "https://10.66.66.2", "10.66.66.2:25",
                                          "http://10.66.66.20:1/",    "10.66.66.1:2",       "10.66.66.2"};
    auto probing = stack;
    probing.exporters.push_back(prober);
    std::swap(stack, probing);
    for (const auto* port : {"3000", "443", "25", "9115"}) {
        CHECK(allowed("vm").count(from + port + " proto tcp") == 1);
    }
    CHECK(allowed("vm").size() == 7);
    std::swap(stack, probing);
    stack.exporters[0].exposure = "local";  // where nothing listens, nothing is let in
    CHECK(allowed("vm").count(from + "9127 proto tcp") == 0);
}

TEST_CASE("with self-monitoring each controller is scraped and opened to every scraping host", "[render]") {
    Stack stack = tests::moments();
    const auto idsOf = [&](const std::string& host) {
        std::string out;
        for (const auto& resource : render(stack, host)) {
            if (const auto* rule = std::get_if<FirewallRule>(&resource.what)) {
                out += kinds::firewallProvider(rule->provider).words(*rule) + "\n";
            }
        }
        return out;
    };
    const std::string rules = "/opt/monitoring/prometheus/vigie-alerts.yml";
    const std::string configuration = "file:/opt/monitoring/prometheus/prometheus.yml";
    const auto has = [&](const std::string& host, const std::string& id) {
        const auto all = render(stack, host);
        return std::any_of(all.begin(), all.end(), [&](const Resource& each) { return each.id == id; });
    };
    CHECK(idsOf("vps").find("9999") == std::string::npos);
    CHECK_FALSE(has("vm", "file:" + rules));
    const auto quiet = prometheusDigest(stack, {"monitoring"}, {});

    stack.selfMonitoring = {true, 9999};
    CHECK(idsOf("vps").find("allow in on wg0 to any port 9999 proto tcp\n") != std::string::npos);
    CHECK(idsOf("vps").find("172.16.0.0/12") == std::string::npos);
    // On its own host Prometheus comes out of a container: that meets the host's INPUT rules.
    CHECK(idsOf("vm").find("allow from 172.16.0.0/12 to 10.66.66.2 port 9999 proto tcp\n") !=
          std::string::npos);
    CHECK(idsOf("vm").find("allow in on wg0 to any port 9999") == std::string::npos);
    CHECK(has("vm", "file:" + rules));
    CHECK_FALSE(has("vps", "file:" + rules));
    const auto text = content(render(stack, "vm"), configuration);
    CHECK(text.find("10.66.66.1:9999") != std::string::npos);
    CHECK(text.find("10.66.66.2:9999") != std::string::npos);
    CHECK(text.find("vigie-alerts.yml") != std::string::npos);
    CHECK(prometheusDigest(stack, {"monitoring"}, {}) != quiet);
    const auto jobs = scrapeJobs(stack);
    CHECK(std::count(jobs.begin(), jobs.end(), "vigie") == 1);

    stack.firewallProvider = spec::FirewallProvider::none;
    CHECK(idsOf("vm").empty());
}

}  // namespace
}  // namespace vigie::render
