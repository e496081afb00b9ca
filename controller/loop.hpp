#pragma once

#include "controller/beat.hpp"
#include "controller/published.hpp"
#include "controller/queue.hpp"
#include "controller/reconciler.hpp"
#include "controller/watch.hpp"
#include "system/stop.hpp"

#include <functional>
#include <string>

namespace vigie::controller {

/// What the reconcile thread works with.
struct LoopParts {
    Queue& queue;
    Published& published;
    Watch& watch;
    Beat& beat;
    Reconciler& reconciler;
    system::Files& files;
    const system::Clock& clock;
    const system::Stop& stop;
    Log& log;
    /// Called after each look with what it was for and how long it took; may be empty.
    std::function<void(const Work& work, double seconds)> looked;
};

/// The reconcile thread: waits for a reason, looks, tells everybody, plans the next look. Returns when the
/// operator asks us to stop.
void runLoop(const LoopParts& parts);

}  // namespace vigie::controller
