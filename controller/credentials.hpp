// Resolves `credentials:NAME` of the configuration to systemd's credential files.
#pragma once

#include <string>

namespace vigie::controller {

/// Where a file of the configuration lies. `credentials:NAME` is the credential NAME that systemd handed over
/// (LoadCredential= of systemd.exec(5)) in `directory`, which is $CREDENTIALS_DIRECTORY; anything else is a
/// path and stays. Throws Error when there is no such directory.
std::string credentialPath(const std::string& text, const char* directory);

}  // namespace vigie::controller
