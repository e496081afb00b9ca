// One thing that a host must have, of any kind.
#pragma once

#include "kinds/attached/model.hpp"
#include "kinds/compose/model.hpp"
#include "kinds/directory/model.hpp"
#include "kinds/file/model.hpp"
#include "kinds/firewall/model.hpp"
#include "kinds/guests/model.hpp"
#include "kinds/rebuild/model.hpp"
#include "kinds/reload/model.hpp"
#include "kinds/signal/model.hpp"
#include "kinds/silence/model.hpp"
#include "kinds/sysctl/model.hpp"
#include "kinds/unit/model.hpp"
#include "kinds/wireguard/model.hpp"
#include "spec/node.hpp"

#include <string>
#include <variant>
#include <vector>

namespace vigie::render {

/// In the order of `kinds::Kind`.
using What = std::variant<File, AttachedFile, Directory, FirewallRule, WireguardInterface, Sysctl, GuestRules,
                          Unit, ComposeService, Rebuild, Reload, Silence, FileSignal>;

/// One thing that a host must have.
struct Resource {
    std::string id;  ///< `kind:name`, stable
    What what;
    std::vector<std::string> dependsOn;  ///< ids; they come earlier in the list
    std::string purpose;                 ///< in words, for the plan's reason
    spec::FieldPath from = {};  ///< the field of the document that wants it; no part of the desired state
};

/// The desired state of one resource as one hash. Secrets count by their ids.
std::string digestOf(const Resource& resource);

/// Of a whole host, in order.
std::string digestOf(const std::vector<Resource>& resources);

}  // namespace vigie::render
