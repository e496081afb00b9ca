// Tells the metrics what a pass has found.
#pragma once

#include "controller/metrics.hpp"
#include "controller/published.hpp"
#include "controller/reconcile/state.hpp"

namespace vigie::controller {

/// `snapshot` is that of a pass that took so many seconds.
void observePass(Metrics& metrics, const Snapshot& snapshot, const PassMetrics& pass, double seconds);

}  // namespace vigie::controller
