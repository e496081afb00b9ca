// Putting everything back that a transaction has changed.
#pragma once

#include "kinds/host.hpp"
#include "state/journal.hpp"
#include "system/system.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace vigie::apply {

using kinds::Restored;

/// Puts everything back in the order of `kinds::UndoTurn`: files and attributes byte for byte, and what runs.
/// What is as it was is not touched, so that it can be done again after it was interrupted.
Restored restore(const std::vector<state::BeforeImage>& images, const SecureBytes& key,
                 std::chrono::milliseconds reloadTimeout, const system::System& system);

/// Whether putting back an image of that name is more than starting a program anew.
bool lasting(const std::string& image);

}  // namespace vigie::apply
