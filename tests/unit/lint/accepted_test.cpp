// What Prometheus and Alertmanager take, vigie takes as well, and what they refuse it refuses; each row as
// promtool and amtool judge it.

#include "lint/lint.hpp"
#include "spec/load.hpp"
#include "tests/support/catch.hpp"

namespace vigie::lint {
namespace {

struct Versions {
    const char* prometheus = "v3.5.3";
    const char* alertmanager = "v0.33.1";
};

std::string document(const std::string& inPrometheus, const std::string& inAlertmanager,
                     const Versions& versions) {
    const std::string key(43, 'A');
    return "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n"
           "  hosts: [{ name: h, endpoint: 203.0.113.1, vpn: { address: 10.66.66.1, publicKey: \"" +
           key + "=\" }, sealingKey: \"" + key +
           "=\", labels: {} }]\n"
           "  wireguard: { network: 10.66.66.0/24 }\n"
           "  projects: [{ name: monitoring, host: h, directory: /opt/monitoring }]\n"
           "  prometheus:\n    project: monitoring\n    image: prom/prometheus:" +
           versions.prometheus + "\n" + inPrometheus +
           "  alertmanager:\n    project: monitoring\n    image: prom/alertmanager:" + versions.alertmanager +
           "\n" + inAlertmanager + "  secrets: [{ name: s, sealed: { h: \"" + std::string(64, 'A') +
           "\" } }]\n";
}

std::string errors(const std::string& inPrometheus, const std::string& inAlertmanager,
                   const Versions& versions = {}) {
    const auto text = document(inPrometheus, inAlertmanager, versions);
    spec::Diagnostics diagnostics;
    const auto loaded = spec::loadStack(text, "stack.yaml", "0.1.0", diagnostics);
    REQUIRE(loaded);
    lint(loaded->stack, spec::Reporter(diagnostics, "stack.yaml", &loaded->root));
    std::string out;
    for (const auto& each : diagnostics.all()) {
        out += each.severity == spec::Severity::error ? spec::format(each, text, false) : "";
    }
    return out;
}

const std::string kServer = "    smtp: { smarthost: \"m:25\", from: a@b.c }\n";
const std::string kMail =
    kServer + "    route: { receiver: r }\n    receivers: [{ name: r, emailConfigs: [{ to: a@b.c }] }]\n";

std::string receiver(const std::string& item, const std::string& more = "") {
    return more + "    route: { receiver: r }\n    receivers: [{ name: r, " + item + " }]\n";
}

TEST_CASE("a receiver without a setting that has no default in Alertmanager is an error", "[lint]") {
    const std::string from = "{ secret: s }";
    for (const auto& good :
         {receiver("rocketchatConfigs: [{ tokenFrom: " + from + ", tokenIDFrom: " + from + " }]"),
          receiver("emailConfigs: [{ to: a@b.c, from: d@e.f, smarthost: \"m:25\" }]"),
          receiver("emailConfigs: [{ to: a@b.c, from: d@e.f }]",
                   "    global: { raw: { smtp_smarthost: \"m:25\" } }\n"),
          receiver("emailConfigs: [{ to: a@b.c }]",
                   "    global: { raw: { smtp_smarthost: \"m:25\", smtp_from: d@e.f } }\n"),
          receiver("webexConfigs: [{ roomID: r, httpConfig: { authorization: { credentialsFrom: " + from +
                   " } } }]"),
          receiver("slackConfigs: [{ channel: a }]", "    global: { raw: { slack_app_token: x } }\n"),
          receiver("slackConfigs: [{ channel: a }]", "    global: { slackAPIURLFrom: " + from + " }\n"),
          receiver("jiraConfigs: [{ project: a, issueType: b }]",
                   "    global: { jiraAPIURL: \"http://a\" }\n"),
          receiver("pagerdutyConfigs: [{ routingKeyFrom: " + from + ", serviceKeyFrom: " + from + " }]"),
          receiver("wechatConfigs: [{ apiSecretFrom: " + from + ", corpID: a }]"),
          receiver("snsConfigs: [{ topicARN: a }]")}) {
        INFO(good);
        CHECK(errors("", good) == "");
    }
    for (const auto& bad :
         {receiver("webexConfigs: [{ roomID: r, httpConfig: { followRedirects: true } }]"),
          receiver("webexConfigs: [{ roomID: r }]"),
          receiver("webexConfigs: [{ roomID: r, httpConfig: { basicAuth: { username: a, passwordFrom: " +
                   from + " } } }]"),
          receiver("webhookConfigs: [{ maxAlerts: 1 }]"),
          receiver("webhookConfigs: [{ url: \"http://a\", urlFrom: " + from + " }]"),
          receiver("slackConfigs: [{ channel: a }]"), receiver("pagerdutyConfigs: [{ client: a }]"),
          receiver("opsgenieConfigs: [{ message: a }]"), receiver("victoropsConfigs: [{ routingKey: a }]"),
          receiver("wechatConfigs: [{ apiSecretFrom: " + from + " }]"),
          receiver("jiraConfigs: [{ project: a, issueType: b }]"), receiver("snsConfigs: [{ subject: a }]"),
          receiver("snsConfigs: [{ topicARN: a, targetARN: b }]")}) {
        INFO(bad);
        CHECK(errors("", bad).find("error[VG0438]") != std::string::npos);
    }
    for (const auto& bad :
         {receiver("emailConfigs: [{ to: a@b.c }]"), receiver("emailConfigs: [{ to: a@b.c, from: d@e.f }]"),
          receiver("emailConfigs: [{ to: a@b.c, smarthost: \"m:25\" }]")}) {
        INFO(bad);
        CHECK(errors("", bad).find("error[VG0416]") != std::string::npos);
    }
}

TEST_CASE("label and metric names of any characters are accepted for image versions that accept them",
          "[lint]") {
    const Versions old{"v2.42.0", "v0.25.0"};
    for (const char* text :
         {"    externalLabels: { some-key: a }\n",
          "    scrapeConfigs: [{ jobName: x, staticConfigs: [{ targets: [\"10.66.66.2:1\"], labels: { "
          "some-key: a } }] }]\n",
          "    scrapeConfigs: [{ jobName: x, relabelings: [{ sourceLabels: [a-b], targetLabel: c }] }]\n",
          "    scrapeConfigs: [{ jobName: x, relabelings: [{ sourceLabels: [a], targetLabel: a.b }] }]\n",
          "    scrapeConfigs: [{ jobName: x, metricRelabelings: [{ action: labelmap, replacement: $1-x }] "
          "}]\n",
          "    ruleGroups: [{ name: a, rules: [{ record: a.b, expr: up }] }]\n",
          "    ruleGroups: [{ name: a, rules: [{ alert: a, expr: up, labels: { a-b: c } }] }]\n",
          "    ruleGroups: [{ name: a, rules: [{ alert: a, expr: up, annotations: { a-b: c } }] }]\n",
          "    remoteRead: [{ url: \"http://a\", requiredMatchers: { a-b: c } }]\n",
          "    remoteWrite: [{ url: \"http://a\", writeRelabelings: [{ sourceLabels: [a], targetLabel: a-b "
          "}] }]\n",
          "    alerting: { alertRelabelings: [{ sourceLabels: [a], targetLabel: a-b }] }\n"}) {
        INFO(text);
        CHECK(errors(text, kMail) == "");
        CHECK(errors(text, kMail, old).find("error[VG0452]") != std::string::npos);
    }
    const auto routed = [](const std::string& route) {
        return kServer + "    route: { receiver: r, " + route +
               " }\n    receivers: [{ name: r, emailConfigs: [{ to: a@b.c }] }]\n";
    };
    for (const auto& text :
         {routed("routes: [{ receiver: r, matchers: ['a-b=\"c\"'] }]"),
          routed("routes: [{ receiver: r, matchers: ['\xC3\xA4=\"c\"'] }]"), routed("groupBy: [a-b]"),
          routed("routes: [{ receiver: r, matchers: [a=b], groupBy: [a-b] }]"),
          kMail + "    inhibitRules: [{ sourceMatchers: [a=b], targetMatchers: [c=d], equal: [a-b] }]\n",
          kMail + "    silences: [{ name: a, matchers: [{ name: a-b, value: c }], endsAt: "
                  "\"2030-01-01T00:00:00Z\", comment: a }]\n"}) {
        INFO(text);
        CHECK(errors("", text) == "");
        CHECK(errors("", text, old) != "");
    }
    CHECK(errors("    ruleGroups: [{ name: a, rules: [{ alert: a, expr: up, labels: { __name__: c } }] }]\n",
                 kMail) != "");
}

TEST_CASE("matchers and time intervals are accepted exactly where amtool accepts them", "[lint]") {
    const auto interval = [](const std::string& body) {
        return kMail + "    timeIntervals: [{ name: a, timeIntervals: [{ " + body + " }] }]\n";
    };
    for (const char* good :
         {"weekdays: [Saturday, sunday]", "weekdays: [\"monday:FRIDAY\"]", "months: [January]",
          "months: [\"May:August\"]", "months: [\"may:5\"]", "daysOfMonth: [\"1:-1\"]",
          "daysOfMonth: [\"-3:-1\"]", "daysOfMonth: [\"01:05\"]", "years: [\"2026:2028\"]",
          "location: Europe/Berlin", "location: UTC", "location: Local"}) {
        INFO(good);
        CHECK(errors("", interval(good)) == "");
    }
    for (const char* bad :
         {"weekdays: [\"saturday:sunday\"]", "weekdays: [\"friday:monday\"]", "weekdays: [mon]",
          "weekdays: [\"1\"]", "months: [\"november:february\"]", "months: [jan]", "daysOfMonth: [\"-1:1\"]",
          "daysOfMonth: [\"10:-25\"]", "daysOfMonth: [\"0\"]", "daysOfMonth: [\"32\"]",
          "years: [\"2028:2026\"]", "location: CEST", "location: europe/berlin",
          "weekdays: [\"monday:tuesday:friday\"]"}) {
        INFO(bad);
        CHECK(errors("", interval(bad)).find("error[VG0451]") != std::string::npos);
    }
    const auto matcher = [](const std::string& text) {
        return kServer + "    route: { receiver: r, routes: [{ receiver: r, matchers: ['" + text +
               "'] }] }\n    receivers: [{ name: r, emailConfigs: [{ to: a@b.c }] }]\n";
    };
    CHECK(errors("", matcher("mountpoint=~\"/data\\\\(old.*\"")) == "");
    CHECK(errors("", matcher("mountpoint=~\"/data\\\\[\"")) == "");
    CHECK(errors("", matcher("mountpoint=~\"/data(old.*\"")).find("error[VG0450]") != std::string::npos);
}

TEST_CASE("raw settings that repeat a field beside them are an error", "[lint]") {
    const auto global = [](const std::string& raw) {
        return kMail + "    global: { slackAPIURLFrom: { secret: s }, raw: { " + raw + " } }\n";
    };
    CHECK(errors("", global("smtp_force_implicit_tls: true")) == "");
    for (const char* bad :
         {"smtp_smarthost: \"b:1\"", "smtp_from: b", "smtp_require_tls: false", "smtp_auth_password: x",
          "smtp_hello: x", "slack_api_url: x", "slack_api_url_file: /x", "resolve_timeout: 1m"}) {
        INFO(bad);
        CHECK(errors("", global(bad)).find("error[VG0413]") != std::string::npos);
    }
    CHECK(errors("", global("\"\": x")).find("error[VG0002]") != std::string::npos);
    CHECK(errors("", global("a: [{ \"\": x }]")).find("error[VG0002]") != std::string::npos);
}

}  // namespace
}  // namespace vigie::lint
