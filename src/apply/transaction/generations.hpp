// Keeps the documents that were applied, to roll back to.
#pragma once

#include "apply/apply.hpp"

#include <string>

namespace vigie::apply {

/// Writes the document of `target` below the state directory, where a rollback finds it. The store knows of
/// it once the transaction is committed.
void keepGeneration(const DesiredState& target, const std::string& stateDirectory,
                    const system::System& system);

/// Removes the documents that the store does not know (any more). No transaction may be open.
void forgetGenerations(const state::Store& store, const std::string& stateDirectory,
                       const system::System& system);

/// Where the document of a render is kept, as the host sees it.
std::string generationDirectory(const std::string& stateDirectory, const std::string& name);

/// The generation to go back to: of that number or revision; the one before the newest when `wanted` is
/// empty. Throws Error when there is none.
state::Generation chooseGeneration(const std::vector<state::Generation>& generations,
                                   const std::string& wanted);

/// Whether the host is at that generation now.
bool isApplied(const state::Generation& generation, const state::Store& store);

/// What history says of a host that went back to it.
std::string wentBackTo(const state::Generation& generation);

}  // namespace vigie::apply
