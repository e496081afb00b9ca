// Scrape jobs and their targets.

#include "base/text.hpp"
#include "lint/findings.hpp"
#include "lint/rules.hpp"
#include "spec/exposure.hpp"
#include "spec/format.hpp"
#include "spec/jobs.hpp"
#include "spec/topology.hpp"

#include <algorithm>
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
            report_.error(code::VG0401, at,
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
        jobs.see(spec::jobOf(exporter), "exporter `" + exporter.name + "`",
                 at / (exporter.scrape.jobName.empty() ? "name" : "jobName"));
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
        report.error(code::VG0405, at, "the timeout " + timeout + " is longer than the interval " + interval,
                     "Prometheus refuses that: shorten the timeout, or lengthen the interval");
    }
}

void lintRuleFiles(const spec::Prometheus& prometheus, const spec::Reporter& report) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < prometheus.ruleFiles.size(); ++i) {
        if (!prometheus.ruleFiles[i].empty() && !seen.insert(prometheus.ruleFiles[i]).second) {
            report.error(code::VG0414, (kPrometheus / "ruleFiles")[i],
                         "the rule file `" + prometheus.ruleFiles[i] + "` is listed twice",
                         "remove one of the two lines");
        }
    }
}

void lintTargets(const spec::Stack& stack, const spec::ScrapeConfig& job, const FieldPath& at,
                 const spec::Reporter& report) {
    if (spec::relabelsAddress(job)) {
        return;  // any text may become an address
    }
    for (std::size_t i = 0; i < job.staticConfigs.size(); ++i) {
        for (std::size_t j = 0; j < job.staticConfigs[i].targets.size(); ++j) {
            const std::string_view target = job.staticConfigs[i].targets[j];
            const FieldPath here = ((at / "staticConfigs")[i] / "targets")[j];
            if (const auto problem = spec::checkFormat("target", target); problem && !target.empty()) {
                report.error(code::VG0106, here, "`" + printable(target) + "` " + problem->message,
                             problem->hint + "; a job that relabels `__address__` takes any text");
                continue;
            }
            const bool loopback = target.starts_with("localhost:") || target == "localhost" ||
                                  target.starts_with("127.") || target.starts_with("[::1]");
            const bool vpn = std::any_of(stack.hosts.begin(), stack.hosts.end(), [&](const spec::Host& host) {
                return target.substr(0, target.rfind(':')) ==
                       spec::addressOf(stack, host);  // a stack of one machine
            });
            if (loopback && !vpn && !spec::prometheusInHostNetwork(stack) &&
                target.substr(target.rfind(':') + 1) != "9090") {  // its own metrics
                reportLoopback(here, "Prometheus' container", target, report);
            }
        }
    }
}

/// The job of an exporter, where it is not only derived.
void lintExporterJob(const spec::Prometheus& prometheus, const spec::Exporter& exporter, const FieldPath& at,
                     const spec::Reporter& report) {
    const auto& scrape = exporter.scrape;
    if (!scrape.interval.empty() || !scrape.timeout.empty()) {
        lintTimes(at / (scrape.timeout.empty() ? "scrapeInterval" : "scrapeTimeout"),
                  scrape.interval.empty() ? prometheus.scrapeInterval : scrape.interval,
                  scrape.timeout.empty() ? prometheus.scrapeTimeout : scrape.timeout, report);
    }
    for (const char* own : {"job", "instance"}) {
        if (scrape.labels.count(own) != 0) {
            const std::string field = std::string(own) == "job" ? "jobName" : own;
            report.error(code::VG0540, at / "labels" / own,
                         "the label `" + std::string(own) + "` has a field of its own",
                         "write `" + field + ": " + scrape.labels.at(own) + "` beside `labels` instead");
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
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        lintExporterJob(prometheus, stack.exporters[i], FieldPath{"spec", "exporters"}[i], report);
    }
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
