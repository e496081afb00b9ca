// A program has loaded the configuration that this host has for it.
#pragma once

#include "kinds/model.hpp"

#include <string>

namespace vigie::plan {
struct ObservedReload;
}

namespace vigie::render {

struct Reload : ConfiguredProgram {};

}  // namespace vigie::render

namespace vigie::kinds {

struct ReloadModel {
    using Desired = render::Reload;
    static constexpr Kind kind = Kind::reload;
    static constexpr Traits traits{.from = plan::Activation::reload, .removalTurn = RemovalTurn::programs};

    static void hash(const Desired& reload, Sha256& hash);
    static std::string describe(const Desired& reload);
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& reload, plan::Change& out);
    static void changed(const Comparison& comparison, const Desired& reload, plan::Change& out);
    static constexpr auto record = needsNoRecord;
    static Removal removal(std::string_view record);
    static constexpr auto component = isNoComponent;
    static std::vector<std::string> paths(const Desired& reload) { return {reload.configPath}; }
    static std::vector<std::string> watched(const Desired& reload, plan::Activation activation);
    static constexpr auto notes = notesNothing;
    static std::string usersFile(const Desired& reload);
    static constexpr auto exact = isNotExact;
    static constexpr auto content = hasNoContent;
    static constexpr auto tunnel = isNoTunnel;
    static constexpr auto container = isNoContainer;
    static const render::ConfiguredProgram* program(const Desired& reload) { return &reload; }

    static void restartForOwnFile(const plan::Context& context, const std::vector<render::Resource>& desired,
                                  plan::Plan& plan);
    static void reloadWhatChanges(const plan::Context& context, const std::vector<render::Resource>& desired,
                                  plan::Plan& plan);
    static void reloadWhatStarts(const plan::Context& context, const std::vector<render::Resource>& desired,
                                 plan::Plan& plan);
    static void waitForOwnFile(const plan::Context& context, const std::vector<render::Resource>& desired,
                               plan::Plan& plan);
    static constexpr std::array followUps{FollowUp{FollowUpTurn::restartForOwnFile, false, restartForOwnFile},
                                          FollowUp{FollowUpTurn::reloadWhatChanges, false, reloadWhatChanges},
                                          FollowUp{FollowUpTurn::reloadWhatStarts, true, reloadWhatStarts},
                                          FollowUp{FollowUpTurn::waitForOwnFile, false, waitForOwnFile}};
};

}  // namespace vigie::kinds
