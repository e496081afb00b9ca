// Who else decides what root's `docker compose` does.
#pragma once

#include "render/resource.hpp"
#include "system/files.hpp"

#include <string>
#include <vector>

namespace vigie::apply {

/// Which directories, compose and environment files of a project somebody else than root may write:
/// `/opt/moments belongs to uid 1000`. Each once. What compose is given there, root runs.
std::vector<std::string> othersWrite(const render::ComposeProject& project, const system::Files& files);

/// The same of every project of the host, as notes of a plan.
std::vector<std::string> notesOnOthers(const std::vector<render::Resource>& desired,
                                       const system::Files& files);

}  // namespace vigie::apply
