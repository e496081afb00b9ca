// Takes the lines of a WireGuard configuration apart, as `wg` does.

#include "base/wg_lines.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace vigie {
namespace {

/// `wg` removes all white space from a line before it parses it.
std::string keyOf(std::string_view spelling) {
    std::string out = lowerCase(spelling);
    out.erase(
        std::remove_if(out.begin(), out.end(), [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }),
        out.end());
    return out;
}

}  // namespace

std::vector<WgLine> wgLines(std::string_view text) {
    std::vector<WgLine> out;
    std::string section;
    std::string_view above;  // a comment with nothing between it and this line
    bool below = false;      // whether the line before is a section
    int number = 0;
    for (const auto whole : splitLines(text)) {
        ++number;
        const auto hash = std::min(whole.find('#'), whole.size());
        const auto line = trim(whole.substr(0, hash));
        const auto comment = trim(whole.substr(hash));
        if (line.empty()) {
            if (below && out.back().comment.empty()) {
                out.back().comment = comment;
            }
            above = comment;
            below = false;
            continue;
        }
        WgLine each;
        each.number = number;
        if (line.front() == '[') {
            const auto end = line.find(']');
            each.kind = WgLine::Kind::section;
            each.spelling =
                trim(line.substr(1, end == std::string_view::npos ? std::string_view::npos : end - 1));
            each.comment = comment.empty() ? above : comment;
            section = keyOf(each.spelling);
        } else if (const auto equals = line.find('='); equals != std::string_view::npos) {
            each.kind = WgLine::Kind::setting;
            each.spelling = trim(line.substr(0, equals));
            each.key = keyOf(each.spelling);
            each.value = trim(line.substr(equals + 1));
        }
        each.section = section;
        above = {};
        below = each.kind == WgLine::Kind::section;
        out.push_back(std::move(each));
    }
    return out;
}

}  // namespace vigie
