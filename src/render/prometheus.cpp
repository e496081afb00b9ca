// Prometheus' configuration and files.

#include "render/prometheus.hpp"

#include "base/hash.hpp"
#include "render/attached.hpp"
#include "render/native.hpp"
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

/// The list `key`, which is made when it is not there.
spec::Node& listIn(spec::Node& map, std::string_view key) {
    auto it = std::find_if(map.entries.begin(), map.entries.end(),
                           [&](const spec::Entry& entry) { return entry.key == key; });
    if (it == map.entries.end()) {
        map.entries.push_back({std::string(key), {}, {}});
        it = map.entries.end() - 1;
    }
    if (it->value.kind == spec::Node::Kind::null) {
        it->value.kind = spec::Node::Kind::sequence;
    }
    return it->value;
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

void externalLabels(YamlWriter& yaml, const spec::Prometheus& prometheus, const spec::Replica& server) {
    if (!server.externalLabels.empty()) {
        yaml.map("external_labels", [&] {
            for (const auto& [name, value] : server.externalLabels) {
                yaml.text(name, externalLabel(prometheus, value));
            }
        });
    }
}

void globalEntries(YamlWriter& yaml, const spec::Prometheus& prometheus, const spec::Replica& server,
                   SettingsWriter& settings) {
    if (!prometheus.configFrom || !spec::isDefault(*prometheus.configFrom, "scrapeInterval")) {
        yaml.text("scrape_interval", prometheus.scrapeInterval);
    }
    yaml.optionalText("scrape_timeout", prometheus.scrapeTimeout);
    yaml.optionalText("evaluation_interval", prometheus.evaluationInterval);
    if (prometheus.query && prometheus.query->logFile) {
        yaml.text("query_log_file", "/prometheus/query.log");
    }
    if (prometheus.global) {
        settings.entries(yaml, *prometheus.global, "global");
    }
    externalLabels(yaml, prometheus, server);
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
                const auto& attach = alertmanager.had.attach;
                out.push_back(spec::hostPort(attach ? attach->service : "alertmanager", kContainerPort));
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

/// The files of rules that vigie writes itself.
std::vector<std::string> ownRuleFiles(const spec::Stack& stack) {
    std::vector<std::string> out;
    if (!stack.prometheus->ruleGroups.empty()) {
        out.emplace_back(kRuleGroupFile);
    }
    if (stack.selfMonitoring.enabled) {
        out.emplace_back(kVigieRuleFile);
    }
    out.emplace_back(kInfoRuleFile);
    return out;
}

Text configuration(const spec::Stack& stack, const spec::Replica& server, SettingsWriter& settings) {
    const auto& prometheus = *stack.prometheus;
    YamlWriter yaml;
    yaml.comment(kManaged);
    yaml.map("global", [&] { globalEntries(yaml, prometheus, server, settings); });
    alerting(yaml, stack, server, settings);
    yaml.list("rule_files", [&] {
        for (const auto& file : prometheus.ruleFiles) {
            yaml.item(file);
        }
        for (const auto& file : ownRuleFiles(stack)) {
            yaml.item(file);
        }
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

/// What the server loads, by whichever way it is configured.
struct Loaded {
    Configuration main;
    std::vector<std::string> jobs = {};  ///< of the main configuration, in their order
    std::optional<Text> groups = {};
    std::vector<spec::NativeFile> native = {};
    std::set<std::string> nativePaths = {};  ///< of them, in the repository
};

Loaded loadedBy(const spec::Stack& stack, const spec::Replica& server, const Inputs& inputs) {
    Loaded out;
    const auto& groups = stack.prometheus->ruleGroups;
    const auto source = spec::nativeSource(stack, spec::Program::prometheus);
    if (!source) {
        auto settings = settingsWriter(stack, inputs);
        out.main.text = configuration(stack, server, settings);
        if (!groups.empty()) {
            out.groups = ruleGroups(*stack.prometheus, settings);
        }
        out.main.secretFiles = settings.secretFiles();
        out.jobs = scrapeJobs(stack);
        return out;
    }
    NativeInputs native(*source, inputs);
    auto settings = settingsWriter(stack, native.standIns);
    std::vector<spec::NativeConflict> reported;
    const auto merged = nativePrometheus(stack, server, native, settings, reported);
    const auto text = inputs.files.find(source->from->file);
    const auto kept = stack.prometheus->had.attach && text != inputs.files.end()
                          ? keptText(text->second, merged)
                          : std::nullopt;
    out.main.text = kept ? Text(*kept) : nativeText(merged, inputs);
    if (const auto* jobs = merged.find("scrape_configs")) {
        for (const auto& job : jobs->items) {
            const auto* name = job.find("job_name");
            out.jobs.push_back(name == nullptr ? "" : name->scalar);
        }
    }
    if (!groups.empty()) {
        out.groups = ruleGroups(*stack.prometheus, settings);
    }
    out.main.secretFiles = ownValues(settings.secretFiles(), inputs);
    out.native = std::move(native.files);
    out.nativePaths = std::move(native.paths);
    return out;
}

/// The jobs of the document, and of those that are derived the ones that the file does not have.
void addJobs(spec::NativeOurs& ours, const spec::Stack& stack, const spec::Replica& server,
             const NativeInputs& native, SettingsWriter& settings) {
    const auto& prometheus = *stack.prometheus;
    YamlWriter yaml;
    yaml.list("scrape_configs", [&] { scrapeConfigs(yaml, stack, server, settings); });
    auto all = nodeOf(yaml);
    auto& jobs = listIn(all, "scrape_configs").items;
    const auto derived = spec::nativeJobs(stack, server, native.roots);
    auto& written = listIn(ours.written, "scrape_configs").items;
    auto& further = listIn(ours.derived, "scrape_configs").items;
    const bool noSelf = prometheus.selfScrape && spec::isDefault(*prometheus.configFrom, "selfScrape");
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        if (i >= derived.size()) {
            written.push_back(std::move(jobs[i]));
        } else if (!derived[i].covered && !derived[i].nameTaken && !(noSelf && i == 0)) {
            further.push_back(std::move(jobs[i]));
        }
    }
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

spec::Node nativePrometheus(const spec::Stack& stack, const spec::Replica& server, const NativeInputs& native,
                            SettingsWriter& settings, std::vector<spec::NativeConflict>& conflicts) {
    const auto& prometheus = *stack.prometheus;
    YamlWriter written;
    YamlWriter derived;
    written.map("global", [&] { globalEntries(written, prometheus, server, settings); });
    const bool ownAlerting = prometheus.alerting && (!prometheus.alerting->alertmanagers.empty() ||
                                                     !prometheus.alerting->alertRelabelings.empty());
    alerting(ownAlerting ? written : derived, stack, server, settings);
    written.list("rule_files", [&] {
        for (const auto& file : prometheus.ruleFiles) {
            if (!native.delivers(file)) {
                written.item(file);
            }
        }
    });
    storage(written, prometheus);
    remotes(written, prometheus, settings);
    spec::NativeOurs ours{nodeOf(written), nodeOf(derived)};
    addJobs(ours, stack, server, native, settings);
    auto out = spec::mergeNative(native.root, ours, conflicts);
    auto& rules = listIn(out, "rule_files");
    for (const auto& file : ownRuleFiles(stack)) {
        if (!native.names(spec::NativeKind::rules, file)) {
            rules.items.push_back(spec::Node::text(file));
        }
    }
    if (rules.items.empty()) {
        out.entries.erase(std::remove_if(out.entries.begin(), out.entries.end(),
                                         [](const auto& entry) { return entry.key == "rule_files"; }),
                          out.entries.end());
    }
    return out;
}

std::string prometheusDirectory(const spec::Project& project) {
    return project.directory + "/" + serverDirectory(project, "prometheus");
}

std::string prometheusDataDirectory(const spec::Project& project, const spec::Prometheus& prometheus) {
    return pathIn(project, prometheus.dataDirectory);
}

std::vector<std::string> prometheusJobs(const spec::Stack& stack, const spec::Replica& server,
                                        const Inputs& inputs) {
    return loadedBy(stack, server, inputs).jobs;
}

std::string prometheusDigest(const spec::Stack& stack, const spec::Replica& server, const Inputs& inputs) {
    const auto loaded = loadedBy(stack, server, inputs);
    Sha256 hash;
    hash.field(loaded.main.text.digest());
    if (loaded.groups) {
        hash.field(loaded.groups->digest());
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
    for (const auto& file : loaded.native) {
        hash.field(file.place).field(inputs.files.at(file.path));
    }
    for (const auto& [name, value] : loaded.main.secretFiles) {
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
    if (prometheus.had.attach) {
        if (!spec::writesConfiguration(prometheus)) {
            return;
        }
        builder.attach(Builder::Attached{attachedProgram(builder, *prometheus.had.attach, server->project),
                                         ConfiguredProgram::Program::prometheus, directory, kPrometheusFile,
                                         kMount});
    }
    const auto parent = builder.directory(project.directory, "the project's directory");
    const auto directoryId =
        builder.directory(directory, "Prometheus' configuration, mounted as a directory");
    if (!prometheus.had.attach && prometheus.had.data.empty()) {
        builder.from(at / "dataDirectory");
        builder.exactDirectory(prometheusDataDirectory(project, prometheus), 0755, spec::kPrometheusUser,
                               "Prometheus' data, owned by the user it runs as");
    }
    builder.from(at);
    const auto loaded = loadedBy(stack, *server, builder.inputs);
    const Text& main = loaded.main.text;
    const bool inlineSecrets = main.hasSecrets();
    builder.file({directory + "/" + kPrometheusFile, main, inlineSecrets ? 0400U : 0644U,
                  inlineSecrets ? spec::kPrometheusUser : Owner{}},
                 "Prometheus' configuration", {parent, directoryId});
    builder.secretFiles(directory, loaded.main.secretFiles, "Prometheus", spec::kPrometheusUser);
    for (std::size_t i = 0; i < prometheus.ruleFiles.size(); ++i) {
        builder.from((at / "ruleFiles")[i]);
        if (loaded.nativePaths.count(prometheus.ruleFiles[i]) == 0) {
            builder.copy(directory, prometheus.ruleFiles[i], "rules");
        }
    }
    builder.from(at / "configFrom" / "file");
    deliver(builder, directory, loaded.native);
    for (const auto& [file, field] : settingFiles(stack)) {
        builder.from(field);
        builder.copy(directory, file, "what Prometheus' configuration names");
    }
    builder.from(at);
    if (loaded.groups) {
        builder.file({directory + "/" + kRuleGroupFile, *loaded.groups, 0644, {}},
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
    builder.attach(std::nullopt);
}

}  // namespace vigie::render
