// Images that are built anew.
#pragma once

#include "kinds/host.hpp"

namespace vigie::kinds {

/// The containers' own observation is of the services that are built as well.
inline constexpr Nothing<void> seenWithContainers;

struct RebuildHost {
    using Model = RebuildModel;
    static constexpr Owning owning = Owning::whenActivated;

    static constexpr auto observe = seenWithContainers;
    static constexpr auto concerned = concernsItselfOnly;
    static void capture(const Capturing& capturing, const render::Rebuild* rebuild, BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::Rebuild& rebuild);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static constexpr auto letGo = holdsNothing;
    static constexpr auto prove = isProvenByLooking;
    static constexpr auto settle = settlesAtOnce;
    static constexpr auto remove = staysBehind;
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;

    static void build(const Preparing& preparing);
    static constexpr std::array preparations{Preparation{PreparationTurn::builds, build}};
    static constexpr auto afterRemovals = tidiesNothing;
    /// Its image is that of the container, which the kind `compose` puts back.
    static constexpr auto undo = nothingToUndo;
};

}  // namespace vigie::kinds
