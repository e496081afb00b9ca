// Reads what a host was set up with by hand.
#pragma once

#include "base/secure.hpp"
#include "import/seen.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::imports {

/// The host's files as they are handed in. Paths are absolute as the host sees them.
struct HostFiles {
    /// Nothing when there is no such file. Throws Error when it cannot be read.
    std::function<std::optional<SecureBytes>(const std::string& path)> read;
    /// Names in a directory; none when there is no such directory.
    std::function<std::vector<std::string>(const std::string& path)> list;
};

struct CollectOptions {
    std::string host;
    std::string interface = "wg0";
    std::vector<std::string>
        projects;  ///< directories of compose projects; empty: looked for in the usual places
    std::string sealingKey;
    std::string ipAddress;  ///< what `ip -json address` prints there; empty: a copy may have it as a file
    /// Encrypts a secret of that name for the host.
    std::function<std::string(const std::string& name, std::string_view value)> seal;
};

struct Collected {
    HostSeen seen;
    std::map<std::string, std::string> ruleTexts;  ///< by `RuleFileSeen::name`
};

/// Reads everything of a host that a document can say. Every file that is malformed or cannot be read is
/// added to `mistakes`, a line each.
Collected collect(const HostFiles& files, const CollectOptions& options, std::vector<std::string>& mistakes);

/// Whether nothing at all was found.
bool isEmpty(const HostSeen& seen);

}  // namespace vigie::imports
