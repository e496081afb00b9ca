// Joins the scrape jobs that were seen into the document.
#include "base/redact.hpp"
#include "base/text.hpp"
#include "import/joiner.hpp"
#include "import/meaning.hpp"
#include "import/settings.hpp"
#include "spec/address.hpp"
#include "spec/image_version.hpp"
#include "spec/ports.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace vigie::imports {
namespace {

using spec::Node;

std::string scalar(const Node& map, std::string_view key) {
    const auto* value = map.find(key);
    return value == nullptr ? "" : value->scalar;
}

int line(const Node& node) {
    return static_cast<int>(node.at.line);
}

/// A job with one target and nothing that only `raw` could say.
struct SimpleJob {
    std::string target;
    std::string address;
    int port = 0;
};

std::optional<SimpleJob> simpleJob(const Node& job) {
    static constexpr std::array<std::string_view, 5> kSimple = {"job_name", "metrics_path", "scrape_interval",
                                                                "static_configs", "scheme"};
    const bool known = std::all_of(job.entries.begin(), job.entries.end(), [](const auto& entry) {
        return std::find(kSimple.begin(), kSimple.end(), entry.key) != kSimple.end();
    });
    const auto* groups = job.find("static_configs");
    const bool http = scalar(job, "scheme").empty() || scalar(job, "scheme") == "http";
    if (!known || !http || groups == nullptr || groups->items.size() != 1 ||
        groups->items[0].entries.size() != 1) {
        return std::nullopt;
    }
    const auto* targets = groups->items[0].find("targets");
    if (targets == nullptr || targets->items.size() != 1) {
        return std::nullopt;
    }
    SimpleJob out;
    out.target = targets->items[0].scalar;
    const auto colon = out.target.rfind(':');
    out.address = out.target.substr(0, colon);
    if (colon != std::string::npos) {
        std::from_chars(out.target.data() + colon + 1, out.target.data() + out.target.size(), out.port);
    }
    if (out.address.size() > 2 && out.address.front() == '[') {
        out.address = out.address.substr(1, out.address.size() - 2);
    }
    return out;
}

constexpr auto kProgram = spec::Program::prometheus;

spec::ScrapeConfig scrapeConfig(const Node& job) {
    spec::ScrapeConfig out;
    for (const auto& entry : job.entries) {
        if (entry.key == "job_name") {
            out.jobName = entry.value.scalar;
        } else if (entry.key == "scrape_interval") {
            out.scrapeInterval = entry.value.scalar;
        } else if (entry.key == "scrape_timeout") {
            out.scrapeTimeout = entry.value.scalar;
        } else if (entry.key == "metrics_path") {
            out.metricsPath = entry.value.scalar;
        } else if (entry.key == "scheme") {
            out.scheme = entry.value.scalar;
        } else if (entry.key == "honor_labels") {
            out.honorLabels = lowerCase(entry.value.scalar) == "true";
        } else if (entry.key == "static_configs") {
            for (const auto& group : entry.value.items) {
                auto& added = out.staticConfigs.emplace_back();
                const auto* targets = group.find("targets");
                for (const auto& target : targets == nullptr ? std::vector<Node>{} : targets->items) {
                    added.targets.push_back(target.scalar);
                }
                const auto* labels = group.find("labels");
                for (const auto& label : labels == nullptr ? std::vector<spec::Entry>{} : labels->entries) {
                    added.labels[label.key] = label.value.scalar;
                }
            }
        }
    }
    return out;
}

class PrometheusJoiner {
public:
    PrometheusJoiner(const Joiner& joiner, const HostSeen& host)
        : joiner_(joiner),
          host_(host),
          config_(*host.prometheus),
          root_(host.prometheus->root),
          out_(*joiner.draft.stack.prometheus),
          version_(spec::imageVersion(out_.image)) {
        dropMasked(root_);
    }

    void join() {
        out_.scrapeInterval = "1m";  // Prometheus' own default; the document's is another one
        for (const auto& entry : root_.entries) {
            if (entry.key == "global") {
                global(entry.value);
            } else if (entry.key == "alerting") {
                alerting(entry.value);
            } else if (entry.key == "scrape_configs") {
                jobs(entry.value);
            } else if (entry.key == "remote_write" && usable(entry.value)) {
                out_.remoteWrite =
                    items(entry.value, {"spec", "prometheus", "remoteWrite"}, "remoteWrite", "remote_write");
            } else if (entry.key == "remote_read" && usable(entry.value)) {
                out_.remoteRead =
                    items(entry.value, {"spec", "prometheus", "remoteRead"}, "remoteRead", "remote_read");
            } else if (entry.key != "rule_files") {
                lost(entry.keyAt, "`" + printable(entry.key) + "` of Prometheus' configuration");
            }
        }
        for (const auto& file : host_.ruleFiles) {
            joiner_.draft
                .comments["spec.prometheus.ruleFiles[" + std::to_string(out_.ruleFiles.size()) + "]"] =
                "from " + host_.name + ":" + file.file;
            out_.ruleFiles.push_back(file.name);
        }
    }

private:
    static constexpr const char* kNotAsItIs =
        "the document's field does not accept this form: a file must be copied beside the document, a secret "
        "must be sealed";

