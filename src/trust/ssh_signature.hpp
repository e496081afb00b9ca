// A detached SSH signature.
#pragma once

#include <string>
#include <string_view>

namespace vigie::trust {

/// A detached SSH signature by an Ed25519 key, as `ssh-keygen -Y sign` writes it (OpenSSH's PROTOCOL.sshsig).
struct SshSignature {
    std::string keyBlob;    ///< what the signature claims about its key; never trusted by itself
    std::string key;        ///< the 32 bytes in it
    std::string signature;  ///< 64 bytes
};

/// Whether `text` begins as a signature of this form does.
bool looksLikeSshSignature(std::string_view text);

/// Reads an armored signature: version 1, namespace `git`, hash `sha512`, and not a byte more. Throws
/// Untrusted.
SshSignature parseSshSignature(std::string_view armored);

/// Whether `signature` was made over `payload` by the Ed25519 key `key`, which comes from the allowed
/// signers.
bool verifies(const SshSignature& signature, std::string_view payload, std::string_view key);

}  // namespace vigie::trust
