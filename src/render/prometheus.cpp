#include "render/prometheus.hpp"

#include "base/hash.hpp"
#include "render/vigie_rules.hpp"
#include "render/yaml_writer.hpp"
#include "spec/address.hpp"
#include "spec/exposure.hpp"
#include "spec/image_version.hpp"

namespace vigie::render {
namespace {

constexpr const char* kInfoRuleFile = "vigie-render-info.yml";
constexpr const char* kVigieRuleFile = "vigie-alerts.yml";
constexpr const char* kVigieJob = "vigie";

void optionalText(YamlWriter& yaml, const char* key, const std::string& value) {
    if (!value.empty()) {
        yaml.text(key, value);
    }
}

void labels(YamlWriter& yaml, const std::map<std::string, std::string>& values) {
    if (!values.empty()) {
        yaml.map("labels", [&] {
            for (const auto& [name, value] : values) {
                yaml.text(name, value);
            }
        });
    }
}

/// From version 3 on, Prometheus substitutes `$name` in external labels.
std::string externalLabel(const spec::Prometheus& prometheus, const std::string& value) {
    const auto version = spec::imageVersion(prometheus.image);
    if (version && version->major < 3) {
        return value;
    }
    std::string out;
    for (const char c : value) {
        out += c == '$' ? "$$" : std::string(1, c);
    }
    return out;
}

void global(YamlWriter& yaml, const spec::Prometheus& prometheus) {
    yaml.map("global", [&] {
        yaml.text("scrape_interval", prometheus.scrapeInterval);
        optionalText(yaml, "scrape_timeout", prometheus.scrapeTimeout);
        optionalText(yaml, "evaluation_interval", prometheus.evaluationInterval);
        if (!prometheus.externalLabels.empty()) {
            yaml.map("external_labels", [&] {
                for (const auto& [name, value] : prometheus.externalLabels) {
                    yaml.text(name, externalLabel(prometheus, value));
                }
            });
        }
    });
}

void staticTarget(YamlWriter& yaml, const std::string& target,
                  const std::map<std::string, std::string>& ofTarget = {}) {
    yaml.list("static_configs", [&] {
        yaml.itemMap([&] {
            yaml.list("targets", [&] { yaml.item(target); });
            labels(yaml, ofTarget);
        });
    });
}

/// A job with one target on `host`.
void derivedJob(YamlWriter& yaml, const std::string& name, const spec::Metrics& metrics,
                const spec::Stack& stack, const spec::Host& host) {
    yaml.itemMap([&] {
        yaml.text("job_name", name);
        optionalText(yaml, "metrics_path", metrics.path);
        optionalText(yaml, "scrape_interval", metrics.scrapeInterval);
        staticTarget(yaml, spec::hostPort(spec::scrapeAddress(stack, host), metrics.port), host.labels);
    });
}

/// The controllers of all hosts. Their names make better alerts than their addresses.
void vigieJob(YamlWriter& yaml, const spec::Stack& stack) {
    yaml.itemMap([&] {
        yaml.text("job_name", kVigieJob);
        yaml.list("static_configs", [&] {
            for (const auto& host : stack.hosts) {
                yaml.itemMap([&] {
                    yaml.list("targets",
                              [&] { yaml.item(spec::hostPort(host.vpnAddress, stack.selfMonitoring.port)); });
                    labels(yaml, {{"instance", host.name}});
                });
            }
        });
    });
}

void writtenJob(YamlWriter& yaml, const spec::ScrapeConfig& job) {
    yaml.itemMap([&] {
        yaml.text("job_name", job.jobName);
        optionalText(yaml, "scrape_interval", job.scrapeInterval);
        optionalText(yaml, "scrape_timeout", job.scrapeTimeout);
        optionalText(yaml, "metrics_path", job.metricsPath);
        optionalText(yaml, "scheme", job.scheme);
        if (job.honorLabels) {
            yaml.boolean("honor_labels", true);
        }
        if (!job.staticConfigs.empty()) {
            yaml.list("static_configs", [&] {
                for (const auto& group : job.staticConfigs) {
                    yaml.itemMap([&] {
                        yaml.list("targets", [&] {
                            for (const auto& target : group.targets) {
                                yaml.item(target);
                            }
                        });
                        labels(yaml, group.labels);
                    });
                }
            });
        }
        if (job.raw) {
            for (const auto& entry : job.raw->entries) {
                yaml.node(entry.key, entry.value);
            }
        }
    });
}

void alerting(YamlWriter& yaml, const spec::Stack& stack) {
    if (!stack.alertmanager) {
        return;
    }
    // Beside us in the same project it has a name; elsewhere it is reached over the tunnel.
    const auto& alertmanager = *stack.alertmanager;
    constexpr int kContainerPort = 9093;
    const auto* host = stack.hostOf(alertmanager.project);
    const bool outside = spec::prometheusInHostNetwork(stack);
    const bool beside = alertmanager.project == stack.prometheus->project;
    std::string target = spec::hostPort("alertmanager", kContainerPort);
    if (host != nullptr && outside && host == stack.hostOf(stack.prometheus->project)) {
        target = spec::hostPort(spec::ownAddress(stack, *host, alertmanager.exposure), alertmanager.port);
    } else if (host != nullptr && !beside) {
        target = spec::hostPort(spec::scrapeAddress(stack, *host), alertmanager.port);
    }
    yaml.map("alerting",
             [&] { yaml.list("alertmanagers", [&] { yaml.itemMap([&] { staticTarget(yaml, target); }); }); });
}

Text configuration(const spec::Stack& stack) {
    const auto& prometheus = *stack.prometheus;
    YamlWriter yaml;
    yaml.comment(kManaged);
    global(yaml, prometheus);
    alerting(yaml, stack);
    yaml.list("rule_files", [&] {
        for (const auto& file : prometheus.ruleFiles) {
            yaml.item(file);
        }
        if (stack.selfMonitoring.enabled) {
            yaml.item(kVigieRuleFile);
        }
        yaml.item(kInfoRuleFile);
    });
    if (!scrapeJobs(stack).empty()) {
        yaml.list("scrape_configs", [&] {
            if (prometheus.selfScrape) {
                constexpr int kContainerPort = 9090;
                yaml.itemMap([&] {
                    yaml.text("job_name", "prometheus");
                    const auto* host = stack.hostOf(prometheus.project);
                    staticTarget(yaml,
                                 host != nullptr && spec::prometheusInHostNetwork(stack)
                                     ? spec::hostPort(spec::ownAddress(stack, *host, prometheus.exposure),
                                                      prometheus.port)
                                     : spec::hostPort("localhost", kContainerPort));
                });
            }
            for (const auto& application : stack.applications) {
                if (application.metrics) {
                    derivedJob(yaml, application.name, *application.metrics, stack,
                               *stack.hostOf(application.project));
                }
            }
            for (const auto& exporter : stack.exporters) {
                derivedJob(yaml, exporter.name, {exporter.port, "", ""}, stack,
                           *stack.hostOf(exporter.project));
            }
            if (stack.selfMonitoring.enabled) {
                vigieJob(yaml, stack);
            }
            for (const auto& job : prometheus.scrapeConfigs) {
                writtenJob(yaml, job);
            }
        });
    }
    return yaml.result();
}

/// A rule that does nothing but carry the digest of everything else: seen in /api/v1/rules, it proves a
/// reload.
Text infoRule(const std::string& digest) {
    YamlWriter yaml;
    yaml.comment(kManaged);
    yaml.list("groups", [&] {
        yaml.itemMap([&] {
            yaml.text("name", "vigie");
            yaml.list("rules", [&] {
                yaml.itemMap([&] {
                    yaml.text("record", kPrometheusProof);
                    yaml.text("expr", "vector(1)");
                    yaml.map("labels", [&] { yaml.text("digest", digest); });
                });
            });
        });
    });
    return yaml.result();
}

}  // namespace

std::string prometheusDirectory(const spec::Project& project) {
    return project.directory + "/prometheus";
}

std::string prometheusDataDirectory(const spec::Project& project, const spec::Prometheus& prometheus) {
    std::string relative = prometheus.dataDirectory;
    if (relative.substr(0, 2) == "./") {
        relative.erase(0, 2);
    }
    return project.directory + "/" + relative;
}

std::vector<std::string> scrapeJobs(const spec::Stack& stack) {
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
    }
    if (stack.selfMonitoring.enabled) {
        out.emplace_back(kVigieJob);
    }
    for (const auto& job : stack.prometheus->scrapeConfigs) {
        out.push_back(job.jobName);
    }
    return out;
}

