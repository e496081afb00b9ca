// Whatever validates without an error renders to configurations that the real promtool and amtool accept. The
// documents are generated for the versions of the tools that are installed.

#include "base/text.hpp"
#include "lint/lint.hpp"
#include "render/host.hpp"
#include "spec/load.hpp"
#include "system/real_files.hpp"
#include "system/real_processes.hpp"
#include "system/stop.hpp"
#include "tests/property/holds.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <functional>
#include <regex>

namespace vigie::tests {
namespace {

using rc::gen::arbitrary;
using rc::gen::element;
using rc::gen::elementOf;
using rc::gen::inRange;

/// `2.42` of what a tool says about itself.
std::string installed(const std::string& tool) {
    const system::Stop stop;
    system::RealProcesses processes(stop);
    const auto result = processes.run({{tool, "--version"}, {}, {}});
    std::smatch match;
    const std::string said = result.out + result.err;
    REQUIRE(std::regex_search(said, match, std::regex("version ([0-9]+\\.[0-9]+)")));
    return match[1];
}

/// Some of `pool`, each at most once, at `indent`.
std::string some(const std::vector<std::string>& pool, int indent) {
    std::string out;
    for (const auto& lines : pool) {
        if (*inRange(0, 3) == 0) {
            for (const auto line : splitLines(lines)) {
                out += std::string(static_cast<std::size_t>(indent), ' ') + std::string(line) + "\n";
            }
        }
    }
    return out;
}

const std::vector<std::string> kClient = {
    "tlsConfig: { caFile: ca.pem, serverName: example.org, insecureSkipVerify: true }",
    "proxyURL: http://proxy.example.org:3128", "followRedirects: false", "enableHTTP2: false"};

/// How one logs in, in one way at most.
std::string login() {
    return *element<std::string>(
        "", "basicAuth: { username: \"a: $b\", passwordFrom: { secret: one } }",
        "authorization: { type: Token, credentialsFrom: { secret: two } }",
        "oauth2: { clientID: \"1e3\", clientSecretFrom: { secret: one }, tokenURL: "
        "\"https://example.org/t\", "
        "scopes: [a, \"b c\"], endpointParams: { k: \"yes\" }, tlsConfig: { caFrom: { secret: two } } }");
}

std::string client(int indent) {
    const std::string way = login();
    return (way.empty() ? "" : std::string(static_cast<std::size_t>(indent), ' ') + way + "\n") +
           some(kClient, indent);
}

const std::vector<std::string> kRelabelings = {
    "- { sourceLabels: [a, __name__], regex: \"(a|b):.*\", targetLabel: c, replacement: \"$1-x\" }",
    "- { action: labeldrop, regex: \"tmp_.*\" }",
    "- { action: hashmod, sourceLabels: [__address__], modulus: 4, targetLabel: shard }",
    "- { action: keep, sourceLabels: [a], separator: \";\", regex: \"[^x]+\" }",
    "- { action: labelmap, regex: \"meta_(.+)\" }",
    "- { action: lowercase, sourceLabels: [a], targetLabel: a }",
    "- { action: keepequal, sourceLabels: [a], targetLabel: b }"};

std::string relabelings(const std::string& field, int indent) {
    const auto steps = some(kRelabelings, indent + 2);
    return steps.empty() ? "" : std::string(static_cast<std::size_t>(indent), ' ') + field + ":\n" + steps;
}

std::string scrapeConfigs() {
    std::string out = "    scrapeConfigs:\n";
    const int jobs = *inRange(1, 4);
    for (int i = 0; i < jobs; ++i) {
        out += "      - jobName: \"job " + std::to_string(i) + "\"\n";
        out +=
            some({"staticConfigs: [{ targets: [\"10.66.66.1:9100\"], labels: { a: \"$x: #\" } }]",
                  "fileSDConfigs: [{ files: [targets/a.yml], refreshInterval: 1m }]",
                  "dnsSDConfigs: [{ names: [\"_http._tcp.example.org\"], type: SRV, refreshInterval: 30s }]",
                  "scrapeInterval: 30s\nscrapeTimeout: 5s", "metricsPath: /probe", "scheme: https",
                  "honorLabels: true", "honorTimestamps: false", "params: { module: [http_2xx, \"1\"] }",
                  "bodySizeLimit: 10MB", "sampleLimit: 1000\ntargetLimit: 10\nlabelLimit: 30",
                  "labelNameLengthLimit: 100\nlabelValueLengthLimit: 200"},
                 8);
        if (*inRange(0, 12) == 0) {
            out +=
                "        keepDroppedTargets: 10\n";  // newer than what is installed: this does not validate
        }
        out += client(8) + relabelings("relabelings", 8) + relabelings("metricRelabelings", 8);
        if (*arbitrary<bool>()) {
            out += "        httpSDConfigs:\n          - url: https://example.org/targets\n" + client(12);
        }
        if (*arbitrary<bool>()) {
            out +=
                "        dockerSDConfigs:\n          - host: tcp://10.66.66.1:2375\n            filters: [{ "
                "name: label, values: "
                "[a] }]\n" +
                client(12);
        }
    }
    return out;
}

std::string prometheus(const std::string& version) {
    std::string out =
        "  prometheus:\n    project: monitoring\n    image: prom/prometheus:v" + version + ".0\n";
    out += some({"externalLabels: { site: \"a$b\", replica: \"0\" }", "evaluationInterval: 30s",
                 "storage: { retentionSize: 10GB, outOfOrderTimeWindow: 1h, maxExemplars: 1000 }",
                 "query: { timeout: 1m, logFile: true }",
                 "web: { externalURL: \"https://example.org/prometheus/\" }", "ruleFiles: [rules/a.yml]"},
                4);
    if (*arbitrary<bool>()) {
        out += "    ruleGroups:\n      - name: \"a: b\"\n" + some({"interval: 1m", "limit: 10"}, 8) +
               "        rules:\n          - alert: Down\n            expr: 'up == 0'\n" +
               some({"for: 5m", "keepFiringFor: 10m", "labels: { severity: page }",
                     "annotations: { summary: \"{{ $labels.job }} is 100% \\\"down\\\"\" }"},
                    12) +
               "          - { record: \"a:b\", expr: \"sum by (job) (up)\" }\n";
    }
    if (*arbitrary<bool>()) {
        out += "    alerting:\n      alertmanagers:\n        - targets: [\"10.66.66.2:9093\"]\n" +
               some({"scheme: https", "pathPrefix: /am", "timeout: 5s"}, 10) + client(10) +
               relabelings("relabelings", 10) + relabelings("alertRelabelings", 6);
    }
    if (*arbitrary<bool>()) {
        out += "    remoteWrite:\n      - url: https://example.org/write\n" +
               some({"name: a", "remoteTimeout: 10s", "headers: { X-Scope: \"1\" }", "sendExemplars: true",
                     "sendNativeHistograms: true",
                     "metadataConfig: { send: true, sendInterval: 2m, maxSamplesPerSend: 100 }",
                     "queueConfig: { capacity: 100, minShards: 1, maxShards: 4, maxSamplesPerSend: 50, "
                     "batchSendDeadline: 5s, "
                     "minBackoff: 30ms, maxBackoff: 5s, retryOnRateLimit: true }"},
                    8) +
               client(8) + relabelings("writeRelabelings", 8);
    }
    if (*arbitrary<bool>()) {
        out += "    remoteRead:\n      - url: https://example.org/read\n" +
               some({"name: b", "readRecent: true", "requiredMatchers: { job: a }",
                     "filterExternalLabels: false"},
                    8) +
               client(8);
    }
    return out + scrapeConfigs();
}

const std::vector<std::string> kReceivers = {
    "webhookConfigs: [{ urlFrom: { secret: one }, maxAlerts: 5 }, { url: \"http://10.66.66.1/x\", "
    "sendResolved: false }]",
    "slackConfigs: [{ apiURLFrom: { secret: one }, channel: \"#a\", title: '{{ .Status }}', fields: [{ "
    "title: a, value: b, short: true }], "
    "actions: [{ type: button, text: a, url: \"https://example.org\" }], mrkdwnIn: [text], shortFields: true "
    "}]",
    "pagerdutyConfigs: [{ routingKeyFrom: { secret: one }, details: { a-b: '{{ .Status }}' }, images: [{ "
    "href: a, src: b }], "
    "links: [{ href: a, text: b }] }, { serviceKeyFrom: { secret: two } }]",
    "opsgenieConfigs: [{ apiKeyFrom: { secret: one }, responders: [{ type: team, name: a }], updateAlerts: "
    "true, priority: P1 }]",
    "victoropsConfigs: [{ apiKeyFrom: { secret: one }, routingKey: a, customFields: { a: b } }]",
    "pushoverConfigs: [{ userKeyFrom: { secret: one }, tokenFrom: { secret: two }, retry: 1m, expire: 1h, "
    "html: true }]",
    "telegramConfigs: [{ botTokenFrom: { secret: one }, chatID: -100123, parseMode: HTML, "
    "disableNotifications: true }]",
    "discordConfigs: [{ webhookURLFrom: { secret: one }, title: a }]",
    "webexConfigs: [{ roomID: a, httpConfig: { authorization: { credentialsFrom: { secret: one } } } }]",
    "wechatConfigs: [{ apiSecretFrom: { secret: one }, corpID: a, agentID: \"1\", messageType: markdown }]",
    "snsConfigs: [{ topicARN: \"arn:aws:sns:us-east-2:1:a\", sigv4: { region: us-east-2, accessKey: a, "
    "secretKeyFrom: { secret: one } }, "
    "attributes: { a: b } }]",
    "emailConfigs: [{ to: a@example.org, headers: { Subject: 'a: {{ .Status }}' }, html: '', text: "
    "\"a\\nb\", "
    "authPasswordFrom: { secret: two }, authUsername: a, hello: example.org, tlsConfig: { "
    "insecureSkipVerify: true } }]"};

std::string alertmanager(const std::string& version) {
    std::string out = "  alertmanager:\n    project: monitoring\n    image: prom/alertmanager:v" + version +
                      ".0\n"
                      "    smtp: { smarthost: \"smtp.example.org:587\", from: a@example.org, username: a, "
                      "passwordFrom: { secret: one }, "
                      "hello: example.org }\n";
    out += some({"global: { resolveTimeout: 10m, slackAPIURLFrom: { secret: one }, opsgenieAPIKeyFrom: { "
                 "secret: two } }",
                 "templates: [templates/a.tmpl]", "web: { externalURL: \"https://example.org/alerts\" }",
                 "inhibitRules: [{ sourceMatchers: ['severity=\"page\"'], targetMatchers: "
                 "['severity=~\"a|b\"', 'x!=y'], equal: [job] }]"},
                4);
    out +=
        "    timeIntervals:\n      - name: nights\n        timeIntervals:\n          - times: [{ startTime: "
        "\"22:00\", endTime: \"24:00\" }]\n" +
        some({"weekdays: [\"monday:friday\", sunday]", "daysOfMonth: [\"1:5\", \"-3:-1\"]",
              "months: [\"1:3\", december]", "years: [\"2026:2028\"]", "location: Europe/Berlin"},
             12);
    out += "    route:\n      receiver: \"r 0\"\n      groupBy: [\"...\"]\n" +
           some({"groupWait: 10s", "groupInterval: 1m", "repeatInterval: 4h"}, 6) +
           "      routes:\n        - receiver: \"r 1\"\n          matchers: ['severity = \"page\"', "
           "team=~\"a|b.*\"]\n" +
           some({"continue: true", "groupBy: [alertname]", "muteTimeIntervals: [nights]",
                 "activeTimeIntervals: [nights]",
                 "routes: [{ matchers: ['a!=\"$b\"'], routes: [{ receiver: \"r 0\", matchers: [b!~c] }] }]"},
                10);
    out += "    receivers:\n";
    for (int i = 0; i < 2; ++i) {
        out += "      - name: \"r " + std::to_string(i) + "\"\n" + some(kReceivers, 8);
    }
    return out;
}

const std::vector<std::string> kProbes = {
    "- { name: web, prober: http, targets: [\"https://example.org/?a=$b\", \"http://10.66.66.1:8000\"], "
    "interval: "
    "1m, timeout: 10s, http: { validStatusCodes: [200, 301], failIfBodyMatches: [\"a: #\"], basicAuth: { "
    "username: "
    "\"a: b\", passwordFrom: { secret: one } }, headers: [{ name: X-A, value: \"b: #\" }] } }",
    "- { name: api, prober: http, ipProtocol: ip6, targets: [\"https://[2001:db8::1]:8443/\"], http: { "
    "method: POST, "
    "body: \"{\\\"a\\\": 1}\", bearerTokenFrom: { secret: two }, followRedirects: false, insecureSkipVerify: "
    "true } }",
    "- { name: ssh, prober: tcp, targets: [\"10.66.66.1:22\"], labels: { tier: \"a\\\"b\" }, tcp: { send: "
    "\"x\", expect: "
    "\"^SSH-\" } }",
    "- { name: cert, prober: tcp, targets: [\"example.org:443\"], tcp: { tls: true, insecureSkipVerify: true "
    "} }",
    "- { name: ping, prober: icmp, targets: [10.66.66.1], icmp: { dontFragment: true, payloadSize: 1400 } }",
    "- { name: names, prober: dns, targets: [\"192.0.2.53\"], dns: { queryName: example.org, queryType: MX, "
    "transport: "
    "tcp, validRcodes: [NOERROR, NXDOMAIN], failIfAnswerNotMatches: [\"mx\"] } }",
    "- { name: own, module: words, targets: [\"mail.example.org:25\"] }"};

std::string exporters() {
    std::string out;
    if (*arbitrary<bool>()) {
        const auto probes = some(kProbes, 10);
        out +=
            "    - name: blackbox\n      type: blackbox\n      project: monitoring\n      blackbox:\n"
            "        probes:\n          - { name: first, prober: tcp, targets: [\"10.66.66.2:9090\"] }\n" +
            probes +
            "        modules: [{ name: words, raw: { prober: tcp, timeout: 5s, tcp: { query_response: [{ "
            "expect: "
            "\"^220\" }, { send: \"QUIT\\r\" }] } } }]\n";
    }
    out += some(
        {"- { name: node, type: node, project: monitoring, node: { enable: [systemd], disable: [wifi] } }",
         "- { name: containers, type: cadvisor, project: monitoring, cadvisor: { dockerOnly: true } }",
         "- { name: own_exporter, type: custom, project: monitoring, image: \"own:1.0\", custom: { port: "
         "9500, "
         "path: \"/m;a=$b\", command: [\"--a: $b\"] }, env: [{ name: A, value: \"x: $y\" }, { name: T, "
         "valueFrom: { "
         "secret: one } }, { name: F, fileFrom: { secret: two } }] }"},
        4);
    return out.empty() ? "" : "  exporters:\n" + out;
}

std::string document(const std::string& prometheusVersion, const std::string& alertmanagerVersion) {
    const std::string sealed(64, 'A');
    return "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: generated }\nspec:\n"
           "  hosts: [{ name: vm, endpoint: 203.0.113.1, vpn: { address: 10.66.66.2, publicKey: "
           "\"OmYU3jkwvioUJLRLsOV5l3pwzDuJD2RQi5iMJuqFATE=\" }, sealingKey: "
           "\"PjakRAGk+qnQeJED/7fHWIWsDoff+plDAOkbfHU3gjo=\" }]\n"
           "  wireguard: { network: 10.66.66.0/30 }\n"
           "  projects: [{ name: monitoring, host: vm, directory: /opt/monitoring }]\n" +
           exporters() + prometheus(prometheusVersion) + alertmanager(alertmanagerVersion) +
           *element<std::string>(
               "", "  grafana: { project: monitoring }\n",
               "  grafana: { project: monitoring, exposure: local, vigieDashboard: true }\n") +
           *element<std::string>("",
                                 "  jaeger: { project: monitoring, storage: { badger: { ttl: 2d } } }\n") +
           *element<std::string>("", "  timeout: 90s\n  healthChecks: [{ url: \"http://127.0.0.1/\" }]\n") +
           "  secrets:\n    - { name: one, sealed: { vm: \"" + sealed +
           "\" } }\n    - { name: two, sealed: { vm: \"" + sealed + "\" } }\n";
}

render::Inputs inputs() {
    render::Inputs out;
    out.files = {{"ca.pem", "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"},
                 {"targets/a.yml", "- targets: [\"a:1\"]\n"},
                 {"rules/a.yml", "groups: []\n"},
                 {"templates/a.tmpl", "{{ define \"a\" }}b{{ end }}\n"}};
    // An address, so that it may stand where one is wanted; with everything that YAML would trip over.
    for (const char* name : {"one", "two"}) {
        out.secrets[name] = {
            name, std::make_shared<const SecureBytes>(secureBytes("https://example.org/a\"b\\c#d: e$"))};
    }
    return out;
}

/// Writes what a container would see, with its mount points moved below `root`.
void writeTree(const std::vector<render::Resource>& resources, const std::string& root) {
    system::RealFiles files(root);
    for (const auto& resource : resources) {
        const auto* file = std::get_if<render::File>(&resource.what);
        if (file == nullptr || file->path.substr(0, 15) != "/opt/monitoring") {
            continue;
        }
        std::string text(view(file->content.reveal()));
        for (const char* program : {"prometheus", "alertmanager"}) {
            const std::string mount = std::string("/etc/") + program + "/";
            for (auto at = text.find(mount); at != std::string::npos; at = text.find(mount, at)) {
                text.replace(at, mount.size(), root + "/opt/monitoring/" + program + "/");
                at += root.size() + mount.size();
            }
        }
        const std::string mount = "/etc/vigie-exporter/";
        for (auto at = text.find(mount); at != std::string::npos; at = text.find(mount, at)) {
            text.replace(at, mount.size(), root + "/opt/monitoring/blackbox/");
            at += root.size() + mount.size();
        }
        system::makeParents(files, file->path);
        files.write(file->path, text, 0600, std::nullopt);
    }
}

TEST_CASE("what validates is accepted by promtool and amtool", "[tools]") {
    const std::string promtool = installed("promtool");
    const std::string amtool = installed("amtool");
    int valid = 0;
    holds(
        [&] {
            const std::string text = document(promtool, amtool);
            spec::Diagnostics diagnostics;
            const auto document = spec::loadStack(text, "generated.yaml", "0.1.0", diagnostics);
            RC_ASSERT(document.has_value());
            lint::lint(document->stack, spec::Reporter(diagnostics, "generated.yaml", &document->root));
            if (diagnostics.hasErrors()) {
                for (const auto& diagnostic : diagnostics.all()) {
                    // Only what the generator does wrong on purpose.
                    RC_LOG() << spec::format(diagnostic, text, false) << text;
                    RC_ASSERT(diagnostic.severity != spec::Severity::error || diagnostic.code == "VG0430");
                }
                return;
            }
            ++valid;
            const TemporaryDirectory directory;
            writeTree(renderHost(document->stack, document->stack.hosts[0], inputs()), directory.path);
            const system::Stop stop;
            system::RealProcesses processes(stop);
            const std::string here = directory.path + "/opt/monitoring/";
            const auto prometheus =
                processes.run({{"promtool", "check", "config", here + "prometheus/prometheus.yml"}, {}, {}});
            RC_LOG() << text << prometheus.out << prometheus.err;
            RC_ASSERT(prometheus.ok());
            const auto alertmanager =
                processes.run({{"amtool", "check-config", here + "alertmanager/alertmanager.yml"}, {}, {}});
            RC_LOG() << alertmanager.out << alertmanager.err;
            RC_ASSERT(alertmanager.ok());
            if (text.find("type: blackbox") == std::string::npos) {
                return;
            }
            const auto blackbox = processes.run({{"prometheus-blackbox-exporter", "--config.check",
                                                  "--config.file=" + here + "blackbox/blackbox.yml"},
                                                 {},
                                                 {}});
            RC_LOG() << blackbox.out << blackbox.err;
            RC_ASSERT(blackbox.ok());
        },
        120);
    CHECK(valid >= (effort() == Effort::shorter ? 1 : 20));
}

}  // namespace
}  // namespace vigie::tests
