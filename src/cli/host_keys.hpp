// The public halves of a host's keys.
#pragma once

#include "cli/commands.hpp"
#include "cli/host_system.hpp"

#include <string>

namespace vigie::cli {

/// The public halves of a host's keys.
struct PublicKeys {
    std::string sealing;
    std::string wireguard;
};

/// Makes the keys that are missing; that of a tunnel which is there already is taken over.
PublicKeys ensureKeys(HostSystem& here, const KeysOptions& options);

/// Throws Error when there are none.
PublicKeys publicKeys(const HostSystem& here, const KeysOptions& options);

}  // namespace vigie::cli
