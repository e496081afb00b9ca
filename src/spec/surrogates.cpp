// Replaces the surrogate pairs of JSON's escapes by what YAML knows.

#include "spec/surrogates.hpp"

#include "spec/yaml_mistakes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace vigie::spec {
namespace {

constexpr std::size_t kEscape = 6;  // `\ud83d`
constexpr int kHexadecimal = 16;

/// The number of the escape at `offset`; nothing when there is none.
std::optional<unsigned> escapeAt(std::string_view text, std::size_t offset) {
    const auto escape = text.substr(std::min(offset, text.size()), kEscape);
    unsigned out = 0;
    const bool is = escape.size() == kEscape && escape.starts_with("\\u") &&
                    std::from_chars(escape.data() + 2, escape.data() + kEscape, out, kHexadecimal).ptr ==
                        escape.data() + kEscape;
    return is ? std::optional(out) : std::nullopt;
}

/// The character of the pair at `offset`.
std::optional<unsigned> pairAt(std::string_view text, std::size_t offset) {
    const auto high = escapeAt(text, offset);
    const auto low = escapeAt(text, offset + kEscape);
    if (!high || !low || *high < 0xD800U || *high > 0xDBFFU || *low < 0xDC00U || *low > 0xDFFFU) {
        return std::nullopt;
    }
    return 0x10000U + ((*high - 0xD800U) << 10U) + (*low - 0xDC00U);
}

std::string longEscape(unsigned character) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out = "\\U";
    for (int shift = 28; shift >= 0; shift -= 4) {
        out += kDigits[(character >> static_cast<unsigned>(shift)) & 0xFU];
    }
    return out;
}

}  // namespace

bool SurrogatePairs::replaceAt(std::size_t offset) {
    if (offset < kEscape || !pairAt(text_, offset - kEscape)) {
        return false;
    }
    std::size_t i = offset - kEscape;
    while (i < text_.size() && text_[i] != '"') {
        if (const auto character = pairAt(text_, i)) {
            const auto at = positionAt(text_, i);
            const auto escape = longEscape(*character);
            replaced_[at.line].push_back(at.column);
            text_.replace(i, 2 * kEscape, escape);
            i += escape.size();
        } else {
            i += text_[i] == '\\' ? 2U : 1U;
        }
    }
    return true;
}

Position SurrogatePairs::original(Position at) const {
    constexpr std::uint32_t kShorter = 2;
    const auto line = replaced_.find(at.line);
    if (line != replaced_.end()) {
        const auto column = at.column;
        for (const auto begin : line->second) {
            at.column += begin < column ? kShorter : 0;
        }
    }
    return at;
}

}  // namespace vigie::spec
