// Which components are attached, and whether anything is written of them.

#include "spec/attached.hpp"

#include <optional>
#include <utility>

namespace vigie::spec {

std::vector<AttachedComponent> attachedIn(const Stack& stack) {
    std::vector<AttachedComponent> out;
    const auto add = [&](const FieldPath& at, std::string name, const std::string& project,
                         const std::optional<Attach>& attach) {
        if (attach) {
            out.push_back({at, std::move(name), project, &*attach});
        }
    };
    const FieldPath spec{"spec"};
    if (stack.prometheus) {
        add(spec / "prometheus", "Prometheus", stack.prometheus->project, stack.prometheus->had.attach);
    }
    if (stack.alertmanager) {
        add(spec / "alertmanager", "Alertmanager", stack.alertmanager->project,
            stack.alertmanager->had.attach);
    }
    if (stack.grafana) {
        add(spec / "grafana", "Grafana", stack.grafana->project, stack.grafana->had.attach);
    }
    if (stack.jaeger) {
        add(spec / "jaeger", "Jaeger", stack.jaeger->project, stack.jaeger->had.attach);
    }
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        add((spec / "exporters")[i], "exporter `" + exporter.name + "`", exporter.project, exporter.attach);
    }
    return out;
}

bool writesConfiguration(const Prometheus& prometheus) {
    return prometheus.configFrom || prometheus.alerting || prometheus.global ||
           !prometheus.scrapeConfigs.empty() || !prometheus.ruleFiles.empty() ||
           !prometheus.ruleGroups.empty() || !prometheus.remoteWrite.empty() ||
           !prometheus.remoteRead.empty() || !prometheus.externalLabels.empty();
}

bool writesConfiguration(const Alertmanager& alertmanager) {
    return alertmanager.configFile.empty() &&
           (alertmanager.configFrom || !alertmanager.receivers.empty() || alertmanager.route != Route{});
}

}  // namespace vigie::spec
