#include "base/foreign_words.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace vigie {
namespace {

/// Settings of Compose whose values are names, which a plan shows as well.
constexpr std::array<std::string_view, 5> kNaming = {"image", "container_name", "hostname", "name",
                                                     "network_mode"};
/// Shorter contents are in every sentence, and no secrets.
constexpr std::size_t kShortest = 4;

bool isPartOfWord(char c) {
    return static_cast<unsigned char>(c) > ' ' &&
           std::string_view("\"'`:=,()[]{}").find(c) == std::string_view::npos;
}

/// Calls `take` with each word of `text`, and `keep` with what stands between two of them.
template <class Take, class Keep>
void words(std::string_view text, const Take& take, const Keep& keep) {
    for (std::size_t at = 0; at < text.size();) {
        const bool word = isPartOfWord(text[at]);
        auto end = at;
        while (end < text.size() && isPartOfWord(text[end]) == word) {
            ++end;
        }
        if (word) {
            take(text.substr(at, end - at));
        } else {
            keep(text.substr(at, end - at));
        }
        at = end;
    }
}

template <class Take>
void words(std::string_view text, const Take& take) {
    words(text, take, [](std::string_view /*between*/) {});
}

bool isName(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.';
    });
}

/// The setting of a line of the forms `KEY=value`, `KEY = value`, `- KEY=value`, `key: value` and `key:`, and
/// where its value begins; an empty name when there is none.
struct Setting {
    std::string_view name;
    std::size_t value = 0;
};

Setting settingOf(std::string_view line) {
    auto at = line.find_first_not_of(" \t");
    if (at != std::string_view::npos && line.substr(at).starts_with("- ")) {
        at = line.find_first_not_of(" \t", at + 1);
    }
    if (at == std::string_view::npos) {
        return {};
    }
    const auto equals = line.find('=', at);
    auto colon = line.find(':', at);
    while (colon != std::string_view::npos && colon + 1 < line.size() && line[colon + 1] != ' ') {
        colon = line.find(':', colon + 1);
    }
    const auto end = std::min(equals, colon);
    if (end == std::string_view::npos) {
        return {};
    }
    auto name = trim(line.substr(at, end - at));
    if (name.starts_with("export ")) {
        name = trim(name.substr(std::string_view("export ").size()));
    }
    return isName(name) ? Setting{.name = name, .value = end + 1} : Setting{};
}

}  // namespace

void ForeignWords::know(std::string_view text) {
    words(text, [&](std::string_view word) { names_.emplace(word); });
}

void ForeignWords::read(std::string_view file) {
    for (const auto line : splitLines(file)) {
        const auto setting = settingOf(line);
        names_.emplace(setting.name);
        const auto value = line.substr(setting.value);
        if (std::find(kNaming.begin(), kNaming.end(), setting.name) != kNaming.end()) {
            know(value);
            continue;
        }
        words(value, [&](std::string_view word) {
            if (word.size() >= kShortest) {
                contents_.emplace(word);
            }
        });
    }
}

std::string ForeignWords::withoutContents(std::string_view text) const {
    std::string out;
    words(
        text,
        [&](std::string_view word) {
            const auto bare = word.substr(0, word.find_last_not_of(".;!?") + 1);
            const bool content = contents_.contains(word) || contents_.contains(bare);
            out += content && !names_.contains(word) && !names_.contains(bare) ? kSecretMask : word;
        },
        [&](std::string_view between) { out += between; });
    return out;
}

bool ForeignWords::isOfNames(std::string_view quoted) const {
    bool all = true;
    words(quoted, [&](std::string_view word) { all = all && names_.contains(word); });
    return all;
}

std::string ForeignWords::showable(std::string_view line) const {
    if (unread_) {
        return std::string(kSecretMask);
    }
    std::string out;
    std::size_t at = 0;
    while (at < line.size()) {
        const auto quote = std::min(line.find_first_of("\"'`", at), line.size());
        out += withoutContents(line.substr(at, quote - at));
        if (quote == line.size()) {
            break;
        }
        // An apostrophe in a word opens nothing.
        if (line[quote] == '\'' && quote > 0 && isPartOfWord(line[quote - 1])) {
            out += line[quote];
            at = quote + 1;
            continue;
        }
        auto end = quote + 1;
        while (end < line.size() && line[end] != line[quote]) {
            end += line[end] == '\\' ? 2U : 1U;
        }
        end = std::min(end, line.size());
        const auto inside = line.substr(quote + 1, end - quote - 1);
        out += line[quote];
        out += isOfNames(inside) ? inside : kSecretMask;
        if (end < line.size()) {
            out += line[end++];
        }
        at = end;
    }
    return out;
}

}  // namespace vigie
