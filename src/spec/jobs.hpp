// The names of the scrape jobs that follow from the document.
#pragma once

#include "spec/stack.hpp"

#include <string>
#include <vector>

namespace vigie::spec {

/// The names of the scrape jobs that follow from the document, in the order in which they are rendered; those
/// of `scrapeConfigs` come behind them. Nothing without a Prometheus.
std::vector<std::string> derivedJobs(const Stack& stack);

/// The name of an exporter's own job.
const std::string& jobOf(const Exporter& exporter);

/// Whether a job may make an address of any text of a target.
bool relabelsAddress(const ScrapeConfig& job);

}  // namespace vigie::spec
