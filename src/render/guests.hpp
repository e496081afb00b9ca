// What confines guests of the tunnel to what they may reach.
#pragma once

#include "render/builder.hpp"

#include <string>
#include <vector>

namespace vigie::render {

/// The chain of the host whose peers guests are, and what brings it back before the tunnel after a reboot, in
/// `directory`; nothing elsewhere. The chain lets through what guests reach, and drops whatever else comes
/// from the tunnel's network and is of no host: a rule that is missing closes. Returns what the tunnel waits
/// for.
std::vector<std::string> renderGuests(Builder& builder, const std::string& directory);

}  // namespace vigie::render
