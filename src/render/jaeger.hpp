#pragma once

#include "render/builder.hpp"

#include <map>
#include <string>

namespace vigie::render {

/// The user and group of Jaeger's images, version 1 and 2.
constexpr Owner kJaegerUser{10001, 10001};

/// The container of Jaeger without its ports.
Service jaegerContainer(const spec::Project& project, const spec::Jaeger& jaeger);

}  // namespace vigie::render
