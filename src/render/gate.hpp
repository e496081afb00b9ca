// What a host becomes that has to wait for another one.
#pragma once

#include "render/resource.hpp"

#include <vector>

namespace vigie::render {

/// What a host becomes that has to wait for another one: the tunnel of the `next` revision, because a tunnel
/// is changed by all hosts together, and everything else as it was `applied`. Firewall rules of both: what
/// still runs may still be reached. In an order in which it can be made.
std::vector<Resource> onlyTheTunnel(const std::vector<Resource>& next, const std::vector<Resource>& applied);

}  // namespace vigie::render
