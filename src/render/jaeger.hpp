// Jaeger's container.
#pragma once

#include "render/builder.hpp"

#include <map>
#include <string>

namespace vigie::render {

/// The container of Jaeger without its ports.
Service jaegerContainer(const spec::Project& project, const spec::Jaeger& jaeger);

}  // namespace vigie::render
