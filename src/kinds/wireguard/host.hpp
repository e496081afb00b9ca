// The live tunnel.
#pragma once

#include "kinds/host.hpp"

namespace vigie::kinds {

struct WireguardHost {
    using Model = WireguardModel;
    static constexpr Owning owning = Owning::whenActivated;

    static void observe(const Looking& looking, plan::Observed& out);
    static constexpr auto concerned = concernsItselfOnly;
    static void capture(const Capturing& capturing, const render::WireguardInterface* wireguard,
                        BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::WireguardInterface& wireguard);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static void letGo(Transaction& transaction, const plan::Change& change,
                      const render::WireguardInterface& wireguard, const std::string& path, Touch touch);
    static constexpr auto prove = isProvenByLooking;
    static bool settle(const Transaction& transaction, const plan::Change& change,
                       const render::WireguardInterface& wireguard);
    static void remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned);
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;

    static void requireNameServers(const Preparing& preparing);
    static void keepWays(const Preparing& preparing);
    static constexpr std::array preparations{Preparation{PreparationTurn::requirements, requireNameServers},
                                             Preparation{PreparationTurn::tunnelWays, keepWays}};
    static constexpr auto afterRemovals = tidiesNothing;

    static void putBackUp(Undoing& undoing, const std::string& interface, std::string_view data);
    static void putBackDown(Undoing& undoing, const std::string& interface, std::string_view data);
    static constexpr std::array undo{
        UndoStep{UndoTurn::tunnelsUp, "wireguard", Direction::forward, true, putBackUp},
        UndoStep{UndoTurn::tunnelsDown, "wireguard", Direction::forward, true, putBackDown}};
};

}  // namespace vigie::kinds
