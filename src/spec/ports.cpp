// Lists the ports that the programs of a host listen on.

#include "spec/ports.hpp"

#include "spec/guests.hpp"
#include "spec/probe_target.hpp"
#include "spec/rollout.hpp"
#include "spec/topology.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace vigie::spec {
namespace {

/// Whether an application of another host than `here` sends traces by `protocol`.
bool tracesComeFromElsewhere(const Stack& stack, const Host& here, const std::string& protocol) {
    for (const auto& application : stack.applications) {
        const auto* host = stack.hostOf(application.project);
        if (application.traces && application.traces->protocol == protocol && host != nullptr &&
            host != &here) {
            return true;
        }
    }
    return false;
}

/// Whether a Prometheus runs on another host than `here`.
bool prometheusElsewhere(const Stack& stack, const Host& here) {
    if (!stack.prometheus) {
        return false;
    }
    const auto servers = stack.prometheus->servers();
    return std::any_of(servers.begin(), servers.end(), [&](const Replica& server) {
        const auto* host = stack.hostOf(server.project);
        return host != nullptr && host != &here;
    });
}

/// What Grafana, on another host, has as its data sources on `here`, and Grafana itself when a Prometheus
/// elsewhere scrapes it. A port that is in the list already is not added again.
void askedByGrafana(const Stack& stack, const Host& here, std::vector<Port>& out) {
    if (!stack.grafana) {
        return;
    }
    const auto* grafana = stack.hostOf(stack.grafana->project);
    const auto add = [&](int port, const char* purpose, const std::string& exposure) {
        if (std::none_of(out.begin(), out.end(), [&](const Port& each) { return each.number == port; })) {
            out.push_back({port, purpose, exposureOf(stack, exposure)});
        }
    };
    if (grafana == &here) {
        if (prometheusElsewhere(stack, here)) {
            add(stack.grafana->port, "Prometheus scrapes grafana", stack.grafana->exposure);
        }
        return;
    }
    if (stack.prometheusOn(here)) {
        add(stack.prometheus->port, "Grafana asks Prometheus", stack.prometheus->exposure);
    }
    if (!stack.alertmanagerOn(here).empty()) {
        add(stack.alertmanager->port, "Grafana asks Alertmanager", stack.alertmanager->exposure);
    }
    if (stack.jaeger && stack.hostOf(stack.jaeger->project) == &here) {
        add(stack.jaeger->port, "Grafana asks Jaeger", stack.jaeger->exposure);
    }
}

/// What guests of the tunnel reach on `here`. A port that is in the list already is not added again.
void reachedByGuests(const Stack& stack, const Host& here, std::vector<Port>& out) {
    std::set<Reached> services;
    for (const auto& guest : stack.wireguard.guests) {
        services.insert(guest.reaches.begin(), guest.reaches.end());
    }
    for (const auto service : services) {
        for (const auto& reached : reachedPorts(stack, service)) {
            const bool known = std::any_of(out.begin(), out.end(), [&](const Port& each) {
                return each.number == reached.port && !each.udp;
            });
            if (reached.host == &here && !known) {
                out.push_back({reached.port, "guests of the tunnel reach " + titleOf(reached.service),
                               exposureOf(stack, *exposureField(stack, reached.service))});
            }
        }
    }
}

/// Grafana, or who scrapes it, in another project of the same host.
void askedByGrafanaAtHome(const Stack& stack, const Host& here, std::vector<Port>& out) {
    if (!stack.grafana || stack.hostOf(stack.grafana->project) != &here) {
        return;
    }
    const auto& own = stack.grafana->project;
    const auto server = stack.prometheusOn(here);
    if (server && server->project != own) {
        out.push_back({stack.prometheus->port, "Grafana asks Prometheus on its own host",
                       exposureOf(stack, stack.prometheus->exposure)});
        out.push_back({stack.grafana->port, "Prometheus scrapes grafana on its own host",
                       exposureOf(stack, stack.grafana->exposure)});
    }
    if (const auto project = stack.alertmanagerOn(here); !project.empty() && project != own) {
        out.push_back({stack.alertmanager->port, "Grafana asks Alertmanager on its own host",
                       exposureOf(stack, stack.alertmanager->exposure)});
    }
    if (stack.jaeger && stack.jaeger->project != own && stack.hostOf(stack.jaeger->project) == &here) {
        out.push_back({stack.jaeger->port, "Grafana asks Jaeger on its own host",
                       exposureOf(stack, stack.jaeger->exposure)});
    }
}

/// The port of `target` when that is on `host` itself; 0: it is not.
int portOfOwn(const Stack& stack, const Host& host, std::string_view target) {
    constexpr int kHttp = 80;
    constexpr int kHttps = 443;
    const auto asked = probeTarget(target);
    if (asked.host != addressOf(stack, host)) {
        return 0;
    }
    int port = asked.scheme == "https" ? kHttps : asked.scheme.empty() ? 0 : kHttp;
    if (!asked.port.empty()) {
        port = 0;
        std::from_chars(asked.port.data(), asked.port.data() + asked.port.size(), port);
    }
    return port;
}

/// What blackbox exporters on `host` ask of the host itself.
void addProbed(const Stack& stack, const Host& host, std::vector<Port>& out) {
    for (const auto& exporter : stack.exporters) {
        if (!exporter.blackbox || stack.hostOf(exporter.project) != &host) {
            continue;
        }
        for (const auto& probe : exporter.blackbox->probes) {
            for (const auto& target : probe.targets) {
                if (const int port = portOfOwn(stack, host, target); port != 0) {
                    out.push_back({port, "probe " + probe.name + " asks its own host"});
                }
            }
        }
    }
}

}  // namespace

