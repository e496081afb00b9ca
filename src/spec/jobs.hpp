// The names of the scrape jobs that follow from the document.
#pragma once

#include "spec/stack.hpp"

#include <string>
#include <vector>

namespace vigie::spec {

/// The names of the scrape jobs that follow from the document, in the order in which they are rendered; those
/// of `scrapeConfigs` come behind them. Nothing without a Prometheus.
std::vector<std::string> derivedJobs(const Stack& stack);

}  // namespace vigie::spec
