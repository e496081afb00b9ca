// Grafana's container and directories.
#pragma once

#include "render/builder.hpp"

namespace vigie::render {

/// The variable by which Grafana takes a setting. Source: Grafana's documentation, "Override configuration
/// with environment variables".
std::string grafanaVariable(std::string_view section, std::string_view name);

/// The container of Grafana without the ports that are published.
Service grafanaContainer(const Builder& builder);

}  // namespace vigie::render
