// A service of the user's whose image is built anew, once for each token.
#pragma once

#include "kinds/model.hpp"

#include <string>

namespace vigie::render {

struct Rebuild {
    ComposeProject project;
    std::string service;
    std::string token;
};

}  // namespace vigie::render

namespace vigie::kinds {

struct RebuildModel {
    using Desired = render::Rebuild;
    static constexpr Kind kind = Kind::rebuild;
    static constexpr Traits traits{.removalTurn = RemovalTurn::images};

    static void hash(const Desired& rebuild, Sha256& hash);
    static std::string describe(const Desired& rebuild);
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& rebuild, plan::Change& out);
    static void changed(const Comparison& comparison, const Desired& rebuild, plan::Change& out);
    static constexpr auto record = needsNoRecord;
    static Removal removal(std::string_view record);
    static constexpr auto component = isNoComponent;
    static std::vector<std::string> paths(const Desired& rebuild) { return rebuild.project.paths(); }
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
