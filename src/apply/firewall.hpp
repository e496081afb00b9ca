#pragma once

#include "plan/observed.hpp"
#include "plan/plan.hpp"
#include "system/system.hpp"

#include <string>
#include <vector>

namespace vigie::apply {

/// ufw's own rule files: asking the tool costs 80 ms. Mutates nothing.
plan::ObservedFirewall observeFirewall(const system::System& system);

/// `ufw RULE`; policies and rules of others are never touched.
void addFirewallRule(const std::string& rule, const std::string& comment, const system::System& system);
/// At its old place among the rules for IPv4 and among those for IPv6, counted from 1; 0: not of that family.
/// Behind all others when there are fewer by now.
void insertFirewallRule(std::size_t place, std::size_t place6, const std::string& rule,
                        const std::string& comment, const system::System& system);
void deleteFirewallRule(const std::string& rule, const system::System& system);

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
