// A systemd unit that is enabled and runs.
#pragma once

#include "kinds/model.hpp"

#include <string>

namespace vigie::render {

struct Unit {
    std::string name;
};

}  // namespace vigie::render

namespace vigie::kinds {

struct UnitModel {
    using Desired = render::Unit;
    static constexpr Kind kind = Kind::unit;
    static constexpr Traits traits{.removalTurn = RemovalTurn::units, .ofTunnel = true};

    static void hash(const Desired& unit, Sha256& hash);
    static constexpr auto describe = describesNothing;
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& unit, plan::Change& out);
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
