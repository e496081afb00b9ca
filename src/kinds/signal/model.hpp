// A process of the user's own is told that files which it reads have changed.
#pragma once

#include "kinds/model.hpp"
#include "kinds/views.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::render {

/// What happens to a service when one of its files was written.
struct FileSignal {
    enum class Way : std::uint8_t { hup, usr1, usr2, restart };

    std::string project;
    std::string service;
    Way way = Way::hup;
    std::vector<std::string> files;  ///< ids of resources
};

/// `HUP`, `USR1`, `USR2`, `restart`.
std::string_view toText(FileSignal::Way way);

}  // namespace vigie::render

namespace vigie::kinds {

struct SignalModel {
    using Desired = render::FileSignal;
    static constexpr Kind kind = Kind::signal;
    static constexpr Traits traits{.removalTurn = RemovalTurn::programs};

    static void hash(const Desired& signal, Sha256& hash);
    static std::string describe(const Desired& signal);
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& signal, plan::Change& out);
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

    /// Whoever reads a file that is written is told.
    static void tellWhatChanges(const plan::Context& context, const std::vector<render::Resource>& desired,
                                plan::Plan& plan);
    static constexpr std::array followUps{FollowUp{FollowUpTurn::reloadWhatChanges, true, tellWhatChanges}};
};

}  // namespace vigie::kinds
