// Explains the likely mistake in a text that is not YAML.

#include "spec/yaml_mistakes.hpp"

#include "base/invisible.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <vector>

namespace vigie::spec {
namespace {

/// Whether a line is one of those that `git merge` leaves around what it could not join: seven of a character
/// at its beginning.
bool isConflictMarker(std::string_view line) {
    constexpr std::size_t kLength = 7;
    if (line.size() < kLength || std::string_view("<>=|").find(line.front()) == std::string_view::npos ||
        line.find_first_not_of(line.front()) < kLength) {
        return false;
    }
    const auto rest = line.substr(kLength);
    return line.front() == '=' ? trim(rest).empty() : rest.empty() || rest.front() == ' ' || rest == "\r";
}

/// The markers of a conflict, at the first of them.
std::optional<NamedMistake> findConflict(std::string_view text) {
    NamedMistake out;
    std::string lines;
    std::uint32_t number = 0;
    for (const auto line : splitLines(text)) {
        ++number;
        if (!isConflictMarker(line)) {
            continue;
        }
        if (out.at.line == 0) {
            out.at = {number, 1};
        }
        lines += (lines.empty() ? "`" : ", `") + std::string(line.substr(0, 7)) + "` in line " +
                 std::to_string(number);
        if (line.front() == '>') {
            break;  // the others are of another conflict
        }
    }
    if (lines.empty()) {
        return std::nullopt;
    }
    out.message = "an unresolved merge conflict: " + lines;
    out.hint = "resolve the conflict, and remove the marker lines";
    return out;
}

std::string_view lineOf(std::string_view text, std::uint32_t number) {
    const auto lines = splitLines(text);
    return number == 0 || number > lines.size() ? std::string_view() : lines[number - 1];
}

std::optional<NamedMistake> findTab(std::string_view line, std::uint32_t number) {
    const auto tab = line.substr(0, std::min(line.find_first_not_of(" \t"), line.size())).find('\t');
    if (tab == std::string_view::npos) {
        return std::nullopt;
    }
    return NamedMistake{{number, static_cast<std::uint32_t>(tab + 1)},
                        "this line is indented with a tab",
                        "YAML requires spaces: write two for each level"};
}

}  // namespace

Position positionAt(std::string_view text, std::size_t offset) {
    const auto before = text.substr(0, offset);
    const auto lineStart = before.rfind('\n');
    return {
        static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
        static_cast<std::uint32_t>(offset - (lineStart == std::string_view::npos ? 0 : lineStart + 1) + 1)};
}

bool isLfsPointer(std::string_view text) {
    constexpr std::string_view kBegin = "version https://git-lfs.github.com/spec/";
    return text.starts_with(kBegin);
}

std::optional<NamedMistake> nameMistake(std::string_view text, Position stopped) {
    if (auto conflict = findConflict(text)) {
        return conflict;
    }
    const auto line = lineOf(text, stopped.line);
    if (auto tab = findTab(line, stopped.line)) {
        return tab;
    }
    if (const auto found = findInvisible(line)) {
        return NamedMistake{{stopped.line, static_cast<std::uint32_t>(found->offset + 1)},
                            "this is not YAML, and the line has " + found->name + " in it",
                            cureForInvisible(line)};
    }
    return std::nullopt;
}

}  // namespace vigie::spec
