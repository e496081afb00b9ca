// Programs that reload their configuration.
#pragma once

#include "kinds/host.hpp"

namespace vigie::kinds {

struct ReloadHost {
    using Model = ReloadModel;
    static constexpr Owning owning = Owning::never;

    static void observe(const Looking& looking, plan::Observed& out);
    static bool concerned(const Concern& concern);
    static void capture(const Capturing& capturing, const render::Reload* reload, BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::Reload& reload);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static constexpr auto letGo = holdsNothing;
    static void prove(const Transaction& transaction, const render::Reload& reload);
    static bool settle(const Transaction& transaction, const plan::Change& change,
                       const render::Reload& reload);
    static constexpr auto remove = staysBehind;
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;
    static constexpr auto preparations = preparesNothing;
    static constexpr auto afterRemovals = tidiesNothing;

    static void putBack(Undoing& undoing, const std::string& url, std::string_view data);
    static constexpr std::array undo{
        UndoStep{UndoTurn::programs, "reload", Direction::forward, false, putBack}};
};

}  // namespace vigie::kinds
