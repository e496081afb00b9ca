// The plan of going back to a generation, made beside the reconcile thread: it only looks.
#pragma once

#include "controller/config.hpp"
#include "plan/plan.hpp"
#include "system/stop.hpp"

#include <cstdint>

namespace vigie::controller {

/// Looks at the host with programs and requests of its own, for at most as long as `stop` is not raised.
/// Throws Error when there is no such generation, or its document is damaged.
plan::Plan rollbackPlan(const Config& config, const plan::Options& options, std::int64_t number,
                        const system::Stop& stop);

}  // namespace vigie::controller
