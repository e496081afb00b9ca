// The ports by which somebody reaches this host, and whether a plan closes them.
#pragma once

#include "plan/change.hpp"
#include "plan/observed.hpp"
#include "render/resource.hpp"
#include "state/inventory.hpp"
#include "system/files.hpp"

#include <string>
#include <vector>

namespace vigie::apply {

/// A port by which somebody reaches this host.
struct Entrance {
    int port = 0;
    std::string protocol;
    std::string what;  ///< for the message
};

/// The ports of sshd, as its configuration has them; 22 when it says nothing.
std::vector<Entrance> sshEntrances(const system::Files& files);

/// Which of `entrances` are open now and would not be after `plan`, in words.
std::vector<std::string> entrancesClosed(const plan::ObservedFirewall& firewall, const plan::Plan& plan,
                                         const std::vector<render::Resource>& desired,
                                         const state::Inventory& inventory,
                                         const std::vector<Entrance>& entrances);

}  // namespace vigie::apply
