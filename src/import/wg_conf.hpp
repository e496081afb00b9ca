// Reads a wg-quick file.
#pragma once

#include "base/secure.hpp"
#include "import/seen.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vigie::imports {

/// Reads a wg-quick file (wg(8) and wg-quick(8): sections, keys in any case, comments behind `#`). The
/// private key becomes its public key. What the document cannot say is added to `findings`; a file that
/// wg-quick itself would refuse throws Error. Preshared keys are appended to `presharedKeys`, one for each
/// peer that has one, in their order.
Tunnel readWgConf(std::string_view text, const std::string& file, std::vector<Finding>& findings,
                  std::vector<SecureBytes>& presharedKeys);

/// The name in the document of the preshared key of two hosts, known by their public keys in any order.
std::string presharedKeyName(const std::string& onePublicKey, const std::string& otherPublicKey);

/// What a comment calls a peer, as a name of the document: `# phone`, `### Client alice`, `# friendly_name =
/// the van's tablet`. Empty for what is no name, such as a setting or a key.
std::string nameInComment(std::string_view comment);

/// The same file as section.key → value, without its secrets.
MeaningSeen wgMeaning(std::string_view text, const std::string& file);

}  // namespace vigie::imports
