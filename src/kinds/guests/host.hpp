// The rules that confine guests of the tunnel, in the kernel.
#pragma once

#include "kinds/host.hpp"

namespace vigie::apply {

/// The chain of an interface, in both families. Mutates nothing.
plan::ObservedGuests observeGuests(const std::string& interface, const system::System& system);

}  // namespace vigie::apply

namespace vigie::kinds {

struct GuestsHost {
    using Model = GuestsModel;
    static constexpr Owning owning = Owning::whenActivated;

    static void observe(const Looking& looking, plan::Observed& out);
    static constexpr auto concerned = concernsItselfOnly;
    static void capture(const Capturing& capturing, const render::GuestRules* guests, BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::GuestRules& guests);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static constexpr auto letGo = holdsNothing;
    static constexpr auto prove = isProvenByLooking;
    static constexpr auto settle = settlesAtOnce;
    static void remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned);
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;
    static constexpr auto preparations = preparesNothing;
    static constexpr auto afterRemovals = tidiesNothing;

    static void bringBack(Undoing& undoing, const std::string& interface, std::string_view data);
    static void takeAway(Undoing& undoing, const std::string& interface, std::string_view data);
    /// Rules that were there come back before the guests whom they confine; those that were not go behind
    /// them.
    static constexpr std::array undo{
        UndoStep{UndoTurn::settings, "guests", Direction::forward, true, bringBack},
        UndoStep{UndoTurn::tunnelsDown, "guests", Direction::forward, true, takeAway}};
};

}  // namespace vigie::kinds
