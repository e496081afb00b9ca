// The kernel's settings.
#pragma once

#include "kinds/host.hpp"

namespace vigie::apply {

/// The kernel's value of `key`, or empty when it has no such key.
std::string observeSysctl(const std::string& key, const system::System& system);
void setSysctl(const std::string& key, const std::string& value, const system::System& system);

}  // namespace vigie::apply

namespace vigie::kinds {

struct SysctlHost {
    using Model = SysctlModel;
    static constexpr Owning owning = Owning::whenActivated;

    static void observe(const Looking& looking, plan::Observed& out);
    static constexpr auto concerned = concernsItselfOnly;
    static void capture(const Capturing& capturing, const render::Sysctl* sysctl, BeforeImages& images);
    static void make(Transaction& transaction, const plan::Change& change, const render::Resource& resource,
                     const render::Sysctl& sysctl);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static constexpr auto letGo = holdsNothing;
    static constexpr auto prove = isProvenByLooking;
    static constexpr auto settle = settlesAtOnce;
    static constexpr auto remove = staysBehind;
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;

    static void keepWays(const Preparing& preparing);
    static constexpr std::array preparations{Preparation{PreparationTurn::kernelWays, keepWays}};
    static constexpr auto afterRemovals = tidiesNothing;

    static void putBack(Undoing& undoing, const std::string& key, std::string_view data);
    static constexpr std::array undo{
        UndoStep{UndoTurn::settings, "sysctl", Direction::forward, true, putBack}};
};

}  // namespace vigie::kinds
