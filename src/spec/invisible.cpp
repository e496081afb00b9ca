#include "spec/invisible.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace vigie::spec {
namespace {

struct Range {
    std::uint32_t first;
    std::uint32_t last;
    bool blank;
};

constexpr std::array kRanges = {
    Range{0x00A0, 0x00A0, true},  Range{0x00AD, 0x00AD, false}, Range{0x061C, 0x061C, false},
    Range{0x1680, 0x1680, true},  Range{0x180E, 0x180E, false}, Range{0x2000, 0x200A, true},
    Range{0x200B, 0x200F, false}, Range{0x2028, 0x202E, false}, Range{0x202F, 0x202F, true},
    Range{0x205F, 0x205F, true},  Range{0x2060, 0x2064, false}, Range{0x2066, 0x206F, false},
    Range{0x3000, 0x3000, true},  Range{0xFEFF, 0xFEFF, false}};

/// The character that begins at `offset`, and its size; what is no UTF-8 counts as one byte.
std::uint32_t characterAt(std::string_view text, std::size_t offset, std::size_t& size) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[offset + i]); };
    const std::uint8_t first = byte(0);
    size = first < 0x80U ? 1 : first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : first >= 0xC0U ? 2 : 1;
    if (offset + size > text.size()) {
        size = 1;
    }
    std::uint32_t out = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        out = (out << 6U) | (byte(i) & 0x3FU);
    }
    return out;
}

std::string nameOf(std::uint32_t character) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out = "U+";
    for (int shift = 12; shift >= 0; shift -= 4) {
        out += kDigits[(character >> static_cast<unsigned>(shift)) & 0xFU];
    }
    return out;
}

std::optional<Invisible> findFrom(std::string_view text, std::size_t offset) {
    for (std::size_t size = 1; offset < text.size(); offset += size) {
        const auto character = characterAt(text, offset, size);
        const auto* range = std::find_if(kRanges.begin(), kRanges.end(), [&](const Range& each) {
            return character >= each.first && character <= each.last;
        });
        if (range != kRanges.end()) {
            return Invisible{offset, size, nameOf(character), range->blank};
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Invisible> findInvisible(std::string_view text) {
    return findFrom(text, 0);
}

std::string withNames(std::string_view text) {
    std::string out;
    std::size_t done = 0;
    for (auto found = findFrom(text, 0); found; found = findFrom(text, done)) {
        out += std::string(text.substr(done, found->offset - done)) + "<" + found->name + ">";
        done = found->offset + found->size;
    }
    return out + std::string(text.substr(done));
}

std::string cureForInvisible(std::string_view text) {
    const auto found = findInvisible(text);
    if (!found) {
        return {};
    }
    return found->name + (found->blank ? " looks like a blank and is none: write an ordinary one"
                                       : " is a character that one does not see: type the word again");
}

}  // namespace vigie::spec
