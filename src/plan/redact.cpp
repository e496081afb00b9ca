// Masks what a found file may hold before it is shown in a diff.

#include "plan/redact.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace vigie::plan {
namespace {

/// The public settings of wg-quick(8).
bool publicWireguardLine(std::string_view line) {
    static const std::set<std::string, std::less<>> kPublic = {
        "address", "listenport", "publickey",           "allowedips", "endpoint", "mtu",
        "dns",     "table",      "persistentkeepalive", "saveconfig", "fwmark"};
    line = trim(line);
    if (line.empty() || lowerCase(line) == "[interface]" || lowerCase(line) == "[peer]") {
        return true;
    }
    const auto equals = line.find('=');
    return equals != std::string_view::npos && kPublic.count(lowerCase(trim(line.substr(0, equals)))) != 0;
}

std::string showableBesideSecrets(std::string_view line, const std::set<std::string_view>& harmless,
                                  const std::vector<std::string_view>& beforeSecrets) {
    if (harmless.count(line) != 0) {
        return std::string(line);
    }
    if (publicWireguardLine(line)) {
        const auto remark = line.find('#');
        return std::string(line.substr(0, remark)) +
               (remark == std::string_view::npos ? "" : "# " + std::string(kSecretMask));
    }
    for (const auto prefix : beforeSecrets) {
        if (!prefix.empty() && line.substr(0, prefix.size()) == prefix) {
            return std::string(prefix) + std::string(kSecretMask);
        }
    }
    return std::string(kSecretMask);
}

}  // namespace

std::string showable(std::string_view observed, const render::Text& desired, bool heldSecrets) {
    std::string out;
    const bool secrets = desired.hasSecrets() || heldSecrets;
    const std::string masked = desired.masked();
    std::set<std::string_view> harmless;
    std::vector<std::string_view> beforeSecrets;
    if (secrets) {
        for (const auto line : splitLines(masked)) {
            if (const auto at = line.find(kSecretMask); at != std::string_view::npos) {
                beforeSecrets.push_back(line.substr(0, at));
            } else {
                harmless.insert(line);
            }
        }
    }
    std::size_t blockIndent =
        std::string_view::npos;  // of a masked key whose value stands in the lines below it
    for (const auto line : splitLines(observed)) {
        const auto indent = std::min(line.find_first_not_of(' '), line.size());
        if (blockIndent != std::string_view::npos && indent <= blockIndent && indent != line.size()) {
            blockIndent = std::string_view::npos;
        }
        const std::string shown =
            secrets ? showableBesideSecrets(line, harmless, beforeSecrets) : redactLine(line);
        out += blockIndent == std::string_view::npos ? shown : std::string(kSecretMask);
        if (shown != line &&
            (trim(line).back() == '|' || trim(line).back() == '>' || trim(line).back() == '-')) {
            blockIndent = indent;
        }
        out += '\n';
    }
    if (!observed.empty() && observed.back() != '\n') {
        out.pop_back();
    }
    return out;
}

}  // namespace vigie::plan
