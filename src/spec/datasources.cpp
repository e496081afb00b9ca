// Derives Grafana's data sources: who asks whom, at which address.

#include "spec/datasources.hpp"

#include "spec/address.hpp"
#include "spec/topology.hpp"

namespace vigie::spec {
namespace {

/// Who asks, and from where.
struct Asker {
    std::string project;
    bool outside = false;  ///< in its host's own network
};

/// Who is asked, and where.
struct Asked {
    std::string project;
    std::string service;  ///< its name inside of the project
    int containerPort = 0;
    int port = 0;  ///< that is published
    std::string exposure = {};
    bool outside = false;
};

bool insideOfProject(const Asker& asker, const Asked& asked) {
    return asker.project == asked.project && !asker.outside && !asked.outside;
}

std::string addressOf(const Stack& stack, const Asker& asker, const Asked& asked) {
    if (insideOfProject(asker, asked)) {
        return hostPort(asked.service, asked.containerPort);
    }
    const auto* host = stack.hostOf(asked.project);
    if (host == nullptr) {  // reported as a reference to nothing
        return {};
    }
    return hostPort(asker.outside && host == stack.hostOf(asker.project)
                        ? ownAddress(stack, *host, asked.exposure)
                        : scrapeAddress(stack, *host),
                    asked.port);
}

class Sources {
public:
    explicit Sources(const Stack& stack)
        : stack_(stack), grafana_{stack.grafana->project, grafanaInHostNetwork(stack)} {}

    void add(const std::string& name, const std::string& uid, const std::string& type, const Asked& asked,
             const std::string& path = {}) {
        out.push_back({name, uid, type, "http://" + addressOf(stack_, grafana_, asked) + path, asked.exposure,
                       !insideOfProject(grafana_, asked),
                       stack_.hostOf(asked.project) != stack_.hostOf(grafana_.project)});
    }

    std::vector<DerivedDatasource> out;

private:
    const Stack& stack_;
    Asker grafana_;
};

/// The second of a kind is told from the first by its host.
std::string suffix(const Stack& stack, const std::string& project, std::size_t index) {
    const auto* host = stack.hostOf(project);
    return index == 0 || host == nullptr ? "" : " (" + host->name + ")";
}

std::string uidOf(const char* base, std::size_t index) {
    return index == 0 ? base : base + ("-" + std::to_string(index + 1));
}

}  // namespace

bool grafanaInHostNetwork(const Stack& stack) {
    return stack.grafana && !stack.grafana->had.attach && (!joined(stack) || joinedByV6(stack));
}

std::vector<DerivedDatasource> derivedDatasources(const Stack& stack) {
    constexpr int kPrometheus = 9090;
    constexpr int kAlertmanager = 9093;
    constexpr int kJaeger = 16686;
    if (!stack.grafana) {
        return {};
    }
    Sources sources(stack);
    if (stack.prometheus) {
        const auto& prometheus = *stack.prometheus;
        const auto servers = prometheus.servers();
        for (std::size_t i = 0; i < servers.size(); ++i) {
            sources.add("Prometheus" + suffix(stack, servers[i].project, i), uidOf("prometheus", i),
                        "prometheus",
                        {servers[i].project, "prometheus", kPrometheus, prometheus.port, prometheus.exposure,
                         prometheusInHostNetwork(stack)},
                        prometheus.web.prefix());
        }
    }
    if (stack.alertmanager) {
        const auto& alertmanager = *stack.alertmanager;
        const auto projects = alertmanager.projects();
        for (std::size_t i = 0; i < projects.size(); ++i) {
            sources.add("Alertmanager" + suffix(stack, projects[i], i), uidOf("alertmanager", i),
                        "alertmanager",
                        {projects[i], "alertmanager", kAlertmanager, alertmanager.port, alertmanager.exposure,
                         alertmanagerInHostNetwork(stack)},
                        alertmanager.web.prefix());
        }
    }
    if (stack.jaeger) {
        sources.add("Jaeger", "jaeger", "jaeger",
                    {stack.jaeger->project, "jaeger", kJaeger, stack.jaeger->port, stack.jaeger->exposure});
    }
    return std::move(sources.out);
}

std::string grafanaTarget(const Stack& stack, const Replica& server) {
    const auto& grafana = *stack.grafana;
    return addressOf(stack, {server.project, prometheusInHostNetwork(stack)},
                     {grafana.project, grafana.had.attach ? grafana.had.attach->service : "grafana",
                      kGrafanaPort, grafana.port, grafana.exposure, grafanaInHostNetwork(stack)});
}

}  // namespace vigie::spec
