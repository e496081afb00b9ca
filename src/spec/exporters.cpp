// What an exporter says of itself by the row of its type, and the names of types.

#include "spec/exporters.hpp"

#include "spec/supported.hpp"

#include <algorithm>

namespace vigie::spec {

// Ports: https://github.com/prometheus/prometheus/wiki/Default-port-allocations, and of cAdvisor its
// documentation.
const std::vector<ExporterType>& exporterTypes() {
    static const std::vector<ExporterType> kTypes = {
        {"pgbouncer", supportedProgram("pgbouncer").image, 9127, true},
        {"postgres", supportedProgram("postgres").image, 9187, true},
        {"redis", supportedProgram("redis").image, 9121, true},
        {"nginx", supportedProgram("nginx").image, 9113, true},
        {"node", supportedProgram("node").image, 9100, false},
        {"cadvisor", supportedProgram("cadvisor").image, 8080, false},
        {"blackbox", supportedProgram("blackbox").image, 9115, true},
        {"custom", "", 0, true},
    };
    return kTypes;
}

const ExporterType* exporterType(std::string_view name) {
    const auto& types = exporterTypes();
    const auto it =
        std::find_if(types.begin(), types.end(), [&](const ExporterType& type) { return type.name == name; });
    return it == types.end() ? nullptr : &*it;
}

std::string Exporter::serviceName() const {
    if (!service.empty()) {
        return service;
    }
    std::string out = name;
    std::replace(out.begin(), out.end(), '_', '-');
    return out;
}

std::string Exporter::observedService() const {
    if (postgres) {
        return postgres->service;
    }
    if (redis) {
        return redis->service;
    }
    return nginx ? nginx->service : pgbouncer.service;
}

std::string Exporter::metricsPath() const {
    return custom && custom->path != "/metrics" ? custom->path : "";
}

std::string ProbeModule::prober() const {
    const auto* prober = raw.find("prober");
    return prober == nullptr ? "" : prober->scalar;
}

bool Blackbox::pings() const {
    return std::any_of(probes.begin(), probes.end(),
                       [](const Probe& each) { return each.prober == "icmp"; }) ||
           std::any_of(modules.begin(), modules.end(),
                       [](const ProbeModule& each) { return each.prober() == "icmp"; });
}

}  // namespace vigie::spec
