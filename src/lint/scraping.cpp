// Scrape jobs and their targets.

#include "lint/rules.hpp"
#include "spec/exposure.hpp"
#include "spec/format.hpp"
#include "spec/settings.hpp"
#include "spec/topology.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;

const FieldPath kPrometheus{"spec", "prometheus"};

class Jobs {
public:
    explicit Jobs(const spec::Reporter& report) : report_(report) {}

    void see(const std::string& job, const std::string& what, const FieldPath& at) {
        if (job.empty()) {
            return;
        }
        const auto [first, inserted] = seen_.emplace(job, what);
        if (!inserted && !(first->second == what)) {  // twice in one list was reported as a duplicate name
            report_.error("VG0401", at,
                          "the job `" + job + "` exists twice: as " + first->second + " and as " + what,
                          "Prometheus refuses two jobs with one name: rename one of them");
        }
    }

private:
    const spec::Reporter& report_;
    std::map<std::string, std::string> seen_;
};

void lintJobNames(const spec::Stack& stack, const spec::Reporter& report) {
    Jobs jobs(report);
    if (stack.prometheus->selfScrape) {
        jobs.see("prometheus", "Prometheus' own (`selfScrape`)", kPrometheus);
    }
    for (std::size_t i = 0; i < stack.applications.size(); ++i) {
        if (stack.applications[i].metrics) {
            jobs.see(stack.applications[i].name, "an application",
                     FieldPath{"spec", "applications"}[i] / "name");
        }
    }
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const FieldPath at = FieldPath{"spec", "exporters"}[i];
        const auto& exporter = stack.exporters[i];
        jobs.see(exporter.name, "an exporter", at / "name");
        for (std::size_t j = 0; exporter.blackbox && j < exporter.blackbox->probes.size(); ++j) {
            jobs.see(exporter.blackbox->probes[j].name, "a probe of exporter `" + exporter.name + "`",
                     (at / "blackbox" / "probes")[j] / "name");
        }
    }
    if (stack.grafana) {
        jobs.see("grafana", "Grafana's own", {"spec", "grafana"});
    }
    if (stack.selfMonitoring.enabled) {
        jobs.see("vigie", "vigie's own (`vigie.metrics`)", {"spec", "vigie", "metrics"});
    }
    for (std::size_t i = 0; i < stack.prometheus->scrapeConfigs.size(); ++i) {
        jobs.see(stack.prometheus->scrapeConfigs[i].jobName, "an item of `scrapeConfigs`",
                 (kPrometheus / "scrapeConfigs")[i] / "jobName");
    }
}

void lintTimes(const FieldPath& at, const std::string& interval, const std::string& timeout,
               const spec::Reporter& report) {
    const auto every = spec::parseDuration(interval);
    const auto most = spec::parseDuration(timeout);
    if (every && most && *most > *every) {
        report.error("VG0405", at, "the timeout " + timeout + " is longer than the interval " + interval,
                     "Prometheus refuses that: shorten the timeout, or lengthen the interval");
    }
}

void lintRuleFiles(const spec::Prometheus& prometheus, const spec::Reporter& report) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < prometheus.ruleFiles.size(); ++i) {
        if (!prometheus.ruleFiles[i].empty() && !seen.insert(prometheus.ruleFiles[i]).second) {
            report.error("VG0414", (kPrometheus / "ruleFiles")[i],
                         "the rule file `" + prometheus.ruleFiles[i] + "` is named twice",
                         "remove one of the two lines");
        }
    }
}

