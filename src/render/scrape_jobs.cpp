// The scrape jobs of a server: derived ones and the document's own.

#include "render/scrape_jobs.hpp"

#include "render/prometheus.hpp"
#include "spec/address.hpp"
#include "spec/datasources.hpp"
#include "spec/exposure.hpp"
#include "spec/jobs.hpp"

namespace vigie::render {
namespace {

constexpr const char* kVigieJob = "vigie";
constexpr const char* kGrafanaJob = "grafana";

void labels(YamlWriter& yaml, const std::map<std::string, std::string>& values) {
    if (!values.empty()) {
        yaml.map("labels", [&] {
            for (const auto& [name, value] : values) {
                yaml.text(name, value);
            }
        });
    }
}

/// Whatever is derived for a host carries the host's labels; here is the only way to write such a target.
void hostTarget(YamlWriter& yaml, const std::string& target, const spec::Host& host,
                std::map<std::string, std::string> more = {}) {
    yaml.itemMap([&] {
        yaml.list("targets", [&] { yaml.item(target); });
        more.insert(host.labels.begin(), host.labels.end());
        labels(yaml, more);
    });
}

/// A job with one target on `host`.
void derivedJob(YamlWriter& yaml, const std::string& name, const spec::Metrics& metrics,
                const std::string& target, const spec::Host& host) {
    yaml.itemMap([&] {
        yaml.text("job_name", name);
        yaml.optionalText("metrics_path", metrics.path);
        yaml.optionalText("scrape_interval", metrics.scrapeInterval);
        yaml.list("static_configs", [&] { hostTarget(yaml, target, host); });
    });
}

/// How the exporter wants to be asked, for whatever it is asked.
void client(YamlWriter& yaml, const spec::ScrapeSettings& scrape, SettingsWriter& settings) {
    yaml.optionalText("scheme", scrape.scheme);
    if (scrape.basicAuth) {
        settings.entry(yaml, "basicAuth", *scrape.basicAuth, "scrapeConfigs");
    }
    if (scrape.tlsConfig) {
        settings.entry(yaml, "tlsConfig", *scrape.tlsConfig, "scrapeConfigs");
    }
}

void relabelings(YamlWriter& yaml, const char* name, const std::vector<spec::Node>& steps,
                 SettingsWriter& settings) {
    if (!steps.empty()) {
        yaml.list(name, [&] { settings.items(yaml, steps, "relabelings"); });
    }
}

void exporterJob(YamlWriter& yaml, const spec::Exporter& exporter, const std::string& target,
                 const spec::Host& host, SettingsWriter& settings) {
    const auto& scrape = exporter.scrape;
    yaml.itemMap([&] {
        yaml.text("job_name", spec::jobOf(exporter));
        yaml.optionalText("metrics_path", exporter.metricsPath());
        yaml.optionalText("scrape_interval", scrape.interval);
        yaml.optionalText("scrape_timeout", scrape.timeout);
        if (scrape.honorLabels.value_or(false)) {
            yaml.boolean("honor_labels", true);
        }
        client(yaml, scrape, settings);
        yaml.list("static_configs", [&] {
            auto more = scrape.labels;
            if (!scrape.instance.empty()) {
                more["instance"] = scrape.instance;
            }
            hostTarget(yaml, target, host, std::move(more));
        });
        relabelings(yaml, "relabel_configs", scrape.relabelings, settings);
        relabelings(yaml, "metric_relabel_configs", scrape.metricRelabelings, settings);
    });
}

/// The targets of a probe, asked by the exporter that is on `host`.
/// Source: blackbox_exporter's README, "Prometheus Configuration".
void probeJob(YamlWriter& yaml, const spec::Probe& probe, const spec::Exporter& exporter,
              const std::string& address, const spec::Host& host, SettingsWriter& settings) {
    yaml.itemMap([&] {
        yaml.text("job_name", probe.name);
        yaml.text("metrics_path", "/probe");
        yaml.optionalText("scrape_interval", probe.interval);
        yaml.optionalText("scrape_timeout", probe.timeout);
        client(yaml, exporter.scrape, settings);
        yaml.map("params", [&] {
            yaml.list("module", [&] { yaml.item(probe.module.empty() ? probe.name : probe.module); });
        });
        yaml.list("static_configs", [&] {
            yaml.itemMap([&] {
                yaml.list("targets", [&] {
                    for (const auto& target : probe.targets) {
                        yaml.item(target);
                    }
                });
                auto all = probe.labels;
                all.insert(host.labels.begin(), host.labels.end());
                labels(yaml, all);
            });
        });
        yaml.list("relabel_configs", [&] {
            const auto copy = [&](const char* from, const char* to) {
                yaml.itemMap([&] {
                    yaml.list("source_labels", [&] { yaml.item(from); });
                    yaml.text("target_label", to);
                });
            };
            copy("__address__", "__param_target");
            copy("__param_target", "instance");
            yaml.itemMap([&] {
                yaml.text("target_label", "__address__");
                yaml.text("replacement", address);
            });
        });
    });
}

/// The controllers of all hosts. Their names make better alerts than their addresses.
void vigieJob(YamlWriter& yaml, const spec::Stack& stack) {
    yaml.itemMap([&] {
        yaml.text("job_name", kVigieJob);
        yaml.list("static_configs", [&] {
            for (const auto& host : stack.hosts) {
                hostTarget(yaml, spec::hostPort(spec::scrapeAddress(stack, host), stack.selfMonitoring.port),
                           host, {{"instance", host.name}});
            }
        });
    });
}

void writtenJob(YamlWriter& yaml, const spec::ScrapeConfig& job, SettingsWriter& settings) {
    yaml.itemMap([&] {
        yaml.text("job_name", job.jobName);
        yaml.optionalText("scrape_interval", job.scrapeInterval);
        yaml.optionalText("scrape_timeout", job.scrapeTimeout);
        yaml.optionalText("metrics_path", job.metricsPath);
        yaml.optionalText("scheme", job.scheme);
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
        settings.entries(yaml, job.settings, "scrapeConfigs");
        if (job.raw) {
            for (const auto& entry : job.raw->entries) {
                yaml.node(entry.key, entry.value);
            }
        }
    });
}

}  // namespace

std::vector<std::string> scrapeJobs(const spec::Stack& stack) {
    auto out = spec::derivedJobs(stack);
    if (!stack.prometheus) {
        return out;
    }
    for (const auto& job : stack.prometheus->scrapeConfigs) {
        out.push_back(job.jobName);
    }
    return out;
}

void scrapeConfigs(YamlWriter& yaml, const spec::Stack& stack, const spec::Replica& server,
                   SettingsWriter& settings) {
    const auto& prometheus = *stack.prometheus;
    if (prometheus.selfScrape) {
        constexpr int kContainerPort = 9090;
        yaml.itemMap([&] {
            yaml.text("job_name", "prometheus");
            if (!prometheus.web.prefix().empty()) {
                yaml.text("metrics_path", prometheus.web.prefix() + "/metrics");
            }
            const auto& host = stack.hostOfProject(server.project);
            const std::string target =
                spec::prometheusInHostNetwork(stack)
                    ? spec::hostPort(spec::ownAddress(stack, host, prometheus.exposure), prometheus.port)
                    : spec::hostPort("localhost", kContainerPort);
            yaml.list("static_configs", [&] { hostTarget(yaml, target, host); });
        });
    }
    for (const auto& application : stack.applications) {
        if (application.metrics) {
            derivedJob(yaml, application.name, *application.metrics,
                       spec::scrapeTarget(stack, server, application.project, application.service,
                                          application.metrics->port),
                       stack.hostOfProject(application.project));
        }
    }
    for (const auto& exporter : stack.exporters) {
        const auto& host = stack.hostOfProject(exporter.project);
        const auto target =
            spec::scrapeTarget(stack, server, exporter.project,
                               exporter.attach ? exporter.attach->service : std::string(), exporter.port);
        exporterJob(yaml, exporter, target, host, settings);
        if (exporter.blackbox) {
            for (const auto& probe : exporter.blackbox->probes) {
                probeJob(yaml, probe, exporter, target, host, settings);
            }
        }
    }
    if (stack.grafana) {
        yaml.itemMap([&] {
            yaml.text("job_name", kGrafanaJob);
            yaml.list("static_configs", [&] {
                hostTarget(yaml, spec::grafanaTarget(stack, server),
                           stack.hostOfProject(stack.grafana->project));
            });
        });
    }
    if (stack.selfMonitoring.enabled) {
        vigieJob(yaml, stack);
    }
    for (const auto& job : prometheus.scrapeConfigs) {
        writtenJob(yaml, job, settings);
    }
}

}  // namespace vigie::render
