// Copies of a configuration for a checker, as the program's container will see them.

#pragma once

#include "render/resource.hpp"
#include "system/files.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vigie::apply {

/// Where a configuration that names files by the container's paths is to find them instead: for a checker
/// that runs outside of the container.
struct Moved {
    std::string from;  ///< the directory as the container sees it
    std::string to;    ///< where the copies lie
};

/// Copies the files of the reload's directory to the same relative places below `staging`, secrets masked by
/// a value that may stand where an address is wanted. `moved`: in the main configuration, every value that is
/// a path below `moved->from` becomes one below `moved->to`.
void stage(const std::vector<render::Resource>& desired, const render::ConfiguredProgram& reload,
           const std::string& staging, unsigned mode, const std::optional<Moved>& moved,
           system::Files& files);

/// The text of a configuration that vigie rendered (or of `raw` settings in it), with such paths moved. Pure.
std::string movedPaths(const std::string& yaml, const Moved& moved);

}  // namespace vigie::apply
