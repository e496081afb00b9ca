#include "plan/redact.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <vector>

#include "base/text.hpp"

namespace vigie::plan {
namespace {

constexpr std::string_view kMask = "***";

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// Whether a setting of this name (lower case) holds a secret itself, not the name of a file or of a user.
bool secretName(std::string_view name) {
    static constexpr std::array<std::string_view, 12> kWords = {
        "password", "passwd",    "secret",       "token",      "privatekey", "private_key",
        "api_key",  "apikey",    "presharedkey", "credential", "routing_key", "service_key"};
    const bool aboutFile = name.size() > 5 && (name.substr(name.size() - 5) == "_file" || name.substr(name.size() - 4) == "file");
    return !aboutFile && std::any_of(kWords.begin(), kWords.end(),
                                     [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

/// Masks `://user:password@`.
std::string redactUrls(std::string text) {
    for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
        const auto end = text.find_first_of(" \t\"'/", at + 3);
        const auto userEnd = text.rfind('@', end == std::string::npos ? text.size() : end);
        const auto colon = text.find(':', at + 3);
        if (userEnd != std::string::npos && userEnd > at + 3 && colon != std::string::npos && colon < userEnd) {
            text.replace(colon + 1, userEnd - colon - 1, kMask);
        }
    }
    return text;
}

bool nameCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

/// The public settings of wg-quick(8).
bool publicWireguardLine(std::string_view line) {
    static const std::set<std::string, std::less<>> kPublic = {
        "address", "listenport", "publickey",           "allowedips", "endpoint", "mtu",
        "dns",     "table",      "persistentkeepalive", "saveconfig", "fwmark"};
    line = trim(line);
    if (line.empty() || lower(line) == "[interface]" || lower(line) == "[peer]") {
        return true;
    }
    const auto equals = line.find('=');
    return equals != std::string_view::npos && kPublic.count(lower(trim(line.substr(0, equals)))) != 0;
}

std::string showableBesideSecrets(std::string_view line, const std::set<std::string_view>& harmless,
                                  const std::vector<std::string_view>& beforeSecrets) {
    if (harmless.count(line) != 0 || publicWireguardLine(line)) {
        return std::string(line);
    }
    for (const auto prefix : beforeSecrets) {
        if (!prefix.empty() && line.substr(0, prefix.size()) == prefix) {
            return std::string(prefix) + std::string(kMask);
        }
    }
    return std::string(kMask);
}

}  // namespace

std::string redactLine(std::string_view line) {
    std::string out = redactUrls(std::string(line));
    for (std::size_t at = 0; at < out.size(); ++at) {
        if (out[at] != ':' && out[at] != '=') {
            continue;
        }
        std::size_t nameEnd = at;
        while (nameEnd > 0 && (out[nameEnd - 1] == ' ' || out[nameEnd - 1] == '"' || out[nameEnd - 1] == '\'')) {
            --nameEnd;
        }
        std::size_t nameBegin = nameEnd;
        while (nameBegin > 0 && nameCharacter(out[nameBegin - 1])) {
            --nameBegin;
        }
        const auto value = out.find_first_not_of(" \t", at + 1);
        if (value != std::string::npos && secretName(lower(std::string_view(out).substr(nameBegin, nameEnd - nameBegin)))) {
            return out.substr(0, value) + std::string(kMask);
        }
    }
    return out;
}

std::string showable(std::string_view observed, const render::Text& desired) {
    std::string out;
    const bool secrets = desired.hasSecrets();
    const std::string masked = desired.masked();
    std::set<std::string_view> harmless;
    std::vector<std::string_view> beforeSecrets;
    if (secrets) {
        for (const auto line : splitLines(masked)) {
            if (const auto at = line.find(kMask); at != std::string_view::npos) {
                beforeSecrets.push_back(line.substr(0, at));
            } else {
                harmless.insert(line);
            }
        }
    }
    for (const auto line : splitLines(observed)) {
        out += secrets ? showableBesideSecrets(line, harmless, beforeSecrets) : redactLine(line);
        out += '\n';
    }
    if (!observed.empty() && observed.back() != '\n') {
        out.pop_back();
    }
    return out;
}

}  // namespace vigie::plan
