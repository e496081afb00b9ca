#include "base/text.hpp"

#include "base/encoding.hpp"

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

std::size_t findNonText(std::string_view text) {
    // The shortest form only, no surrogates, nothing above U+10FFFF: RFC 3629, section 4.
    std::size_t i = 0;
    while (i < text.size()) {
        const auto at = [&](std::size_t k) { return static_cast<unsigned char>(text[i + k]); };
        const unsigned char first = at(0);
        if (first < 0x80) {
            if ((first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7f) {
                return i;
            }
            ++i;
            continue;
        }
        const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || first > 0xF4 || i + length > text.size()) {
            return i;
        }
        const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (at(1) < low || at(1) > high) {
            return i;
        }
        for (std::size_t k = 2; k < length; ++k) {
            if ((at(k) & 0xC0U) != 0x80U) {
                return i;
            }
        }
        i += length;
    }
    return std::string_view::npos;
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            out += "\\x" + hexEncode({&c, 1});
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace vigie