Entrance entranceOf(const Stack& stack) {
    const auto& interface = stack.wireguard.exists() ? stack.wireguard.interface : stack.network.interface;
    return {interface, interface.empty() ? stack.network.subnet : ""};
}

bool holdsFor(const AllowRule& rule, const Host& host) {
    return rule.hosts.empty() ||
           std::find(rule.hosts.begin(), rule.hosts.end(), host.name) != rule.hosts.end();
}

int clusterPort(const Alertmanager& alertmanager) {
    constexpr int kUsual = 9094;
    return alertmanager.clusterPort == 0 ? kUsual : alertmanager.clusterPort;
}

std::vector<Port> portsReachedOverTunnel(const Stack& stack, const Host& host) {
    std::vector<Port> out;
    if (isWaitedFor(stack, host)) {
        out.push_back({stack.selfMonitoring.port, "hosts that wait for this one read its progress"});
    } else if (stack.network.exists() && stack.selfMonitoring.enabled && stack.hosts.size() > 1) {
        out.push_back({stack.selfMonitoring.port, "the other hosts ask whether this one answers"});
    }
    if (prometheusElsewhere(stack, host)) {
        if (stack.selfMonitoring.enabled) {
            out.push_back({stack.selfMonitoring.port, "Prometheus scrapes vigie"});
        }
        for (const auto& application : stack.applications) {
            if (application.metrics && stack.hostOf(application.project) == &host) {
                out.push_back({application.metrics->port, "Prometheus scrapes " + application.name});
            }
        }
        for (const auto& exporter : stack.exporters) {
            if (stack.hostOf(exporter.project) == &host) {
                out.push_back({exporter.port, "Prometheus scrapes " + exporter.name,
                               exposureOf(stack, exporter.exposure)});
            }
        }
    }
    if (!stack.alertmanagerOn(host).empty()) {
        if (prometheusElsewhere(stack, host)) {
            out.push_back({stack.alertmanager->port, "Prometheus sends alerts",
                           exposureOf(stack, stack.alertmanager->exposure)});
        }
        if (stack.alertmanager->clustered()) {
            const int port = clusterPort(*stack.alertmanager);
            out.push_back({port, "Alertmanagers synchronize"});
            out.push_back({port, "Alertmanagers synchronize (UDP)", Exposure::vpn, true});
        }
    }
    if (stack.jaeger && stack.hostOf(stack.jaeger->project) == &host) {
        const auto exposure = exposureOf(stack, stack.jaeger->otlpExposure);
        if (tracesComeFromElsewhere(stack, host, "grpc")) {
            out.push_back({kOtlpGrpcPort, "applications send traces (OTLP gRPC)", exposure});
        }
        if (tracesComeFromElsewhere(stack, host, "http")) {
            out.push_back({kOtlpHttpPort, "applications send traces (OTLP HTTP)", exposure});
        }
    }
    askedByGrafana(stack, host, out);
    reachedByGuests(stack, host, out);
    return out;
}

