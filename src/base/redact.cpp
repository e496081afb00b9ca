// Masks settings and URLs that hold secrets.

#include "base/redact.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace vigie {

std::string lowerCase(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

namespace {

/// Whether a setting of this name (lower case) holds a secret itself, not the name of a file or of a secret.
bool secretName(std::string_view spelling) {
    std::string underscored(spelling);
    std::replace(underscored.begin(), underscored.end(), '-', '_');
    const std::string_view name = underscored;
    static constexpr std::array<std::string_view, 12> kWords = {
        "password", "passwd", "secret",       "token",      "privatekey",  "private_key",
        "api_key",  "apikey", "presharedkey", "credential", "routing_key", "service_key"};
    const auto ends = [&](std::string_view suffix) {
        return name.size() >= suffix.size() && name.substr(name.size() - suffix.size()) == suffix;
    };
    if (name == "pass" || name == "pwd" || ends("_pass") || ends("_pwd")) {
        return true;
    }
    return !ends("file") && !ends("from") && name != "secret" &&
           std::any_of(kWords.begin(), kWords.end(),
                       [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

/// Masks `://user:password@`. A password that was not encoded may hold anything, so all from the first colon
/// to the last
/// `@` of the line goes.
std::string redactUrls(std::string text) {
    const auto scheme = text.find("://");
    const auto last = text.rfind('@');
    if (scheme == std::string::npos || last == std::string::npos) {
        return text;
    }
    const auto colon = text.find(':', scheme + 3);
    if (colon < last) {
        text.replace(colon + 1, last - colon - 1, kSecretMask);
    }
    return text;
}

bool nameCharacter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

}  // namespace

std::string redactLine(std::string_view line) {
    std::string out = redactUrls(std::string(line));
    for (std::size_t at = 0; at < out.size(); ++at) {
        if (out[at] != ':' && out[at] != '=') {
            continue;
        }
        std::size_t nameEnd = at;
        while (nameEnd > 0 &&
               (out[nameEnd - 1] == ' ' || out[nameEnd - 1] == '"' || out[nameEnd - 1] == '\'')) {
            --nameEnd;
        }
        std::size_t nameBegin = nameEnd;
        while (nameBegin > 0 && nameCharacter(out[nameBegin - 1])) {
            --nameBegin;
        }
        const auto value = out.find_first_not_of(" \t", at + 1);
        if (value != std::string::npos &&
            secretName(lowerCase(std::string_view(out).substr(nameBegin, nameEnd - nameBegin)))) {
            return out.substr(0, value) + std::string(kSecretMask);
        }
    }
    return out;
}

}  // namespace vigie
