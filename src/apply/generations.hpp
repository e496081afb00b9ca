#pragma once

#include "apply/apply.hpp"

#include <string>

namespace vigie::apply {

/// Writes the document of `target` below the state directory, where a rollback finds it. Nothing refers to it
/// until `recordGeneration`.
void keepGeneration(const Target& target, const std::string& stateDirectory, const system::System& system);

/// Makes the kept document the newest generation, and removes the oldest ones. Never throws: what was applied
/// stays applied.
void recordGeneration(const state::Applied& applied, state::Store& store, const std::string& stateDirectory,
                      const system::System& system);

/// Where the document of a render is kept, as the host sees it.
std::string generationDirectory(const std::string& stateDirectory, const std::string& name);

}  // namespace vigie::apply