std::string prometheusDigest(const spec::Stack& stack, const Inputs& inputs) {
    Sha256 hash;
    hash.field(configuration(stack).digest());
    for (const auto& file : stack.prometheus->ruleFiles) {
        const auto it = inputs.files.find(file);
        hash.field(file).field(it == inputs.files.end() ? "" : it->second);
    }
    if (stack.selfMonitoring.enabled) {
        hash.field(kVigieRuleFile).field(vigieRules());
    }
    return hash.hex();
}

void renderPrometheus(Builder& builder) {
    const auto& stack = builder.stack;
    if (!stack.prometheus || stack.hostOf(stack.prometheus->project) != &builder.host) {
        return;
    }
    const auto& prometheus = *stack.prometheus;
    const auto& project = *stack.project(prometheus.project);
    const std::string directory = prometheusDirectory(project);
    const auto parent = builder.directory(project.directory, "the project's directory");
    const auto directoryId =
        builder.directory(directory, "Prometheus' configuration, mounted as a directory");
    builder.exactDirectory(prometheusDataDirectory(project, prometheus), 0755, kNobody,
                           "Prometheus' data, owned by the user it runs as");
    builder.file({directory + "/prometheus.yml", configuration(stack), 0644, {}}, Effect::reload,
                 "Prometheus' configuration", {parent, directoryId});
    for (const auto& file : prometheus.ruleFiles) {
        const auto it = builder.inputs.files.find(file);
        std::string folder;
        for (std::size_t slash = file.find('/'); slash != std::string::npos;
             slash = file.find('/', slash + 1)) {
            folder = builder.directory(directory + "/" + file.substr(0, slash), "rule files");
        }
        builder.file(
            {directory + "/" + file, Text(it == builder.inputs.files.end() ? "" : it->second), 0644, {}},
            Effect::reload, "rules", {folder.empty() ? directoryId : folder});
    }
    if (stack.selfMonitoring.enabled) {
        builder.file({directory + "/" + kVigieRuleFile,
                      "# " + std::string(kManaged) + "\n" + std::string(vigieRules()),
                      0644,
                      {}},
                     Effect::reload, "the alerts about vigie itself", {directoryId});
    }
    builder.file(
        {directory + "/" + kInfoRuleFile, infoRule(prometheusDigest(stack, builder.inputs)), 0644, {}},
        Effect::reload, "the rule that proves a reload", {directoryId});
}

}  // namespace vigie::render
