// Live WireGuard through `wg`: what is set, and setting it.
#pragma once

#include "plan/observed.hpp"
#include "system/system.hpp"

#include <string>
#include <string_view>

namespace vigie::apply {

/// Takes a preshared key away: for WireGuard, one of zeros is none.
constexpr std::string_view kNoPresharedKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// The live configuration for `wg syncconf`, always in the same order. That leaves alone what a peer's
/// section does not name, and `wg showconf` names no keepalive that is off and no preshared key that is none.
SecureBytes showConfig(const std::string& interface, const system::System& system);

/// Sets keys and peers in place, as `wg syncconf` does. The configuration goes through standard input:
/// neither a file nor an argument ever holds a key.
void syncPeers(const std::string& interface, std::string_view config, const system::System& system);

/// Forgets the session with a peer and dials it at `place` (`ADDRESS:PORT`) with a new one, at once: its next
/// handshake shows that it answers there, or calls from there. What else is set of the peer stays.
void dialAnew(const std::string& interface, const plan::ObservedPeer& peer, const std::string& place,
              const system::System& system);

}  // namespace vigie::apply
