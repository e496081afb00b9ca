// Reads and compares secrets that are shared with clients: tokens and webhook secrets.
#pragma once

#include "base/secure.hpp"

#include <string>
#include <string_view>

namespace vigie::controller {

/// A secret of one line that is shared with others: the API's token, a webhook's secret. Throws Error, whose
/// text begins with `what`, unless it is a regular file of ours or root's, 0600 or stricter, with 16 to 4096
/// visible characters.
SecureBytes readSharedSecret(const std::string& path, const std::string& what);

/// In a time that tells nothing about either but their length.
bool equalSecrets(std::string_view a, std::string_view b);

/// Whether `authorization` (RFC 6750: `Bearer TOKEN`) carries `token`. Never when the token is empty.
bool bears(std::string_view authorization, std::string_view token);

}  // namespace vigie::controller
