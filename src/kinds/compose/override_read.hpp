// Whether the user's own `docker compose up` reads the override file that vigie writes.
#pragma once

#include "render/resource.hpp"
#include "system/files.hpp"

#include <string>
#include <vector>

namespace vigie::apply {

/// Compose reads an override file of itself only under one of its usual names, or when COMPOSE_FILE of the
/// project's `.env` names it.
bool readsOverride(const render::ComposeProject& project, const system::Files& files);

/// Of the projects of users into which vigie renders servers: notes of a plan.
std::vector<std::string> notesOnOverrides(const std::vector<render::Resource>& desired,
                                          const system::Files& files);

}  // namespace vigie::apply
