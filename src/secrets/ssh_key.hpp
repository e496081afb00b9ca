// Ed25519 keys in OpenSSH's format.
#pragma once

#include "base/secure.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vigie::secrets {

/// A new Ed25519 key in OpenSSH's own format (PROTOCOL.key in OpenSSH's sources), without a passphrase: the
/// whole text of the private file.
SecureBytes generateSshKey(std::string_view comment);

/// `ssh-ed25519 BASE64`, as a git server takes it, of such a file. Throws Error when it is another kind of
/// key, or has a passphrase.
std::string sshPublicKey(std::string_view privateFile);

/// `SHA256:…` as `ssh-keygen -l` shows it, of a public key in base64; nothing when it is none.
std::optional<std::string> sshFingerprint(std::string_view publicKeyBase64);

}  // namespace vigie::secrets
