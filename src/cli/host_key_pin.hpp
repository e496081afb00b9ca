// Pins the host keys of the ssh server that holds the repository.
#pragma once

#include "cli/commands.hpp"
#include "cli/host_system.hpp"

#include <string>

namespace vigie::cli {

/// Where an ssh URL leads.
struct SshServer {
    std::string host;
    std::string port;  ///< empty: 22
};

/// Nothing for URLs of other transports.
std::optional<SshServer> sshServerOf(const std::string& url);

/// Makes `path` the file that pins the server's host keys: `--known-hosts` is copied; else the keys are asked
/// for and compared with `--fingerprint`, or shown to be confirmed. One that pins the server already stays;
/// lines about other servers stay without `--force`.
/// Throws Error when nobody says that the keys are right.
void pinHostKeys(HostSystem& here, const InitOptions& options, const SshServer& server,
                 const std::string& path);

}  // namespace vigie::cli
