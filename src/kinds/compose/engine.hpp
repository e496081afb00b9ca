// Asks the Docker engine for containers and images through its API.
#pragma once

#include "plan/observed.hpp"
#include "system/system.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace vigie::apply {

// The container engine's own API: to look at everything, and for what compose cannot do to one container
// alone.

/// The containers of a compose project through the engine's API: those of `services` as a whole, of the
/// others what they mount. Mutates nothing.
plan::ObservedProject observeProject(const std::string& project, const std::set<std::string>& services,
                                     const system::System& system);

/// Whether there is an engine that answers.
bool engineAnswers(const system::System& system);

/// The image of that name on this host, or nothing.
std::optional<plan::ObservedImage> observeImage(const std::string& name, const system::System& system);

/// The id of the network of that name; empty: there is none.
std::string networkId(const std::string& name, const system::System& system);
/// Where the volume of that name lies on the host; empty: there is none.
std::string volumePath(const std::string& name, const system::System& system);

/// One container, inspected; nothing when there is none.
std::optional<plan::ObservedContainer> findContainer(const std::string& project, const std::string& service,
                                                     const system::System& system);

/// Starts the container again, as it is.
void restartContainer(const std::string& project, const std::string& service, const system::System& system);
/// All containers of one service, inspected.
std::vector<plan::ObservedContainer> containersOf(const std::string& project, const std::string& service,
                                                  const system::System& system);

/// Stops and removes the container. Missing is fine.
void removeContainer(const std::string& id, const system::System& system);
/// Likewise, whatever its id.
void removeContainer(const std::string& project, const std::string& service, const system::System& system);

/// Removes the container of that name at once, also while it runs. Missing is fine. Throws Error when it has
/// not the label `label`: it is not ours then.
void removeOurs(const std::string& name, const std::string& label, const system::System& system);

void startContainer(const std::string& id, const system::System& system);
void stopContainer(const std::string& id, const system::System& system);
/// Gives an image that is here the name `name`.
void tagImage(const std::string& imageId, const std::string& name, const system::System& system);

}  // namespace vigie::apply
