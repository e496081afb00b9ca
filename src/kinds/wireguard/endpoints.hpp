// Where a peer of the tunnel is dialled: what an endpoint of the document means, and where the peer is now.
#pragma once

#include "plan/observed.hpp"

#include <string>
#include <vector>

namespace vigie::plan {

/// The name in `HOST:PORT`; empty: it is an address, or there is no endpoint.
std::string nameIn(const std::string& endpoint);

/// `ADDRESS:PORT` for each address of an endpoint, as `wg show` writes them, the one to dial first. Empty:
/// there is no endpoint, or its name is not resolved.
std::vector<std::string> placesOf(const std::string& endpoint, const ObservedWireguard& observed);

/// Where a peer is dialled that is at `live` now: there, if that is a place of its endpoint; else the first
/// such place; `live` again when no place is known.
std::string placeToDial(const std::string& endpoint, const std::string& live,
                        const ObservedWireguard& observed);

/// Whether a peer that is alive is heard of somewhere else than where its endpoint is: it was the one who
/// called, and cannot be dialled as the document says. False when nobody knows.
bool roams(const std::string& endpoint, const ObservedPeer& peer, const ObservedWireguard& observed);

}  // namespace vigie::plan
