// What is at a path, below the root of a process or of this machine; no file is opened to be read.
#pragma once

#include "attach/process.hpp"
#include "system/descriptor.hpp"

#include <string>
#include <vector>

namespace vigie::system {

/// Each of `paths` (absolute) as somebody sees it whose root is the directory `root`: links lead nowhere
/// else, and those of /proc are not followed. Throws AttachError where the kernel does
/// not tell.
std::vector<attach::PathFacts> observePaths(const Descriptor& root, const std::vector<std::string>& paths);

}  // namespace vigie::system
