// The container of one service of a compose project.
#pragma once

#include "kinds/model.hpp"

#include <string>

namespace vigie::render {

struct ComposeService : Container {
    bool login = false;  ///< its image is pulled with the document's login at its registry
};

}  // namespace vigie::render

namespace vigie::kinds {

/// A container as the inventory remembers it.
struct OwnedContainer {
    bool whole = false;                   ///< ours, not a service of the user's to which we added something
    render::ComposeProject project = {};  ///< without its name, which is part of the id
    std::string component = {};           ///< empty also where vigie 0.1 wrote none: see `componentKnown`
    bool componentKnown = true;

    /// Throws Error when it is damaged. An empty one, of which too little is known to remove it, counts as
    /// the user's.
    static OwnedContainer read(std::string_view record);
};

struct ComposeModel {
    using Desired = render::ComposeService;
    static constexpr Kind kind = Kind::compose;
    static constexpr Traits traits{.removalTurn = RemovalTurn::containers, .holdsMemory = true};

    static void hash(const Desired& compose, Sha256& hash);
    static constexpr auto describe = describesNothing;
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& compose, plan::Change& out);
    static void changed(const Comparison& comparison, const Desired& compose, plan::Change& out);
    static std::string record(const Desired& compose);
    static Removal removal(std::string_view record);
    static std::string component(std::string_view name, std::string_view record);
    static std::vector<std::string> paths(const Desired& compose);
    static constexpr auto watched = watchesNothing;
    static void notes(const std::vector<render::Resource>& containers, const plan::Observed& observed,
                      std::vector<std::string>& out);
    static constexpr auto usersFile = leavesNothingToTheUser;
    static constexpr auto exact = isNotExact;
    static constexpr auto content = hasNoContent;
    static constexpr auto tunnel = isNoTunnel;
    static const render::Container* container(const Desired& compose) { return &compose; }
    static constexpr auto program = isNoProgram;
    static constexpr auto followUps = followsUpNothing;
};

}  // namespace vigie::kinds
