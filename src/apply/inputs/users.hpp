// The users that containers run as on a host that is migrated.
#pragma once

#include "apply/apply.hpp"
#include "spec/users.hpp"
#include "state/inventory.hpp"
#include "system/system.hpp"

#include <set>
#include <string>

/// As which users the programs of this host run.
namespace vigie::apply {

/// What the compose files say that vigie wrote here, as they lie here.
spec::UsersWritten usersWritten(const state::Inventory& inventory, const system::Files& files);

/// Of `programs`, those whose containers `target` makes anew, and what is to be said of those that are not
/// moved then because their data are too many.
struct Moving {
    std::set<std::string> programs;
    std::vector<std::string> notes;
};
Moving movingUsers(const DesiredState& target, const std::vector<spec::ProgramUser>& programs,
                   const std::set<std::string>& kept, const state::Inventory& inventory,
                   const system::System& system);

/// One line about the programs that go on as in 0.1; empty: there are none.
std::string keptNote(const std::set<std::string>& kept);

}  // namespace vigie::apply
