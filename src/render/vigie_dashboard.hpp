// The dashboards about vigie itself, compiled in.
#pragma once

#include <span>
#include <string_view>

namespace vigie::render {

struct Dashboard {
    std::string_view name;  ///< of its file
    std::string_view text;
};

/// manifests/grafana/, compiled in: the dashboard about vigie itself.
std::span<const Dashboard> vigieDashboards();

}  // namespace vigie::render
