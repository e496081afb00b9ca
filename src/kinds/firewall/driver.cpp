// The table of firewall drivers.

#include "kinds/firewall/driver.hpp"

#include "base/error.hpp"
#include "kinds/firewall/ufw.hpp"

#include <algorithm>
#include <array>

namespace vigie::kinds {
namespace {

constexpr std::array kDrivers{FirewallDriver{.provider = "ufw",
                                             .observe = apply::observeUfw,
                                             .add = apply::addUfwRule,
                                             .insert = apply::insertUfwRule,
                                             .remove = apply::deleteUfwRule}};

}  // namespace

const FirewallDriver& firewallDriver(std::string_view provider) {
    const auto* const it = std::find_if(kDrivers.begin(), kDrivers.end(),
                                        [&](const auto& each) { return each.provider == provider; });
    if (it == kDrivers.end()) {
        throw Error("this vigie knows no firewall `" + std::string(provider) + "`");
    }
    return *it;
}

}  // namespace vigie::kinds
