// A directory.
#pragma once

#include "base/owner.hpp"
#include "kinds/model.hpp"

#include <string>

namespace vigie::render {

struct Directory {
    std::string path;
    unsigned mode = 0755;
    Owner owner;
    /// Mode and owner matter. Otherwise a directory that is there is good as it is.
    bool exact = false;
    /// What lies below it changes its owner with it. No part of the desired state: programs make new files.
    bool tree = false;
};

}  // namespace vigie::render

namespace vigie::kinds {

struct DirectoryModel {
    using Desired = render::Directory;
    static constexpr Kind kind = Kind::directory;
    static constexpr Traits traits{
        .from = plan::Activation::none, .place = Place::directory, .removalTurn = RemovalTurn::directories};

    static void hash(const Desired& directory, Sha256& hash);
    static constexpr auto describe = describesNothing;
    static bool sameState(const render::Resource& a, const render::Resource& b);
    static bool saysMore(const Desired& directory) { return directory.exact; }
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& directory, plan::Change& out);
    static constexpr auto changed = changesAsDescribed;
    static constexpr auto record = needsNoRecord;
    static constexpr auto removal = goes;
    static constexpr auto component = isNoComponent;
    static std::vector<std::string> paths(const Desired& directory) { return {directory.path}; }
    static std::vector<std::string> watched(const Desired& directory, plan::Activation /*activation*/) {
        return {directory.path};
    }
    static constexpr auto notes = notesNothing;
    static constexpr auto usersFile = leavesNothingToTheUser;
    static bool exact(const Desired& directory) { return directory.exact; }
    static constexpr auto content = hasNoContent;
    static constexpr auto tunnel = isNoTunnel;
    static constexpr auto container = isNoContainer;
    static constexpr auto program = isNoProgram;
    static constexpr auto followUps = followsUpNothing;
};

}  // namespace vigie::kinds
