// Directories on the host, and what programs have put into them.
#pragma once

#include "kinds/host.hpp"

namespace vigie::kinds {

struct DirectoryHost {
    using Model = DirectoryModel;
    static constexpr Owning owning = Owning::whenMade;

    static void observe(const Looking& looking, plan::Observed& out);
    static constexpr auto concerned = concernsItselfOnly;
    static void capture(const Capturing& capturing, const render::Directory* directory, BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::Directory& directory);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static constexpr auto letGo = holdsNothing;
    static constexpr auto prove = isProvenByLooking;
    static constexpr auto settle = settlesAtOnce;
    static void remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned);
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;
    static constexpr auto preparations = preparesNothing;
    static constexpr auto afterRemovals = tidiesNothing;

    /// The directory itself is put back as a path, with the files.
    static void giveBackTree(Undoing& undoing, const std::string& path, std::string_view data);
    static constexpr std::array undo{
        UndoStep{UndoTurn::owners, "tree", Direction::forward, true, giveBackTree}};
};

}  // namespace vigie::kinds
