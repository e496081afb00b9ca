#pragma once

#include "plan/observed.hpp"
#include "render/resource.hpp"
#include "system/system.hpp"

#include <string>
#include <vector>

namespace vigie::apply {

/// The live interface, through `wg` and `ip`. Mutates nothing; the private key that `wg` prints is wiped.
plan::ObservedWireguard observeWireguard(const std::string& interface, const system::System& system);

/// Makes the live interface what `wanted` says: brings it up when it is not there, else sets in place only
/// what differs (`wg syncconf`, `ip`). The configuration file must be there already.
void convergeWireguard(const render::WireguardInterface& wanted, const system::System& system);

/// Makes WireGuard begin anew with these peers, so that a handshake proves the way as it is now: a session
/// that is alive goes on over a changed way without one for two minutes, or breaks unnoticed for fifteen
/// seconds. Only peers that had a handshake are touched; where they were heard from last is kept.
void renewSessions(const render::WireguardInterface& wanted, const std::vector<std::string>& publicKeys,
                   const system::System& system);

/// A peer that changes its key may use the next one already and wait for this host to know it: watches for a
/// handshake, for a few seconds, and lets the peer's addresses follow it at once. Does nothing when no peer
/// changes its key.
void followKeys(const render::WireguardInterface& wanted, const system::System& system);

/// `wg-quick down` with the file that is there now.
void takeDownWireguard(const std::string& interface, const std::string& configPath,
                       const system::System& system);

/// Everything that `restoreWireguard` needs, keys among it, as packed fields.
SecureBytes snapshotWireguard(const std::string& interface, const std::string& configPath,
                              const system::System& system);
/// Brings the interface back to a snapshot; does nothing when it is there already. The configuration file of
/// that time must have been restored.
void restoreWireguard(const std::string& interface, std::string_view snapshot, const system::System& system);

}  // namespace vigie::apply
