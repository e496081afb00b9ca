// ufw: what it is asked and told.
#pragma once

#include "plan/observed.hpp"
#include "system/system.hpp"

#include <string>

namespace vigie::apply {

/// ufw's own rule files: asking the tool costs 80 ms. Mutates nothing.
plan::ObservedFirewall observeUfw(const system::System& system);

/// `ufw RULE`; policies and rules of others are never touched.
void addUfwRule(const std::string& rule, const std::string& comment, const system::System& system);
/// At its old place among the rules for IPv4 and among those for IPv6, counted from 1; 0: not of that family.
/// Behind all others when there are fewer by now.
void insertUfwRule(std::size_t place, std::size_t place6, const std::string& rule, const std::string& comment,
                   const system::System& system);
void deleteUfwRule(const std::string& rule, const system::System& system);

}  // namespace vigie::apply
