// A rule of the host's firewall, in nobody's words.
#pragma once

#include "kinds/model.hpp"

#include <string>

namespace vigie::render {

/// Lets something in, or through. What is empty or 0 is any.
struct FirewallRule {
    enum class Direction : std::uint8_t {
        in,       ///< to this host
        forward,  ///< through it
    };
    Direction direction = Direction::in;
    std::string interface = {};     ///< on which it arrives
    std::string outInterface = {};  ///< forward: on which it leaves
    std::string protocol = {};      ///< `tcp` or `udp`
    int port = 0;                   ///< needs a protocol
    std::string from = {};          ///< an address or a network
    std::string to = {};            ///< likewise
    std::string comment = {};       ///< no part of what is compared
    std::string provider = "ufw";   ///< the firewall in which it is made
};

}  // namespace vigie::render

namespace vigie::kinds {

struct FirewallModel {
    using Desired = render::FirewallRule;
    static constexpr Kind kind = Kind::firewall;
    static constexpr Traits traits{
        .removalTurn = RemovalTurn::entrances, .ofTunnel = true, .letsIn = true, .wayIn = true};

    static void hash(const Desired& rule, Sha256& hash);
    static std::string describe(const Desired& rule);
    static bool sameState(const render::Resource& a, const render::Resource& b);
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& rule, plan::Change& out);
    static constexpr auto changed = changesAsDescribed;
    static std::string record(const Desired& rule);
    static constexpr auto removal = goes;
    static constexpr auto component = isNoComponent;
    static constexpr auto paths = hasNoPaths;
    static std::vector<std::string> watched(const Desired& rule, plan::Activation activation);
    static void notes(const std::vector<render::Resource>& rules, const plan::Observed& observed,
                      std::vector<std::string>& out);
    static constexpr auto usersFile = leavesNothingToTheUser;
    static constexpr auto exact = isNotExact;
    static constexpr auto content = hasNoContent;
    static constexpr auto tunnel = isNoTunnel;
    static constexpr auto container = isNoContainer;
    static constexpr auto program = isNoProgram;
    static constexpr auto followUps = followsUpNothing;
};

}  // namespace vigie::kinds
