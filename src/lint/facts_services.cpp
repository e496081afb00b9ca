// Properties of the users' own services on which the document relies.

#include "base/text.hpp"
#include "lint/host_facts_view.hpp"
#include "spec/topology.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace vigie::lint {
namespace {

using facts::ServiceFacts;
using spec::FieldPath;

bool holds(const std::vector<std::string>& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

/// True if the service is in networks where others can resolve its name.
bool inNetworks(const ServiceFacts& service) {
    return service.networkMode.empty() || service.networkMode == "bridge" || service.networkMode == "default";
}

void lintNetworkModes(HostFactsView& host, const spec::Reporter& report) {
    for (const auto& named : host.named()) {
        const auto* service = host.service(*named.project, named.service);
        if (service == nullptr) {
            continue;
        }
        const std::string mode = printable(service->networkMode);
        if (named.asked) {
            if (!inNetworks(*service)) {
                report.warning(
                    code::VG0361, named.at,
                    "service `" + named.service + "` has `network_mode: " + mode + "`: " + named.who +
                        " cannot resolve its name",
                    "remove `network_mode` from your compose file; the project's network is enough");
            } else if (!service->networks.empty() && !holds(service->networks, "default")) {
                report.warning(code::VG0361, named.at,
                               "service `" + named.service + "` is only in the networks " +
                                   printable(join(service->networks, ", ")) + ", but " + named.who +
                                   " is in the project's default network",
                               "add `default` to its `networks` in your compose file");
            }
        } else if (named.application == nullptr) {
            continue;  // whoever names it needs it to run, and reaches it in no network that is known here
        } else if (service->networkMode == "none") {
            report.warning(
                code::VG0361, named.at,
                "service `" + named.service +
                    "` has `network_mode: none`: it can neither be reached nor reach another service",
                "remove `network_mode` from your compose file");
        } else if (!inNetworks(*service) && named.application->traces && !spec::joined(host.stack())) {
            report.warning(code::VG0361, named.at,
                           "service `" + named.service + "` has `network_mode: " + mode +
                               "`: compose cannot add the network through which it reaches Jaeger",
                           "remove `network_mode` from your compose file");
        }
    }
}

/// Each worker process counts for itself, and a scrape reaches one of them.
void lintWorkers(HostFactsView& host, const spec::Reporter& report) {
    for (const auto& [application, at] : host.applications()) {
        const auto* service =
            application->metrics
                ? host.service(host.stack().projectNamed(application->project), application->service)
                : nullptr;
        if (service == nullptr || holds(service->environment, "PROMETHEUS_MULTIPROC_DIR") ||
            holds(service->environment, "prometheus_multiproc_dir")) {
            continue;
        }
        for (const char* variable : {"WEB_CONCURRENCY", "GUNICORN_CMD_ARGS", "UVICORN_WORKERS"}) {
            if (holds(service->environment, variable)) {
                report.info(
                    code::VG0363, at / "metrics",
                    "service `" + application->service + "` sets `" + variable +
                        "`: with several workers, each scrape sees the counters of only one",
                    "set PROMETHEUS_MULTIPROC_DIR to a directory that is empty at the start (Python), or "
                    "run one worker");
                break;
            }
        }
    }
}

void lintTwice(HostFactsView& host, const spec::Reporter& report) {
    std::map<std::string, std::string> seen;
    for (const auto& [application, at] : host.applications()) {
        if (!application->metrics) {
            continue;
        }
        const auto& metrics = *application->metrics;
        const auto [first, inserted] = seen.emplace(application->project + "/" + application->service + ":" +
                                                        std::to_string(metrics.port) + metrics.path,
                                                    application->name);
        if (!inserted) {
            report.warning(code::VG0364, at / "metrics",
                           "applications `" + first->second + "` and `" + application->name +
                               "` scrape the same metrics of one service twice",
                           "remove one of them, or correct its `port` or `path`");
        }
    }
    for (std::size_t i = 0; i < host.stack().exporters.size(); ++i) {
        const auto& exporter = host.stack().exporters[i];
        const auto* project = host.stack().project(exporter.project);
        if (project == nullptr || project->ours() || project->host != host.host().name ||
            exporter.type != spec::ExporterType::pgbouncer) {
            continue;
        }
        const auto* services = host.services(*project);
        for (const auto& [name, service] : services == nullptr ? Services{} : *services) {
            const bool same = service.image.find("pgbouncer-exporter") != std::string::npos ||
                              service.image.find("pgbouncer_exporter") != std::string::npos;
            if (same && name != exporter.serviceName()) {
                report.warning(code::VG0364, FieldPath{"spec", "exporters"}[i] / "name",
                               "service `" + printable(name) + "` of project `" + project->name +
                                   "` is already a PgBouncer exporter",
                               "remove it from your compose file: vigie renders the exporter");
            }
        }
    }
}

/// The standard variables of OpenTelemetry, the one that wins first. Source: OpenTelemetry's specification,
/// "OTLP exporter configuration".
void lintTraceVariables(HostFactsView& host, const spec::Reporter& report) {
    static const std::vector<std::string> kStandard = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                                                       "OTEL_EXPORTER_OTLP_ENDPOINT"};
    for (const auto& [application, at] : host.applications()) {
        const auto* service =
            application->traces
                ? host.service(host.stack().projectNamed(application->project), application->service)
                : nullptr;
        if (service == nullptr) {
            continue;
        }
        // The variables of OpenTelemetry include the second, whatever `variable` says beside them.
        const auto& traces = *application->traces;
        const auto& ours =
            traces.variables == "otel" && traces.variable != kStandard[0] ? kStandard[1] : traces.variable;
        for (const auto& variable : kStandard) {
            if (variable == ours) {
                break;
            }
            if (holds(service->environment, variable)) {
                report.warning(code::VG0365, at / "traces",
                               "service `" + application->service + "` sets `" + variable +
                                   "` in your compose file, which may override `" + ours + "`",
                               "write `variable: " + variable + "`, or remove it from your compose file");
                break;
            }
        }
    }
}

void lintHealthChecks(HostFactsView& host, const spec::Reporter& report) {
    for (const auto& [application, at] : host.applications()) {
        const auto* service =
            application->rebuild.empty()
                ? nullptr
                : host.service(host.stack().projectNamed(application->project), application->service);
        if (service != nullptr && !service->healthcheck) {
            report.info(code::VG0367, at / "rebuild",
                        "service `" + application->service +
                            "` has no health check in your compose file: after a rebuild, vigie checks only "
                            "that the container keeps running",
                        "add `healthcheck:` there, unless the image has one");
        }
    }
}

/// The ports at which a service says that it listens; empty when it says nothing, or says it with variables.
std::vector<int> listening(const ServiceFacts& service) {
    std::vector<int> out;
    for (const auto& port : service.ports) {
        if (port.target == 0) {
            return {};
        }
        out.push_back(port.target);
    }
    for (const auto& text : service.expose) {
        int port = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), port);
        const std::string_view rest(end.ptr, static_cast<std::size_t>(text.data() + text.size() - end.ptr));
        if (end.ec != std::errc{} || (!rest.empty() && rest.front() != '/')) {
            return {};
        }
        out.push_back(port);
    }
    return out;
}

