#pragma once

#include "render/builder.hpp"

#include <string>
#include <vector>

namespace vigie::render {

/// The directory on the host that Prometheus' container sees as /etc/prometheus.
std::string prometheusDirectory(const spec::Project& project);
std::string prometheusDataDirectory(const spec::Project& project, const spec::Prometheus& prometheus);

/// The names of the scrape jobs, in the order in which they are rendered.
std::vector<std::string> scrapeJobs(const spec::Stack& stack);

/// SHA-256 over everything that Prometheus loads, without the rule that carries this very digest.
std::string prometheusDigest(const spec::Stack& stack, const Inputs& inputs);

/// The recording rule whose label `digest` proves a reload.
constexpr const char* kPrometheusProof = "vigie_render_info";

}  // namespace vigie::render
