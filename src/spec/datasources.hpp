// The data sources of Grafana that follow from the document.
#pragma once

#include "spec/exposure.hpp"
#include "spec/stack.hpp"

#include <string>
#include <vector>

namespace vigie::spec {

/// The port inside of Grafana's container.
constexpr int kGrafanaPort = 3000;

/// A data source of Grafana that follows from the document.
struct DerivedDatasource {
    std::string name;
    std::string uid;
    std::string type;
    std::string url;
    std::string exposure;    ///< of the component, as it is written
    bool published = false;  ///< it is reached at the port that is published, not inside of the project …
    bool elsewhere = false;  ///< … and from another host
};

/// Whether Grafana's container runs in the host's own network, for the reasons of Prometheus: a bridge
/// reaches neither the host's loopback address nor IPv6.
bool grafanaInHostNetwork(const Stack& stack);

/// Every Prometheus (the first is the default), Alertmanager and Jaeger, as Grafana reaches them.
std::vector<DerivedDatasource> derivedDatasources(const Stack& stack);

/// `host:port` at which the Prometheus of `server` scrapes Grafana.
std::string grafanaTarget(const Stack& stack, const Replica& server);

}  // namespace vigie::spec
