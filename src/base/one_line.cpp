// Makes one printable line of any text.

#include "base/one_line.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"

#include <utility>

namespace vigie {
namespace {

/// Every byte that is no text as `\xNN`, so that the rest can be counted in characters.
std::string asText(std::string_view text) {
    std::string out;
    for (auto at = findNonText(text); at != std::string_view::npos; at = findNonText(text)) {
        out += printable(text.substr(0, at));
        out += "\\x" + hexEncode(text.substr(at, 1));
        text.remove_prefix(at + 1);
    }
    return out + printable(text);
}

/// The same, with its tabs.
std::string asLine(std::string_view line) {
    std::string out;
    for (const auto part : split(line, '\t')) {
        out += asText(part) + '\t';
    }
    out.pop_back();
    return out;
}

}  // namespace

std::string oneLine(std::string_view text, std::size_t longest) {
    constexpr std::size_t kBytes = 4;  // of a character, at most
    const std::string all = asText(text.substr(0, (longest + 1) * kBytes));
    std::size_t characters = 0;
    std::size_t last = 0;  // where the last character begins that may stand here
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool begins = (static_cast<unsigned char>(all[i]) & 0xC0U) != 0x80U;
        if (begins && ++characters == longest) {
            last = i;
        }
    }
    return characters > longest ? all.substr(0, last) + "…" : all;
}

std::string shownLines(std::string_view text, std::string_view continued) {
    std::string out;
    bool first = true;
    for (const auto line : split(text, '\n')) {
        if (!std::exchange(first, false)) {
            out += '\n';
            out += line.empty() ? std::string_view() : continued;
        }
        out += asLine(line);
    }
    return out;
}

}  // namespace vigie
