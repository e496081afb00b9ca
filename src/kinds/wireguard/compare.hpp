// The live tunnel against the wanted one: what other rooms ask of it, too.
#pragma once

#include "kinds/views.hpp"
#include "plan/change.hpp"
#include "plan/context.hpp"
#include "plan/observed.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::plan {

/// One peer as it is to be set, keys of a change-over apart.
struct WantedPeer {
    std::string name;
    std::string publicKey;
    std::string endpoint;
    std::vector<std::string> allowedIps;  ///< sorted
    int persistentKeepalive = 0;
    render::SecretValue presharedKey = {};
};

/// Whether the live peer has the preshared key that is wanted, or none where none is. What this host cannot
/// open counts as the same as any.
bool samePresharedKey(const render::SecretValue& wanted, const ObservedPeer& is);

/// The live peers that `wireguard` wants, given those that are there: while a peer changes its key, the
/// addresses go to the key with the newest handshake.
std::vector<WantedPeer> wantedPeers(const render::Tunnel& wireguard, const ObservedWireguard& observed);

/// What is wrong with the files that hold this host's key, with the cure; empty when one of them holds it.
/// The tunnel goes on with the key that it has, but nobody could make it anew.
std::string keyFileProblem(const render::Tunnel& wireguard, const ObservedWireguard& observed);

/// The live tunnel against `wireguard`, the one that `resource` is: fills in what is to change.
void planTunnel(const Context& context, const render::Resource& resource, const render::Tunnel& wireguard,
                Change& out);

/// The networks that need a route of their own: AllowedIPs beyond the interface's network.
std::vector<std::string> wantedRoutes(const render::Tunnel& wireguard);

}  // namespace vigie::plan

namespace vigie::kinds {

/// The path of the configuration, of what the inventory remembers of a tunnel.
std::string ownedConfig(std::string_view record);

/// The files of the host's key and of its next one, for a tunnel.
std::vector<std::string> keyFiles(std::string_view interface);

}  // namespace vigie::kinds
