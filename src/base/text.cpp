// Lines, words, likely spellings and UTF-8.

#include "base/text.hpp"

#include "base/encoding.hpp"
#include "base/invisible.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace vigie {
namespace {

char lower(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// Optimal string alignment distance; a difference in case only costs nothing.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> previous(b.size() + 1);
    std::vector<std::size_t> current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        previous[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0U : 1U)});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
                current[j] = std::min(current[j], before[j - 2] + 1);
            }
        }
        std::swap(before, previous);
        std::swap(previous, current);
    }
    return previous[b.size()];
}

/// A name in lower case and without separators, and where its words begin: `apiURL_from` is `api`, `url`,
/// `from`.
struct Words {
    std::string text;
    std::vector<std::size_t> starts;  ///< ends with the text's size

    [[nodiscard]] bool startsAt(std::size_t at) const {
        return std::find(starts.begin(), starts.end(), at) != starts.end();
    }
};

Words wordsOf(std::string_view name) {
    const auto is = [&](int (*kind)(int), std::size_t i) {
        return i < name.size() && kind(static_cast<unsigned char>(name[i])) != 0;
    };
    Words out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (!is(std::isalnum, i)) {
            continue;
        }
        const bool first = i == 0 || !is(std::isalnum, i - 1);
        const bool hump = is(std::isupper, i) && (!is(std::isupper, i - 1) || is(std::islower, i + 1));
        if (first || hump) {
            out.starts.push_back(out.text.size());
        }
        out.text += lower(name[i]);
    }
    out.starts.push_back(out.text.size());
    return out;
}

/// Whether `part` begins where a word of `whole` does: as whole words, or as the beginning of one when it is
/// long enough to mean something.
bool within(const Words& part, const Words& whole, bool wholeWords) {
    constexpr std::size_t kShortestWord = 3;
    constexpr std::size_t kShortestBeginning = 4;
    for (const auto start : whole.starts) {
        if (part.text.size() < kShortestWord || whole.text.compare(start, part.text.size(), part.text) != 0) {
            continue;
        }
        if (whole.startsAt(start + part.text.size()) ||
            (!wholeWords && part.text.size() >= kShortestBeginning)) {
            return true;
        }
    }
    return false;
}

constexpr std::size_t kLongestWord = 64;  // the distance is quadratic, and the word is untrusted

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> out;
    while (true) {
        const auto at = text.find(separator);
        out.push_back(text.substr(0, at));
        if (at == std::string_view::npos) {
            return out;
        }
        text.remove_prefix(at + 1);
    }
}

std::vector<std::string_view> splitLines(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    if (text.back() == '\n') {
        text.remove_suffix(1);
    }
    return split(text, '\n');
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        out += i == 0 ? "" : separator;
        out += parts[i];
    }
    return out;
}

std::string joinSome(const std::vector<std::string>& parts, std::string_view separator) {
    constexpr std::size_t kMost = 100;
    if (parts.size() <= kMost) {
        return join(parts, separator);
    }
    return join({parts.begin(), parts.begin() + kMost}, separator) + " and " +
           std::to_string(parts.size() - kMost) + " more";
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    if (word.size() > kLongestWord) {
        return {};
    }
    std::string best;
    std::size_t bestDistance = word.size() / 3 + 2;
    for (const auto& candidate : candidates) {
        const std::size_t d = distance(word, candidate);
        if (d < bestDistance) {
            bestDistance = d;
            best = candidate;
        }
    }
    return best;
}

std::string slipOf(std::string_view word, const std::vector<std::string>& candidates) {
    const auto near = nearest(word, candidates);
    const auto slips = near.empty() ? kLongestWord : distance(word, near);
    return slips == 0 || (slips == 1 && word.size() > 2) ? near : std::string{};
}

std::vector<std::string> sharingWords(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t kMost = 3;
    if (word.size() > kLongestWord) {
        return {};
    }
    const auto words = wordsOf(word);
    std::vector<std::string> out;
    for (const auto& candidate : candidates) {
        const auto other = wordsOf(candidate);
        if (within(words, other, false) || within(other, words, true)) {
            out.push_back(candidate);
        }
    }
    return out.size() > kMost ? std::vector<std::string>{} : out;
}

std::vector<std::string> likely(std::string_view word, const std::vector<std::string>& candidates) {
    if (auto slip = slipOf(word, candidates); !slip.empty()) {
        return {std::move(slip)};
    }
    if (auto sharing = sharingWords(word, candidates); !sharing.empty()) {
        return sharing;
    }
    auto near = nearest(word, candidates);
    return near.empty() ? std::vector<std::string>{} : std::vector<std::string>{std::move(near)};
}

std::string shortRevision(std::string_view revision) {
    constexpr std::size_t kShort = 12;
    return std::string(revision.substr(0, kShort));
}

std::string count(std::size_t n, std::string_view noun) {
    return std::to_string(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

std::string_view utf8Prefix(std::string_view text, std::size_t size) {
    if (text.size() <= size) {
        return text;
    }
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
        --size;
    }
    return text.substr(0, size);
}

Character characterAt(std::string_view text, std::size_t offset) {
    const auto at = [&](std::size_t k) { return static_cast<unsigned char>(text[offset + k]); };
    const unsigned char first = at(0);
    if (first < 0x80) {
        return {first, 1, true};
    }
    const Character broken{first, 1, false};
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || size > text.size() - offset) {
        return broken;
    }
    const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (at(1) < low || at(1) > high) {
        return broken;
    }
    std::uint32_t value = first & (0x7FU >> size);
    for (std::size_t k = 1; k < size; ++k) {
        if ((at(k) & 0xC0U) != 0x80U) {
            return broken;
        }
        value = (value << 6U) | (at(k) & 0x3FU);
    }
    return {value, size, true};
}

namespace {

/// C0 with DEL, and C1, of which U+009B begins an escape sequence on some terminals.
bool isControl(std::uint32_t character) {
    return character < 0x20 || (character >= 0x7f && character <= 0x9f);
}

}  // namespace

std::size_t findNonText(std::string_view text) {
    Character each;
    for (std::size_t i = 0; i < text.size(); i += each.size) {
        each = characterAt(text, i);
        const bool control = each.value == 0x7f || (each.value < 0x20 && each.value != '\t' &&
                                                    each.value != '\n' && each.value != '\r');
        if (control || !each.isText) {
            return i;
        }
    }
    return std::string_view::npos;
}

std::string printable(std::string_view text) {
    std::string out;
    Character each;
    for (std::size_t i = 0; i < text.size(); i += each.size) {
        each = characterAt(text, i);
        if (!each.isText || isControl(each.value)) {
            const char byte = static_cast<char>(each.value);
            out += "\\x" + hexEncode({&byte, 1});
        } else if (isUnseen(each.value)) {
            const std::string bytes = {static_cast<char>(each.value >> 8U),
                                       static_cast<char>(each.value & 0xFFU)};
            out += "\\u" + hexEncode(bytes);
        } else {
            out += text.substr(i, each.size);
        }
    }
    return out;
}

}  // namespace vigie
