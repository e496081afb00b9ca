// From hosts' files to a document, in memory.

#include "import/join.hpp"

#include "import/emit.hpp"
#include "import/improvements.hpp"
#include "import/meaning.hpp"
#include "import/report.hpp"
#include "secrets/identity.hpp"
#include "spec/load.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/import/world.hpp"

namespace vigie::imports {
namespace {

const std::string kServers =
    "services:\n  prometheus: { image: 'prom/prometheus:v3.5.0', volumes: ['./prometheus:/etc/prometheus'] "
    "}\n"
    "  alertmanager: { image: 'prom/alertmanager:v0.28.1' }\n";

Tree monitoring(const std::string& prometheus, const std::string& alertmanager = "") {
    Tree out{{"/opt/m/compose.yaml", kServers}, {"/opt/m/prometheus/prometheus.yml", prometheus}};
    if (!alertmanager.empty()) {
        out["/opt/m/alertmanager/alertmanager.yml"] = alertmanager;
    }
    return out;
}

TEST_CASE("known fields of an imported scrape job become fields of the document, others go to raw",
          "[import][join]") {
    const auto draft =
        World()
            .host("vm",
                  monitoring(
                      "global: { scrape_interval: 30s, external_labels: { site: home } }\n"
                      "scrape_configs:\n"
                      "  - job_name: node\n    scrape_timeout: 5s\n    honor_labels: true\n"
                      "    static_configs: [ { targets: ['192.0.2.1:9100'], labels: { room: attic } } ]\n"
                      "    relabel_configs: [ { source_labels: [a], regex: 5, action: keep } ]\n"
                      "    body_size_limit: 10MB\n"
                      "    kubernetes_sd_configs: [ { role: node } ]\n"
                      "    file_sd_configs: [ { files: [targets.yml] } ]\n"))
            .draft();
    REQUIRE(draft.stack.prometheus);
    const auto& prometheus = *draft.stack.prometheus;
    CHECK(prometheus.scrapeInterval == "30s");
    CHECK(prometheus.externalLabels.at("site") == "home");
    CHECK_FALSE(prometheus.selfScrape);
    REQUIRE(prometheus.scrapeConfigs.size() == 1);
    const auto& job = prometheus.scrapeConfigs[0];
    CHECK(job.jobName == "node");
    CHECK(job.scrapeTimeout == "5s");
    CHECK(job.honorLabels);
    CHECK(job.staticConfigs.at(0).labels.at("room") == "attic");
    REQUIRE(job.raw);
    CHECK(job.raw->find("kubernetes_sd_configs") != nullptr);
    CHECK(job.raw->entries.size() == 1);
    REQUIRE(job.settings.entries.size() == 2);
    const auto* steps = job.settings.find("relabelings");
    REQUIRE(steps != nullptr);
    CHECK(steps->items.at(0).find("sourceLabels")->items.at(0).scalar == "a");
    CHECK_FALSE(steps->items.at(0).find("regex")->plain);  // a text, whatever it looks like
    CHECK(job.settings.find("bodySizeLimit")->scalar == "10MB");
    CHECK(found(draft, "lost").find("`file_sd_configs` of the job `node`") != std::string::npos);
}

TEST_CASE("an imported Prometheus without a scrape interval gets Prometheus' default", "[import][join]") {
    CHECK(World().host("vm", monitoring("scrape_configs: []\n")).draft().stack.prometheus->scrapeInterval ==
          "1m");
}

TEST_CASE("imported Prometheus settings without a field are reported with file and line", "[import][join]") {
    const auto draft =
        World()
            .host("vm", monitoring("remote_write:\n  - url: https://u:canary@example.org/push\nglobal:\n  "
                                   "query_log_file: q\n"
                                   "rule_files: [/etc/prometheus/gone.yml]\n"))
            .draft();
    const auto lost = found(draft, "lost");
    CHECK(lost.find("vm:/opt/m/prometheus/prometheus.yml:1 `remote_write`") != std::string::npos);
    CHECK(lost.find("prometheus.yml:4 `global.query_log_file`") != std::string::npos);
    CHECK(lost.find("gone.yml does not exist") != std::string::npos);
    CHECK(lost.find("canary") == std::string::npos);
}

TEST_CASE("imported Alertmanager settings become fields of the document", "[import][join]") {
    World world;
    world.host(
        "vm",
        monitoring(
            "alerting:\n  alert_relabel_configs: [ { action: labeldrop, regex: replica } ]\n"
            "remote_write: [ { url: 'https://example.org/push', queue_config: { capacity: 5000 } } ]\n",
            "global: { resolve_timeout: 5m, smtp_smarthost: 'a:25', smtp_from: f, smtp_hello: h }\n"
            "route:\n  receiver: chat\n  routes:\n    - matchers: [ 'team=\"a\"' ]\n      group_by: [x]\n"
            "      repeat_interval: 4m\n      mute_time_intervals: [night]\n"
            "      routes: [ { matchers: [ 'b=\"c\"' ], receiver: chat } ]\n"
            "time_intervals: [ { name: night, time_intervals: [ { times: [ { start_time: '22:00', end_time: "
            "'24:00' } ] } ] } ]\n"
            "inhibit_rules: [ { source_matchers: [ 'a=\"b\"' ], target_matchers: [ 'c=\"d\"' ] } ]\n"
            "receivers: [ { name: chat, email_configs: [ { to: a@example.org, html: x } ] } ]\n"));
    const auto draft = world.draft();
    REQUIRE(draft.stack.alertmanager);
    const auto& alertmanager = *draft.stack.alertmanager;
    const auto& route = alertmanager.route.routes.at(0);
    CHECK(route.receiver.empty());  // inherited, as it was
    CHECK(route.groupBy == std::vector<std::string>{"x"});
    CHECK(route.repeatInterval == "4m");
    CHECK(route.muteTimeIntervals == std::vector<std::string>{"night"});
    CHECK(route.routes.at(0).receiver == "chat");
    REQUIRE(alertmanager.global);
    CHECK(alertmanager.global->find("resolveTimeout")->scalar == "5m");
    CHECK(alertmanager.smtp->settings.find("hello")->scalar == "h");
    CHECK(alertmanager.inhibitRules.at(0).find("sourceMatchers") != nullptr);
    CHECK(alertmanager.timeIntervals.at(0)
              .find("timeIntervals")
              ->items.at(0)
              .find("times")
              ->items.at(0)
              .find("endTime")
              ->scalar == "24:00");
    CHECK(alertmanager.receivers.at(0).emailConfigs.at(0).settings.find("html")->scalar == "x");
    const auto& prometheus = *draft.stack.prometheus;
    CHECK(prometheus.remoteWrite.at(0).find("queueConfig")->find("capacity")->scalar == "5000");
    REQUIRE(prometheus.alerting);
    CHECK(prometheus.alerting->alertRelabelings.at(0).find("action")->scalar == "labeldrop");
    CHECK(found(draft, "lost").empty());

    auto stack = draft.stack;
    stack.hosts.at(0).sealingKey = "PjakRAGk+qnQeJED/7fHWIWsDoff+plDAOkbfHU3gjo=";
    const auto text = emit(stack, {});
    spec::Diagnostics diagnostics;
    const auto again = spec::loadStack(text, "stack.yaml", "0.1.0", diagnostics);
    for (const auto& diagnostic : diagnostics.all()) {
        INFO(spec::format(diagnostic, text, false));
        CHECK(diagnostic.severity != spec::Severity::error);
    }
    REQUIRE(again);
    CHECK(emit(again->stack, {}) == text);
}

TEST_CASE("an imported receiver of any type becomes one of the document, without its secret",
          "[import][join]") {
    World world;
    world.host("vm",
               monitoring("{}",
                          "global: { slack_api_url: 'https://example.org/canary-1', smtp_smarthost: 'a:25', "
                          "smtp_from: f }\n"
                          "route:\n  receiver: chat\n  routes: [ { match: { severity: page }, receiver: "
                          "hook, continue: true } ]\n"
                          "receivers:\n  - name: chat\n    slack_configs: [ { api_url: "
                          "'https://example.org/canary-2', channel: c } ]\n"
                          "  - name: hook\n    webhook_configs: [ { url: 'http://192.0.2.1:8080/alerts' } ]\n"
                          "  - name: pager\n    pagerduty_configs: [ { routing_key: canary-3 } "
                          "]\ninhibit_rules: [ { equal: [a] } ]\n"));
    const auto draft = world.draft();
    REQUIRE(draft.stack.alertmanager);
    const auto& receivers = draft.stack.alertmanager->receivers;
    REQUIRE(receivers.size() == 3);
    CHECK_FALSE(receivers[1].raw);
    CHECK(receivers[1].settings.find("webhookConfigs") == nullptr);  // who knows such a URL may use it
    CHECK(draft.stack.alertmanager->route.routes.at(0).matchers ==
          std::vector<std::string>{"severity=\"page\""});
    CHECK(draft.stack.alertmanager->route.routes.at(0).proceed);
    const auto lost = found(draft, "lost");
    CHECK(lost.find("the secret in `slack_api_url`") != std::string::npos);
    CHECK(lost.find("the secret in `api_url`") != std::string::npos);
    CHECK(lost.find("the secret in `url`") != std::string::npos);
    CHECK(lost.find("the secret in `routing_key`") != std::string::npos);
    CHECK(lost.find("`inhibit_rules`") != std::string::npos);
    CHECK((emit(draft.stack, draft.comments) + report(draft, {}, {})).find("canary") == std::string::npos);
}

TEST_CASE("a secret in imported configuration is written to neither document nor report", "[import][join]") {
    World world;
    auto tree = monitoring(
        "scrape_configs:\n  - job_name: j\n    metrics_path: '/m?token=canary-1'\n"
        "    params: { token: [canary-2], api_key: [canary-3], key: [canary-4], module: [http_2xx] }\n"
        "    http_headers: { X-Key: { values: [canary-5], secrets: [canary-6], files: [/etc/f] } }\n"
        "    static_configs: [ { targets: ['example.org/probe?t=canary-7'] } ]\n"
        "    kubernetes_sd_configs: [ { role: node, http_headers: { A: { values: [canary-8] } } } ]\n"
        "    relabel_configs: [ { source_labels: [a], regex: '(a?)b=c', action: keep } ]\n"
        "remote_write: [ { url: 'https://example.org/push', headers: { X-Scope: canary-9 },\n"
        "  oauth2: { client_id: i, token_url: 'https://example.org/t', endpoint_params: { a: canary-10 } } } "
        "]\n",
        "route: { receiver: r }\nreceivers:\n  - name: r\n"
        "    email_configs: [ { to: a@example.org, headers: { X-Key: canary-11 } } ]\n"
        "    webhook_configs: [ { url: 'https://example.org/canary-12' } ]\n");
    tree["/opt/m/compose.yaml"] =
        "services:\n  prometheus: { image: 'prom/prometheus:v3.5.0', volumes: "
        "['./prometheus:/etc/prometheus'],\n"
        "    command: ['--storage.tsdb.path=/p', --some.token, canary-13, '--other canary-14'],\n"
        "    environment: { OTLP: 'http://192.0.2.9:4318/v1/traces?key=canary-15' } }\n"
        "  alertmanager: { image: 'prom/alertmanager:v0.28.1' }\n";
    world.host("vm", tree);
    const auto draft = world.draft();
    CHECK((emit(draft.stack, draft.comments) + report(draft, {}, {})).find("canary") == std::string::npos);
    for (const auto& [path, value] : meaningOf(toNode(world.hosts[0]))) {
        INFO(path);
        CHECK((path + value).find("canary") == std::string::npos);
    }
    REQUIRE(draft.stack.prometheus->scrapeConfigs.size() == 1);
    const auto& job = draft.stack.prometheus->scrapeConfigs[0].settings;
    CHECK(job.find("params")->find("module")->items.at(0).scalar == "http_2xx");
    CHECK(job.find("relabelings")->items.at(0).find("regex")->scalar == "(a?)b=c");
    const auto lost = found(draft, "lost");
    for (const char* what : {"`metrics_path`", "`token`", "`api_key`", "`http_headers.X-Key.values`",
                             "`headers.X-Scope`", "`headers.X-Key`", "`url`"}) {
        CHECK(lost.find("the secret in " + std::string(what)) != std::string::npos);
    }
}

TEST_CASE("an imported SMTP password is sealed, from the configuration or its file", "[import][join]") {
    const std::string rest =
        "smtp_smarthost: 'm:587', smtp_from: f, smtp_auth_username: u }\nroute: { receiver: r }\nreceivers: "
        "[ { name: r } ]\n";
    World plain;
    plain.host("vm", monitoring("{}", "global: { smtp_auth_password: 'canary #1', " + rest));
    CHECK(plain.sealed == Tree{{"smtp", "canary #1"}});
    CHECK(plain.draft().stack.alertmanager->smtp->passwordFrom->secret == "smtp");
    auto tree = monitoring("{}", "global: { smtp_auth_password_file: /etc/alertmanager/pw, " + rest);
    tree["/opt/m/alertmanager/pw"] = "canary-2\n";
    World file;
    file.host("vm", tree);
    CHECK(file.sealed == Tree{{"smtp", "canary-2"}});
    CHECK(emit(file.draft().stack, {}).find("canary") == std::string::npos);
}

TEST_CASE("a password in an environment variable is found and sealed", "[import][join]") {
    World world;
    world.host("vps",
               {{"/srv/app/.env", "STATS=p%40ss\n"},
                {"/srv/app/docker-compose.yml",
                 "services:\n  pgbouncer: { image: x/pgbouncer:1.18 }\n"
                 "  exp: { image: 'prometheuscommunity/pgbouncer-exporter:v0.10.2', ports: ['9200:9127'],\n"
                 "         command: '--pgBouncer.connectionString "
                 "postgres://st:${STATS}@pgbouncer:6432/pgbouncer' }\n"}});
    CHECK(world.sealed == Tree{{"pgbouncer-st", "p@ss"}});
    const auto draft = world.draft();
    REQUIRE(draft.stack.exporters.size() == 1);
    CHECK(draft.stack.exporters[0].name == "exp");
    CHECK(draft.stack.exporters[0].port == 9200);
    CHECK(found(draft, "by hand").find("the exporter as service exp") != std::string::npos);
}

TEST_CASE("a configuration file mounted by itself is found through its mount", "[import][join]") {
    const auto draft =
        World()
            .host("vm", {{"/opt/m/compose.yaml",
                          "services:\n  prometheus: { image: 'prom/prometheus:v3.5.0', volumes: "
                          "['../cfg/p.yml:/etc/prometheus/prometheus.yml'] }\n"},
                         {"/opt/cfg/p.yml",
                          "scrape_configs: [ { job_name: j, static_configs: [ { targets: ['h:1'] } ] } ]\n"}})
            .draft();
    CHECK(draft.stack.prometheus->scrapeConfigs.at(0).jobName == "j");
}

TEST_CASE("Prometheus data in a named volume are reported as work by hand", "[import][join]") {
    const auto draft = World()
                           .host("vm", {{"/opt/m/compose.yaml",
                                         "services:\n  prometheus: { image: 'prom/prometheus:v3.5.0', "
                                         "volumes: ['prom:/prometheus'] }\n"}})
                           .draft();
    CHECK(found(draft, "by hand").find("Prometheus' data lies in prom") != std::string::npos);
    CHECK(found(draft, "by hand").find("Prometheus' configuration was not found") != std::string::npos);
}

TEST_CASE("services come from the output of `docker compose config`, file names from the files",
          "[import][join]") {
    const auto draft =
        World()
            .host("vps", {{"/opt/app/compose.yaml", "include: [other.yaml]\nservices:\n  a: { image: x }\n"},
                          {"/opt/app/compose.config.json",
                           R"({"name": "shop", "services": {"a": {"image": "x"}, "b": {"image": "y",
                                          "environment": {"OTLP": "http://10.0.0.9:4318/v1/traces", "KEY": "canary"}}}})"}})
            .draft();
    REQUIRE(draft.stack.projects.size() == 1);
    CHECK(draft.stack.projects[0].name == "shop");
    CHECK(draft.stack.projects[0].composeFiles == std::vector<std::string>{"compose.yaml"});
    const auto notes = found(draft, "note");
    CHECK(notes.find("/opt/app/compose.yaml:1 `include` was not followed") != std::string::npos);
    CHECK(notes.find("`OTLP` of service b is an OTLP endpoint on a host that was not imported") !=
          std::string::npos);
    CHECK((emit(draft.stack, draft.comments) + report(draft, {}, {})).find("canary") == std::string::npos);
}

TEST_CASE("imported tunnel peers become hosts with endpoints in any order of import", "[import][join]") {
    const auto a = secrets::generateWireguardKey();
    const auto b = secrets::generateWireguardKey();
    const auto tunnel = [](const secrets::WireguardKey& own, const std::string& rest) {
        return Tree{{"/etc/wireguard/wg0.conf",
                     "[Interface]\nPrivateKey = " + std::string(view(own.privateKey)) + "\n" + rest}};
    };
    const auto hub =
        tunnel(a, "Address = 10.9.0.1/24\nListenPort = 51999\n[Peer]\nPublicKey = " + b.publicKey +
                      "\nAllowedIPs = 10.9.0.2/32\n");
    const auto spoke = tunnel(
        b, "Address = 10.9.0.2/24\n[Peer]\nPublicKey = " + a.publicKey +
               "\nEndpoint = hub.example.org:51999\nAllowedIPs = 10.9.0.0/24\nPersistentKeepalive = 20\n"
               "[Peer]\nPublicKey = AAAA\nAllowedIPs = 10.9.0.3/32\n");
    const auto one = World().host("x-hub", hub).host("a-spoke", spoke).draft();
    const auto other = World().host("a-spoke", spoke).host("x-hub", hub).draft();
    CHECK(one.stack == other.stack);
    REQUIRE(one.stack.hosts.size() == 2);
    CHECK(one.stack.hosts[0].name == "x-hub");
    CHECK(one.stack.hosts[0].endpoint == "hub.example.org");
    CHECK(one.stack.hosts[1].endpoint.empty());
    CHECK(one.stack.wireguard.network == "10.9.0.0/24");
    CHECK(one.stack.wireguard.listenPort == 51999);
    CHECK(one.stack.wireguard.persistentKeepalive == 20);
    CHECK(found(one, "by hand").find("a-spoke:/etc/wireguard/wg0.conf:9 the peer AAAA was not imported") !=
          std::string::npos);
}

/// Two hosts; the second is dialled at its port and has `allowed` behind it.
World twoHosts(const std::string& allowed) {
    const auto a = secrets::generateWireguardKey();
    const auto b = secrets::generateWireguardKey();
    const auto conf = [](const secrets::WireguardKey& own, const std::string& interface,
                         const std::string& peer) {
        return Tree{
            {"/etc/wireguard/wg0.conf", "[Interface]\nPrivateKey = " + std::string(view(own.privateKey)) +
                                            "\n" + interface + "[Peer]\n" + peer}};
    };
    World out;
    out.host("one", conf(a, "Address = 10.66.66.1/24, fd66::1/64\nListenPort = 51820\nDNS = 9.9.9.9\n",
                         "PublicKey = " + b.publicKey +
                             "\nEndpoint = two.example.org:51999\nAllowedIPs = " + allowed + "\n"));
    out.host("two",
             conf(b, "Address = 10.66.66.2/24, fd66::2/64\nListenPort = 51999\n",
                  "PublicKey = " + a.publicKey +
                      "\nEndpoint = one.example.org:51820\nAllowedIPs = 10.66.66.1/32, fd66::1/128\n"));
    return out;
}

/// The reasons of the differences of `AllowedIPs` on the first host.
std::vector<std::string> reasonsOf(const World& world) {
    spec::Diagnostics diagnostics;
    const auto document = spec::loadStack(emit(world.draft().stack, {}), "stack.yaml", "0.1.0", diagnostics);
    REQUIRE(document);
    for (const auto& each : diagnostics.all()) {
        INFO(each.message);
        CHECK(
            (each.severity != spec::Severity::error || each.message.find("sealingKey") != std::string::npos));
    }
    std::vector<std::string> out;
    for (const auto& each : differences(document->stack, world.hosts)) {
        if (each.host == "one" && each.path.find("AllowedIPs") != std::string::npos) {
            out.push_back(each.reason.empty() ? "none" : "on purpose");
        }
    }
    return out;
}

TEST_CASE("a tunnel's second addresses, DNS servers and ports per host become fields of the document",
          "[import][join]") {
    const auto draft = twoHosts("10.66.66.2/32, fd66::2/128").draft();
    REQUIRE(draft.stack.hosts.size() == 2);
    const auto& one = draft.stack.hosts[0];
    const auto& two = draft.stack.hosts[1];
    CHECK(draft.stack.wireguard.network == "10.66.66.0/24");
    CHECK(draft.stack.wireguard.network6 == "fd66::/64");
    CHECK(one.vpnAddress6 == "fd66::1");
    CHECK(two.vpnAddress6 == "fd66::2");
    CHECK(one.dns == std::vector<std::string>{"9.9.9.9"});
    CHECK(draft.stack.wireguard.listenPort == 51820);
    CHECK(one.listenPort == 0);
    CHECK(two.listenPort == 51999);
    CHECK(found(draft, "lost").empty());
    CHECK(found(draft, "by hand").empty());
    CHECK(emit(draft.stack, draft.comments).find("lint:") == std::string::npos);
}

TEST_CASE("a network behind a tunnel peer becomes a route of its host, and a dropped one has a reason",
          "[import][improvements]") {
    const auto lan = twoHosts("10.66.66.2/32, fd66::2/128, 192.168.7.0/24");
    CHECK(lan.draft().stack.hosts[1].routes == std::vector<std::string>{"192.168.7.0/24"});
    CHECK(lan.draft().stack.hosts[0].routes.empty());
    CHECK(found(lan.draft(), "note").find("192.168.7.0/24 lies behind two") != std::string::npos);
    for (const auto& reason : reasonsOf(lan)) {
        CHECK(reason == "on purpose");
    }
    // All of the internet is no network behind a host: a difference that somebody has to look at.
    const auto all = twoHosts("0.0.0.0/0, ::/0");
    CHECK(all.draft().stack.hosts[1].routes.empty());
    CHECK(reasonsOf(all) == std::vector<std::string>{"none"});
    // The whole tunnel on one peer becomes the peer's own address.
    CHECK(reasonsOf(twoHosts("10.66.66.0/24, fd66::/64")) == std::vector<std::string>{"on purpose"});
}

TEST_CASE("importing a single host without a tunnel reports nothing about a tunnel", "[import][join]") {
    CHECK(found(World().host("vm", monitoring("scrape_configs: []\n")).draft(), "by hand").find("tunnel") ==
          std::string::npos);
}

TEST_CASE("the collected files of a host are the same after writing and reading them", "[import][join]") {
    World world;
    world.host("vm", monitoring("scrape_configs: [ { job_name: j, static_configs: [ { targets: ['h:1'] } ], "
                                "params: { a: ['1', yes] } } ]\n",
                                "route: { receiver: r }\nreceivers: [ { name: r } ]\n"));
    const auto again = fromNode(toNode(world.hosts[0]));
    CHECK(toNode(again) == toNode(world.hosts[0]));
    CHECK(join({again}, "s").stack == join(world.hosts, "s").stack);
}

TEST_CASE("every malformed and unreadable file is reported at once", "[import][join]") {
    World world;
    world.host("vm", {{"/etc/wireguard/wg0.conf", "[Interface]\nnonsense\n"},
                      {"/opt/a/compose.yaml", "services: [\n"},
                      {"/opt/b/compose.yaml", "a: 1\na: 2\n"},
                      {"/opt/c/compose.yaml", "unreadable"}});
    REQUIRE(world.mistakes.size() == 4);
    CHECK(world.mistakes[0].find("/etc/wireguard/wg0.conf:2:") == 0);
    CHECK(world.mistakes[1].find("/opt/a/compose.yaml:") == 0);
    CHECK(world.mistakes[2].find("/opt/b/compose.yaml:2:") == 0);
    CHECK(world.mistakes[3] == "cannot read /opt/c/compose.yaml");
}

TEST_CASE("only intended differences between imported and rendered configuration have a reason",
          "[import][improvements]") {
    World world;
    auto tree = monitoring(
        "global: { scrape_interval: 15s }\nstorage: { tsdb: { out_of_order_time_window: 30m } "
        "}\nscrape_configs: []\n");
    const auto key = secrets::generateWireguardKey();
    tree["/etc/wireguard/wg0.conf"] =
        "[Interface]\nAddress = 10.9.0.1/24\nPostUp = x\nSaveConfig = true\nPrivateKey = " +
        std::string(view(key.privateKey)) + "\n";
    world.host("vm", tree);
    spec::Diagnostics diagnostics;
    const auto draft = world.draft();
    const auto document = spec::loadStack(emit(draft.stack, {}), "stack.yaml", "0.1.0", diagnostics);
    REQUIRE(document);
    std::map<std::string, bool> explained;
    for (const auto& each : differences(document->stack, world.hosts)) {
        explained[each.path] = !each.reason.empty();
    }
    CHECK(explained.at("[Interface].SaveConfig"));
    CHECK_FALSE(explained.at("[Interface].PostUp"));
    CHECK_FALSE(explained.at("storage.tsdb.out_of_order_time_window"));
}

}  // namespace
}  // namespace vigie::imports
