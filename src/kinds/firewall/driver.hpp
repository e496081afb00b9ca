// How a firewall is asked and told, whichever it is. A new one is a row of `kDrivers` in driver.cpp.
#pragma once

#include "plan/observed.hpp"
#include "system/system.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace vigie::kinds {

/// The half of a `FirewallProvider` that touches the host. Rules are in the tool's own words; policies and
/// rules of others are never touched.
struct FirewallDriver {
    std::string_view provider;
    /// Mutates nothing.
    plan::ObservedFirewall (*observe)(const system::System& system);
    void (*add)(const std::string& words, const std::string& comment, const system::System& system);
    /// At its old place among the rules for IPv4 and among those for IPv6, counted from 1; 0: not of that
    /// family. Behind all others when there are fewer by now.
    void (*insert)(std::size_t place, std::size_t place6, const std::string& words,
                   const std::string& comment, const system::System& system);
    void (*remove)(const std::string& words, const system::System& system);
};

/// Throws Error for a name that is none.
const FirewallDriver& firewallDriver(std::string_view provider);

}  // namespace vigie::kinds
