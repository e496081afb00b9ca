// When the next pass is due: the one place that makes times of outcomes.
#pragma once

#include "controller/reconcile/context.hpp"
#include "controller/reconcile/state.hpp"

#include <cstdint>
#include <optional>

namespace vigie::controller {

/// Milliseconds from now.
struct Requeue {
    std::int64_t poll = 0;              ///< the remote is asked again
    std::optional<std::int64_t> retry;  ///< what failed is tried again; nothing: nothing has
    std::optional<std::int64_t>
        resumed;  ///< a suspension ends by itself; nothing: it does not, or there is none
    std::optional<std::int64_t> stale;  ///< a peer may have to be dialled anew; nothing: none can
};

/// What follows from `outcome` and from what is remembered.
Requeue requeueAfter(const Context& on, const State& state, const Outcome& outcome);

}  // namespace vigie::controller
