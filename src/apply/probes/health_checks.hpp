// Makes the health checks of the document.
#pragma once

#include "spec/reconcile.hpp"
#include "system/system.hpp"

#include <chrono>
#include <vector>

namespace vigie::apply {

/// Asks the addresses among `checks` until each has given the answer of a healthy one once, for `timeout`
/// altogether. Throws Rejected with what the first of the others answered.
void requireAnswers(const std::vector<spec::HealthCheck>& checks, std::chrono::milliseconds timeout,
                    const system::System& system);

}  // namespace vigie::apply