std::vector<Port> portsReachedByContainers(const Stack& stack, const Host& host) {
    std::vector<Port> out;
    const auto server = stack.prometheusOn(host);
    if (server && !prometheusInHostNetwork(stack)) {
        if (stack.selfMonitoring.enabled) {
            out.push_back({stack.selfMonitoring.port, "Prometheus scrapes vigie on its own host"});
        }
        for (const auto& application : stack.applications) {
            if (application.metrics && stack.hostOf(application.project) == &host) {
                out.push_back({application.metrics->port,
                               "Prometheus scrapes " + application.name + " on its own host"});
            }
        }
        for (const auto& exporter : stack.exporters) {
            if (stack.hostOf(exporter.project) == &host) {
                out.push_back({exporter.port, "Prometheus scrapes " + exporter.name + " on its own host",
                               exposureOf(stack, exporter.exposure)});
            }
        }
        const auto alertmanager = stack.alertmanagerOn(host);
        if (!alertmanager.empty() && alertmanager != server->project) {
            out.push_back({stack.alertmanager->port, "Prometheus sends alerts on its own host",
                           exposureOf(stack, stack.alertmanager->exposure)});
        }
    }
    if (stack.jaeger && stack.hostOf(stack.jaeger->project) == &host) {
        for (const auto& application : stack.applications) {
            if (application.traces && stack.hostOf(application.project) == &host) {
                const bool grpc = application.traces->protocol == "grpc";
                out.push_back({grpc ? kOtlpGrpcPort : kOtlpHttpPort,
                               "applications send traces on their own host",
                               exposureOf(stack, stack.jaeger->otlpExposure)});
            }
        }
    }
    askedByGrafanaAtHome(stack, host, out);
    addProbed(stack, host, out);
    return out;
}

std::vector<Port> portsPublished(const Stack& stack, const Host& host) {
    std::vector<Port> out;
    for (const auto& exporter : stack.exporters) {
        if (stack.hostOf(exporter.project) == &host) {
            out.push_back(
                {exporter.port, "exporter `" + exporter.name + "`", exposureOf(stack, exporter.exposure)});
        }
    }
    if (stack.prometheusOn(host)) {
        out.push_back({stack.prometheus->port, "prometheus", exposureOf(stack, stack.prometheus->exposure)});
    }
    if (!stack.alertmanagerOn(host).empty()) {
        out.push_back(
            {stack.alertmanager->port, "alertmanager", exposureOf(stack, stack.alertmanager->exposure)});
        if (stack.alertmanager->clustered()) {
            out.push_back({clusterPort(*stack.alertmanager), "alertmanager (cluster)"});
        }
    }
    if (stack.jaeger && stack.hostOf(stack.jaeger->project) == &host) {
        const auto otlp = exposureOf(stack, stack.jaeger->otlpExposure);
        out.push_back({stack.jaeger->port, "jaeger", exposureOf(stack, stack.jaeger->exposure)});
        out.push_back({kOtlpGrpcPort, "jaeger (OTLP gRPC)", otlp});
        out.push_back({kOtlpHttpPort, "jaeger (OTLP HTTP)", otlp});
    }
    if (stack.grafana && stack.hostOf(stack.grafana->project) == &host) {
        out.push_back({stack.grafana->port, "grafana", exposureOf(stack, stack.grafana->exposure)});
    }
    return out;
}

}  // namespace vigie::spec
