// What a wg-quick file that lies on the host says, as far as a plan asks.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::plan {

/// The endpoints of its peers, by public key; empty where a peer has none.
std::map<std::string, std::string> endpointsIn(std::string_view config);

/// `DNS`, in the order in which they stand there.
std::vector<std::string> nameServersIn(std::string_view config);

/// Whether the configuration file that is there has settings that only `wg-quick down` takes back (hooks,
/// Table, other name servers than `dns`), so that the interface has to go down with it.
bool needsDownWithOldFile(std::string_view config, const std::vector<std::string>& dns = {});

/// `SaveConfig = true`: `wg-quick down` would write the live state over the file.
bool savesConfig(std::string_view config);

}  // namespace vigie::plan
