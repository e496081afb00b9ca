// What commands need that write a part of a document's text.

#include "cli/document_text.hpp"

#include <cctype>
#include <set>

namespace vigie::cli {

std::string scalar(const std::string& text) {
    static const std::set<std::string> kTyped = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"};
    std::string small;
    bool plain = !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) != 0;
    for (const char c : text) {
        small += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        plain =
            plain && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_');
    }
    return plain && kTyped.count(small) == 0 ? text : "\"" + text + "\"";
}

spec::IpAddress following(spec::IpAddress address) {
    for (auto i = static_cast<std::size_t>(address.bits()) / 8; i-- > 0;) {
        if (++address.bytes.at(i) != 0) {
            break;
        }
    }
    return address;
}

}  // namespace vigie::cli
