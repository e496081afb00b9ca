// Recognises the document among YAML files without parsing them.

#include "spec/find_stack.hpp"

#include "base/text.hpp"
#include "spec/yaml_mistakes.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";  // byte order

std::string_view unquoted(std::string_view key) {
    key = trim(key);
    const bool quoted =
        key.size() > 1 && (key.front() == '"' || key.front() == '\'') && key.back() == key.front();
    return quoted ? key.substr(1, key.size() - 2) : key;
}

/// Whether a key and what stands behind its colon are those of a document.
bool says(std::string_view key, std::string_view value) {
    const auto name = unquoted(key);
    return (name == "kind" && value.find("MonitoringStack") != std::string_view::npos) ||
           (name == "apiVersion" && value.find("vigie.dev/") != std::string_view::npos);
}

std::optional<Position> findInBlock(std::string_view text) {
    std::uint32_t number = 0;
    for (auto line : splitLines(text)) {
        const std::uint32_t skipped = ++number == 1 && line.starts_with(kMark) ? kMark.size() : 0;
        line.remove_prefix(skipped);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && !line.empty() && line.front() != ' ' &&
            says(line.substr(0, colon), line.substr(colon + 1))) {
            return Position{number, skipped + 1};
        }
    }
    return std::nullopt;
}

/// The end of what is quoted from `begin` on.
std::size_t endOfQuoted(std::string_view text, std::size_t begin) {
    const char quote = text[begin];
    for (auto i = begin + 1; i < text.size(); ++i) {
        if (text[i] == '\\' && quote == '"') {
            ++i;
        } else if (text[i] == quote) {
            return i;
        }
    }
    return text.size();
}

/// Keys of the outermost braces, as JSON has them: from one comma at that depth to the next.
std::optional<Position> findInBraces(std::string_view text, std::size_t begin) {
    int depth = 0;
    std::size_t part = begin + 1;
    std::size_t colon = std::string_view::npos;
    const auto found = [&](std::size_t end) {
        return colon != std::string_view::npos &&
               says(text.substr(part, colon - part), text.substr(colon + 1, end - colon - 1));
    };
    const auto place = [&] {
        return positionAt(text, std::min(text.find_first_not_of(" \t\r\n", part), text.size()));
    };
    for (auto i = begin; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"' || c == '\'') {
            i = endOfQuoted(text, i);
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == ':' && depth == 1 && colon == std::string_view::npos) {
            colon = i;
        } else if (c == '}' || c == ']' || (c == ',' && depth == 1)) {
            if (depth == 1 && found(i)) {
                return place();
            }
            depth -= c == ',' ? 0 : 1;
            if (depth == 0) {
                return std::nullopt;
            }
            if (c == ',') {
                part = i + 1;
                colon = std::string_view::npos;
            }
        }
    }
    return found(text.size()) ? std::optional(place()) : std::nullopt;
}

/// Where the first value begins: behind comments, blank lines, directives and the mark of a document.
std::size_t beginOf(std::string_view text) {
    std::size_t at = text.starts_with(kMark) ? kMark.size() : 0;
    while (at < text.size()) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = trim(text.substr(at, end - at));
        if (!line.empty() && line.front() != '#' && line.front() != '%' && line != "---") {
            return text.find_first_not_of(" \t", at);
        }
        at = end + 1;
    }
    return text.size();
}

}  // namespace

std::optional<Position> findStack(std::string_view text) {
    const auto begin = beginOf(text);
    return begin < text.size() && text[begin] == '{' ? findInBraces(text, begin) : findInBlock(text);
}

}  // namespace vigie::spec
