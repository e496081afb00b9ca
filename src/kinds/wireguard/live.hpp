// Live WireGuard: how it is looked at, and brought to what is wanted.
#pragma once

#include "plan/change.hpp"
#include "plan/observed.hpp"
#include "render/resource.hpp"
#include "system/system.hpp"

#include <map>
#include <string>
#include <vector>

namespace vigie::apply {

/// The live interface, through `wg` and `ip`. Mutates nothing; the private key that `wg` prints is wiped.
plan::ObservedWireguard observeWireguard(const std::string& interface, const system::System& system);

/// Who is dialled anew, as the plan says; by public key.
using Dials = std::map<std::string, plan::Dial>;

/// Makes the live interface what `wanted` says: brings it up when it is not there, else sets in place only
/// what differs (`wg syncconf`, `ip`). Only peers that are new, or in `dials`, get another endpoint:
/// WireGuard itself follows those that move. A name that cannot be resolved leaves a peer where it is. The
/// configuration file must be there already.
void convergeWireguard(const render::WireguardInterface& wanted, const Dials& dials,
                       const system::System& system);

/// Makes WireGuard begin anew with these peers, so that a handshake proves the way as it is now: a session
/// that is alive goes on over a changed way without one for two minutes, or breaks unnoticed for fifteen
/// seconds. Only peers that had a handshake are touched; those of `dials` are dialled as it says, also where
/// they led us away meanwhile, the others where they were heard from last.
void renewSessions(const render::WireguardInterface& wanted, const std::vector<std::string>& publicKeys,
                   const Dials& dials, const system::System& system);

/// A peer that changes its key may use the next one already and wait for this host to know it: watches for a
/// handshake, for a few seconds, and lets the peer's addresses follow it at once. Does nothing when no peer
/// changes its key.
void followKeys(const render::WireguardInterface& wanted, const system::System& system);

/// `wg-quick down` with the file that is there now.
void takeDownWireguard(const std::string& interface, const std::string& configPath,
                       const system::System& system);

/// The live interface as it was.
struct TunnelImage {
    std::string configPath;
    bool up = false;        ///< else nothing below is known
    SecureBytes live = {};  ///< for `wg syncconf`, keys among it
    int mtu = 0;
    std::vector<std::string> addresses = {};
    std::vector<std::string> routes = {};
};

/// Throws Error when it cannot be looked at.
TunnelImage snapshotWireguard(const std::string& interface, const std::string& configPath,
                              const system::System& system);
/// Brings the interface back to an image; does nothing when it is there already. The configuration file of
/// that time must have been restored.
void restoreWireguard(const std::string& interface, const TunnelImage& image, const system::System& system);

}  // namespace vigie::apply
