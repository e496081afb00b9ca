// The rules that confine guests of the tunnel.
#pragma once

#include "kinds/model.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace vigie::render {

/// A chain of vigie's own, in the tables of both families, which everything that comes in on the tunnel
/// passes. A rule stands as iptables-save prints it, behind `-A CHAIN `. A family without rules has no chain.
struct GuestRules {
    std::string interface;
    std::vector<std::string> rules;   ///< of IPv4
    std::vector<std::string> rules6;  ///< of IPv6
};

/// The chain's name: iptables takes at most 28 characters, and an interface has at most 15.
std::string guestChain(const std::string& interface);

/// The rule by which packets get there, behind `-A PREROUTING `.
std::string guestJump(const std::string& interface);

/// What iptables-restore with `--noflush` is given, so that the chain is that, at once: a chain that is
/// declared is emptied. `jumps` are changes of the jump, such as `-I PREROUTING 1 …`.
std::string guestTable(const std::string& interface, const std::vector<std::string>& rules,
                       const std::vector<std::string>& jumps);

}  // namespace vigie::render

namespace vigie::kinds {

struct GuestsModel {
    using Desired = render::GuestRules;
    static constexpr Kind kind = Kind::guests;
    static constexpr Traits traits{.removalTurn = RemovalTurn::guests, .ofTunnel = true};

    static void hash(const Desired& guests, Sha256& hash);
    static std::string describe(const Desired& guests);
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& guests, plan::Change& out);
    static constexpr auto changed = changesAsDescribed;
    static constexpr auto record = needsNoRecord;
    static constexpr auto removal = goes;
    static constexpr auto component = isNoComponent;
    static constexpr auto paths = hasNoPaths;
    static constexpr auto watched = watchesNothing;
    static constexpr auto notes = notesNothing;
    static constexpr auto usersFile = leavesNothingToTheUser;
    static constexpr auto exact = isNotExact;
    static constexpr auto content = hasNoContent;
    static constexpr auto tunnel = isNoTunnel;
    static constexpr auto container = isNoContainer;
    static constexpr auto program = isNoProgram;
    static constexpr auto followUps = followsUpNothing;
};

}  // namespace vigie::kinds