    /// True if every item still has its `url`; a URL with a password was removed.
    static bool usable(const Node& remotes) {
        return std::all_of(remotes.items.begin(), remotes.items.end(),
                           [](const Node& each) { return each.find("url") != nullptr; });
    }

    void lost(spec::Position at, const std::string& what,
              const std::string& cure = "the document has no field for it") {
        joiner_.find("lost", host_.name, config_.file, static_cast<int>(at.line), what, cure);
    }

    void lost(const Settings& settings, const std::string& whose) {
        for (const auto& entry : settings.lost) {
            lost(entry.keyAt, "`" + printable(entry.key) + "` " + whose, kNotAsItIs);
        }
    }

    /// The items of a list in the document's spelling.
    std::vector<Node> items(const Node& list, std::initializer_list<std::string_view> path,
                            std::string_view where, const std::string& name) {
        std::vector<Node> out;
        for (const auto& item : list.items) {
            auto each = settingsFrom(item, kProgram, path, where, version_);
            lost(each, "of `" + name + "`");
            if (!each.raw.entries.empty()) {
                each.settings.entries.push_back({"raw", item.at, std::move(each.raw)});
            }
            if (!each.settings.entries.empty()) {
                out.push_back(std::move(each.settings));
            }
        }
        return out;
    }

    void global(const Node& node) {
        auto further =
            settingsFrom(node, kProgram, {"spec", "prometheus", "global"}, "global", version_,
                         {"scrape_interval", "scrape_timeout", "evaluation_interval", "external_labels"});
        for (const auto& entry : further.lost) {
            lost(entry.keyAt, "`global." + printable(entry.key) + "` of Prometheus' configuration");
        }
        if (!further.settings.entries.empty()) {
            out_.global = std::move(further.settings);
        }
        for (const auto& entry : node.entries) {
            if (entry.key == "scrape_interval") {
                out_.scrapeInterval = entry.value.scalar;
            } else if (entry.key == "scrape_timeout") {
                out_.scrapeTimeout = entry.value.scalar;
            } else if (entry.key == "evaluation_interval") {
                out_.evaluationInterval = entry.value.scalar;
            } else if (entry.key == "external_labels") {
                for (const auto& label : entry.value.entries) {
                    out_.externalLabels[label.key] = label.value.scalar;
                }
            }
        }
    }

    void alerting(const Node& node) {
        const auto& alertmanager = joiner_.draft.stack.alertmanager;
        for (const auto& entry : node.entries) {
            if (entry.key == "alert_relabel_configs") {
                out_.alerting.emplace().alertRelabelings =
                    items(entry.value, {"spec", "prometheus", "alerting", "alertRelabelings"}, "relabelings",
                          "alerting.alert_relabel_configs");
                continue;
            }
            if (entry.key != "alertmanagers") {
                lost(entry.keyAt, "`alerting." + printable(entry.key) + "`");
                continue;
            }
            for (const auto& each : entry.value.items) {
                for (const auto& field : each.entries) {
                    if (field.key != "static_configs") {
                        lost(field.keyAt, "`alerting.alertmanagers." + printable(field.key) + "`");
                    }
                }
                for (const auto& [path, value] : meaningOf(each)) {
                    const bool ours = value.starts_with("alertmanager:") || value.starts_with("localhost:") ||
                                      joiner_.hostAt(value.substr(0, value.rfind(':'))) != nullptr;
                    if (path.find("targets") != std::string::npos && !(ours && alertmanager)) {
                        lost(each.at, "alerts go to " + printable(value),
                             "the document can send alerts to `spec.alertmanager` only");
                    }
                }
            }
        }
    }

    void jobs(const Node& list) {
        out_.selfScrape = false;
        for (const auto& job : list.items) {
            const std::string name = scalar(job, "job_name");
            const auto simple = simpleJob(job);
            if (!(simple && derived(job, name, *simple))) {
                const std::string path =
                    "spec.prometheus.scrapeConfigs[" + std::to_string(out_.scrapeConfigs.size()) + "]";
                joiner_.draft.comments[path] =
                    "from " + host_.name + ":" + config_.file + ":" + std::to_string(line(job));
                out_.scrapeConfigs.push_back(scrapeConfig(job));
                furtherSettings(job, name, out_.scrapeConfigs.back());
            }
        }
    }

    void furtherSettings(const Node& job, const std::string& name, spec::ScrapeConfig& out) {
        auto further =
            settingsFrom(job, kProgram, {"spec", "prometheus", "scrapeConfigs"}, "scrapeConfigs", version_,
                         {"job_name", "scrape_interval", "scrape_timeout", "metrics_path", "scheme",
                          "honor_labels", "static_configs"});
        lost(further, "of the job `" + printable(name) + "`");
        if (!further.settings.entries.empty()) {
            out.settings = std::move(further.settings);
        }
        if (!further.raw.entries.empty()) {
            out.raw = std::move(further.raw);
        }
    }

