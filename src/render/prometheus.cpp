// Prometheus' configuration and files.

#include "render/prometheus.hpp"

#include "base/hash.hpp"
#include "render/placement.hpp"
#include "render/scrape_jobs.hpp"
#include "render/settings.hpp"
#include "render/vigie_rules.hpp"
#include "spec/address.hpp"
#include "spec/datasources.hpp"
#include "spec/exposure.hpp"
#include "spec/image_version.hpp"

#include <algorithm>
#include <set>

namespace vigie::render {
namespace {

constexpr const char* kMount = "/etc/prometheus";

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

void externalLabels(YamlWriter& yaml, const spec::Prometheus& prometheus, const spec::Replica& server) {
    if (!server.externalLabels.empty()) {
        yaml.map("external_labels", [&] {
            for (const auto& [name, value] : server.externalLabels) {
                yaml.text(name, externalLabel(prometheus, value));
            }
        });
    }
}

void global(YamlWriter& yaml, const spec::Prometheus& prometheus, const spec::Replica& server,
            SettingsWriter& settings) {
    yaml.map("global", [&] {
        yaml.text("scrape_interval", prometheus.scrapeInterval);
        yaml.optionalText("scrape_timeout", prometheus.scrapeTimeout);
        yaml.optionalText("evaluation_interval", prometheus.evaluationInterval);
        if (prometheus.query && prometheus.query->logFile) {
            yaml.text("query_log_file", "/prometheus/query.log");
        }
        if (prometheus.global) {
            settings.entries(yaml, *prometheus.global, "global");
        }
        externalLabels(yaml, prometheus, server);
    });
}

/// The labels by which the servers differ: with them an alert would be another one on each server.
std::vector<std::string> replicaLabels(const spec::Prometheus& prometheus) {
    const auto servers = prometheus.servers();
    std::set<std::string> out;
    for (const auto& server : servers) {
        for (const auto& [name, value] : server.externalLabels) {
            const auto first = servers.front().externalLabels.find(name);
            if (first == servers.front().externalLabels.end() || first->second != value) {
                out.insert(name);
            }
        }
    }
    return {out.begin(), out.end()};
}

/// Beside us in the same project it has a name, unless we are in the host's network; elsewhere it is reached
/// over the tunnel.
std::vector<std::string> alertmanagerTargets(const spec::Stack& stack, const spec::Replica& server) {
    constexpr int kContainerPort = 9093;
    const bool outside = spec::prometheusInHostNetwork(stack);
    std::vector<std::string> out;
    if (stack.alertmanager) {
        for (const auto& project : stack.alertmanager->projects()) {
            const auto* host = stack.hostOf(project);
            const auto& alertmanager = *stack.alertmanager;
            if (host != nullptr && outside && host == stack.hostOf(server.project)) {
                out.push_back(
                    spec::hostPort(spec::ownAddress(stack, *host, alertmanager.exposure), alertmanager.port));
            } else if (host != nullptr && project != server.project) {
                out.push_back(spec::hostPort(spec::scrapeAddress(stack, *host), alertmanager.port));
            } else {
                out.push_back(spec::hostPort("alertmanager", kContainerPort));
            }
        }
    }
    return out;
}

void targetList(YamlWriter& yaml, const std::vector<std::string>& targets) {
    yaml.list("static_configs", [&] {
        yaml.itemMap([&] {
            yaml.list("targets", [&] {
                for (const auto& target : targets) {
                    yaml.item(target);
                }
            });
        });
    });
}

void furtherAlertmanager(YamlWriter& yaml, const spec::Node& alertmanager, SettingsWriter& settings) {
    spec::Node rest = alertmanager;
    std::vector<std::string> targets;
    const auto at = std::find_if(rest.entries.begin(), rest.entries.end(),
                                 [](const auto& entry) { return entry.key == "targets"; });
    if (at != rest.entries.end()) {
        for (const auto& item : at->value.items) {
            targets.push_back(item.scalar);
        }
        rest.entries.erase(at);
    }
    yaml.itemMap([&] {
        targetList(yaml, targets);
        settings.entries(yaml, rest, "alertmanagers");
    });
}

void alerting(YamlWriter& yaml, const spec::Stack& stack, const spec::Replica& server,
              SettingsWriter& settings) {
    const auto& prometheus = *stack.prometheus;
    const auto targets = alertmanagerTargets(stack, server);
    const auto own = prometheus.alerting.value_or(spec::PrometheusAlerting{});
    const auto dropped = replicaLabels(prometheus);
    const bool relabels = !dropped.empty() || !own.alertRelabelings.empty();
    if (targets.empty() && own.alertmanagers.empty() && !relabels) {
        return;
    }
    yaml.map("alerting", [&] {
        if (relabels) {
            yaml.list("alert_relabel_configs", [&] {
                settings.items(yaml, own.alertRelabelings, "relabelings");
                for (const auto& label : dropped) {
                    yaml.itemMap([&] {
                        yaml.text("action", "labeldrop");
                        yaml.text("regex", label);
                    });
                }
            });
        }
        if (targets.empty() && own.alertmanagers.empty()) {
            return;
        }
        yaml.list("alertmanagers", [&] {
            if (!targets.empty()) {
                yaml.itemMap([&] {
                    yaml.optionalText("path_prefix", stack.alertmanager->web.prefix());
                    targetList(yaml, targets);
                });
            }
            for (const auto& each : own.alertmanagers) {
                furtherAlertmanager(yaml, each, settings);
            }
        });
    });
}

void storage(YamlWriter& yaml, const spec::Prometheus& prometheus) {
    if (!prometheus.storage) {
        return;
    }
    const auto& storage = *prometheus.storage;
    if (storage.outOfOrderTimeWindow.empty() && !storage.maxExemplars) {
        return;
    }
    yaml.map("storage", [&] {
        if (!storage.outOfOrderTimeWindow.empty()) {
            yaml.map("tsdb", [&] { yaml.text("out_of_order_time_window", storage.outOfOrderTimeWindow); });
        }
        if (storage.maxExemplars) {
            yaml.map("exemplars", [&] { yaml.number("max_exemplars", *storage.maxExemplars); });
        }
    });
}

void remotes(YamlWriter& yaml, const spec::Prometheus& prometheus, SettingsWriter& settings) {
    if (!prometheus.remoteWrite.empty()) {
        yaml.list("remote_write", [&] { settings.items(yaml, prometheus.remoteWrite, "remoteWrite"); });
    }
    if (!prometheus.remoteRead.empty()) {
        yaml.list("remote_read", [&] { settings.items(yaml, prometheus.remoteRead, "remoteRead"); });
    }
}

Text configuration(const spec::Stack& stack, const spec::Replica& server, SettingsWriter& settings) {
    const auto& prometheus = *stack.prometheus;
    YamlWriter yaml;
    yaml.comment(kManaged);
    global(yaml, prometheus, server, settings);
    alerting(yaml, stack, server, settings);
    yaml.list("rule_files", [&] {
        for (const auto& file : prometheus.ruleFiles) {
            yaml.item(file);
        }
        if (!prometheus.ruleGroups.empty()) {
            yaml.item(kRuleGroupFile);
        }
        if (stack.selfMonitoring.enabled) {
            yaml.item(kVigieRuleFile);
        }
        yaml.item(kInfoRuleFile);
    });
    storage(yaml, prometheus);
    if (!scrapeJobs(stack).empty()) {
        yaml.list("scrape_configs", [&] { scrapeConfigs(yaml, stack, server, settings); });
    }
    remotes(yaml, prometheus, settings);
    return yaml.result();
}

Text ruleGroups(const spec::Prometheus& prometheus, SettingsWriter& settings) {
    YamlWriter yaml;
    yaml.comment(kManaged);
    yaml.list("groups", [&] { settings.items(yaml, prometheus.ruleGroups, "ruleGroups"); });
    return yaml.result();
}

SettingsWriter settingsWriter(const spec::Stack& stack, const Inputs& inputs) {
    return {spec::Program::prometheus, stack.prometheus->image, kMount, inputs};
}

/// The files of the document that the configuration names, but for the rule files, and where it does.
std::map<std::string, spec::FieldPath> settingFiles(const spec::Stack& stack) {
    std::map<std::string, spec::FieldPath> out;
    for (const auto& block : spec::settingBlocks(stack)) {
        if (block.program == spec::Program::prometheus) {
            for (const auto& file : spec::filesOf(block)) {
                out.emplace(file.path, file.at);
            }
        }
    }
    return out;
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
    return project.directory + "/" + serverDirectory(project, "prometheus");
}

std::string prometheusDataDirectory(const spec::Project& project, const spec::Prometheus& prometheus) {
    return pathIn(project, prometheus.dataDirectory);
}

std::string prometheusDigest(const spec::Stack& stack, const spec::Replica& server, const Inputs& inputs) {
    auto settings = settingsWriter(stack, inputs);
    Sha256 hash;
    hash.field(configuration(stack, server, settings).digest());
    if (!stack.prometheus->ruleGroups.empty()) {
        hash.field(ruleGroups(*stack.prometheus, settings).digest());
    }
    auto files = stack.prometheus->ruleFiles;
    for (const auto& [file, at] : settingFiles(stack)) {
        files.push_back(file);
    }
    for (const auto& file : files) {
        const auto it = inputs.files.find(file);
        hash.field(file).field(it == inputs.files.end() ? "" : it->second);
    }
    if (stack.selfMonitoring.enabled) {
        hash.field(kVigieRuleFile).field(vigieRules());
    }
    for (const auto& [name, value] : settings.secretFiles()) {
        hash.field(name).field(value.id);
    }
    return hash.hex();
}

void renderPrometheus(Builder& builder) {
    const auto& stack = builder.stack;
    const auto server = stack.prometheusOn(builder.host);
    if (!server) {
        return;
    }
    const auto& prometheus = *stack.prometheus;
    const auto& project = stack.projectNamed(server->project);
    const std::string directory = prometheusDirectory(project);
    const spec::FieldPath at{"spec", "prometheus"};
    builder.from(at / "project");
    const auto parent = builder.directory(project.directory, "the project's directory");
    const auto directoryId =
        builder.directory(directory, "Prometheus' configuration, mounted as a directory");
    if (prometheus.had.data.empty()) {
        builder.from(at / "dataDirectory");
        builder.exactDirectory(prometheusDataDirectory(project, prometheus), 0755, spec::kPrometheusUser,
                               "Prometheus' data, owned by the user it runs as");
    }
    builder.from(at);
    auto settings = settingsWriter(stack, builder.inputs);
    const Text main = configuration(stack, *server, settings);
    const bool inlineSecrets = main.hasSecrets();
    builder.file({directory + "/" + kPrometheusFile, main, inlineSecrets ? 0400U : 0644U,
                  inlineSecrets ? spec::kPrometheusUser : Owner{}},
                 "Prometheus' configuration", {parent, directoryId});
    builder.secretFiles(directory, settings.secretFiles(), "Prometheus", spec::kPrometheusUser);
    for (std::size_t i = 0; i < prometheus.ruleFiles.size(); ++i) {
        builder.from((at / "ruleFiles")[i]);
        builder.copy(directory, prometheus.ruleFiles[i], "rules");
    }
    for (const auto& [file, field] : settingFiles(stack)) {
        builder.from(field);
        builder.copy(directory, file, "what Prometheus' configuration names");
    }
    builder.from(at);
    if (!prometheus.ruleGroups.empty()) {
        builder.file({directory + "/" + kRuleGroupFile, ruleGroups(prometheus, settings), 0644, {}},
                     "the rules of the document", {directoryId});
    }
    if (stack.selfMonitoring.enabled) {
        builder.file({directory + "/" + kVigieRuleFile,
                      "# " + std::string(kManaged) + "\n" + std::string(vigieRules()),
                      0644,
                      {}},
                     "the alerts about vigie itself", {directoryId});
    }
    builder.file({directory + "/" + kInfoRuleFile,
                  infoRule(prometheusDigest(stack, *server, builder.inputs)),
                  0644,
                  {}},
                 "the rule that proves a reload", {directoryId});
}

}  // namespace vigie::render
