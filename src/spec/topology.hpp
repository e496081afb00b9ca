#pragma once

#include "spec/address.hpp"
#include "spec/stack.hpp"

#include <string>
#include <vector>

/// Who is whose peer, and which networks are whose. Addresses and networks come out in their canonical form.
namespace vigie::spec {

/// Others can dial it.
bool reachable(const Host& host);

/// The host that forwards between all the others, which have no other peer. Null in a mesh.
const Host* hubOf(const Stack& stack);

/// Whether the two have each other as peers.
bool arePeers(const Stack& stack, const Host& a, const Host& b);

int listenPortOf(const Stack& stack, const Host& host);

/// Of `host` to every peer, in seconds; 0: none.
int keepaliveOf(const Stack& stack, const Host& host);

/// Of `host` to `peer`. Of two that can both dial, neither would speak before there is something to say, and
/// a tunnel of which nothing is heard looks like one that is broken: the later one of the document keeps
/// alive.
int keepaliveTo(const Stack& stack, const Host& host, const Host& peer);

/// The host's address that targets and URLs name; empty without a tunnel.
std::string vpnAddressOf(const Host& host);

/// The host's addresses in the tunnel with their networks' prefix lengths.
std::vector<std::string> tunnelAddressesOf(const Stack& stack, const Host& host);

/// What peers send to this host itself: its addresses as /32 and /128, and the networks behind it.
std::vector<std::string> networksOf(const Host& host);

/// AllowedIPs of `peer` as `host` writes them; they must be peers.
std::vector<std::string> allowedIpsOf(const Stack& stack, const Host& host, const Host& peer);

/// The preshared key of the two. Null when they have none.
const PresharedKey* presharedKeyOf(const Stack& stack, const Host& a, const Host& b);

}  // namespace vigie::spec
