// The files that hold a host's keys.
#pragma once

#include "base/secure.hpp"
#include "secrets/identity.hpp"
#include "system/files.hpp"

#include <map>
#include <optional>
#include <string>

namespace vigie::apply {

/// Reads a private key file, and refuses one that others may read.
SecureBytes readPrivate(const system::Files& files, const std::string& path);

/// A key file's key; nothing when what is in it is none. Throws Error when others may read it.
std::optional<secrets::WireguardKey> keyInFile(const std::string& path, const system::Files& files);

/// The public halves of the tunnel's key files, by path; empty where there is no key that could be read.
std::map<std::string, std::string> observeKeyFiles(const std::string& interface, const system::Files& files);

/// The key in a tunnel's configuration file, which is ours once it was applied; nothing when it has none.
std::optional<secrets::WireguardKey> keyInConfig(const std::string& path, const system::Files& files);

}  // namespace vigie::apply
