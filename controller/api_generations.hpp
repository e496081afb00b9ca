// The part of the API that tells what going back to a generation would change.
#pragma once

#include "controller/router.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace vigie::controller {

/// What the answers are made of.
struct GenerationsApi {
    /// The plan of going back to the generation of this number, as text. Throws Error. On a thread that may
    /// wait for the host's programs.
    std::function<std::string(std::int64_t)> planOf;
    /// Does something on that thread; false when it has too much to do.
    std::function<bool(std::function<void()>)> later;
};

/// Adds `/api/v1/generations/NUMBER/plan`, as docs/openapi.yaml describes it.
void addGenerations(Router& router, const GenerationsApi& api);

}  // namespace vigie::controller