void lintAskedPorts(HostFactsView& host, const spec::Reporter& report) {
    for (const auto& named : host.named()) {
        const auto* service = named.port == 0 ? nullptr : host.service(*named.project, named.service);
        const auto ports = service == nullptr ? std::vector<int>{} : listening(*service);
        if (!ports.empty() && std::find(ports.begin(), ports.end(), named.port) == ports.end()) {
            std::vector<std::string> words;
            words.reserve(ports.size());
            for (const int port : ports) {
                words.push_back(std::to_string(port));
            }
            report.warning(code::VG0370, named.at,
                           named.who + " connects to port " + std::to_string(named.port) + " of service `" +
                               named.service + "`, which listens on " + join(words, ", "),
                           "write the port on which the service listens inside its container");
        }
    }
}

void lintRestarts(HostFactsView& host, const spec::Reporter& report) {
    std::map<std::string, bool> said;
    for (const auto& named : host.named()) {
        const auto* service = host.service(*named.project, named.service);
        if (service != nullptr && (service->restart.empty() || service->restart == "no") &&
            said.emplace(named.project->name + "/" + named.service, true).second) {
            report.info(code::VG0371, named.at,
                        "service `" + named.service +
                            "` has no restart policy: Docker does not start it after a reboot",
                        "write `restart: unless-stopped` into your compose file");
        }
    }
}

}  // namespace

void lintFactsOfServices(HostFactsView& host, const spec::Reporter& report) {
    lintNetworkModes(host, report);
    lintWorkers(host, report);
    lintTwice(host, report);
    lintTraceVariables(host, report);
    lintHealthChecks(host, report);
    lintAskedPorts(host, report);
    lintRestarts(host, report);
}

}  // namespace vigie::lint
