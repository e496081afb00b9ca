// A setting of the kernel.
#pragma once

#include "kinds/model.hpp"

#include <string>

namespace vigie::render {

struct Sysctl {
    std::string key;
    std::string value;
};

}  // namespace vigie::render

namespace vigie::kinds {

struct SysctlModel {
    using Desired = render::Sysctl;
    static constexpr Kind kind = Kind::sysctl;
    static constexpr Traits traits{.removalTurn = RemovalTurn::settings, .ofTunnel = true, .wayIn = true};

    static void hash(const Desired& sysctl, Sha256& hash);
    static std::string describe(const Desired& sysctl);
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& sysctl, plan::Change& out);
    static constexpr auto changed = changesAsDescribed;
    static constexpr auto record = needsNoRecord;
    static Removal removal(std::string_view record);
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
