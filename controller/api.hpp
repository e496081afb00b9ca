// The HTTP API: what the controller answers, and what it may be asked to do.
#pragma once

#include "controller/events.hpp"
#include "controller/published.hpp"
#include "controller/queue.hpp"
#include "controller/router.hpp"
#include "controller/watchdog.hpp"
#include "state/store.hpp"
#include "system/clock.hpp"

#include <functional>

namespace vigie::controller {

/// What the answers are made of. Everything here may be used from the server's thread, except `urgent`.
struct Api {
    const Published& published;
    Queue& queue;
    Events& events;
    const Watchdog& watchdog;
    const system::Clock& clock;
    /// Runs something soon on a thread that is never busy with a reconcile.
    std::function<void(std::function<void()>)> soon;
    /// A connection to the database that only `soon`'s thread uses: suspending, approving and confirming must
    /// not wait for the end of a reconcile.
    state::Store& urgent;
    /// Whether plans and the diffs of the history are for everybody (`http.reads: open`).
    bool openReads = false;
};

/// Adds `/api/v1/…`, `/healthz` and `/readyz`, as docs/openapi.yaml describes them.
void addApi(Router& router, const Api& api);

}  // namespace vigie::controller
