// Containers of compose projects.
#pragma once

#include "kinds/host.hpp"

namespace vigie::kinds {

/// The image of a container that changes. With the files of the time when it became ours, where it is: those
/// of the new document may be others.
void captureContainer(const Capturing& capturing, const render::ComposeProject* desired,
                      BeforeImages& images);

struct ComposeHost {
    using Model = ComposeModel;
    static constexpr Owning owning = Owning::whenActivated;

    static void observe(const Looking& looking, plan::Observed& out);
    static constexpr auto concerned = concernsItselfOnly;
    static void capture(const Capturing& capturing, const render::ComposeService* compose,
                        BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::ComposeService& compose);
    static void makeOfOthers(Transaction& transaction, const plan::Change& change);
    static void letGo(Transaction& transaction, const plan::Change& change,
                      const render::ComposeService& compose, const std::string& path, Touch touch);
    static constexpr auto prove = isProvenByLooking;
    static constexpr auto settle = settlesAtOnce;
    static void remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned);
    static std::string cause(const render::ComposeService& compose, const system::System& system);
    static std::vector<std::string> warnings(const std::vector<render::Resource>& desired,
                                             const system::Files& files);

    static void requireTool(const Preparing& preparing);
    static void requireNeeds(const Preparing& preparing);
    static void pullImages(const Preparing& preparing);
    static constexpr std::array preparations{Preparation{PreparationTurn::tools, requireTool},
                                             Preparation{PreparationTurn::tools, requireNeeds},
                                             Preparation{PreparationTurn::images, pullImages}};

    static void recreateParts(Transaction& transaction);
    static constexpr std::array afterRemovals{AfterRemoval{AfterRemovalTurn::parts, recreateParts}};

    static void removeNew(Undoing& undoing, const std::string& id, std::string_view data);
    static void putBack(Undoing& undoing, const std::string& id, std::string_view data);
    static void restartMounting(Undoing& undoing, const std::string& id, std::string_view data);
    static constexpr std::array undo{
        UndoStep{UndoTurn::newContainersGo, "compose", Direction::forward, false, removeNew},
        UndoStep{UndoTurn::containers, "compose", Direction::forward, false, putBack},
        UndoStep{UndoTurn::mounts, "mount", Direction::forward, false, restartMounting}};
};

}  // namespace vigie::kinds
