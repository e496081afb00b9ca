#pragma once

#include "render/resource.hpp"
#include "spec/stack.hpp"

#include <vector>

namespace vigie::render {

/// Whether `host` is the one host that the others can dial, with at least two others: it forwards between
/// them.
bool isHub(const spec::Stack& stack, const spec::Host& host);

/// The peers of `host`, in the document's order. Hosts that cannot dial each other talk through the hub;
/// between two nodes each peer's AllowedIPs is its /32 (/128), and a spoke's hub carries the whole network.
std::vector<WireguardPeer> peersOf(const spec::Stack& stack, const spec::Host& host);

}  // namespace vigie::render
