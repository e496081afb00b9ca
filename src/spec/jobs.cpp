// The names of the scrape jobs that follow from the document.

#include "spec/jobs.hpp"

#include <algorithm>

namespace vigie::spec {

const std::string& jobOf(const Exporter& exporter) {
    return exporter.scrape.jobName.empty() ? exporter.name : exporter.scrape.jobName;
}

bool relabelsAddress(const ScrapeConfig& job) {
    if (job.raw && job.raw->find("relabel_configs") != nullptr) {
        return true;
    }
    const auto* relabelings = job.settings.find("relabelings");
    return relabelings != nullptr &&
           std::any_of(relabelings->items.begin(), relabelings->items.end(), [](const Node& each) {
               const auto* target = each.find("targetLabel");
               const auto* action = each.find("action");
               return (target != nullptr && target->scalar == "__address__") ||
                      (action != nullptr && action->scalar == "labelmap");
           });
}

std::vector<std::string> derivedJobs(const Stack& stack) {
    std::vector<std::string> out;
    if (!stack.prometheus) {
        return out;
    }
    if (stack.prometheus->selfScrape) {
        out.emplace_back("prometheus");
    }
    for (const auto& application : stack.applications) {
        if (application.metrics) {
            out.push_back(application.name);
        }
    }
    for (const auto& exporter : stack.exporters) {
        out.push_back(jobOf(exporter));
        if (exporter.blackbox) {
            for (const auto& probe : exporter.blackbox->probes) {
                out.push_back(probe.name);
            }
        }
    }
    if (stack.grafana) {
        out.emplace_back("grafana");
    }
    if (stack.selfMonitoring.enabled) {
        out.emplace_back("vigie");
    }
    return out;
}

}  // namespace vigie::spec
