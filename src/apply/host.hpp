#pragma once

#include "apply/tools.hpp"
#include "plan/observed.hpp"
#include "system/system.hpp"

#include <string>

namespace vigie::apply {

/// The kernel's value of `key`, or empty when it has no such key.
std::string observeSysctl(const std::string& key, const system::System& system);
void setSysctl(const std::string& key, const std::string& value, const system::System& system);

plan::ObservedUnit observeUnit(const std::string& name, const system::System& system);
void enableUnit(const std::string& name, bool enabled, const system::System& system);
/// `systemctl daemon-reload`: unit files were written or removed.
void reloadUnits(const system::System& system);

}  // namespace vigie::apply
