// Tells processes of the user's own that their files have changed.
#pragma once

#include "kinds/host.hpp"

#include <array>
#include <string>
#include <string_view>

namespace vigie::kinds {

struct SignalHost {
    using Model = SignalModel;
    static constexpr Owning owning = Owning::never;

    static void observe(const Looking& /*looking*/, plan::Observed& /*out*/) {}
    static constexpr auto concerned = concernsItselfOnly;
    static void capture(const Capturing& capturing, const render::FileSignal* signal, BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::FileSignal& signal);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static constexpr auto letGo = holdsNothing;
    static constexpr auto prove = isProvenByLooking;
    static constexpr auto settle = settlesAtOnce;
    static constexpr auto remove = staysBehind;
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;
    static constexpr auto preparations = preparesNothing;
    static constexpr auto afterRemovals = tidiesNothing;

    /// Its files are what they were: it is told again.
    static void putBack(Undoing& undoing, const std::string& id, std::string_view data);
    static constexpr std::array undo{
        UndoStep{UndoTurn::programs, "signal", Direction::forward, false, putBack}};
};

}  // namespace vigie::kinds
