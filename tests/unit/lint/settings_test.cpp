// Settings that Prometheus and Alertmanager would refuse, in documents as they are written.
#include "lint/certificates.hpp"
#include "lint/lint.hpp"
#include "spec/load.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <map>

namespace vigie::lint {
namespace {

using Codes = std::vector<std::string>;

/// What is found of `prometheus` and `alertmanager`, each the lines of its section.
spec::Diagnostics findings(const std::string& prometheus, const std::string& alertmanager = {},
                           const std::string& spec = {},
                           const std::map<std::string, std::string>& files = {}) {
    const std::string sealed(64, 'A');
    const std::string text =
        "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n"
        "  hosts: [{ name: vm, sealingKey: \"PjakRAGk+qnQeJED/7fHWIWsDoff+plDAOkbfHU3gjo=\" }]\n"
        "  projects: [{ name: monitoring, host: vm, directory: /opt/monitoring }]\n" +
        (prometheus.empty()
             ? ""
             : "  prometheus:\n    project: monitoring\n    image: prom/prometheus:v3.5.3\n" + prometheus) +
        (alertmanager.empty()
             ? ""
             : "  alertmanager:\n    project: monitoring\n    image: prom/alertmanager:v0.33.1\n" +
                   alertmanager) +
        spec + "  secrets: [{ name: s, sealed: { vm: \"" + sealed + "\" } }]\n";
    spec::Diagnostics out;
    const auto document = spec::loadStack(text, "a.yaml", "0.1.0", out);
    REQUIRE(document.has_value());
    const spec::Reporter report(out, "a.yaml", &document->root);
    lint(document->stack, report);
    lintCertificates(document->stack, files, report);
    out.removeIf([](const spec::Diagnostic& each) { return each.code == "VG0410"; });
    return out;
}

Codes ofJob(const std::string& fields) {
    return tests::codesOf(findings("    scrapeConfigs: [{ jobName: x, " + fields + " }]\n"));
}

Codes ofPrometheus(const std::string& lines) {
    return tests::codesOf(findings("    " + lines + "\n"));
}

Codes ofReceiver(const std::string& fields) {
    return tests::codesOf(findings("",
                                   "    smtp: { smarthost: \"a:25\", from: a@example.org }\n"
                                   "    route: { receiver: r }\n    receivers: [{ name: r, " +
                                       fields + " }]\n"));
}

const Codes kNone;

TEST_CASE("a header that Prometheus or the receiver sets itself is refused", "[lint][settings]") {
    for (const char* reserved : {"Host", "host", "Authorization", "Content-Type", "User-Agent", "X-Amz-Date",
                                 "X-Prometheus-Scrape-Timeout-Seconds"}) {
        CAPTURE(reserved);
        CHECK(ofJob("httpHeaders: [{ name: " + std::string(reserved) + ", values: [a] }]") ==
              Codes{"VG0455"});
    }
    CHECK(ofJob("httpHeaders: [{ name: X-Scope, values: [a] }, { name: Accept, values: [b] }]") == kNone);
    CHECK(ofPrometheus("remoteWrite: [{ url: \"http://a/\", headers: { Content-Encoding: a } }]") ==
          Codes{"VG0455"});
    CHECK(ofPrometheus("remoteRead: [{ url: \"http://a/\", headers: { authorization: a } }]") ==
          Codes{"VG0455"});
    CHECK(ofPrometheus(
              "remoteWrite: [{ url: \"http://a/\", headers: { X-Prometheus-Scrape-Timeout-Seconds: a } }]") ==
          kNone);
    CHECK(
        ofReceiver("webhookConfigs: [{ url: \"http://a/\", httpConfig: { httpHeaders: [{ name: Host, values: "
                   "[a] }] } }]") == Codes{"VG0455"});
    // Of a mail, and of a message: the keys there are the user's own.
    CHECK(ofReceiver("emailConfigs: [{ to: a@example.org, headers: { Host: a } }]") == kNone);
}

TEST_CASE("two kinds of authentication in one place are refused", "[lint][settings]") {
    const std::string secret = "credentialsFrom: { secret: s }";
    for (const char* basic : {"Basic", "basic", "BASIC", "\" basic\""}) {
        CHECK(ofJob("authorization: { type: " + std::string(basic) + ", " + secret + " }") ==
              Codes{"VG0446"});
    }
    CHECK(ofJob("authorization: { type: Token, " + secret + " }") == kNone);
    const std::string write = "remoteWrite: [{ url: \"http://a/\", ";
    CHECK(ofPrometheus(write + "basicAuth: { username: a }, raw: { sigv4: { region: x } } }]") ==
          Codes{"VG0446"});
    CHECK(ofPrometheus(write + "raw: { sigv4: { region: x }, azuread: {} } }]") == Codes{"VG0446"});
    CHECK(ofPrometheus(write + "raw: { sigv4: { region: x } } }]") == kNone);
    CHECK(ofReceiver("snsConfigs: [{ topicARN: a, sigv4: { accessKey: a } }]") == Codes{"VG0446"});
    CHECK(ofReceiver("snsConfigs: [{ topicARN: a, sigv4: { secretKeyFrom: { secret: s } } }]") ==
          Codes{"VG0446"});
    CHECK(
        ofReceiver("snsConfigs: [{ topicARN: a, sigv4: { accessKey: a, secretKeyFrom: { secret: s } } }]") ==
        kNone);
}

TEST_CASE("name validation and escaping settings that exclude each other are refused", "[lint][settings]") {
    CHECK(ofJob("nameValidationScheme: legacy") == Codes{"VG0457"});
    CHECK(ofJob("nameValidationScheme: legacy, nameEscapingScheme: allow-utf-8") == Codes{"VG0457"});
    for (const char* escaped : {"underscores", "dots", "values"}) {
        CHECK(ofJob("nameValidationScheme: legacy, nameEscapingScheme: " + std::string(escaped)) == kNone);
    }
    CHECK(ofJob("nameValidationScheme: utf8") == kNone);
    CHECK(ofPrometheus("global: { nameValidationScheme: legacy }") == kNone);
    CHECK(ofPrometheus("global: { nameValidationScheme: legacy, nameEscapingScheme: allow-utf-8 }") ==
          Codes{"VG0457"});
    const auto beside = [](const std::string& global, const std::string& job) {
        return tests::codesOf(
            findings("    global: { " + global + " }\n    scrapeConfigs: [{ jobName: x, " + job + " }]\n"));
    };
    CHECK(beside("nameValidationScheme: legacy", "nameEscapingScheme: allow-utf-8") == Codes{"VG0457"});
    CHECK(beside("nameValidationScheme: legacy", "nameValidationScheme: legacy") == kNone);
    CHECK(beside("nameValidationScheme: legacy, nameEscapingScheme: underscores",
                 "nameEscapingScheme: allow-utf-8") == Codes{"VG0457"});
    CHECK(beside("nameEscapingScheme: dots", "nameValidationScheme: legacy") == kNone);
}

TEST_CASE("DNS service discovery without a port is refused for all records but SRV", "[lint][settings]") {
    for (const char* type : {"A", "AAAA", "MX", "NS"}) {
        CHECK(ofJob("dnsSDConfigs: [{ names: [a], type: " + std::string(type) + " }]") == Codes{"VG0456"});
        CHECK(ofJob("dnsSDConfigs: [{ names: [a], port: 1, type: " + std::string(type) + " }]") == kNone);
    }
    CHECK(ofJob("dnsSDConfigs: [{ names: [a] }, { names: [b], type: SRV }]") == kNone);
}

TEST_CASE("a relabelling step with a field that its action does not take is refused", "[lint][settings]") {
    for (const char* field : {"regex: x", "modulus: 1", "separator: \",\"", "replacement: other"}) {
        CHECK(ofJob("relabelings: [{ action: keepequal, sourceLabels: [a], targetLabel: b, " +
                    std::string(field) + " }]") == Codes{"VG0445"});
    }
    CHECK(ofJob("relabelings: [{ action: keepequal, sourceLabels: [a], targetLabel: b }]") == kNone);
    CHECK(ofJob("relabelings: [{ action: hashmod, sourceLabels: [a], targetLabel: b, modulus: 0 }]") ==
          Codes{"VG0105"});
}

TEST_CASE("a notification without a required setting is refused", "[lint][settings]") {
    const std::string slack = "slackConfigs: [{ apiURLFrom: { secret: s }, actions: [{ type: button, text: t";
    CHECK(ofReceiver(slack + " }] }]") == Codes{"VG0456"});
    CHECK(ofReceiver(slack + ", url: \"\", name: \"\" }] }]") == Codes{"VG0456"});
    CHECK(ofReceiver(slack + ", url: u }] }]") == kNone);
    CHECK(ofReceiver(slack + ", name: name }] }]") == kNone);
    CHECK(ofReceiver("slackConfigs: [{ apiURLFrom: { secret: s }, fields: [{ title: \"\", value: v }] }]") ==
          Codes{"VG0105"});
    const std::string opsgenie = "opsgenieConfigs: [{ apiKeyFrom: { secret: s }, responders: [{ type: ";
    CHECK(ofReceiver(opsgenie + "team }] }]") == Codes{"VG0456"});
    CHECK(ofReceiver(opsgenie + "team, id: \"\" }] }]") == Codes{"VG0456"});
    CHECK(ofReceiver(opsgenie + "bogus, name: name }] }]") == Codes{"VG0104"});
    for (const char* type : {"team", "Teams", "user", "escalation", "schedule", "\"{{ .x }}\""}) {
        CHECK(ofReceiver(opsgenie + type + ", username: name }] }]") == kNone);
    }
    const std::string telegram = "telegramConfigs: [{ botTokenFrom: { secret: s }, chatID: ";
    CHECK(ofReceiver(telegram + "0 }]") == Codes{"VG0105"});
    CHECK(ofReceiver(telegram + "-100123 }]") == kNone);
    const std::string victorops =
        "victoropsConfigs: [{ apiKeyFrom: { secret: s }, routingKey: r, customFields: { ";
    CHECK(ofReceiver(victorops + "message_type: x } }]") == Codes{"VG0457"});
    CHECK(ofReceiver(victorops + "api_key: x } }]") == kNone);
    const std::string pushover =
        "pushoverConfigs: [{ userKeyFrom: { secret: s }, tokenFrom: { secret: s }, html: true, monospace: ";
    CHECK(ofReceiver(pushover + "true }]") == Codes{"VG0457"});
    CHECK(ofReceiver(pushover + "false }]") == kNone);
    CHECK(ofReceiver("emailConfigs: [{ to: a@example.org, headers: { Subject: a, subject: b } }]") ==
          Codes{"VG0107"});
    for (const char* wrong : {"a", "\"a:25:1\"", "\"a:\"", "\"::1:25\""}) {
        CHECK(ofReceiver("emailConfigs: [{ to: a@example.org, smarthost: " + std::string(wrong) + " }]") ==
              Codes{"VG0106"});
    }
}

TEST_CASE("grouping by all labels and by named ones at once is refused", "[lint][settings]") {
    const auto route = [](const std::string& fields) {
        return tests::codesOf(findings("", "    route: { receiver: null-, " + fields +
                                               " }\n    receivers: [{ name: null-, webhookConfigs: [{ url: "
                                               "\"http://a/\" }] }]\n"));
    };
    CHECK(route("groupBy: [a, \"...\"]") == Codes{"VG0457"});
    CHECK(route("groupBy: [a, a]") == Codes{"VG0107"});
    CHECK(route("groupBy: [\"...\"]") == kNone);
    CHECK(route("routes: [{ matchers: [a=b], groupBy: [\"...\", a] }]") == Codes{"VG0457"});
}

TEST_CASE("an extra argument that the program does not take is refused", "[lint][settings][flags]") {
    const auto args = [](const std::string& image, const std::string& items) {
        const auto found = findings("    extraArgs: [" + items + "]\n");
        (void)image;
        return found;
    };
    const auto codes = [&](const std::string& items) { return tests::codesOf(args("", items)); };
    CHECK(codes("{ name: bogus }") == Codes{"VG0453"});
    CHECK(codes("{ name: version }, { name: help }, { name: h }") == Codes{"VG0453", "VG0453", "VG0453"});
    CHECK(codes("{ name: storage.agent.path, value: a }") == Codes{"VG0453"});
    CHECK(codes("{ name: rules.alert.resend-delay }") == Codes{"VG0453"});
    CHECK(codes("{ name: rules.alert.resend-delay, value: soon }") == Codes{"VG0453"});
    CHECK(codes("{ name: rules.alert.resend-delay, value: 2m }") == kNone);
    CHECK(codes("{ name: web.external-url, value: a }, { name: no-web.enable-lifecycle }") ==
          Codes{"VG0447", "VG0447"});
    CHECK(codes("{ name: --log.level, value: warn }, { name: \"log.level=warn\" }") ==
          Codes{"VG0447", "VG0447"});
    const auto near = args("", "{ name: storage.remote.flush-deadlin, value: 1m }").all().front();
    CHECK(near.hint == "did you mean `storage.remote.flush-deadline`?");
    CHECK(near.message ==
          "Prometheus has no option `--storage.remote.flush-deadlin` and does not start with it");
}

TEST_CASE("an unknown extra argument is a warning for an image version that vigie does not know",
          "[lint][settings][flags]") {
    const auto severity = [](const std::string& image, const std::string& name) {
        spec::Stack stack = tests::moments();
        stack.prometheus->image = image;
        stack.prometheus->extraArgs = {{name, "1"}};
        spec::Diagnostics found;
        lint(stack, spec::Reporter(found, "a.yaml"));
        for (const auto& each : found.all()) {
            if (each.code == "VG0453") {
                return std::string(toText(each.severity));
            }
        }
        return std::string("none");
    };
    CHECK(severity("prom/prometheus:v3.5.3", "bogus") == "error");
    CHECK(severity("prom/prometheus:v2.53.0", "bogus") == "error");
    CHECK(severity("prom/prometheus:v3.6.0", "bogus") == "warning");
    CHECK(severity("prom/prometheus:latest", "bogus") == "warning");
    CHECK(severity("prom/prometheus:v2.42.0", "rules.max-concurrent-evals") == "error");
    CHECK(severity("prom/prometheus:v2.53.0", "rules.max-concurrent-evals") == "none");
}

TEST_CASE("an invalid regular expression of CORS origins is refused", "[lint][settings]") {
    CHECK(ofPrometheus("web: { corsOrigin: \"(\" }") == Codes{"VG0444"});
    CHECK(ofPrometheus("web: { corsOrigin: \"https://(a|b)\\\\.example\" }") == kNone);
}

TEST_CASE("a certificate file without a complete certificate is refused", "[lint][settings]") {
    const auto codes = [](const std::string& content) {
        return tests::codesOf(findings("    scrapeConfigs: [{ jobName: x, tlsConfig: { caFile: ca.pem } }]\n",
                                       "", "", {{"ca.pem", content}}));
    };
    const std::string begin = "-----BEGIN CERTIFICATE-----\n";
    const std::string end = "-----END CERTIFICATE-----\n";
    CHECK(codes(begin + "MAMCAQE=\n" + end) == kNone);
    CHECK(codes("comment\n" + begin + "AAAA\n" + end + begin + "MAMC\r\nAQE=\r\n" + end) == kNone);
    for (const auto& bad :
         {std::string(), std::string("no certificate\n"), begin, begin + end, begin + "not base64\n" + end,
          begin + "AAAA\n" + end,
          std::string("-----BEGIN PRIVATE KEY-----\nMAMCAQE=\n-----END PRIVATE KEY-----\n")}) {
        CAPTURE(bad);
        CHECK(codes(bad) == Codes{"VG0454"});
    }
}

TEST_CASE("an id that matches no resource of the document is reported", "[lint][settings]") {
    const auto codes = [](const std::string& id) {
        return tests::codesOf(findings("    selfScrape: true\n", "", "  adopt: [\"" + id + "\"]\n"));
    };
    for (const char* there : {"compose:monitoring/prometheus", "file:/etc/anything", "reload:prometheus",
                              "directory:/opt", "unit:a.service", "firewall:udp/1"}) {
        CAPTURE(there);
        CHECK(codes(there) == kNone);
    }
    for (const char* gone : {"compose:moments/backend", "rebuild:moments/a", "wireguard:wg0", "silence:a",
                             "reload:alertmanager"}) {
        CAPTURE(gone);
        CHECK(codes(gone) == Codes{"VG0112"});
    }
    CHECK(codes("file:opt") == Codes{"VG0106"});
    CHECK(tests::codesOf(findings("    selfScrape: true\n", "",
                                  "  driftPolicies: [{ resource: \"compose:x/y\", policy: ignore }]\n"
                                  "  ignore: [{ resource: \"compose:x/y\" }]\n")) ==
          Codes{"VG0112", "VG0112"});
    const auto near = findings("    selfScrape: true\n", "", "  adopt: [\"compose:monitorin/prometheus\"]\n");
    CHECK(near.all().front().hint == "did you mean `compose:monitoring/prometheus`?");
}

}  // namespace
}  // namespace vigie::lint
