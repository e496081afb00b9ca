// The live tunnel interface.
#pragma once

#include "kinds/model.hpp"

#include <string>

namespace vigie::render {

struct WireguardInterface : Tunnel {
    SecretValue privateKey = {};
};

}  // namespace vigie::render

namespace vigie::kinds {

struct WireguardModel {
    using Desired = render::WireguardInterface;
    static constexpr Kind kind = Kind::wireguard;
    static constexpr Traits traits{.removalTurn = RemovalTurn::tunnels, .ofTunnel = true, .wayIn = true};

    static void hash(const Desired& wireguard, Sha256& hash);
    static std::string describe(const Desired& wireguard);
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& wireguard, plan::Change& out);
    static constexpr auto changed = changesAsDescribed;
    static std::string record(const Desired& wireguard);
    static constexpr auto removal = goes;
    static std::string component(std::string_view interface, std::string_view record);
    static std::vector<std::string> paths(const Desired& wireguard) { return {wireguard.configPath}; }
    static std::vector<std::string> watched(const Desired& wireguard, plan::Activation activation);
    static void notes(const std::vector<render::Resource>& interfaces, const plan::Observed& observed,
                      std::vector<std::string>& out);
    static constexpr auto usersFile = leavesNothingToTheUser;
    static constexpr auto exact = isNotExact;
    static constexpr auto content = hasNoContent;
    static const render::Tunnel* tunnel(const Desired& wireguard) { return &wireguard; }
    static constexpr auto container = isNoContainer;
    static constexpr auto program = isNoProgram;
    static constexpr auto followUps = followsUpNothing;
};

}  // namespace vigie::kinds
