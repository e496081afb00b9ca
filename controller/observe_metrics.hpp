#pragma once

#include "controller/metrics.hpp"
#include "controller/published.hpp"
#include "controller/reconciler.hpp"

namespace vigie::controller {

/// Tells the metrics what a look that took so many seconds has found.
void observeLook(Metrics& metrics, const Snapshot& snapshot, const Looked& looked, double seconds);

}  // namespace vigie::controller