    /// True if vigie renders the same job from other fields of the document.
    bool derived(const Node& job, const std::string& name, const SimpleJob& simple) {
        constexpr int kSelf = 9090;
        const bool self =
            simple.port == kSelf && (simple.address == "localhost" || simple.address == "127.0.0.1" ||
                                     simple.address == "prometheus");
        const bool plain = scalar(job, "metrics_path").empty() && scalar(job, "scrape_interval").empty();
        if (self && name == "prometheus" && plain) {
            out_.selfScrape = true;
            return true;
        }
        const auto* host = joiner_.hostAt(simple.address);
        const auto publisher = host == nullptr ? Publisher{} : publisherOf(*host, simple.port);
        if (publisher.service == nullptr) {
            return false;
        }
        if (publisher.service->role == Role::exporter) {
            return exporterJob(job, name, simple);
        }
        if (publisher.service->role != Role::application) {
            return false;
        }
        application(job, name, simple, *host, publisher);
        return true;
    }

    bool exporterJob(const Node& job, const std::string& name, const SimpleJob& simple) {
        const auto& exporters = joiner_.draft.stack.exporters;
        const bool there = std::any_of(exporters.begin(), exporters.end(), [&](const auto& exporter) {
            return exporter.name == name && exporter.port == simple.port;
        });
        const std::string path = scalar(job, "metrics_path");
        if (!there || !(path.empty() || path == "/metrics")) {
            return false;
        }
        if (const auto interval = scalar(job, "scrape_interval");
            !interval.empty() && interval != out_.scrapeInterval) {
            lost(job.at, "the job `" + printable(name) + "` has its own scrape interval",
                 "the document has no scrape interval for a single exporter");
        }
        return true;
    }

    void application(const Node& job, const std::string& name, const SimpleJob& simple, const HostSeen& host,
                     const Publisher& publisher) {
        spec::Application out;
        out.name = name;
        out.project = publisher.project->name;
        out.service = publisher.service->name;
        out.metrics = spec::Metrics{simple.port, scalar(job, "metrics_path"), scalar(job, "scrape_interval")};
        if (out.metrics->path.empty()) {
            out.metrics->path = "/metrics";
        }
        const std::string path =
            "spec.applications[" + std::to_string(joiner_.draft.stack.applications.size()) + "]";
        joiner_.draft.comments[path] = "from job `" + printable(name) + "` of " + host_.name + ":" +
                                       config_.file + " and " + host.name + ":" + publisher.service->file;
        joiner_.draft.stack.applications.push_back(std::move(out));
    }

    const Joiner& joiner_;
    const HostSeen& host_;
    const ConfigSeen& config_;
    Node root_;
    spec::Prometheus& out_;
    std::optional<spec::ImageVersion> version_;
};

/// Services that send traces to our Jaeger.
void joinTraces(const Joiner& joiner, const HostSeen& host, const ProjectSeen& project,
                const ServiceSeen& service) {
    auto& stack = joiner.draft.stack;
    const auto* jaeger = stack.jaeger ? stack.project(stack.jaeger->project) : nullptr;
    for (const auto& [variable, url] : service.traces) {
        const auto rest = url.substr(url.find("://") + 3);
        const auto colon = rest.rfind(':');
        const auto* target = joiner.hostAt(rest.substr(0, colon));
        if (jaeger == nullptr || target == nullptr || target->name != jaeger->host) {
            joiner.find(
                "note", host.name, service.file, service.line,
                "`" + printable(variable) + "` of service " + printable(service.name) +
                    " is an OTLP endpoint on a host that was not imported",
                "it stays unchanged in your compose file; add `traces` when Jaeger is in the document");
            continue;
        }
        const bool grpc = rest.substr(colon + 1, 4) == std::to_string(spec::kOtlpGrpcPort);
        auto it =
            std::find_if(stack.applications.begin(), stack.applications.end(), [&](const auto& application) {
                return application.project == project.name && application.service == service.name &&
                       !application.traces;
            });
        if (it == stack.applications.end()) {
            joiner.draft.comments["spec.applications[" + std::to_string(stack.applications.size()) + "]"] =
                "from " + host.name + ":" + service.file + ":" + std::to_string(service.line);
            spec::Application out;
            out.name = service.name;
            out.project = project.name;
            out.service = service.name;
            stack.applications.push_back(std::move(out));
            it = stack.applications.end() - 1;
        }
        it->traces = spec::Traces{variable, grpc ? "grpc" : "http"};
    }
}

}  // namespace

void joinPrometheus(const Joiner& joiner) {
    auto& stack = joiner.draft.stack;
    for (const auto& host : joiner.hosts) {
        if (host.prometheus && stack.prometheus) {
            stack.prometheus->selfScrape = false;
            PrometheusJoiner(joiner, host).join();
            break;  // a second one was reported already
        }
    }
    for (const auto& host : joiner.hosts) {
        for (const auto& project : host.projects) {
            for (const auto& service : project.services) {
                if (service.role == Role::application) {
                    joinTraces(joiner, host, project, service);
                }
            }
        }
    }
}

}  // namespace vigie::imports
