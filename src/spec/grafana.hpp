// `spec.grafana` as plain structs.
#pragma once

#include "spec/attach.hpp"
#include "spec/node.hpp"
#include "spec/secret_reference.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vigie::spec {

struct GrafanaDatasource {
    std::string name;
    std::string type;
    std::string url = {};
    std::string user = {};
    std::optional<SecretReference> passwordFrom = {};
    std::optional<Node> jsonData = {};
    bool operator==(const GrafanaDatasource&) const = default;
};

struct GrafanaAnonymous {
    std::string role;
    bool operator==(const GrafanaAnonymous&) const = default;
};

struct Grafana {
    std::string project;
    std::string image;
    int port = 0;
    std::string exposure = {};
    std::string dataDirectory = {};
    std::string adminUser = {};
    std::optional<SecretReference> adminPasswordFrom = {};
    std::optional<GrafanaAnonymous> anonymous = {};
    std::vector<std::string> dashboards = {};
    bool vigieDashboard = false;
    std::vector<GrafanaDatasource> datasources = {};
    std::optional<Node> settings = {};  ///< section → name → value
    Had had = {};
    bool operator==(const Grafana&) const = default;
};

}  // namespace vigie::spec
