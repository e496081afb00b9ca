// The part of the API that tells of containers, and of what they wrote.
#pragma once

#include "controller/published.hpp"
#include "controller/router.hpp"
#include "system/http.hpp"

#include <functional>

namespace vigie::controller {

/// What the answers are made of.
struct ContainersApi {
    const Published& published;
    /// The Docker engine, for the worker's thread.
    std::function<system::Http&()> engine;
    /// Does something on a thread that may wait for the engine; false when it has too much to do.
    std::function<bool(std::function<void()>)> later;
};

/// Adds `/api/v1/containers` and `/api/v1/containers/ID/logs`, as docs/openapi.yaml describes them.
void addContainers(Router& router, const ContainersApi& api);

}  // namespace vigie::controller
