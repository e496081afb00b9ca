// The reconcile thread: waits for a reason, makes a pass, tells everybody, plans the next pass.
#pragma once

#include "controller/published.hpp"
#include "controller/queue.hpp"
#include "controller/reconcile/reconciler.hpp"
#include "controller/watchdog.hpp"
#include "system/stop.hpp"

#include <functional>
#include <set>
#include <string>

namespace vigie::controller {

/// What the reconcile thread works with.
struct LoopParts {
    Queue& queue;
    Published& published;
    Watchdog& watchdog;
    Reconciler& reconciler;
    system::Files& files;
    const system::Clock& clock;
    const system::Stop& stop;
    Log& log;
    /// Exactly these are watched from now on: paths on this machine, and compose projects.
    std::function<void(std::set<std::string> paths, std::set<std::string> projects)> watch;
    /// Called after each pass with what it was for and how long it took; may be empty.
    std::function<void(const Work& work, double seconds)> afterPass = {};
};

/// Returns when the operator asks us to stop.
void runLoop(const LoopParts& parts);

}  // namespace vigie::controller
