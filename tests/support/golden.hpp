// Compares texts with golden files, or accepts them.
#pragma once

#include <string>

namespace vigie::tests {

/// A file of the source tree, as a string. Throws when it is missing.
std::string readSource(const std::string& relative);

/// Compares `actual` with the golden file `tests/golden/NAME`. With VIGIE_ACCEPT=1 in the environment the
/// file is written instead, to be reviewed with git.
void checkGolden(const std::string& name, const std::string& actual);

/// `relative` as an absolute path of the source tree.
std::string sourcePath(const std::string& relative);

}  // namespace vigie::tests
