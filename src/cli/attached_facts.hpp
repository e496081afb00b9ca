// The facts of programs that vigie could attach to.
#pragma once

#include "system/system.hpp"

#include <nlohmann/json.hpp>

namespace vigie::cli {

/// The Prometheus and Alertmanager processes in containers of compose projects: where each reads its
/// configuration, or why it cannot be attached. Null when the engine or vigie-attach does not answer.
nlohmann::ordered_json attachedFacts(const system::System& here);

}  // namespace vigie::cli
