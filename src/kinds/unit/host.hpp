// systemd's units.
#pragma once

#include "kinds/host.hpp"

namespace vigie::apply {

plan::ObservedUnit observeUnit(const std::string& name, const system::System& system);
void enableUnit(const std::string& name, bool enabled, const system::System& system);
/// `systemctl daemon-reload`: unit files were written or removed.
void reloadUnits(const system::System& system);

}  // namespace vigie::apply

namespace vigie::kinds {

struct UnitHost {
    using Model = UnitModel;
    static constexpr Owning owning = Owning::whenActivated;

    static void observe(const Looking& looking, plan::Observed& out);
    static constexpr auto concerned = concernsItselfOnly;
    static void capture(const Capturing& capturing, const render::Unit* unit, BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::Unit& unit);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static constexpr auto letGo = holdsNothing;
    static constexpr auto prove = isProvenByLooking;
    static constexpr auto settle = settlesAtOnce;
    static void remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned);
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;
    static constexpr auto preparations = preparesNothing;
    static constexpr auto afterRemovals = tidiesNothing;

    static void putBack(Undoing& undoing, const std::string& name, std::string_view data);
    static constexpr std::array undo{UndoStep{UndoTurn::units, "unit", Direction::forward, true, putBack}};
};

}  // namespace vigie::kinds
