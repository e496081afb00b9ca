#pragma once

#include "render/builder.hpp"

namespace vigie::render {

/// The user and group of Grafana's image. Source: its Dockerfile, GF_UID and GF_GID.
constexpr Owner kGrafanaUser{472, 0};

/// The variable by which Grafana takes a setting. Source: Grafana's documentation, "Override configuration
/// with environment variables".
std::string grafanaVariable(std::string_view section, std::string_view name);

/// The container of Grafana without the ports that are published.
Service grafanaContainer(const Builder& builder);

}  // namespace vigie::render
