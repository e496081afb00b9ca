// Where Prometheus' files lie, and its options.
#pragma once

#include "render/builder.hpp"

#include <string>
#include <vector>

namespace vigie::render {

/// The directory on the host that Prometheus' container sees as /etc/prometheus.
std::string prometheusDirectory(const spec::Project& project);
std::string prometheusDataDirectory(const spec::Project& project, const spec::Prometheus& prometheus);

/// The options of the command line of the server on `host`.
std::vector<Text> prometheusArguments(const spec::Stack& stack, const spec::Host& host);

/// The names of the scrape jobs, in the order in which they are rendered.
std::vector<std::string> scrapeJobs(const spec::Stack& stack);
/// Those that the server has loaded in the end: native configuration may have further ones, or cover some.
std::vector<std::string> prometheusJobs(const spec::Stack& stack, const spec::Replica& server,
                                        const Inputs& inputs);

/// SHA-256 over everything that the server loads, without the rule that carries this very digest; secrets
/// count by their ciphertexts.
std::string prometheusDigest(const spec::Stack& stack, const spec::Replica& server, const Inputs& inputs);

/// The recording rule whose label `digest` proves a reload.
constexpr const char* kPrometheusProof = "vigie_render_info";

/// Files that vigie writes beside those of the document.
constexpr const char* kPrometheusFile = "prometheus.yml";
constexpr const char* kInfoRuleFile = "vigie-render-info.yml";
constexpr const char* kRuleGroupFile = "vigie-rules.yml";
constexpr const char* kVigieRuleFile = "vigie-alerts.yml";

}  // namespace vigie::render
