// The rules of the host's firewall.
#pragma once

#include "kinds/host.hpp"

namespace vigie::kinds {

struct FirewallHost {
    using Model = FirewallModel;
    static constexpr Owning owning = Owning::whenActivated;

    static void observe(const Looking& looking, plan::Observed& out);
    static bool concerned(const Concern& concern);
    static void capture(const Capturing& capturing, const render::FirewallRule* rule, BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::FirewallRule& rule);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static constexpr auto letGo = holdsNothing;
    static constexpr auto prove = isProvenByLooking;
    static constexpr auto settle = settlesAtOnce;
    static void remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned);
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;

    static void keepDoorsOpen(const Preparing& preparing);
    static constexpr std::array preparations{Preparation{PreparationTurn::doors, keepDoorsOpen}};
    static constexpr auto afterRemovals = tidiesNothing;

    static void bringBack(Undoing& undoing, const std::string& words, std::string_view data);
    static void takeAway(Undoing& undoing, const std::string& words, std::string_view data);
    static constexpr std::array undo{
        UndoStep{UndoTurn::entrancesBack, "firewall", Direction::forward, true, bringBack},
        UndoStep{UndoTurn::entrancesGo, "firewall", Direction::forward, true, takeAway}};
};

}  // namespace vigie::kinds
