// The names of the scrape jobs that follow from the document.

#include "spec/jobs.hpp"

namespace vigie::spec {

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
        out.push_back(exporter.name);
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
