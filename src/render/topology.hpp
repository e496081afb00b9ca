// The peers of a host, as its interface has them.
#pragma once

#include "render/resource.hpp"
#include "spec/stack.hpp"

#include <vector>

namespace vigie::render {

/// Whether `host` forwards between the others.
bool isHub(const spec::Stack& stack, const spec::Host& host);

/// Whether guests are peers of `host` and reach others through it.
bool forwardsForGuests(const spec::Stack& stack, const spec::Host& host);

/// The peers of `host`, in the document's order, without preshared keys; guests behind the hosts. A peer's
/// AllowedIPs are its own addresses and the networks behind it; those of a spoke's hub are the whole network.
std::vector<WireguardPeer> peersOf(const spec::Stack& stack, const spec::Host& host);

}  // namespace vigie::render
