// Finds the derived jobs that native configuration has already.

#include "spec/native_jobs.hpp"

#include "spec/address.hpp"
#include "spec/datasources.hpp"
#include "spec/exposure.hpp"
#include "spec/jobs.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

class Jobs {
public:
    Jobs(const Stack& stack, const Replica& server, const std::vector<Node>& roots)
        : stack_(stack), here_(stack.hostOf(server.project)) {
        for (const auto& root : roots) {
            const auto* jobs = root.find("scrape_configs");
            for (const auto& job : jobs == nullptr ? std::vector<Node>{} : jobs->items) {
                if (const auto* name = job.find("job_name")) {
                    names_.insert(name->scalar);
                }
                targets(job);
            }
        }
    }

    void add(const std::string& name, const FieldPath& at, std::set<std::string> ways) {
        NativeJob job{name, at, std::move(ways)};
        job.covered = std::any_of(job.ways.begin(), job.ways.end(),
                                  [&](const std::string& way) { return targets_.count(way) != 0; });
        job.nameTaken = !job.covered && names_.count(name) != 0;
        out_.push_back(std::move(job));
    }

    /// Ways to a service of a project: its port on the host, and the container's own inside of a network of
    /// the engine.
    [[nodiscard]] std::set<std::string> ways(const std::string& project, const std::string& service, int port,
                                             int containerPort) const {
        std::set<std::string> out;
        const auto* host = stack_.hostOf(project);
        const auto* where = stack_.project(project);
        if (host == nullptr || where == nullptr) {
            return out;
        }
        std::vector<std::string> names = {host->name,
                                          host->vpnAddress,
                                          host->vpnAddress6,
                                          host->address,
                                          scrapeAddress(stack_, *host),
                                          endpointHost(*host)};
        if (host == here_) {
            names.insert(names.end(), {"localhost", "127.0.0.1", "host.docker.internal", "172.17.0.1"});
            const auto folder = where->directory.substr(where->directory.rfind('/') + 1);
            for (const auto& name :
                 {service, where->name + "-" + service + "-1", where->name + "_" + service + "_1",
                  folder + "-" + service + "-1", folder + "_" + service + "_1"}) {
                out.insert(hostPort(name, containerPort));
                out.insert(hostPort(name, port));
            }
        }
        for (const auto& name : names) {
            if (!name.empty()) {
                out.insert(hostPort(name, port));
            }
        }
        return out;
    }

    std::vector<NativeJob> take() { return std::move(out_); }

private:
    static std::string endpointHost(const Host& host) {
        const auto colon = host.endpoint.rfind(':');
        return colon == std::string::npos ? host.endpoint : host.endpoint.substr(0, colon);
    }

    void targets(const Node& job) {
        const auto* groups = job.find("static_configs");
        for (const auto& group : groups == nullptr ? std::vector<Node>{} : groups->items) {
            const auto* list = group.find("targets");
            for (const auto& target : list == nullptr ? std::vector<Node>{} : list->items) {
                targets_.insert(target.scalar);
            }
        }
    }

    const Stack& stack_;
    const Host* here_;
    std::set<std::string> names_;
    std::set<std::string> targets_;
    std::vector<NativeJob> out_;
};

}  // namespace

std::vector<NativeJob> nativeJobs(const Stack& stack, const Replica& server, const std::vector<Node>& roots) {
    Jobs jobs(stack, server, roots);
    const auto& prometheus = *stack.prometheus;
    if (prometheus.selfScrape) {
        constexpr int kOwn = 9090;
        jobs.add(
            "prometheus", {"spec", "prometheus"},
            jobs.ways(server.project, prometheus.had.attach ? prometheus.had.attach->service : "prometheus",
                      prometheus.port, kOwn));
    }
    for (std::size_t i = 0; i < stack.applications.size(); ++i) {
        const auto& application = stack.applications[i];
        if (application.metrics) {
            jobs.add(application.name, FieldPath{"spec", "applications"}[i],
                     jobs.ways(application.project, application.service, application.metrics->port,
                               application.metrics->port));
        }
    }
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        const FieldPath at = FieldPath{"spec", "exporters"}[i];
        const auto service = exporter.attach ? exporter.attach->service : exporter.serviceName();
        jobs.add(jobOf(exporter), at,
                 jobs.ways(exporter.project, service, exporter.port, exporter.usualPort()));
        for (std::size_t j = 0; exporter.blackbox && j < exporter.blackbox->probes.size(); ++j) {
            jobs.add(exporter.blackbox->probes[j].name, (at / "blackbox" / "probes")[j], {});
        }
    }
    if (stack.grafana) {
        jobs.add("grafana", {"spec", "grafana"},
                 jobs.ways(stack.grafana->project,
                           stack.grafana->had.attach ? stack.grafana->had.attach->service : "grafana",
                           stack.grafana->port, kGrafanaPort));
    }
    if (stack.selfMonitoring.enabled) {
        jobs.add("vigie", {"spec", "vigie", "metrics"}, {});
    }
    return jobs.take();
}

}  // namespace vigie::spec
