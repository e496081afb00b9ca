// Files of attached programs, where those programs read them.
#pragma once

#include "kinds/host.hpp"

#include <array>
#include <string>
#include <string_view>

namespace vigie::kinds {

struct AttachedHost {
    using Model = AttachedModel;
    static constexpr Owning owning = Owning::whenActivated;

    static void observe(const Looking& looking, plan::Observed& out);
    static constexpr auto concerned = concernsItselfOnly;
    static void capture(const Capturing& capturing, const render::AttachedFile* file, BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::AttachedFile& file);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static constexpr auto letGo = holdsNothing;
    static constexpr auto prove = isProvenByLooking;
    static constexpr auto settle = settlesAtOnce;
    static void remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned);
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;
    static constexpr auto preparations = preparesNothing;
    static constexpr auto afterRemovals = tidiesNothing;

    /// A file that is replaced as a whole, and the directories above that were made for it.
    static constexpr const char* kPath = "attached-path";

    static void putBack(Undoing& undoing, const std::string& path, std::string_view data);
    static void putBackWhole(Undoing& undoing, const std::string& path, std::string_view data);
    static constexpr std::array undo{
        UndoStep{UndoTurn::paths, "attached", Direction::backward, true, putBack},
        UndoStep{UndoTurn::paths, kPath, Direction::backward, true, putBackWhole}};
};

}  // namespace vigie::kinds
