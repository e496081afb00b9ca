// The compose tool: how images are got, and containers made and brought back.
#pragma once

#include "render/resource.hpp"
#include "system/system.hpp"

#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace vigie::apply {

/// Throws Error, with the cure, unless Docker Compose is there and new enough for what we write.
void requireCompose(const system::System& system);

/// The docker command line, which finds its plugins and the credentials of registries in the home directory.
system::Command dockerCommand(std::vector<std::string> arguments, std::chrono::milliseconds timeout);

/// `docker pull`, with the logins of the config.json in `configDirectory`; empty: with those of the user.
void pullImage(const std::string& name, const std::string& configDirectory, const system::System& system);
/// `docker compose build --no-cache --pull SERVICE`.
void buildImage(const render::ComposeProject& project, const std::string& service,
                const system::System& system);

enum class Recreate { ifDifferent, always };
/// `docker compose up -d --no-deps SERVICE`: this one container and no other.
void composeUp(const render::ComposeProject& project, const std::string& service, Recreate recreate,
               const system::System& system);
/// The before-image of a service's containers.
SecureBytes snapshotContainer(const render::ComposeProject& project, const std::string& service,
                              const system::System& system);
/// Removes the container if there was none.
void removeIfNew(std::string_view snapshot, const system::System& system);
/// Brings the container back as it was configured, from the same image; leaves it alone when it is still
/// there, or was brought back already. The compose files of that time must have been restored. Returns why it
/// could not be, in words, when they did not describe it any more; the next apply mends what is to be mended.
std::string restoreContainer(std::string_view snapshot, const system::System& system);

/// Watches the containers for `settle` (longer while a health check is still starting, up to `timeout`):
/// they must run, and go on running without a restart. Throws Rejected otherwise.
void requireStable(const std::set<std::pair<std::string, std::string>>& services,
                   std::chrono::milliseconds settle, std::chrono::milliseconds timeout,
                   const system::System& system);

}  // namespace vigie::apply
