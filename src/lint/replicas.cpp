// Servers that run on several hosts.

#include "lint/rules.hpp"

#include <map>

namespace vigie::lint {
namespace {

using spec::FieldPath;

/// Servers of one kind: on one host they would want the same ports.
void lintHosts(const spec::Stack& stack, const std::string& first, const std::vector<spec::Replica>& replicas,
               const FieldPath& at, const spec::Reporter& report) {
    std::map<const spec::Host*, std::string> seen{{stack.hostOf(first), first}};
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        const auto* host = stack.hostOf(replicas[i].project);
        const auto [other, inserted] = seen.emplace(host, replicas[i].project);
        if (host != nullptr && !inserted && other->second != replicas[i].project) {
            report.error(code::VG0448, at[i] / "project",
                         "projects `" + other->second + "` and `" + replicas[i].project +
                             "` are on the same host `" + host->name + "`",
                         "name a project of another host: two servers on one host fail together");
        }
    }
}

}  // namespace

void lintReplicas(const spec::Stack& stack, const spec::Reporter& report) {
    if (stack.prometheus) {
        const FieldPath at{"spec", "prometheus", "replicas"};
        lintHosts(stack, stack.prometheus->project, stack.prometheus->replicas, at, report);
        const auto servers = stack.prometheus->servers();
        std::map<std::map<std::string, std::string>, std::string> seen;
        for (std::size_t i = 0; i < servers.size(); ++i) {
            const auto [other, inserted] = seen.emplace(servers[i].externalLabels, servers[i].project);
            if (!inserted && i > 0) {
                report.error(code::VG0449, at[i - 1] / "externalLabels",
                             "the Prometheus servers of `" + other->second + "` and `" + servers[i].project +
                                 "` have the same external labels",
                             "give each its own, such as `externalLabels: { replica: b }`");
            }
        }
    }
    if (stack.alertmanager) {
        lintHosts(stack, stack.alertmanager->project, stack.alertmanager->replicas,
                  {"spec", "alertmanager", "replicas"}, report);
    }
}

}  // namespace vigie::lint
