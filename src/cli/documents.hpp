// Loads a document for a command and prints its findings.
#pragma once

#include "source/directory.hpp"

#include <string>

namespace vigie::cli {

/// All diagnostics with their source lines.
std::string formatAll(const source::Loaded& loaded, bool colour);

/// Loads a document that must be usable. Diagnostics go to standard error; throws Error when there are
/// errors.
source::Loaded loadUsable(const std::string& directory);

/// The host named on the command line, or the only one there is. Throws Error otherwise.
std::string chooseHost(const source::Loaded& loaded, const std::string& host);

}  // namespace vigie::cli
