// Resolves `credentials:NAME` of the configuration to systemd's credential files.

#include "controller/credentials.hpp"

#include "base/error.hpp"

#include <string_view>

namespace vigie::controller {

std::string credentialPath(const std::string& text, const char* directory) {
    constexpr std::string_view kPrefix = "credentials:";
    if (text.substr(0, kPrefix.size()) != kPrefix) {
        return text;
    }
    if (directory == nullptr || *directory == '\0') {
        throw Error("`" + text + "` is a credential of systemd, and systemd handed none over",
                    "add `LoadCredential=" + text.substr(kPrefix.size()) +
                        ":/a/file` to the unit (systemctl edit vigie), or write the file's path");
    }
    return std::string(directory) + "/" + text.substr(kPrefix.size());
}

}  // namespace vigie::controller
