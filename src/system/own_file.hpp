// Whose a file is that is believed: a configuration, a key, the state.
#pragma once

#include "system/files.hpp"

#include <string>

namespace vigie::system {

/// Which part of the way to `path` somebody else than root, and than whoever started this program, may write:
/// `/srv belongs to uid 1000`; empty when nobody may. Links are looked through. What is missing is nobody's.
std::string whoElseMayWrite(const Files& files, const std::string& path);
/// The same of a path of this machine, which may be relative.
std::string whoElseMayWrite(const std::string& path);

/// Throws Error, that `what` is not trusted, unless nobody else may write `path` or put another one there.
void requireOwn(const std::string& what, const Files& files, const std::string& path);
void requireOwn(const std::string& what, const std::string& path);

}  // namespace vigie::system
