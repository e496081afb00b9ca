// Whose the state is, before it is believed.
#pragma once

#include "system/files.hpp"

#include <string>

namespace vigie::apply {

/// Throws Error when somebody else may write the state directory or a file in it, or read a key in it: an
/// open journal decides what root writes, and where.
void requireOwnState(const std::string& stateDirectory, const system::Files& files);

}  // namespace vigie::apply
