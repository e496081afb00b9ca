// Which addresses are of networks of one's own.
#pragma once

#include <string>

namespace vigie::imports {

/// Whether it is an address of a LAN or of a tunnel (RFC 1918, RFC 4193), or of the block from which
/// Tailscale and NetBird take theirs. The engine's first bridge is none.
bool isOwnNetwork(const std::string& address);

/// Whether it is in 100.64.0.0/10 (RFC 6598), or in Tailscale's block of IPv6.
bool isOverlayAddress(const std::string& address);

/// Whether everybody on the internet may reach it, by IPv4.
bool isPublicAddress(const std::string& address);

}  // namespace vigie::imports