/// Files that are copied beside the configuration must not take the place of what vigie writes there.
void lintOwnFiles(const spec::Stack& stack, const spec::Reporter& report) {
    std::vector<std::pair<std::string, FieldPath>> files;
    for (std::size_t i = 0; i < stack.prometheus->ruleFiles.size(); ++i) {
        files.emplace_back(stack.prometheus->ruleFiles[i], (kPrometheus / "ruleFiles")[i]);
    }
    for (std::size_t i = 0; stack.alertmanager && i < stack.alertmanager->templates.size(); ++i) {
        files.emplace_back(stack.alertmanager->templates[i],
                           (FieldPath{"spec", "alertmanager"} / "templates")[i]);
    }
    for (const auto& block : spec::settingBlocks(stack)) {
        for (const auto& file : spec::filesOf(block)) {
            files.emplace_back(file.path, file.at);
        }
    }
    static constexpr std::array<std::string_view, 5> kOurs = {
        "prometheus.yml", "vigie-render-info.yml", "vigie-rules.yml", "vigie-alerts.yml", "alertmanager.yml"};
    for (const auto& [path, at] : files) {
        if (std::find(kOurs.begin(), kOurs.end(), path) != kOurs.end() || path == "secrets" ||
            path.substr(0, 8) == "secrets/") {
            report.error("VG0419", at, "vigie itself writes `" + path + "` into this directory",
                         "give the file another name, such as `rules/alerts.yml`");
        }
    }
}

/// Prometheus' data must not lie where vigie writes configuration.
void lintDataDirectory(const spec::Stack& stack, const spec::Reporter& report) {
    static constexpr std::array<std::string_view, 3> kOurs = {"prometheus", "alertmanager",
                                                              "alertmanager-data"};
    std::string_view directory = stack.prometheus->dataDirectory;
    if (directory.substr(0, 2) == "./") {
        directory.remove_prefix(2);
    }
    directory = directory.substr(0, directory.find('/'));
    const auto servers = stack.prometheus->servers();
    const bool taken = std::any_of(servers.begin(), servers.end(), [&](const spec::Replica& server) {
        return exporterUses(stack, server.project, directory) ||
               (directory == "grafana" && stack.grafana && stack.grafana->project == server.project) ||
               (directory == "jaeger" && stack.jaeger && stack.jaeger->project == server.project);
    });
    if (taken || std::find(kOurs.begin(), kOurs.end(), directory) != kOurs.end()) {
        report.error("VG0419", kPrometheus / "dataDirectory",
                     "vigie itself uses the directory `" + std::string(directory) + "` of the project",
                     "write `./prom-data`");
    }
}

void lintTargets(const spec::Stack& stack, const spec::ScrapeConfig& job, const FieldPath& at,
                 const spec::Reporter& report) {
    for (std::size_t i = 0; i < job.staticConfigs.size(); ++i) {
        for (std::size_t j = 0; j < job.staticConfigs[i].targets.size(); ++j) {
            const std::string_view target = job.staticConfigs[i].targets[j];
            const bool loopback = target.substr(0, 10) == "localhost:" || target == "localhost" ||
                                  target.substr(0, 4) == "127." || target.substr(0, 5) == "[::1]";
            const bool vpn = std::any_of(stack.hosts.begin(), stack.hosts.end(), [&](const spec::Host& host) {
                return target.substr(0, target.rfind(':')) ==
                       spec::vpnAddressOf(host);  // a stack of one machine
            });
            if (loopback && !vpn && !spec::prometheusInHostNetwork(stack) &&
                target.substr(target.rfind(':') + 1) != "9090") {  // its own metrics
                report.warning(
                    "VG0440", ((at / "staticConfigs")[i] / "targets")[j],
                    "inside Prometheus' container `" + std::string(target) + "` is the container itself",
                    "write the host's VPN address, or the service's name in the same project");
            }
        }
    }
}

}  // namespace

void lintScraping(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.prometheus) {
        return;
    }
    const auto& prometheus = *stack.prometheus;
    lintJobNames(stack, report);
    lintTimes(kPrometheus / "scrapeTimeout", prometheus.scrapeInterval, prometheus.scrapeTimeout, report);
    lintRuleFiles(prometheus, report);
    lintDataDirectory(stack, report);
    lintOwnFiles(stack, report);
    for (std::size_t i = 0; i < prometheus.scrapeConfigs.size(); ++i) {
        const auto& job = prometheus.scrapeConfigs[i];
        const FieldPath at = (kPrometheus / "scrapeConfigs")[i];
        lintTimes(at / "scrapeTimeout",
                  job.scrapeInterval.empty() ? prometheus.scrapeInterval : job.scrapeInterval,
                  job.scrapeTimeout, report);
        lintTargets(stack, job, at, report);
    }
}

}  // namespace vigie::lint
