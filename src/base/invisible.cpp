// Characters that one does not see, or takes for a blank, and that YAML takes for text.

#include "base/invisible.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace vigie {
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

const Range* rangeOf(std::uint32_t character) {
    const auto* it = std::find_if(kRanges.begin(), kRanges.end(), [&](const Range& each) {
        return character >= each.first && character <= each.last;
    });
    return it == kRanges.end() ? nullptr : it;
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
    for (Character each; offset < text.size(); offset += each.size) {
        each = characterAt(text, offset);
        const auto* range = each.isText ? rangeOf(each.value) : nullptr;
        if (range != nullptr) {
            return Invisible{offset, each.size, nameOf(each.value), range->blank};
        }
    }
    return std::nullopt;
}

}  // namespace

bool isUnseen(std::uint32_t character) {
    const auto* range = rangeOf(character);
    return range != nullptr && !range->blank;
}

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
    return found->name + (found->blank ? " looks like a space but is not one: write an ordinary space"
                                       : " is an invisible character: type the word again");
}

}  // namespace vigie
